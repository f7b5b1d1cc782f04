//! Delimited text, read the way real files are: streaming, one pass, bounded memory.
//!
//! A malformed record costs that record, neither its neighbours nor the file. Every physical line
//! of the input ends up in exactly one place: preamble, header, a record, a reject or a blank line.
//!
//! The road of a byte, and the map of this room:
//!
//! | file | what happens there |
//! | --- | --- |
//! | `input` | gz and zst are recognised and inflated in stream, bytes are counted |
//! | `magic` | ZIP, XLSX, PDF … under a `.csv` name are refused with a sentence that helps |
//! | `encoding`, `legacy` | which encoding it is, and how sure that is |
//! | `utf16`, `multibyte` | encodings in which a byte is no character become UTF-8, with a way back to the file's bytes |
//! | `detect` | delimiter, quote, escape, line ending, preamble from a bounded sample |
//! | `options` | what a caller may fix beforehand: [`CsvOptions`] |
//! | `window` | the moving buffer, and how far it is known to hold clean text |
//! | `scan`, `split` | the fast road for lines without quotes; the full record rules |
//! | `mend` | a line whose quotes do not go by the rules, read as what it can only mean |
//! | `columns` | cells into Arrow string arrays without a `String` per cell |
//! | `reader` | ties these together: [`CsvReader`] |
//! | `connector` | all of it as a connector: [`Csv`] |
//! | `reject` | codes of rejects, findings and notes |
//! | `writer` | [`CsvWriter`]: rows back out in a file's own dialect |
//!
//! What a file turned out to be is its [`Dialect`], which others know as well: it has a room of its own beside this one.
//!
//! ```
//! use importer_connectors::csv::{CsvOptions, CsvReader};
//! let input = Box::new(&b"id;name\n1;Ann\n2;Bob;x\n"[..]);
//! let mut reader = CsvReader::open(input, "people.csv", &CsvOptions::default())?;
//! while let Some(batch) = reader.next_batch()? {
//!     assert_eq!(batch.records.num_rows(), 1);
//!     assert_eq!(batch.rejects[0].line_number, 3);
//! }
//! assert_eq!(reader.dialect().delimiter, b';');
//! # Ok::<(), importer_connectors::csv::CsvError>(())
//! ```

mod columns;
mod connector;
mod detect;
mod encoding;
mod error;
mod input;
mod legacy;
mod magic;
mod mend;
mod multibyte;
mod options;
mod reader;
mod reject;
mod scan;
mod split;
mod utf16;
mod window;
mod writer;

pub(crate) use columns::recode;
pub(crate) use connector::{NAME, inflated};
pub(crate) use input::Input as TextInput;
pub(crate) use magic::looks_binary;
pub(crate) use window::{Dirt, Window};

pub use crate::dialect::{
    Compression, CsvEncoding, Delimiter, Dialect, Escape, LineEnding, OptionError, QuoteOption, Ragged,
};
pub use connector::Csv;
pub use error::CsvError;
pub use options::{CsvOptions, Limits};
pub use reader::CsvReader;
pub use reject::CsvCode;
pub use writer::CsvWriter;
