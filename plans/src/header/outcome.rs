//! What people chose for a header line, and what became of it.

use std::collections::BTreeMap;

use super::error::HeaderError;

/// Columns that an error report adds; a corrected report is imported as it is, without them.
pub const REPORT_COLUMNS: [&str; 5] = ["_row", "_line", "_rule", "_message", "_hint"];

/// Headers that people have mapped: header, or `#3` for the third column, to field. An empty field leaves the column out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderChoices {
    /// `--map "Header=field"`: wins, and must name headers that exist.
    pub command_line: BTreeMap<String, String>,
    /// `headers:` of the source file: may name headers of other files.
    pub source_file: BTreeMap<String, String>,
}

/// What became of a header line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderMatch {
    /// In contract order, fields that have columns.
    pub assignments: Vec<Assignment>,
    /// Columns that no field takes, in file order.
    pub unmapped: Vec<UnmappedColumn>,
    /// Columns left out on purpose: of an error report, or by choice.
    pub ignored: Vec<usize>,
    /// The file is an error report of an earlier run.
    pub is_error_report: bool,
    /// Reasons not to read the file; the rest is as good as it can be.
    pub errors: Vec<HeaderError>,
}

/// The columns of a field, counted from 0, the main one first. Only list fields have several, dates whose year, month and
/// day have columns of their own, in this order, and texts that are put together from several columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub field: String,
    pub columns: Vec<usize>,
}

/// A column that no field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmappedColumn {
    pub index: usize,
    pub header: String,
    pub why: WhyUnmapped,
    /// A field that it looks like, to propose.
    pub near: Option<String>,
}

/// Why a column stays unmapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyUnmapped {
    Unknown,
    /// A word of the header makes it somebody else's.
    Other(String),
    /// The header means this field, and the values cannot be its.
    Values(String, &'static str),
    /// The column has no header.
    Empty,
    /// It could be this field, which is taken from another column.
    Taken(String),
}

impl HeaderMatch {
    /// The columns of a field, none when it has none.
    pub fn columns_of(&self, field: &str) -> &[usize] {
        self.assignments.iter().find(|a| a.field == field).map_or(&[], |a| a.columns.as_slice())
    }

    /// The field of a column.
    pub fn field_of(&self, column: usize) -> Option<&str> {
        self.assignments.iter().find(|a| a.columns.contains(&column)).map(|a| a.field.as_str())
    }
}

impl UnmappedColumn {
    /// The column as people name it: by its header, else by its number.
    pub fn name(&self) -> String {
        if self.header.trim().is_empty() { format!("#{}", self.index + 1) } else { self.header.clone() }
    }
}

impl std::fmt::Display for WhyUnmapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown => f.write_str("no field has this name"),
            Self::Other(word) => write!(f, "`{word}` makes it another's"),
            Self::Values(field, why) => write!(f, "its header means {field}, but {why}"),
            Self::Empty => f.write_str("it has no header"),
            Self::Taken(field) => write!(f, "{field} is taken from another column"),
        }
    }
}
