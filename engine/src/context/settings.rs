//! What the request, the source and the project agreed on, and what the texts of a file mean by it.

use importer_plans::project::{DateOrder, DuplicatePolicy, ImportMode, NumberFormat, Source};
use serde::{Deserialize, Serialize};

/// What the request, the source and the project agreed on for this run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub dry_run: bool,
    pub atomic: bool,
    pub accept_bad: bool,
    pub max_bad: f64,
    pub policy: DuplicatePolicy,
    pub mode: ImportMode,
    pub external_system: String,
    pub default_region: Option<String>,
    pub date_order: DateOrder,
    /// What stands before the decimals of numbers, where the run does not leave it to its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_format: Option<NumberFormat>,
    pub time_zone: String,
    pub partitions: usize,
    pub chunk_rows: usize,
    /// Chunks are cut in pairs that cost the same; runs of older versions go on as they were cut.
    #[serde(default)]
    pub chunks_in_pairs: bool,
    /// The time of landing, microseconds since 1970 UTC. Steps never read a clock.
    pub landed_at: i64,
    /// The time of the load, where that is not the time of landing: a plan is applied later.
    #[serde(default)]
    pub loaded_at: Option<i64>,
}

impl Settings {
    /// What stands before the decimals of numbers.
    pub fn number_format(&self, source: &Source) -> NumberFormat {
        self.number_format.unwrap_or(source.number_format)
    }

    /// Nothing of the load may be visible before all of it is.
    pub fn in_one_transaction(&self) -> bool {
        self.atomic || self.mode == ImportMode::AllOrNothing
    }
}

/// What the texts of a file mean, as the run that first landed them agreed on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reading {
    pub landed_at: i64,
    pub external_system: String,
    pub default_region: Option<String>,
    pub time_zone: String,
}
