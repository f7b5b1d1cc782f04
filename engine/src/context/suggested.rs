//! How the files of a run seem to be meant.

use importer_plans::suggest::Suggestion;
use serde::{Deserialize, Serialize};

/// A proposal, and whether this run follows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggested {
    #[serde(flatten)]
    pub suggestion: Suggestion,
    pub accepted: bool,
}
