//! The two kinds of SQL that a store speaks.

/// Which SQL the store speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// PostgreSQL 13 or later.
    Postgres,
    /// The embedded SQLite.
    Sqlite,
}

impl Dialect {
    /// Stands before a column that rows are not to be searched by, for nearly all of them have the same value. Without figures
    /// SQLite would go through all rows of the tenant for each key.
    pub fn unsearched(self) -> &'static str {
        match self {
            Self::Postgres => "",
            Self::Sqlite => "+",
        }
    }

    /// Joins a table of the store to keys that stand before it, and each key finds its rows. SQLite keeps tables in the order
    /// in which a CROSS JOIN names them; left to itself it has no figures, takes the tenant for selective, and goes through
    /// all keys for each row of the table. The planner of Postgres decides whether few keys are looked up through an index or
    /// many by one scan.
    pub fn finds(self) -> &'static str {
        match self {
            Self::Postgres => "JOIN",
            Self::Sqlite => "CROSS JOIN",
        }
    }
}
