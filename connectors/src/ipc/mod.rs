//! Arrow IPC: record batches as messages, as a stream or in a file with a footer (also known as Feather 2).
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | the connector: [`Arrow`] |
//! | `format` | its name and codes, and how a file and a stream begin |
//! | `open` | from an input to a source: file or stream, schema, columns |
//! | `messages` | messages one after the other, or where a footer says: [`Messages`](messages::Messages) |
//! | `check` | what a message claims, held against its bytes |
//! | `schema` | the types in which the library is to deliver |
//! | `rows` | batches from messages, with dictionaries |

mod check;
mod format;
mod messages;
mod open;
mod rows;
mod schema;

use crate::columnar;
use crate::request::{Connector, Input, OptionWord, Request};
use crate::source::{Confidence, Evidence, Source, SourceError};
use format::{FORMAT, recognise};

/// Arrow IPC files and streams.
pub struct Arrow;

const WORDS: [OptionWord; 3] = [columnar::COLUMNS, columnar::BINARY, columnar::MAX_UNPACKED];

impl Connector for Arrow {
    fn name(&self) -> &'static str {
        FORMAT.name
    }

    fn words(&self) -> &'static [OptionWord] {
        &WORDS
    }

    fn recognise(&self, head: &[u8]) -> Option<Evidence> {
        recognise(head).map(|kind| kind.evidence(Confidence::High))
    }

    fn open(&self, input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
        open::open(input, request)
    }
}
