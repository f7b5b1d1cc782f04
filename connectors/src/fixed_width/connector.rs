//! Text with columns at fixed places as a connector.

use super::source::{FixedWidthSource, NAME};
use crate::request::{Connector, Input, OptionWord, Request};
use crate::source::{Evidence, Source, SourceError};

/// Text whose columns stand at fixed places of each line.
pub struct FixedWidth;

const WORDS: [OptionWord; 5] = [
    OptionWord::new(
        "layout",
        "COLUMNS",
        "Columns of a fixed_width file: name:start-end, … with places from 1, or name:width, …",
    ),
    OptionWord::new("encoding", "NAME", "Encoding, such as utf-8 or windows-1252"),
    OptionWord::new("skip_lines", "N", "Lines above the header"),
    OptionWord::new("trim", "BOOL", "Cut off blanks around the cells of a fixed_width file: true or false"),
    OptionWord::new("max_record_bytes", "N", "Longest line and longest record, in bytes"),
];

impl Connector for FixedWidth {
    fn name(&self) -> &'static str {
        NAME
    }

    fn words(&self) -> &'static [OptionWord] {
        &WORDS
    }

    /// Nothing in such a file says so.
    fn recognise(&self, _head: &[u8]) -> Option<Evidence> {
        None
    }

    /// Its errors tell how far the text goes.
    fn unpacks(&self) -> bool {
        true
    }

    fn open(&self, input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
        Ok(vec![Box::new(FixedWidthSource::open(input, request)?)])
    }
}
