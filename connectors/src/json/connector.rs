//! JSON as a connector: its words, and how it is recognised.

use super::source::{JsonSource, NAME};
use super::value::{self, Fault};
use crate::request::{Connector, Input, OptionWord, Request};
use crate::source::{Confidence, Evidence, Source, SourceError};

/// JSON: one object per line, a list of objects, documents one after the other, or an object with the list of records.
pub struct Json;

const WORDS: [OptionWord; 2] = [
    OptionWord::new("records", "PATH", "Where the list of records is in a JSON file, such as data.items"),
    OptionWord::new("max_record_bytes", "N", "Longest line and longest record, in bytes"),
];

impl Connector for Json {
    fn name(&self) -> &'static str {
        NAME
    }

    fn words(&self) -> &'static [OptionWord] {
        &WORDS
    }

    /// A file that begins with `{` or `[`, and goes on as JSON does.
    fn recognise(&self, head: &[u8]) -> Option<Evidence> {
        let text = crate::text::unicode(head);
        let text = text.trim_ascii_start();
        let (first, rest) = text.split_first()?;
        let second = rest.trim_ascii_start().first().copied();
        let begins = match first {
            b'{' => matches!(second, None | Some(b'"' | b'}')),
            b'[' => matches!(second, None | Some(b'{' | b'[' | b']')),
            _ => false,
        };
        if !begins {
            return None;
        }
        let evidence = |confidence, why| Some(Evidence::new("format", "JSON", confidence, why));
        match value::length(text) {
            Ok(len) => {
                let behind = text.get(len..).unwrap_or_default();
                let next = behind.trim_ascii_start().first();
                // Behind an object in a cell of delimited text comes a delimiter.
                matches!(next, None | Some(b'{' | b'[' | 0x1E))
                    .then(|| Evidence::new("format", "JSON", Confidence::High, "its first document is JSON"))
            }
            Err(fault) if fault.is_cut_off() => evidence(Confidence::High, "it begins as JSON does"),
            Err(fault) if fault.has_an_end() => {
                evidence(Confidence::Medium, "it begins as JSON does, and its first record is damaged")
            }
            Err(_) if second_line_is_object(text) => {
                evidence(Confidence::Medium, "its first line is damaged, and the second one is JSON")
            }
            Err(Fault { .. }) => None,
        }
    }

    /// Its errors tell how far the text goes.
    fn unpacks(&self) -> bool {
        true
    }

    fn open(&self, input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
        Ok(vec![Box::new(JsonSource::open(input, request)?)])
    }
}

fn second_line_is_object(text: &[u8]) -> bool {
    let mut lines = text.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    lines.nth(1).is_some_and(value::is_object)
}
