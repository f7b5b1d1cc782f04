//! A table or a query as a source.

use arrow::array::Int64Array;
use arrow::datatypes::SchemaRef;

use super::build::{Stretch, Unread};
use super::worker::{Ended, Opened, Reading, Said};
use crate::source::{
    Batch, Checkpoint, Code, Counts, Description, Finding, Headers, Note, Source, SourceError, Unit,
};

/// Cells that could not be read.
const UNREADABLE: Code = Code::new(
    "DATABASE_VALUE_UNREADABLE",
    "Set the option `binary` to `hex` to have bytes as hexadecimal digits; of anything else, have the query make a text.",
);

/// A table that is being read.
pub(super) struct Table {
    name: String,
    connector: &'static str,
    opened: Opened,
    /// Gone once the last row was read.
    reading: Option<Reading>,
    counts: Counts,
    ended: Ended,
}

impl Table {
    /// Waits until the table is open.
    pub(super) fn open(name: String, connector: &'static str, reading: Reading) -> Result<Self, SourceError> {
        match reading.next()? {
            Said::Opened(opened) => Ok(Self {
                name,
                connector,
                opened,
                reading: Some(reading),
                counts: Counts::default(),
                ended: Ended::default(),
            }),
            Said::Batch(_) | Said::Ended(_) => Err(SourceError::new(
                "DATABASE_FAILED",
                "the database gave rows before its columns",
                "This is a defect in Importer; please report it.",
            )),
        }
    }

    fn batch(&mut self, stretch: Stretch) -> Batch {
        let rows = stretch.records.num_rows() as u64;
        let before = i64::try_from(self.counts.lines).unwrap_or(i64::MAX);
        let place =
            |row: usize| before.saturating_add(i64::try_from(row).unwrap_or(i64::MAX)).saturating_add(1);
        self.counts.records += rows;
        self.counts.lines += rows;
        self.counts.record_lines += rows;
        self.counts.bytes_read += stretch.bytes;
        self.counts.bytes_in = self.counts.bytes_read;
        let finding = |(row, column, why): (usize, usize, Unread)| Finding {
            line_number: place(row),
            byte_offset: -1,
            code: UNREADABLE,
            column,
            reason: why.reason().to_owned(),
        };
        Batch {
            line_numbers: Int64Array::from_iter_values((0..stretch.records.num_rows()).map(place)),
            rejects: Vec::new(),
            findings: stretch.unread.into_iter().map(finding).collect(),
            records: stretch.records,
        }
    }
}

impl Source for Table {
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> Description {
        let evidence = self.opened.evidence.clone();
        Description { evidence, ..Description::new(self.connector, Unit::Row) }
    }

    fn headers(&self) -> &Headers {
        &self.opened.headers
    }

    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.opened.schema)
    }

    fn next_batch(&mut self) -> Result<Option<Batch>, SourceError> {
        let Some(reading) = &self.reading else { return Ok(None) };
        match reading.next() {
            Ok(Said::Batch(stretch)) => Ok(Some(self.batch(stretch))),
            Ok(Said::Ended(ended)) => {
                self.ended = ended;
                self.reading = None;
                Ok(None)
            }
            Ok(Said::Opened(_)) => self.next_batch(),
            Err(error) => {
                self.reading = None;
                Err(error)
            }
        }
    }

    fn counts(&self) -> Counts {
        self.counts
    }

    fn notes(&self) -> &[Note] {
        &self.ended.notes
    }

    fn checkpoint(&self) -> Option<&Checkpoint> {
        self.ended.checkpoint.as_ref()
    }
}
