//! One rule that is a plain filter.

use crate::project::{RuleMode, Severity};

/// A filter over staged rows that gives one violation per row.
pub struct Filter {
    pub code: String,
    pub severity: Severity,
    pub mode: RuleMode,
    pub predicate: String,
    pub field: String,
    pub value: String,
    pub message: String,
    pub hint: String,
    /// Gives message and hint of a row, where they depend on it; NULL for the usual ones.
    pub words: [Option<String>; 2],
}
