//! What is known while a file is read: the reader, and the batch in progress.

use std::collections::VecDeque;

use arrow::datatypes::SchemaRef;

use super::super::columns::Column;
use super::super::detect::{Mark, SecondHeader};
use super::super::scan::Needles;
use super::super::split::{Field, Rules};
use super::super::window::Window;
use super::super::{CsvCode, Dialect, Limits, Ragged};
use crate::cell::Kind;
use crate::headers_again::HeaderWatch;
use crate::source::{Counts, Finding, Headers, Note, Reject};

/// Reads one delimited file. See the [module](crate::csv) for the rules.
pub struct CsvReader {
    pub(super) name: String,
    pub(super) window: Window,
    pub(super) rules: Rules,
    pub(super) needles: Needles,
    pub(super) dialect: Dialect,
    pub(super) headers: Headers,
    pub(super) schema: SchemaRef,
    pub(super) ragged: Ragged,
    pub(super) limits: Limits,
    pub(super) batch_rows: usize,
    /// Fields of a record, and of one with blank cells at the end that are dropped.
    pub(super) width: usize,
    pub(super) widest: usize,
    /// Next byte to read, in the window.
    pub(super) at: usize,
    pub(super) counts: Counts,
    pub(super) columns: Vec<Column>,
    pub(super) ends: Vec<usize>,
    pub(super) fields: Vec<Field>,
    pub(super) scratch: Vec<u8>,
    /// The rest of a line that is too long is being passed over.
    pub(super) skip: Option<Skip>,
    /// Short records are filled up because the whole file is like that: told once.
    pub(super) settled: bool,
    /// Lines to come that are no ordinary records.
    pub(super) marks: VecDeque<Mark>,
    /// What the columns usually hold, and the columns in which a break is quick to see.
    pub(super) patterns: Vec<Option<Kind>>,
    pub(super) watched: Vec<(usize, Kind)>,
    /// The header, and the lines below it that name its columns in other words.
    pub(super) again: HeaderWatch,
    /// The column of each cell, where a header came again in another order.
    pub(super) order: Option<Vec<usize>>,
    /// The line of another header, below which nothing is read by this one, and what it names.
    pub(super) other_table: Option<(u64, SecondHeader)>,
    /// The record at hand was found to have moved, from this column on.
    pub(super) shifted: Option<usize>,
    /// Lines that begin with `#` were found to be comments.
    pub(super) comments: bool,
    pub(super) notes: Vec<Note>,
}

/// The batch in progress.
#[derive(Default)]
pub(super) struct Building {
    pub(super) line_numbers: Vec<i64>,
    pub(super) rejects: Vec<Reject>,
    pub(super) findings: Vec<Finding>,
    /// Text taken in, and raw bytes of rejects.
    pub(super) bytes: usize,
    pub(super) raw_bytes: usize,
}

/// The start of a line that is too long; its end has not been seen yet.
pub(super) struct Skip {
    pub reject: Reject,
}

impl CsvReader {
    /// The name of the file in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the file is, and why.
    #[must_use]
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The schema of every batch: nullable text columns.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    /// What was read so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            lines: self.counts.preamble_lines
                + self.counts.header_lines
                + self.counts.record_lines
                + self.counts.rejected_lines
                + self.counts.passed
                + self.counts.blank,
            bytes_read: self.window.input().bytes(),
            bytes_in: self.window.input().bytes_in(),
            ..self.counts
        }
    }

    /// What there is to say about the file as a whole; complete once it was read to its end.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Adds to the notes; what was said before is counted.
    pub(super) fn note(&mut self, code: CsvCode, line: u64, reason: &str) {
        match self.notes.iter_mut().find(|note| note.code == code && note.reason == reason) {
            Some(note) => note.count += 1,
            None => self.notes.push(note(code, line, reason.to_owned())),
        }
    }

    /// Physical lines that lie before the reader's place.
    pub(super) fn lines_before(&self) -> u64 {
        self.counts.lines
    }
}

impl std::fmt::Debug for CsvReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CsvReader")
            .field("name", &self.name)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

/// A note of the file.
pub(super) fn note(code: CsvCode, line: u64, reason: String) -> Note {
    Note { code: code.into(), line_number: i64::try_from(line).unwrap_or(i64::MAX), count: 1, reason }
}
