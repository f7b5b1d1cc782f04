//! A statement kept as two files, one per dialect, under `sql/store/`.

use super::Dialect;

/// The same statement in both dialects.
#[derive(Debug, Clone, Copy)]
pub(super) struct Statement {
    pub(super) postgres: &'static str,
    pub(super) sqlite: &'static str,
}

impl Statement {
    pub(super) fn text(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Postgres => self.postgres,
            Dialect::Sqlite => self.sqlite,
        }
    }
}

/// `statement!("name")`: the files `sql/store/{postgres,sqlite}/name.sql`.
macro_rules! statement {
    ($name:literal) => {
        $crate::store::statement::Statement {
            postgres: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../sql/store/postgres/",
                $name,
                ".sql"
            )),
            sqlite: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../sql/store/sqlite/", $name, ".sql")),
        }
    };
}

pub(super) use statement;
