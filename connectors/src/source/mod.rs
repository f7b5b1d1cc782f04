//! What every connector gives: a [`Source`], and what it says about itself.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | [`Source`] and its [`Batch`]es |
//! | `description` | what a source turned out to be: [`Description`], with the [`EvidenceList`] for it |
//! | `headers` | the names of its columns |
//! | `record` | what is said of single records and of the whole: [`Reject`], [`Finding`], [`Note`] and their [`Code`]s |
//! | `error` | what stops a whole source: [`SourceError`] |
//! | `checkpoint` | how far a source was read that can be read on from there |

mod checkpoint;
mod description;
mod error;
mod headers;
mod record;

use arrow::array::{Int64Array, RecordBatch};
use arrow::datatypes::SchemaRef;

pub use crate::evidence::{Confidence, Evidence, EvidenceList};
pub use checkpoint::{Checkpoint, Partition};
pub use description::{Description, Unit};
pub(crate) use error::OPTIONS;
pub use error::SourceError;
pub use headers::Headers;
pub use record::{Code, Finding, Note, Reject};

/// One table of records that is being read: a file, a sheet of a workbook, a member of an archive.
///
/// **Delivery.** Each record comes exactly once, in a batch or as a reject; nothing is left out without a count. **Order** is
/// that of the source, and two readings of the same bytes give the same batches. **Concurrency.** A source is read by one
/// thread, which may block; it may be sent to another. **Cancellation.** Dropping it ends reading and frees what it holds.
/// **Memory** is bounded by a batch and the limits of its connector, whatever the source holds.
pub trait Source: Send {
    /// In messages: the file's name, with that of its sheet or member behind a `!` where it has several.
    fn name(&self) -> &str;

    /// What the source is, and why it was taken for that. What is decided late (an encoding) changes it.
    fn description(&self) -> Description;

    /// The names of the columns, in the order of the schema.
    fn headers(&self) -> &Headers;

    /// The columns of every batch, named by [`Headers::unique`], nullable, in the types that the source has.
    fn schema(&self) -> SchemaRef;

    /// The next records, or `None` at the end. A batch may hold rejects only.
    ///
    /// # Errors
    /// What stops the whole source; a record that cannot be read is a [`Reject`]. After an error nothing more comes.
    fn next_batch(&mut self) -> Result<Option<Batch>, SourceError>;

    /// Where everything went so far.
    fn counts(&self) -> Counts;

    /// What there is to say about the source as a whole; complete once it was read to its end.
    fn notes(&self) -> &[Note];

    /// How far it was read, where a later reading can go on from there; nothing before it was read to its end.
    fn checkpoint(&self) -> Option<&Checkpoint> {
        None
    }
}

/// A stretch of a source.
#[derive(Debug, Clone)]
pub struct Batch {
    /// In the schema of the source. Text cells that are empty are NULL.
    pub records: RecordBatch,
    /// Where each record stands, from 1, in the [`Unit`] of the source: ascending.
    pub line_numbers: Int64Array,
    pub rejects: Vec<Reject>,
    pub findings: Vec<Finding>,
}

/// Where everything went. Of text, every physical line is in exactly one of `preamble_lines`, `header_lines`,
/// `record_lines`, `rejected_lines`, `passed` and `blank`; `lines` is their sum. Other sources count rows or records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records handed out.
    pub records: u64,
    /// Rejects handed out.
    pub rejected: u64,
    /// Lines and rows without content.
    pub blank: u64,
    /// Lines and rows that are no records and were passed over: the header again, comments, units below the header.
    pub passed: u64,
    /// Records kept after a repair.
    pub repaired: u64,
    /// Short records kept, filled with NULL.
    pub padded: u64,
    /// Lines, rows or records read so far.
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
    /// A header and nothing else (once the source was read to its end).
    #[must_use]
    pub fn is_header_only(&self) -> bool {
        self.records == 0 && self.rejected == 0
    }
}
