//! What a run tells while it works: which step, how many rows. The engine speaks, a terminal or an API listens.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

/// The seven steps, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Land,
    Stage,
    Check,
    Match,
    Resolve,
    Load,
    Reconcile,
}

impl Step {
    /// All steps in order.
    pub const ALL: [Self; 7] =
        [Self::Land, Self::Stage, Self::Check, Self::Match, Self::Resolve, Self::Load, Self::Reconcile];

    /// The name used everywhere: modules, folders, metrics, screens.
    pub fn name(self) -> &'static str {
        match self {
            Self::Land => "land",
            Self::Stage => "stage",
            Self::Check => "check",
            Self::Match => "match",
            Self::Resolve => "resolve",
            Self::Load => "load",
            Self::Reconcile => "reconcile",
        }
    }
}

/// What a finished step says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StepReport {
    pub step: Step,
    pub rows_in: u64,
    pub rows_out: u64,
    pub milliseconds: u64,
    /// One sentence of facts for people, such as "3 rejected, 2 blank".
    pub note: String,
}

/// Who listens to a run. Calls must return at once.
pub trait Listener: Send + Sync {
    /// The run exists, under this number.
    fn begun(&self, _run_id: i64) {}
    /// A step begins; the number of rows it will see, when that is known.
    fn started(&self, step: Step, expected: Option<u64>);
    /// So many more rows went through the step at hand.
    fn advanced(&self, step: Step, rows: u64);
    /// A step is done.
    fn finished(&self, report: &StepReport);
    /// So many suggestions of a match type were decided without a person; told where records are compared by likeness.
    fn deduped(&self, _match_type: &str, _count: u64) {}
    /// Something a person should read now.
    fn warn(&self, text: &str);
}

/// A listener for callers that do not want to hear anything.
#[derive(Debug, Default)]
pub struct Silent;

impl Listener for Silent {
    fn started(&self, _: Step, _: Option<u64>) {}
    fn advanced(&self, _: Step, _: u64) {}
    fn finished(&self, _: &StepReport) {}
    fn warn(&self, _: &str) {}
}

/// The clock and the row count of one step.
#[derive(Clone)]
pub struct StepProgress {
    step: Step,
    listener: Arc<dyn Listener>,
    rows: Arc<AtomicU64>,
    since: std::time::Instant,
}

impl StepProgress {
    /// Starts a step.
    pub fn start(listener: &Arc<dyn Listener>, step: Step, expected: Option<u64>) -> Self {
        listener.started(step, expected);
        Self { step, listener: Arc::clone(listener), rows: Arc::default(), since: std::time::Instant::now() }
    }

    /// The same step, whose rows are not told once more.
    pub fn untold(&self) -> Self {
        Self { listener: Arc::new(Silent), rows: Arc::default(), ..self.clone() }
    }

    /// So many more rows.
    pub fn advance(&self, rows: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
        self.listener.advanced(self.step, rows);
    }

    /// Ends the step.
    pub fn finish(self, rows_in: u64, rows_out: u64, note: impl Into<String>) -> StepReport {
        let report = StepReport {
            step: self.step,
            rows_in,
            rows_out,
            milliseconds: u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX),
            note: note.into(),
        };
        self.listener.finished(&report);
        report
    }
}
