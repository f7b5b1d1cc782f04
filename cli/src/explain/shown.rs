//! SQL as it is shown: the queries of a step, with what they took where they were executed.

use importer_engine::Step;
use serde_json::{Value, json};

use crate::screen;

/// The SQL of one step.
pub struct StepSql {
    pub step: Step,
    /// What the step does beside its SQL.
    pub note: String,
    /// What the step took, where it was executed.
    pub figures: Option<Figures>,
    pub queries: Vec<Shown>,
}

/// Rows, time and memory of what was executed.
pub struct Figures {
    pub rows_in: Option<u64>,
    pub rows_out: Option<u64>,
    pub duration_ms: Option<u64>,
    pub peak_memory_bytes: Option<u64>,
}

impl Figures {
    /// As people read them.
    pub fn words(&self) -> String {
        let rows = |n: u64| screen::counted(n, "row", "rows");
        [
            self.rows_in.map(|n| format!("{} in", rows(n))),
            self.rows_out.map(|n| if self.rows_in.is_some() { format!("{} out", rows(n)) } else { rows(n) }),
            self.duration_ms.map(screen::duration),
            self.peak_memory_bytes.map(|bytes| format!("{} at most", screen::bytes(bytes))),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
    }

    /// As programs read them.
    pub fn document(&self) -> Value {
        json!({
            "rows_in": self.rows_in,
            "rows_out": self.rows_out,
            "duration_ms": self.duration_ms,
            "peak_memory_bytes": self.peak_memory_bytes,
        })
    }
}

/// One query as it is shown.
pub struct Shown {
    pub name: String,
    /// Where its rows go, or what it gave.
    pub remark: String,
    pub sql: String,
    pub figures: Option<Figures>,
}
