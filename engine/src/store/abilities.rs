//! What the databases can do in different ways or not at all: a step asks what it may do, and not whom it speaks to.

use super::Dialect;

/// Load transactions of one run side by side.
const LOAD_LANES: usize = 2;
/// Connections that one question, or questions side by side, use.
const QUESTION_LANES: usize = 2;

impl Dialect {
    /// How many load transactions one run has at a time, at most. SQLite has one writer.
    pub fn load_lanes(self) -> usize {
        match self {
            Self::Postgres => LOAD_LANES,
            Self::Sqlite => 1,
        }
    }

    /// Over how many connections many keys are asked about, at most, so that both sides have work. SQLite works in our own
    /// process.
    pub fn question_lanes(self) -> usize {
        match self {
            Self::Postgres => QUESTION_LANES,
            Self::Sqlite => 1,
        }
    }

    /// Whether rows can travel with their statement, as arrays ([`super::rows_as_arrays`]).
    pub fn rows_go_along(self) -> bool {
        match self {
            Self::Postgres => true,
            Self::Sqlite => false,
        }
    }

    /// Whether rows are locked one by one. On SQLite the transaction has the whole file.
    pub fn locks_rows(self) -> bool {
        match self {
            Self::Postgres => true,
            Self::Sqlite => false,
        }
    }

    /// Whether new rows are best sent in the order of the column that they are found by, where that is not their core id. On
    /// Postgres the pages of its index are then read and written one after the other, by the guard and by COPY. On SQLite
    /// e-mails and phones lie in the order of their core ids, which is the order they come in.
    pub fn takes_rows_in_index_order(self) -> bool {
        match self {
            Self::Postgres => true,
            Self::Sqlite => false,
        }
    }

    /// Whether JSON comes back in another spelling than it was given: a column of `jsonb` has its own.
    pub fn respells_json(self) -> bool {
        match self {
            Self::Postgres => true,
            Self::Sqlite => false,
        }
    }

    /// Whether a column takes only values of its type. SQLite keeps in it whatever it gets.
    pub fn holds_to_types(self) -> bool {
        match self {
            Self::Postgres => true,
            Self::Sqlite => false,
        }
    }

    /// Whether new core ids are drawn from the sequence of the core table. On SQLite a counter of ours gives them.
    pub fn draws_ids_from_tables(self) -> bool {
        match self {
            Self::Postgres => true,
            Self::Sqlite => false,
        }
    }

    /// Whether a statement on a view tells how many rows its triggers have removed. SQLite does not count them.
    pub fn counts_what_triggers_do(self) -> bool {
        match self {
            Self::Postgres => true,
            Self::Sqlite => false,
        }
    }

    /// Where the organisation's tables are, in words for people.
    pub fn place_of_tables(self) -> &'static str {
        match self {
            Self::Postgres => "the schema that --core-schema names",
            Self::Sqlite => "the file of the store",
        }
    }
}
