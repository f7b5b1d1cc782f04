//! What a run tells at its end: counts (facts), metrics (the same names, would-be in a dry run), timings, the report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::waiting::Waiting;
use crate::context::Suggested;
use crate::progress::StepReport;
use crate::steps::check::{Checked, RuleCount};
use crate::steps::land::Landed;
use crate::steps::reconcile::Reconciled;
use crate::steps::resolve::CoreCounts;

/// The document of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunSummary {
    pub run_id: i64,
    pub kind: String,
    pub status: String,
    pub dry_run: bool,
    pub entity: String,
    pub source: String,
    pub external_system: String,
    pub counts: Value,
    pub metrics: Value,
    pub timings_ms: BTreeMap<String, u64>,
    /// Where the error reports lie: one per input file, and behind it what found no room in it.
    pub report: String,
    pub reports: Vec<String>,
    /// What the steps said, in order.
    pub steps: Vec<StepReport>,
    /// How often each rule spoke with each severity, with one example.
    pub rules: Vec<RuleCount>,
    /// Columns that no field takes, by file.
    pub unmapped: Vec<UnmappedColumn>,
    /// How the files seem to be meant, and whether the run followed.
    #[serde(default)]
    pub suggestions: Vec<Suggested>,
    /// Held rows of other entities that wait for records such as this run created.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Waiting>,
    pub warnings: Vec<String>,
    pub anomalies: Vec<String>,
    /// Why the run stopped, when it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The code of that error, where it has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Where the data lies, for people.
    pub lake: String,
}

/// A column of a file that no field takes, with samples.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UnmappedColumn {
    pub file: String,
    pub column: String,
    /// Up to three values, masked.
    pub samples: Vec<String>,
}

/// What is known when a summary is made; a run that stopped early knows less.
#[derive(Debug, Default)]
pub struct SummaryParts {
    pub landed: Option<Landed>,
    pub checked: Option<Checked>,
    pub core: Option<CoreCounts>,
    /// What is in core of a run that ended before its time.
    pub in_core: Option<CoreCounts>,
    pub reconciled: Option<Reconciled>,
    pub refused: u64,
}

impl SummaryParts {
    /// Counts under `<stage>.<entity>`; in a dry run core counts nothing, for nothing was written.
    pub fn counts(&self, entity: &str, dry_run: bool, loaded: bool) -> Value {
        let core = match &self.in_core {
            Some(in_core) => Some(in_core.clone()),
            None if dry_run || !loaded => Some(CoreCounts::default()),
            None => self.core.clone(),
        };
        self.document(entity, dry_run, core.as_ref())
    }

    /// The same names with the figures that a dry run would have had.
    pub fn metrics(&self, entity: &str, dry_run: bool) -> Value {
        self.document(entity, dry_run, self.core.as_ref())
    }

    fn document(&self, entity: &str, dry_run: bool, core: Option<&CoreCounts>) -> Value {
        let mut document = json!({});
        if let Some(landed) = &self.landed {
            let headers: Vec<&String> = landed.files.iter().flat_map(|f| &f.headers).collect();
            document["staging"] = json!({ entity: {
                "rows_processed": landed.records() + landed.rejected() + landed.blank(),
                "rows_staged": landed.records(),
                "rows_rejected": landed.rejected(),
                "rows_skipped_blank": landed.blank(),
                "headers": headers,
                "dry_run": dry_run,
            }});
        }
        if let Some(checked) = &self.checked {
            let mut rules: BTreeMap<&String, u64> = BTreeMap::new();
            for rule in &checked.rules {
                *rules.entry(&rule.rule_code).or_default() += rule.violations;
            }
            document["dq"] = json!({ entity: {
                "rows_evaluated": checked.evaluated,
                "rows_validated": checked.validated(),
                "rows_quarantined": checked.quarantined,
                "rule_counts": rules,
            }});
        }
        if let Some(core) = core {
            let mut counts = serde_json::to_value(core).unwrap_or_default();
            counts["dry_run"] = json!(dry_run);
            document["core"] = json!({ entity: counts });
        }
        if let Some(reconciled) = &self.reconciled {
            document["reconcile"] = json!({ entity: {
                "max_source_updated_at": reconciled.max_source_updated_at,
                "freshness_seconds": reconciled.freshness_seconds,
                "rows_sampled": reconciled.sampled,
                "rows_differing": reconciled.differing,
                "changes_refused": self.refused,
            }});
        }
        document
    }
}
