//! Batches from messages, with the dictionaries that come between them.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use arrow::ipc::MessageHeader;
use arrow::ipc::reader::{read_dictionary, read_record_batch};

use super::check::check;
use super::format::{FORMAT, Kind};
use super::messages::{BODY_BYTES, Messages, Raw, Stop};
use crate::columnar::{self, Format, Rows};
use crate::guard::guarded;
use crate::source::{Evidence, SourceError};

/// The batches of a file or stream.
pub(super) struct MessageRows {
    pub name: String,
    pub kind: Kind,
    pub messages: Messages,
    /// As the library is asked for it.
    pub schema: SchemaRef,
    pub evidence: Vec<Evidence>,
    /// A file whose footer is missing.
    pub cut_off: bool,
    pub dictionaries: HashMap<i64, ArrayRef>,
    /// Rows that were read.
    pub rows: u64,
    pub bytes_in: u64,
    pub bytes_read: u64,
}

impl MessageRows {
    /// The next batch, if the message is one.
    fn take(&mut self, raw: &Raw) -> Result<Option<RecordBatch>, Stop> {
        let message = raw.message()?;
        let version = message.version();
        match message.header_type() {
            MessageHeader::RecordBatch => {
                let batch = message.header_as_record_batch().ok_or(Stop::Damaged("a batch is missing"))?;
                check(&batch, &raw.body)?;
                let schema = SchemaRef::clone(&self.schema);
                let read = || read_record_batch(&raw.body, batch, schema, &self.dictionaries, None, &version);
                let batch = guarded(read).map_err(|_| Stop::Damaged("a batch does not fit the schema"))?;
                Ok(Some(batch))
            }
            MessageHeader::DictionaryBatch => {
                let batch =
                    message.header_as_dictionary_batch().ok_or(Stop::Damaged("a dictionary is missing"))?;
                check(&batch.data().ok_or(Stop::Damaged("a dictionary is missing"))?, &raw.body)?;
                let (schema, dictionaries) = (&self.schema, &mut self.dictionaries);
                guarded(|| read_dictionary(&raw.body, batch, schema, dictionaries, &version))
                    .map_err(|_| Stop::Damaged("a dictionary does not fit the schema"))?;
                let size: usize = self.dictionaries.values().map(|d| d.get_array_memory_size()).sum();
                if size as u64 > BODY_BYTES { Err(Stop::TooLarge) } else { Ok(None) }
            }
            MessageHeader::NONE => Ok(None),
            _ => Err(Stop::Damaged("a message is neither a batch nor a dictionary")),
        }
    }

    fn error(&self, stop: Stop) -> SourceError {
        let (name, row) = (&self.name, self.rows + 1);
        match stop {
            Stop::Io(error) => SourceError::unreadable(name, error),
            Stop::CutOff | Stop::End { .. } => cut_off(name, row),
            Stop::Damaged(why) => columnar::damaged(&FORMAT, name, row, why),
            Stop::TooLarge => SourceError::new(
                "ARROW_TOO_LARGE",
                format!("{name} has a record batch of more than 1 GiB: it cannot be read from row {row} on"),
                "Write it with smaller record batches.",
            ),
        }
    }
}

/// A file or stream that ends too early.
pub(super) fn cut_off(name: &str, row: u64) -> SourceError {
    SourceError::new(
        "ARROW_CUT_OFF",
        format!("{name} is cut off: it ends before row {row} or before its end mark"),
        "Fetch or write it anew. What comes before that place was read.",
    )
}

impl Rows for MessageRows {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn next_rows(&mut self, _rows: usize) -> Result<Option<RecordBatch>, SourceError> {
        loop {
            let (raw, length) = match self.messages.next() {
                Ok(next) => next,
                // Of a stream, the end of the connection is an end as well.
                Err(Stop::End { marked }) if !self.cut_off && (marked || self.kind == Kind::Stream) => {
                    return Ok(None);
                }
                Err(stop) => return Err(self.error(stop)),
            };
            self.bytes_in = self.bytes_in.saturating_add(length);
            match self.take(&raw) {
                Ok(None) => {}
                Ok(Some(batch)) => {
                    self.rows = self.rows.saturating_add(batch.num_rows() as u64);
                    self.bytes_read = self.bytes_read.saturating_add(batch.get_array_memory_size() as u64);
                    return Ok(Some(batch));
                }
                Err(stop) => return Err(self.error(stop)),
            }
        }
    }

    fn bytes(&self) -> (u64, u64) {
        (self.bytes_read, self.bytes_in)
    }

    fn evidence(&self) -> Vec<Evidence> {
        self.evidence.clone()
    }
}
