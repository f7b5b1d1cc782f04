//! What a format gives: its names and codes, its raw batches; the words and hints that formats share.

use arrow::array::RecordBatch;

use crate::request::OptionWord;
use crate::source::{Code, Evidence, SourceError, Unit};

/// Names and codes of a format.
pub(crate) struct Format {
    /// The connector's name.
    pub name: &'static str,
    pub unit: Unit,
    /// The code of sources that are damaged.
    pub damaged: &'static str,
    /// The code of sources with a type that cannot be read.
    pub unsupported: &'static str,
    /// The code of sources without columns.
    pub no_columns: &'static str,
    /// The code of values that are no text.
    pub binary: Code,
    /// The code of records that are too large.
    pub large: Code,
}

/// Raw batches of a format, in order.
pub(crate) trait Rows: Send {
    /// The names and codes.
    fn format(&self) -> &'static Format;

    /// The next raw batch of about `rows` records at most, all its columns in the order of the [`Table`](super::Table); the
    /// last batch was worked off. A batch may be of any size: it is cut afterwards.
    fn next_rows(&mut self, rows: usize) -> Result<Option<RecordBatch>, SourceError>;

    /// Bytes after decompression, and as they came in.
    fn bytes(&self) -> (u64, u64);

    /// What the source was found to be, the format first.
    fn evidence(&self) -> Vec<Evidence>;
}

/// The word that chooses columns.
pub(crate) const COLUMNS: OptionWord =
    OptionWord::new("columns", "NAMES", "Only these columns: their names with commas between them");

/// The word for values that are bytes.
pub(crate) const BINARY: OptionWord =
    OptionWord::new("binary", "HOW", "Columns of bytes: text (bytes that are no text become NULL) or hex");

/// The word for the most that may be unpacked.
pub(crate) const MAX_UNPACKED: OptionWord =
    OptionWord::new("max_unpacked_bytes", "N", "Most bytes that are unpacked, or kept of a stream");

/// What may be unpacked or kept of a stream, unless the word says otherwise: 2 GiB.
pub(crate) const UNPACKED_BYTES: u64 = 2 << 30;

/// The hint of values that are no text.
pub(crate) const BINARY_HINT: &str =
    "Set the option `binary` to `hex` to have such columns as hexadecimal digits, or leave the column out.";

/// The hint of records that are too large.
pub(crate) const LARGE_HINT: &str =
    "Leave out the column with the large values, or store them outside the table.";
