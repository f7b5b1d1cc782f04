//! A JSON file as a source: record by record.

use arrow::array::ArrayRef;
use arrow::error::ArrowError;

use super::code;
use super::skip::Skip;
use super::table::{Notes, Table};
use super::walk::Walk;
use crate::building::Building;
use crate::source::{Finding, Note, Reject, SourceError};
use crate::text::{Format, RAW_BYTES, Step, Text, TextSource};

/// The connector's name.
pub(crate) const NAME: &str = "json";

/// How the records follow one another.
#[derive(Debug, Clone)]
pub(super) enum Layout {
    Lines,
    Documents(Walk),
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
pub(super) type JsonSource = TextSource<Records>;

/// Records on lines or in documents.
pub(super) struct Records {
    pub layout: Layout,
    pub table: Table,
    pub notes: Notes,
    pub skip: Option<Pending>,
}

impl JsonSource {
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
        self.format.table.tell(&mut self.format.notes, number);
    }
}

impl Format for Records {
    const BATCH: &'static str = "JSON_BATCH";

    fn step(source: &mut JsonSource, batch: &mut Building) -> Result<Step, SourceError> {
        match source.format.layout {
            Layout::Lines => Ok(source.line(batch)),
            Layout::Documents(_) => source.document(batch),
        }
    }

    fn finish(&mut self, rows: usize) -> Result<Vec<ArrayRef>, ArrowError> {
        self.table.finish(rows)
    }

    fn notes(&self) -> &[Note] {
        self.notes.all()
    }
}
