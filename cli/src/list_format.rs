//! How a list is written: as a table on the screen, or for other programs.

use std::path::Path;

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Table,
    Csv,
    Xlsx,
    Json,
}

impl Format {
    /// What `--json`, `--format` and the ending of `--out` ask for, in this order.
    pub fn chosen(json: bool, format: Option<&str>, out: Option<&Path>) -> Self {
        if json {
            return Self::Json;
        }
        match format.or_else(|| out?.extension()?.to_str()) {
            Some("csv") => Self::Csv,
            Some("xlsx") => Self::Xlsx,
            Some("json") => Self::Json,
            _ => Self::Table,
        }
    }
}
