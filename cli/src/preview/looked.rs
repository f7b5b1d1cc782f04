//! A file that is looked at: what its header means, and its rows, read as far as they are shown.

use std::collections::VecDeque;

use arrow::array::{Array, AsArray};
use importer_connectors::csv::CsvEncoding;
use importer_connectors::source::{Batch, Counts, Reject, Source as Records, SourceError};
use importer_plans::header::HeaderMatch;
use importer_plans::suggest::Suggestion;
use importer_sql::functions::text_columns;

use crate::failure::Failure;

/// Rows shown without `--all`.
const ROWS: u64 = 20;
/// Rejects shown without `--all`.
const REJECTS: usize = 20;
/// Records read without `--all`, to count and to find rejects.
const READ: u64 = 200_000;

/// A file that was opened, and what its header means.
pub struct Looked {
    pub name: String,
    pub reader: Box<dyn Records>,
    /// What was read to know the values below the header.
    pub ahead: Ahead,
    pub matched: Option<Matched>,
}

/// A header line against a contract.
pub struct Matched {
    pub entity: String,
    pub headers: HeaderMatch,
    /// How the file seems to be meant.
    pub suggestions: Vec<Suggestion>,
}

/// What reading brought beside the rows.
#[derive(Default)]
pub struct Read {
    pub counts: Counts,
    /// Read to the end.
    pub complete: bool,
    /// The first rejects.
    pub rejects: Vec<Reject>,
    pub shown: u64,
}

/// Batches that were read, or why reading stopped.
pub type Ahead = VecDeque<Result<Batch, SourceError>>;

impl Looked {
    /// In what the raw bytes of rejects stand.
    pub fn encoding(&self) -> CsvEncoding {
        self.reader.description().dialect.map_or(CsvEncoding::Utf8, |dialect| dialect.encoding)
    }

    /// Reads on, and hands out the rows that are to be shown: line number and cells.
    pub fn read(
        &mut self,
        all: bool,
        mut show: impl FnMut(i64, Vec<Option<&str>>) -> Result<(), Failure>,
    ) -> Result<Read, Failure> {
        let mut read = Read::default();
        loop {
            let next = match self.ahead.pop_front() {
                Some(batch) => Some(batch.map_err(unreadable)?),
                None => self.reader.next_batch().map_err(unreadable)?,
            };
            let Some(batch) = next else {
                read.complete = true;
                break;
            };
            let records = text_columns(&batch.records)?;
            let cells = records.columns();
            for row in 0..batch.records.num_rows() {
                if !all && read.shown >= ROWS {
                    break;
                }
                let texts =
                    cells.iter().map(|c| c.as_string::<i32>()).map(|c| c.is_valid(row).then(|| c.value(row)));
                show(batch.line_numbers.value(row), texts.collect())?;
                read.shown += 1;
            }
            let room = if all { usize::MAX } else { REJECTS };
            read.rejects.extend(batch.rejects.into_iter().take(room.saturating_sub(read.rejects.len())));
            if !all && self.ahead.is_empty() && self.reader.counts().records >= READ {
                break;
            }
        }
        read.counts = self.reader.counts();
        Ok(read)
    }
}

/// A file that cannot be read as a table.
pub fn unreadable(error: SourceError) -> Failure {
    let help = error.help().to_owned();
    let exit = if error.is_about_options() { 2 } else { 1 };
    Failure::Plain { code: error.code(), message: error.to_string(), help: Some(help), exit }
}
