//! What is asked of a rollback, and what it tells.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::admitted::Admitted;
use super::outcome::{KeptRow, Outcome, RollbackCounts};
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

/// What happened to suggestions and findings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    /// Suggestions of the run that nobody had decided, removed.
    pub suggestions: u64,
    /// Open findings of the run, closed with reason `rolled_back`.
    pub findings_closed: u64,
    /// Findings that the run had closed, open again.
    pub findings_reopened: u64,
    /// Suggestions and findings that an earlier rollback had set aside, back.
    pub returned: u64,
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
