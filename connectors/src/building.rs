//! The batch in progress, as formats of text and workbooks fill it.

use arrow::array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use crate::source::{Batch, Counts, Finding, Reject, SourceError};

/// A batch ends when its text, or its rejects, pass this many bytes.
const BATCH_BYTES: usize = 64 << 20;
/// A batch ends when it has this many cells: offsets take memory also where cells are empty.
const BATCH_CELLS: usize = 8 << 20;

/// Where the records of a batch stand, and what is said of them.
#[derive(Default)]
pub(crate) struct Building {
    pub line_numbers: Vec<i64>,
    pub rejects: Vec<Reject>,
    pub findings: Vec<Finding>,
    /// Text taken in.
    pub bytes: usize,
    raw_bytes: usize,
}

/// Records per batch, of so many columns.
pub(crate) fn batch_rows(wanted: usize, columns: usize) -> usize {
    wanted.clamp(1, 1 << 20).min(BATCH_CELLS / columns.max(1)).max(1)
}

impl Building {
    /// Never before there is anything in it, however much was passed over.
    pub(crate) fn is_full(&self, rows: usize) -> bool {
        let full = self.line_numbers.len() >= rows
            || self.rejects.len() >= rows
            || self.bytes >= BATCH_BYTES
            || self.raw_bytes >= BATCH_BYTES
            || self.findings.len() >= rows.saturating_mul(16).max(4096);
        full && !self.is_empty()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.line_numbers.is_empty() && self.rejects.is_empty()
    }

    /// Hands out a reject, and counts it.
    pub(crate) fn reject(&mut self, reject: Reject, counts: &mut Counts) {
        let lines = u64::try_from(reject.line_count).unwrap_or(0);
        counts.rejected += 1;
        counts.rejected_lines += lines;
        counts.lines += lines;
        self.raw_bytes += reject.raw.len();
        self.rejects.push(reject);
    }

    /// Hands out a record that stands here, over so many lines, and counts it.
    pub(crate) fn record(&mut self, line: u64, lines: u64, counts: &mut Counts) {
        counts.records += 1;
        counts.record_lines += lines;
        counts.lines += lines;
        self.line_numbers.push(i64::try_from(line).unwrap_or(i64::MAX));
    }

    pub(crate) fn finish(
        self,
        schema: &SchemaRef,
        code: &'static str,
        columns: impl FnOnce(usize) -> Result<Vec<ArrayRef>, ArrowError>,
    ) -> Result<Batch, SourceError> {
        let rows = self.line_numbers.len();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let records = columns(rows)
            .and_then(|arrays| RecordBatch::try_new_with_options(SchemaRef::clone(schema), arrays, &options))
            .map_err(|e| {
                let help = "This is a defect in Importer: please report it.";
                SourceError::new(code, format!("a batch could not be built: {e}"), help).with_cause(e)
            })?;
        Ok(Batch {
            records,
            line_numbers: Int64Array::from(self.line_numbers),
            rejects: self.rejects,
            findings: self.findings,
        })
    }
}
