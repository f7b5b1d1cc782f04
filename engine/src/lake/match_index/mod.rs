//! The match index: the records that the core rows of an entity were made of, with the blocks in which they meet others.
//!
//! It is a cache. What is in it is a function of what runs staged, so it can be thrown away and made anew; whether a record
//! still counts, and whose it is by now, the store says ([`crate::steps::matching`]).
//!
//! - A **generation** ([`Generation`]) is one document that lists all files, what they were compiled from, and up to where
//!   they were taken in. It is created once, under the next number; who comes second takes the other's and begins anew.
//! - A **part** ([`Part`]) is two files: records, sorted by their links and numbered, and blocks, sorted by rule and block.
//! - [`read`]: the newest generation, and whether its files are there; [`write`]: a part, and the next generation;
//!   [`merge`]: which parts become one, and which files nobody needs any more.

mod merge;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeMap;

use object_store::path::Path;
use serde::{Deserialize, Serialize};

use super::dataset::DataSet;
use super::objects::Lake;
use super::paths::match_index_root;

pub use merge::due;
pub use write::PartSource;

/// The index of one entity of one tenant.
#[derive(Debug, Clone)]
pub struct MatchIndex {
    lake: Lake,
    root: Path,
    /// The newest generation, where there is one whose files are there.
    current: Option<Generation>,
    /// The highest number that any generation has, readable or not.
    newest: u64,
}

/// One state of the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation {
    /// Its number.
    pub number: u64,
    /// A hash of the queries that made its values and blocks.
    pub compiled: String,
    /// What is in it.
    pub mark: Mark,
    /// Its files.
    pub parts: Vec<Part>,
}

/// Which runs were taken in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Of the runs up to this one all is in, but for those that are open.
    pub settled: i64,
    /// Runs up to `settled` that may still load, each with the last round that was taken in, if any was.
    pub open: BTreeMap<i64, Option<i64>>,
}

/// Records that were taken in together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The generation that it came with. The numbers of its records begin there.
    pub generation: u64,
    pub records: DataSet,
    pub blocks: DataSet,
}

impl Part {
    /// How many records it has.
    pub fn rows(&self) -> u64 {
        self.records.rows()
    }
}

impl MatchIndex {
    fn at(lake: &Lake, tenant: &str, entity: &str) -> Self {
        Self { lake: lake.clone(), root: match_index_root(tenant, entity), current: None, newest: 0 }
    }

    /// The newest generation, where there is one whose files are there.
    pub fn current(&self) -> Option<&Generation> {
        self.current.as_ref()
    }

    /// The number of the generation that would come next.
    pub fn next(&self) -> u64 {
        self.newest + 1
    }
}

/// The number of the first record of a part; those of two parts never meet.
pub(super) fn first_record(generation: u64) -> i64 {
    // A part has far fewer than 2^40 records, and there are far fewer than 2^23 generations.
    i64::try_from(generation << 40).unwrap_or(i64::MAX)
}
