//! A file of text as a source: what the formats of text have in common. What a format adds is how it takes one step.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::Text;
use crate::building::{Building, batch_rows};
use crate::source::{Batch, Code, Counts, Description, Evidence, Headers, Note, Reject, Source, SourceError};

/// What a step did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Again,
    /// More text is needed.
    Fill,
    End,
}

/// A format of text: how it takes one step, and the columns that it fills.
pub(crate) trait Format: Sized + Send {
    /// The code of the error where a batch cannot be built.
    const BATCH: &'static str;

    /// Takes what stands next in the text: a record, a reject, or what is passed over.
    fn step(source: &mut TextSource<Self>, batch: &mut Building) -> Result<Step, SourceError>;

    /// The arrays of so many records. The columns start again.
    fn finish(&mut self, rows: usize) -> Result<Vec<ArrayRef>, ArrowError>;

    fn notes(&self) -> &[Note];

    /// The encoding was told by the first letter beyond ASCII, behind the sample: on this line or below.
    fn heed_late_encoding(&mut self, _encoding: &Evidence, _line: u64) {}
}

/// A file of text that is being read.
pub(crate) struct TextSource<F> {
    pub name: String,
    pub text: Text,
    pub headers: Headers,
    pub counts: Counts,
    /// Bytes of a record at most.
    pub most: usize,
    pub format: F,
    description: Description,
    schema: SchemaRef,
    /// Records of a batch at most.
    rows: usize,
    /// What stops the source, behind the batch that was handed out before it.
    stopped: Option<SourceError>,
    done: bool,
}

/// What a format has settled of a file before its first record.
pub(crate) struct Settled {
    pub name: String,
    pub text: Text,
    pub description: Description,
    pub headers: Headers,
    /// Bytes of a record at most.
    pub most: usize,
}

impl<F: Format> TextSource<F> {
    /// A file that is read from its first record on, in batches of as many as are wanted and fit.
    pub(crate) fn new(settled: Settled, wanted: usize, format: F) -> Self {
        let Settled { name, text, description, headers, most } = settled;
        let fields: Vec<Field> =
            headers.unique.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        Self {
            rows: batch_rows(wanted, headers.unique.len()),
            schema: Arc::new(Schema::new(fields)),
            name,
            text,
            headers,
            counts: Counts::default(),
            most,
            format,
            description,
            stopped: None,
            done: false,
        }
    }

    /// What stands here, over so many lines, is no record; the next `len` of the text are kept of it.
    pub(crate) fn reject(&mut self, len: usize, lines: u64, code: Code, reason: String) -> Reject {
        let (raw, raw_truncated) = self.text.raw(len);
        Reject {
            line_number: i64::try_from(self.counts.lines + 1).unwrap_or(i64::MAX),
            line_count: i64::try_from(lines).unwrap_or(i64::MAX),
            byte_offset: self.text.offset(),
            code,
            reason,
            hint: code.hint(),
            raw,
            raw_truncated,
            field_count: None,
        }
    }

    fn step(&mut self, batch: &mut Building) -> Result<Step, SourceError> {
        let step = F::step(self, batch)?;
        if step == Step::Fill {
            self.text.fill()?;
            if let Some(encoding) = self.text.take_late_decision() {
                self.format.heed_late_encoding(&encoding, self.counts.lines + 1);
                self.description.evidence.revise(encoding);
            }
        }
        Ok(step)
    }
}

impl<F: Format> Source for TextSource<F> {
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> Description {
        self.description.clone()
    }

    fn headers(&self) -> &Headers {
        &self.headers
    }

    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    fn next_batch(&mut self) -> Result<Option<Batch>, SourceError> {
        if let Some(error) = self.stopped.take() {
            return Err(error);
        }
        let mut batch = Building::default();
        while !self.done && !batch.is_full(self.rows) {
            match self.step(&mut batch) {
                Ok(Step::Again | Step::Fill) => {}
                Ok(Step::End) => self.done = true,
                Err(error) => {
                    self.done = true;
                    if batch.is_empty() {
                        return Err(error);
                    }
                    // What was read before it comes first.
                    self.stopped = Some(error);
                }
            }
        }
        if batch.is_empty() {
            return Ok(None);
        }
        batch.finish(&self.schema, F::BATCH, |rows| self.format.finish(rows)).map(Some)
    }

    fn counts(&self) -> Counts {
        let (bytes_read, bytes_in) = self.text.bytes();
        Counts { bytes_read, bytes_in, ..self.counts }
    }

    fn notes(&self) -> &[Note] {
        self.format.notes()
    }
}
