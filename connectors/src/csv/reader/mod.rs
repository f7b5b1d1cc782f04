//! [`CsvReader`]: sample, header, then one batch after the other.
//!
//! | file | what happens there |
//! | --- | --- |
//! | here | the loop over steps: batch by batch |
//! | `state` | what is known while a file is read: [`CsvReader`], its counts and notes |
//! | `open` | from the first byte to the first record: sample, dialect, header |
//! | `header` | the header line, damaged ones too |
//! | `step` | one line or record after the other, and the fast loop over plain lines |
//! | `judge` | is a record as wide as the header, is it clean, is it the header again, have its cells moved? |
//! | `torn` | was a quote closed by chance, by a quote of the record below? |
//! | `take` | what becomes of it: taken, rejected or passed over |

mod header;
mod judge;
mod open;
mod state;
mod step;
mod take;
mod torn;

use arrow::array::{Int64Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;

use super::columns::Column;
use super::{CsvCode, CsvError};
use crate::source::Batch;
use state::Building;
use step::Step;

pub use state::CsvReader;

impl CsvReader {
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
        self.dialect.evidence.revise(evidence);
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
}
