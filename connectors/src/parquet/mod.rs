//! Apache Parquet: columns in pages, described by a footer.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | the connector: [`Parquet`] |
//! | `format` | its name and codes, and how a file begins |
//! | `open` | from an input to a source: footer, limits, columns |
//! | `thrift` | the footer and page headers looked through before the library reads them |
//! | `file` | the file as the library reads it, page by page, with limits |
//! | `delta` | pages of lengths, looked through before the library believes them |
//! | `schema` | the types in which the library is to deliver |
//! | `rows` | raw batches, also those in front of a damaged page |

mod delta;
mod file;
mod format;
mod open;
mod rows;
mod schema;
mod thrift;

use crate::columnar;
use crate::request::{Connector, Input, OptionWord, Request};
use crate::source::{Confidence, Evidence, Source, SourceError};
use format::{ENCRYPTED_MAGIC, FORMAT, MAGIC};

/// Apache Parquet files.
pub struct Parquet;

const WORDS: [OptionWord; 3] = [columnar::COLUMNS, columnar::BINARY, columnar::MAX_UNPACKED];

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
        (!rest.iter().take(64).all(text)).then(|| format::evidence(Confidence::High))
    }

    fn open(&self, input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
        open::open(input, request)
    }
}
