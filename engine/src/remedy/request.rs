//! What a person asks for: rows that were mended, or held rows that shall go again.

use std::path::PathBuf;

/// Rows that a person has mended.
#[derive(Debug, Clone)]
pub struct RemediateRequest {
    pub edits: Edits,
    pub actor: Option<String>,
}

/// How a person says what is to be changed.
#[derive(Debug, Clone)]
pub enum Edits {
    /// The row of one finding: field or header, and value; an empty value empties the cell.
    Set { violation: i64, values: Vec<(String, String)> },
    /// An edited report.
    Report(PathBuf),
}

/// Held rows that shall go again.
#[derive(Debug, Clone)]
pub struct RequeueRequest {
    /// Only rows that this rule holds.
    pub rule: Option<String>,
    /// Only rows of this run.
    pub run: Option<i64>,
    /// Everything but the load.
    pub dry_run: bool,
    pub actor: Option<String>,
}
