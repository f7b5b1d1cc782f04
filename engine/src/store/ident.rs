//! Names in SQL. Identifiers are quoted where the databases that are read are, too: [`ident`].

use std::fmt;

pub use importer_connectors::database::ident;
use importer_plans::project::{NUMBERED_VIEW, NUMBERS, own_name};

use super::Dialect;

/// Quotes a list of identifiers, comma-separated.
pub fn ident_list<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    let mut list = String::new();
    for name in names {
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.push_str(&ident(name.as_ref()));
    }
    list
}

/// Which family of tables a name belongs to; decides about the schema on Postgres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Space {
    /// Importer's own tables: schema `importer` on Postgres.
    Control,
    /// The organisation's tables: found by the connection's search_path.
    Core,
    /// A table of this connection only.
    Temp,
}

/// A table's name together with where it lives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Table {
    /// The family.
    pub space: Space,
    /// The plain name, not quoted.
    pub name: String,
}

impl Table {
    /// One of Importer's own tables.
    pub fn control(name: impl Into<String>) -> Self {
        Self { space: Space::Control, name: name.into() }
    }

    /// One of the organisation's tables.
    pub fn core(name: impl Into<String>) -> Self {
        Self { space: Space::Core, name: name.into() }
    }

    /// A temporary table.
    pub fn temp(name: impl Into<String>) -> Self {
        Self { space: Space::Temp, name: name.into() }
    }

    /// The quoted name, with schema where the dialect has one.
    pub fn sql(&self, dialect: Dialect) -> String {
        let name = ident(&self.name);
        match (dialect, self.space) {
            (Dialect::Postgres, Space::Control) => format!("\"importer\".{name}"),
            (Dialect::Postgres, Space::Temp) => format!("pg_temp.{name}"),
            (Dialect::Sqlite, Space::Temp) => format!("temp.{name}"),
            (Dialect::Sqlite, Space::Control) => format!("main.{name}"),
            (Dialect::Postgres, Space::Core) if is_ours(&self.name) => format!("\"importer\".{name}"),
            (_, Space::Core) => name,
        }
    }

    /// The name as the database's catalogue is asked for it.
    pub(super) fn in_catalogue(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::Postgres => self.sql(dialect),
            Dialect::Sqlite => self.name.clone(),
        }
    }
}

/// Views of the organisation's tables, and the numbers beside them, stand with Importer's own tables.
fn is_ours(table: &str) -> bool {
    table.starts_with(NUMBERED_VIEW) || table.starts_with(NUMBERS)
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(own_name(&self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::ident_list;

    #[test]
    fn names_are_quoted_one_by_one() {
        assert_eq!(ident_list(["a", "b c"]), "\"a\", \"b c\"");
    }
}
