//! What is asked of a rollback, and what it tells.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::admit::Admitted;
use super::aside::Aside;
use super::piece::Outcome;
use crate::error::Result;

/// Which run, and how much of it.
#[derive(Debug, Clone, Default)]
pub struct RollbackRequest {
    /// The run to be rolled back.
    pub run: i64,
    /// Say what would happen and change nothing.
    pub dry_run: bool,
    /// Only the core row of this incoming row.
    pub row: Option<i64>,
    /// Only this field.
    pub field: Option<String>,
    /// Who asks.
    pub triggered_by: Option<String>,
}

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
    /// `changed_by_run`, `edited`, `linked`, `decided`, `referred`, `exists`, `gone`.
    pub reason: String,
    /// The run that did it.
    pub by_run: Option<i64>,
    pub who: Option<String>,
    /// RFC 3339.
    pub at: Option<String>,
}

/// The document of a rollback.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RollbackReport {
    /// The rollback's own run; nothing in a dry run.
    pub run_id: Option<i64>,
    pub undone_run_id: i64,
    pub dry_run: bool,
    pub entity: String,
    /// How the rollback ended; in a dry run `dry_run`.
    pub status: String,
    /// The status of the run that was rolled back, now.
    pub undone_status: String,
    /// What it was narrowed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    pub counts: RollbackCounts,
    /// What stays, by reason.
    pub reasons: BTreeMap<String, u64>,
    /// The first of what stays.
    pub sample: Vec<KeptRow>,
    pub aside: Aside,
    /// Where the list of all that stays lies; empty when nothing does.
    pub kept_files: String,
    pub milliseconds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// How many of what stays are told at once.
const SAMPLE: usize = 20;

impl RollbackReport {
    pub(super) fn of(admitted: &Admitted, run_id: Option<i64>) -> Self {
        Self {
            run_id,
            undone_run_id: admitted.run.id,
            dry_run: run_id.is_none(),
            entity: admitted.run.entity.clone(),
            status: "dry_run".to_owned(),
            undone_status: admitted.run.status.as_str().to_owned(),
            row: admitted.row,
            field: admitted.narrow.field.clone(),
            counts: RollbackCounts::default(),
            reasons: BTreeMap::new(),
            sample: Vec::new(),
            aside: Aside::default(),
            kept_files: String::new(),
            milliseconds: 0,
            error: None,
            help: None,
        }
    }

    pub(super) fn add(&mut self, outcome: &Outcome) -> Result<()> {
        self.counts.add(&outcome.counts);
        for (reason, n) in &outcome.reasons {
            *self.reasons.entry(reason.clone()).or_default() += n;
        }
        let room = SAMPLE.saturating_sub(self.sample.len());
        self.sample.extend(outcome.sample.iter().take(room).cloned());
        Ok(())
    }

    pub(super) fn note(&self) -> String {
        let parts = [
            (self.counts.removed, "removed"),
            (self.counts.returned, "back"),
            (self.counts.restored, "restored"),
            (self.counts.rows_kept, "stay in part or whole"),
        ];
        let some: Vec<String> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        some.join(", ")
    }
}
