//! The store's migrations, as data: numbered SQL files for each dialect, embedded.
//!
//! Files lie in `sql/migrations/<dialect>/NNNN_name.{up,down}.sql`. A file is a list of sections, each introduced by
//! `-- @table NAME control|core`, `-- @view NAME control|core` or `-- @alter NAME control|core`: the runner (in the engine) applies a migration in
//! one transaction, skips sections of tables that were adopted, and refuses names it did not make. A file that was
//! ever released is never edited: its checksum is stored with the row that says it was applied.

/// One numbered step of a store's schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number; applied in rising order.
    pub version: i64,
    /// Its name, as in the file name.
    pub name: &'static str,
    /// Sections that make it.
    pub up: &'static str,
    /// Sections that take it back, in the opposite order.
    pub down: &'static str,
}

macro_rules! migration {
    ($dialect:literal, $version:literal, $number:literal, $name:literal) => {
        Migration {
            version: $version,
            name: $name,
            up: include_str!(concat!("../migrations/", $dialect, "/", $number, "_", $name, ".up.sql")),
            down: include_str!(concat!("../migrations/", $dialect, "/", $number, "_", $name, ".down.sql")),
        }
    };
}

/// Migrations of a Postgres store, oldest first.
pub const POSTGRES: &[Migration] = &[
    migration!("postgres", 1, "0001", "control"),
    migration!("postgres", 2, "0002", "core"),
    migration!("postgres", 3, "0003", "operate"),
    migration!("postgres", 4, "0004", "rollback"),
    migration!("postgres", 5, "0005", "remediation"),
    migration!("postgres", 6, "0006", "key_order"),
    migration!("postgres", 7, "0007", "confirmed"),
    migration!("postgres", 8, "0008", "quality"),
    migration!("postgres", 9, "0009", "similar_ids"),
    migration!("postgres", 10, "0010", "inputs"),
    migration!("postgres", 11, "0011", "padded_ids"),
    migration!("postgres", 12, "0012", "watermarks"),
    migration!("postgres", 13, "0013", "entities"),
    migration!("postgres", 14, "0014", "signed_ids"),
    migration!("postgres", 15, "0015", "matching"),
];

/// Migrations of a SQLite store, oldest first. Same numbers and names as [`POSTGRES`].
pub const SQLITE: &[Migration] = &[
    migration!("sqlite", 1, "0001", "control"),
    migration!("sqlite", 2, "0002", "core"),
    migration!("sqlite", 3, "0003", "operate"),
    migration!("sqlite", 4, "0004", "rollback"),
    migration!("sqlite", 5, "0005", "remediation"),
    migration!("sqlite", 6, "0006", "key_order"),
    migration!("sqlite", 7, "0007", "confirmed"),
    migration!("sqlite", 8, "0008", "quality"),
    migration!("sqlite", 9, "0009", "similar_ids"),
    migration!("sqlite", 10, "0010", "inputs"),
    migration!("sqlite", 11, "0011", "padded_ids"),
    migration!("sqlite", 12, "0012", "watermarks"),
    migration!("sqlite", 13, "0013", "entities"),
    migration!("sqlite", 14, "0014", "signed_ids"),
    migration!("sqlite", 15, "0015", "matching"),
];

#[cfg(test)]
mod tests {
    use super::{POSTGRES, SQLITE};

    #[test]
    fn both_dialects_have_the_same_steps_in_order() {
        let steps = |list: &[super::Migration]| list.iter().map(|m| (m.version, m.name)).collect::<Vec<_>>();
        assert_eq!(steps(POSTGRES), steps(SQLITE));
        assert!(POSTGRES.is_sorted_by(|one, next| one.version < next.version));
    }
}
