//! What a source turned out to be, how sure that is, and why. Made to be shown before anything is loaded: a wrong guess must be
//! visible.

use crate::dialect::Dialect;
use crate::evidence::EvidenceList;

/// What the places of records count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Physical lines of text.
    Line,
    /// Rows of a sheet or a table.
    Row,
    /// Records, where nothing else could be counted.
    Record,
}

impl Unit {
    /// The word in messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Row => "row",
            Self::Record => "record",
        }
    }
}

/// Everything that was decided about a source.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// The connector that reads it.
    pub connector: &'static str,
    pub unit: Unit,
    /// The names of the columns stand in the source.
    pub header: bool,
    /// Lines or rows before the header.
    pub preamble_lines: u64,
    /// The first of them, for a preview only.
    pub preamble: Vec<String>,
    /// Why each item was chosen, the format first.
    pub evidence: EvidenceList,
    /// How the text is written, where the source is delimited text; its reports are written alike.
    pub dialect: Option<Dialect>,
}

impl Description {
    /// A source with a header right at its beginning.
    #[must_use]
    pub fn new(connector: &'static str, unit: Unit) -> Self {
        Self {
            connector,
            unit,
            header: true,
            preamble_lines: 0,
            preamble: Vec::new(),
            evidence: EvidenceList::default(),
            dialect: None,
        }
    }
}
