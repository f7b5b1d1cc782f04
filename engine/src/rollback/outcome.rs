//! What became of a piece: how many core rows, values and links, and what stays.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::lake::DataFile;
use crate::store::LedgerEntry;

/// What a rollback did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackCounts {
    /// Changes of the run that were looked at.
    pub changes: u64,
    /// Core rows that the run had created, removed.
    pub removed: u64,
    /// Core rows that the run had removed, back under their ids.
    pub returned: u64,
    /// Core rows of which at least one value went back.
    pub restored: u64,
    /// Values that went back.
    pub fields: u64,
    /// Links removed, back, or as they were before.
    pub links: u64,
    /// Core rows of which something stays.
    pub rows_kept: u64,
    /// Values, links and rows that stay.
    pub kept: u64,
}

impl RollbackCounts {
    /// Core rows that are other than before.
    pub fn rows(&self) -> u64 {
        self.removed + self.returned + self.restored
    }

    /// Nothing was taken back.
    pub fn nothing(&self) -> bool {
        self.rows() + self.fields + self.links == 0
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.changes += other.changes;
        self.removed += other.removed;
        self.returned += other.returned;
        self.restored += other.restored;
        self.fields += other.fields;
        self.links += other.links;
        self.rows_kept += other.rows_kept;
        self.kept += other.kept;
    }
}

/// Something that stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRow {
    pub core_id: i64,
    /// The incoming row that the run had it from.
    pub sequence_number: Option<i64>,
    /// The field; nothing where the whole row stays.
    pub field: Option<String>,
    /// `changed_by_run`, `edited`, `linked`, `decided`, `referred`, `exists`, `gone`,
    /// `merged_since`.
    pub reason: String,
    /// The run that did it.
    pub by_run: Option<i64>,
    pub who: Option<String>,
    /// RFC 3339.
    pub at: Option<String>,
}

/// What became of a piece; the ledger keeps it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Outcome {
    pub counts: RollbackCounts,
    pub reasons: BTreeMap<String, u64>,
    pub sample: Vec<KeptRow>,
    /// What was done, in the form of `changes`.
    pub(super) changes: Option<DataFile>,
    pub(super) kept: Option<DataFile>,
}

impl Outcome {
    /// What a committed piece did.
    pub fn of_ledger(entry: &LedgerEntry) -> Result<Self> {
        Ok(serde_json::from_value(entry.detail_json.clone())?)
    }
}
