//! What the compiler gives the engine: named queries in the order in which they run.

use serde::{Deserialize, Serialize};

/// How the rows of a query are kept for the queries after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// Not at all: the name stands for the query.
    View,
    /// In memory: few rows by construction.
    Memory,
    /// In memory while they are few, else in files that only this run reads.
    Scratch,
    /// As a data set of the lake.
    DataSet,
}

/// One named query of a step. Its SQL reads the names of the queries before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// The name under which later queries see the rows.
    pub name: String,
    /// The SQL, as `importer explain` shows it. Values from outside are parameters (`$name`), never text.
    pub sql: String,
    /// Where the rows go.
    pub keep: Keep,
}

impl Query {
    /// A query with the rows kept as said.
    pub fn new(name: impl Into<String>, keep: Keep, sql: impl Into<String>) -> Self {
        Self { name: name.into(), sql: sql.into(), keep }
    }
}
