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
                if matches!(next, None | Some(b'{' | b'[' | 0x1E)) {
                    return evidence(Confidence::High, "its first document is JSON");
                }
                (begins_with_a_record(text) && goes_on_damaged(text, behind))
                    .then(|| Evidence::new("format", "JSON", Confidence::Medium, DAMAGED_BELOW))
            }
            Err(fault) if fault.is_cut_off() => evidence(Confidence::High, "it begins as JSON does"),
            Err(fault) if fault.has_an_end() => {
                evidence(Confidence::Medium, "it begins as JSON does, and its first record is damaged")
            }
            Err(_) if second_line_is_object(text) => {
                evidence(Confidence::Medium, "its first line is damaged, and the second one is JSON")
            }
            // No header of delimited text looks so: told as JSON, the damage is named with its place.
            Err(_) if begins_with_a_record(text) => evidence(Confidence::Medium, DAMAGED_BELOW),
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

const DAMAGED_BELOW: &str = "it begins as JSON does, and is damaged further on";

/// The text begins with an object that has a member, or with a list of such: `{"name":` or `[{"name":`.
fn begins_with_a_record(text: &[u8]) -> bool {
    let list = text.strip_prefix(b"[").unwrap_or(text).trim_ascii_start();
    let Some(inside) = list.strip_prefix(b"{") else { return false };
    let inside = inside.trim_ascii_start();
    inside.starts_with(b"\"")
        && value::length(inside).is_ok_and(|len| {
            inside.get(len..).is_some_and(|behind| behind.trim_ascii_start().starts_with(b":"))
        })
}

/// What stands behind the first document belongs to none: it is a line of its own, follows a list, or is a comma before the
/// next object. Behind an object in a cell of delimited text come a delimiter and other cells.
fn goes_on_damaged(text: &[u8], behind: &[u8]) -> bool {
    let first = behind.iter().find(|b| !matches!(b, b' ' | b'\t'));
    let next_object = behind.trim_ascii_start().strip_prefix(b",").map(<[u8]>::trim_ascii_start);
    text.starts_with(b"[")
        || matches!(first, Some(b'\r' | b'\n'))
        || next_object.is_some_and(|next| next.is_empty() || next.starts_with(b"{"))
}

fn second_line_is_object(text: &[u8]) -> bool {
    let mut lines = text.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    lines.nth(1).is_some_and(value::is_object)
}
