//! A JSON file as a source: batch by batch.

use arrow::datatypes::SchemaRef;

use super::code;
use super::skip::Skip;
use super::table::{Notes, Table};
use super::walk::Walk;
use crate::source::{Batch, Counts, Description, Finding, Headers, Note, Reject, Source, SourceError};
use crate::text::{Building, RAW_BYTES, Text};

/// The connector's name.
pub(crate) const NAME: &str = "json";

/// How the records follow one another.
#[derive(Debug, Clone)]
pub(super) enum Layout {
    Lines,
    Documents(Walk),
}

/// What a step did.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Again,
    /// More text is needed.
    Fill,
    End,
}

/// A value or line that is being passed over.
pub(super) struct Pending {
    pub reject: Reject,
    pub value: Skip,
}

impl Pending {
    /// Keeps the raw bytes of the next `len` of the text, up to the limit.
    pub(super) fn add(&mut self, text: &Text, len: usize) {
        let room = RAW_BYTES.saturating_sub(self.reject.raw.len());
        let (mut raw, cut) = text.raw(len.min(room.saturating_add(4)));
        self.reject.raw_truncated |= cut || raw.len() > room || (room == 0 && len > 0);
        raw.truncate(room);
        self.reject.raw.append(&mut raw);
    }
}

/// A JSON file that is being read.
pub(super) struct JsonSource {
    pub(super) name: String,
    pub(super) text: Text,
    pub(super) description: Description,
    pub(super) headers: Headers,
    pub(super) schema: SchemaRef,
    pub(super) layout: Layout,
    pub(super) table: Table,
    pub(super) counts: Counts,
    pub(super) notes: Notes,
    /// Bytes of a record at most.
    pub(super) most: usize,
    /// Records of a batch at most.
    pub(super) rows: usize,
    pub(super) skip: Option<Pending>,
    /// What stops the source, behind the batch that was handed out before it.
    pub(super) stopped: Option<SourceError>,
    pub(super) done: bool,
}

impl JsonSource {
    fn step(&mut self, batch: &mut Building) -> Result<Step, SourceError> {
        let step = match self.layout {
            Layout::Lines => self.line(batch)?,
            Layout::Documents(_) => self.document(batch)?,
        };
        if step == Step::Fill {
            self.text.fill()?;
        }
        Ok(step)
    }

    /// Says what is worth knowing of the record that was read last.
    pub(super) fn tell(&mut self, again: &[usize], number: u64, batch: &mut Building) {
        for column in again {
            let name = self.headers.unique.get(*column).map_or("", String::as_str);
            batch.findings.push(Finding {
                line_number: i64::try_from(number).unwrap_or(i64::MAX),
                byte_offset: self.text.offset(),
                code: code::DUPLICATE_KEY,
                column: *column,
                reason: format!(
                    "`{}` comes more than once in this record; the first value that is not empty is in its column, others \
                     are in `_more`",
                    super::table::shortened(name)
                ),
            });
        }
        self.table.tell(&mut self.notes, number);
    }
}

impl Source for JsonSource {
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
        batch.finish(&self.schema, "JSON_BATCH", |rows| self.table.finish(rows)).map(Some)
    }

    fn counts(&self) -> Counts {
        let (bytes_read, bytes_in) = self.text.bytes();
        Counts { bytes_read, bytes_in, ..self.counts }
    }

    fn notes(&self) -> &[Note] {
        self.notes.all()
    }
}
