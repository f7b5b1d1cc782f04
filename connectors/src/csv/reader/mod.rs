//! [`CsvReader`]: sample, header, then one batch after the other.
//!
//! | file | what happens there |
//! | --- | --- |
//! | here | the public face: counts, batches, the loop over steps |
//! | `open` | from the first byte to the first record: sample, dialect, header |
//! | `step` | one record, reject or blank line |

mod open;
mod step;

use std::io::Read;

use arrow::array::{Int64Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;

use super::columns::Column;
use super::scan::Needles;
use super::split::{Field, Rules};
use super::window::Window;
use super::{CsvError, CsvOptions, Dialect, Finding, Headers, Limits, Ragged, Reject};
use step::{Skip, Step};

/// Where everything went. Every physical line is in exactly one of `preamble_lines`,
/// `header_lines`, `record_lines`, `rejected_lines` and `blank`; `lines` is their sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records handed out.
    pub records: u64,
    /// Rejects handed out.
    pub rejected: u64,
    /// Lines of nothing but delimiters and blanks.
    pub blank: u64,
    /// Records kept after a quote was repaired.
    pub repaired: u64,
    /// Short records kept, filled with NULL.
    pub padded: u64,
    /// Physical lines read so far.
    pub lines: u64,
    pub preamble_lines: u64,
    pub header_lines: u64,
    pub record_lines: u64,
    pub rejected_lines: u64,
    /// Bytes after decompression.
    pub bytes_read: u64,
    /// Bytes as they came in.
    pub bytes_in: u64,
}

impl Counts {
    /// A header and nothing else (once the file was read to its end).
    #[must_use]
    pub fn is_header_only(&self) -> bool {
        self.records == 0 && self.rejected == 0
    }
}

/// A stretch of the file.
#[derive(Debug, Clone)]
pub struct CsvBatch {
    /// One nullable text column per name in [`Headers::unique`]; an empty cell is NULL.
    pub records: RecordBatch,
    /// The physical line (from 1) on which each record starts.
    pub line_numbers: Int64Array,
    pub rejects: Vec<Reject>,
    pub findings: Vec<Finding>,
}

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
                + self.counts.blank,
            bytes_read: self.window.input().bytes(),
            bytes_in: self.window.input().bytes_in(),
            ..self.counts
        }
    }

    /// The next stretch of the file, or `None` at its end. A batch may hold rejects only.
    pub fn next_batch(&mut self) -> Result<Option<CsvBatch>, CsvError> {
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

    fn finish(&mut self, batch: Building) -> Result<CsvBatch, CsvError> {
        let rows = batch.line_numbers.len();
        let build = |columns: &mut Vec<Column>| {
            let arrays =
                columns.iter_mut().map(|c| c.finish(self.batch_rows)).collect::<Result<Vec<_>, _>>()?;
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            RecordBatch::try_new_with_options(SchemaRef::clone(&self.schema), arrays, &options)
        };
        let records =
            build(&mut self.columns).map_err(|source| CsvError::Arrow { name: self.name.clone(), source })?;
        Ok(CsvBatch {
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
