//! Arrow IPC: record batches as messages, as a stream or in a file with a footer (also known as Feather 2).
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | the connector: [`Arrow`] |
//! | `open` | from an input to a source: file or stream, schema, columns |
//! | `messages` | messages one after the other, or where a footer says: [`Messages`](messages::Messages) |
//! | `check` | what a message claims, held against its bytes |
//! | `schema` | the types in which the library is to deliver |
//! | `rows` | batches from messages, with dictionaries |

mod check;
mod messages;
mod open;
mod rows;
mod schema;

use crate::columnar::{self, Format};
use crate::connector::{Connector, Input, OptionWord, Request};
use crate::source::{Code, Confidence, Evidence, Source, SourceError, Unit};

/// Arrow IPC files and streams.
pub struct Arrow;

static FORMAT: Format = Format {
    name: "arrow",
    unit: Unit::Row,
    damaged: "ARROW_DAMAGED",
    unsupported: "ARROW_UNSUPPORTED",
    no_columns: "ARROW_NO_COLUMNS",
    binary: Code::new("ARROW_BINARY", columnar::BINARY_HINT),
    large: Code::new("ARROW_RECORD_TOO_LARGE", columnar::LARGE_HINT),
};

const WORDS: [OptionWord; 3] = [columnar::COLUMNS, columnar::BINARY, columnar::MAX_UNPACKED];

/// The first and the last bytes of a file.
const MAGIC: &[u8; 6] = b"ARROW1";

/// In front of every message since Arrow 0.15.
const CONTINUATION: [u8; 4] = [0xFF; 4];

impl Connector for Arrow {
    fn name(&self) -> &'static str {
        FORMAT.name
    }

    fn words(&self) -> &'static [OptionWord] {
        &WORDS
    }

    fn recognise(&self, head: &[u8]) -> Option<Evidence> {
        open::recognise(head).map(|kind| kind.evidence(Confidence::High))
    }

    fn open(&self, input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
        open::open(input, request)
    }
}
