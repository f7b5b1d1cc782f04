//! The options of workbooks.

use crate::request::{OptionWord, Words, wrong_value};
use crate::source::SourceError;

pub(super) const WORDS: [OptionWord; 5] = [
    OptionWord::new("sheet", "NAME", "Sheet of a workbook: its name, its number from 1, or all"),
    OptionWord::new("header", "BOOL", "The first row names the columns: true or false"),
    OptionWord::new("skip_lines", "N", "Lines above the header"),
    OptionWord::new("max_cell_bytes", "N", "Longest quoted cell, in bytes"),
    OptionWord::new("max_unpacked_bytes", "N", "Most bytes that a packed file may hold"),
];

/// What was asked for.
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub sheet: Option<Which>,
    pub header: Option<bool>,
    pub skip_lines: Option<u64>,
    pub cell_bytes: usize,
    pub unpacked_bytes: u64,
    pub batch_rows: usize,
}

/// A sheet that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Which {
    All,
    /// A name or a number as it was written: a sheet of that name goes before the number.
    One(String),
}

impl Options {
    pub(super) fn of(words: &Words, batch_rows: usize) -> Result<Self, SourceError> {
        let sheet = match words.text("sheet").map(str::trim) {
            None => None,
            Some("") => return Err(wrong_value("sheet", "", "a name, a number from 1, or all is needed")),
            Some("all") => Some(Which::All),
            Some(one) => Some(Which::One(one.to_owned())),
        };
        Ok(Self {
            sheet,
            header: words.get("header")?,
            skip_lines: words.get("skip_lines")?,
            cell_bytes: words.get("max_cell_bytes")?.unwrap_or(8 << 20).clamp(1, 32 << 20),
            unpacked_bytes: words.get("max_unpacked_bytes")?.unwrap_or(2 << 30),
            batch_rows: batch_rows.clamp(1, 1 << 20),
        })
    }
}
