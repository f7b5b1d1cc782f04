//! Apache Parquet: columns in pages, described by a footer.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | the connector: [`Parquet`] |
//! | `open` | from an input to a source: footer, limits, columns |
//! | `thrift` | the footer and page headers looked through before the library reads them |
//! | `file` | the file as the library reads it, page by page, with limits |
//! | `delta` | pages of lengths, looked through before the library believes them |
//! | `schema` | the types in which the library is to deliver |
//! | `rows` | raw batches, also those in front of a damaged page |

mod delta;
mod file;
mod open;
mod rows;
mod schema;
mod thrift;

use crate::columnar::{self, Format};
use crate::connector::{Connector, Input, OptionWord, Request};
use crate::source::{Code, Confidence, Evidence, Source, SourceError, Unit};

/// Apache Parquet files.
pub struct Parquet;

static FORMAT: Format = Format {
    name: "parquet",
    unit: Unit::Row,
    damaged: "PARQUET_DAMAGED",
    unsupported: "PARQUET_UNSUPPORTED",
    no_columns: "PARQUET_NO_COLUMNS",
    binary: Code::new("PARQUET_BINARY", columnar::BINARY_HINT),
    large: Code::new("PARQUET_RECORD_TOO_LARGE", columnar::LARGE_HINT),
};

const WORDS: [OptionWord; 3] = [columnar::COLUMNS, columnar::BINARY, columnar::MAX_UNPACKED];

/// The first and the last bytes.
const MAGIC: &[u8; 4] = b"PAR1";

/// The same where the footer is encrypted.
const ENCRYPTED_MAGIC: &[u8; 4] = b"PARE";

impl Connector for Parquet {
    fn name(&self) -> &'static str {
        FORMAT.name
    }

    fn words(&self) -> &'static [OptionWord] {
        &WORDS
    }

    /// `PAR1` could begin a line of text: a page header, which is never text, follows it.
    fn recognise(&self, head: &[u8]) -> Option<Evidence> {
        let rest = head.strip_prefix(MAGIC).or_else(|| head.strip_prefix(ENCRYPTED_MAGIC))?;
        let text = |b: &u8| !b.is_ascii_control() || matches!(b, b'\t' | b'\n' | b'\r');
        (!rest.iter().take(64).all(text)).then(|| open::format(Confidence::High))
    }

    fn open(&self, input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
        open::open(input, request)
    }
}
