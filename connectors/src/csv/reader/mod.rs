//! [`CsvReader`]: sample, header, then one batch after the other.
//!
//! | file | what happens there |
//! | --- | --- |
//! | here | the public face: counts, batches, the loop over steps |
//! | `open` | from the first byte to the first record: sample, dialect, header |
//! | `header` | the header line, damaged ones too |
//! | `again` | a header line that comes again |
//! | `step` | one record, reject or blank line |
//! | `judge` | is a record as wide as the header, is it clean, have its cells moved? |

mod again;
mod header;
mod judge;
mod open;
mod step;

use std::collections::VecDeque;
use std::io::Read;

use arrow::array::{Int64Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;

use super::columns::Column;
use super::detect::{Kind, Mark};
use super::scan::Needles;
use super::split::{Field, Rules};
use super::window::Window;
use super::{CsvCode, CsvError, CsvOptions, Dialect, Limits, Ragged};
use crate::source::{Batch, Counts, Finding, Headers, Note, Reject};
pub(crate) use again::{Again as HeaderAgain, HeaderWatch};
use step::{Skip, Step};

/// Reads one delimited file. See the [module](super) for the rules.
pub struct CsvReader {
    name: String,
    window: Window,
    rules: Rules,
    needles: Needles,
    dialect: Dialect,
    headers: Headers,
    schema: SchemaRef,
    ragged: Ragged,
    limits: Limits,
    batch_rows: usize,
    /// Fields of a record, and of one with blank cells at the end that are dropped.
    width: usize,
    widest: usize,
    /// Next byte to read, in the window.
    at: usize,
    counts: Counts,
    columns: Vec<Column>,
    ends: Vec<usize>,
    fields: Vec<Field>,
    scratch: Vec<u8>,
    /// The rest of a line that is too long is being passed over.
    skip: Option<Skip>,
    /// Short records are filled up because the whole file is like that: told once.
    settled: bool,
    /// Lines to come that are no ordinary records.
    marks: VecDeque<Mark>,
    /// What the columns usually hold, and the columns in which a break is quick to see.
    patterns: Vec<Option<Kind>>,
    watched: Vec<(usize, Kind)>,
    again: HeaderWatch,
    /// The column of each cell, where a header came again in another order.
    order: Option<Vec<usize>>,
    /// The line of another table's header, below which nothing belongs to this one.
    other_table: Option<u64>,
    /// The record at hand was found to have moved, from this column on.
    shifted: Option<usize>,
    /// Lines that begin with `#` were found to be comments.
    comments: bool,
    notes: Vec<Note>,
}

/// The batch in progress.
#[derive(Default)]
struct Building {
    line_numbers: Vec<i64>,
    rejects: Vec<Reject>,
    findings: Vec<Finding>,
    /// Text taken in, and raw bytes of rejects.
    bytes: usize,
    raw_bytes: usize,
}

impl CsvReader {
    /// Reads the sample, detects what the options leave open, reads the header.
    pub fn open(input: Box<dyn Read + Send>, name: &str, options: &CsvOptions) -> Result<Self, CsvError> {
        open::open(input, name, options)
    }

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
    fn note(&mut self, code: CsvCode, line: u64, reason: &str) {
        match self.notes.iter_mut().find(|note| note.code == code && note.reason == reason) {
            Some(note) => note.count += 1,
            None => self.notes.push(open::note(code, line, reason.to_owned())),
        }
    }

    /// The encoding of the text behind the sample was told by its first letter beyond ASCII.
    fn heed_late_encoding(&mut self) {
        let Some((encoding, evidence)) = self.window.take_late_decision() else { return };
        let text = self.window.text();
        let ascii = encoding_rs::Encoding::ascii_valid_up_to(text);
        let newlines = memchr::memchr_iter(b'\n', text.get(..ascii).unwrap_or_default()).count() as u64;
        let line = self.lines_before() + 1 + newlines;
        self.note(
            CsvCode::EncodingDoubtful,
            line,
            &format!(
                "the first letters beyond ASCII come here; the text is read as {encoding}: {}",
                evidence.why
            ),
        );
        self.dialect.encoding = encoding;
        if let Some(old) = self.dialect.evidence.iter_mut().find(|e| e.item == "encoding") {
            *old = evidence;
        }
    }

    /// The next stretch of the file, or `None` at its end. A batch may hold rejects only.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, CsvError> {
        let mut batch = Building { line_numbers: Vec::with_capacity(self.batch_rows), ..Building::default() };
        while !self.is_full(&batch) {
            if self.skip.is_none() {
                self.plain_lines(&mut batch);
                if self.is_full(&batch) {
                    break;
                }
            }
            match self.step(&mut batch) {
                Step::Again => {}
                Step::Fill => {
                    self.window.fill(self.at)?;
                    self.at = 0;
                    self.heed_late_encoding();
                }
                Step::End => break,
            }
        }
        if batch.line_numbers.is_empty() && batch.rejects.is_empty() {
            return Ok(None);
        }
        self.finish(batch).map(Some)
    }

    fn is_full(&self, batch: &Building) -> bool {
        batch.line_numbers.len() >= self.batch_rows
            || batch.bytes >= self.limits.batch_bytes
            || batch.rejects.len() >= self.batch_rows
            || batch.raw_bytes >= self.limits.batch_bytes
    }

    fn finish(&mut self, batch: Building) -> Result<Batch, CsvError> {
        let rows = batch.line_numbers.len();
        let build = |columns: &mut Vec<Column>| {
            let arrays =
                columns.iter_mut().map(|c| c.finish(self.batch_rows)).collect::<Result<Vec<_>, _>>()?;
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            RecordBatch::try_new_with_options(SchemaRef::clone(&self.schema), arrays, &options)
        };
        let records =
            build(&mut self.columns).map_err(|source| CsvError::Arrow { name: self.name.clone(), source })?;
        Ok(Batch {
            records,
            line_numbers: Int64Array::from(batch.line_numbers),
            rejects: batch.rejects,
            findings: batch.findings,
        })
    }

    /// Physical lines that lie before the reader's place.
    fn lines_before(&self) -> u64 {
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
