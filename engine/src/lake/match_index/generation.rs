//! What the index consists of: generations, and the parts that they name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::lake::dataset::DataSet;

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
    /// The last run that there was when the index was begun: up to it, also what runs found unchanged is taken in, for the
    /// runs that had loaded it may have left nothing.
    pub anew_to: i64,
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

impl Generation {
    /// The records of all parts.
    pub fn records(&self) -> DataSet {
        together(&self.parts, |part| &part.records)
    }

    /// The blocks of all parts.
    pub fn blocks(&self) -> DataSet {
        together(&self.parts, |part| &part.blocks)
    }
}

/// The files of some parts.
fn together(parts: &[Part], which: impl Fn(&Part) -> &DataSet) -> DataSet {
    let mut all = DataSet::default();
    for part in parts {
        all.extend(which(part).clone());
    }
    all
}

/// The number of the first record of a part; those of two parts never meet.
pub(super) fn first_record(generation: u64) -> i64 {
    // A part has far fewer than 2^40 records, and there are far fewer than 2^23 generations.
    i64::try_from(generation << 40).unwrap_or(i64::MAX)
}
