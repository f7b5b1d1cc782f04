//! A quote that was never closed, and was closed by chance: by the quote that opens a cell of a record below, where that cell
//! begins with an empty line.
//!
//! By the rules this is a record of the right width, and what is left of the one below is a line whose quote is text. It is
//! read otherwise only where that is plain: on the line with the closing quote a whole record begins, and what follows by
//! the rules is damaged. A program that writes quotes by the rules never writes such a thing.

use super::super::split::{Field, Parsed, Record, Rules, is_blank};
use super::state::CsvReader;

/// How far a record is looked at that may begin inside another one: lines and bytes of each of its cells.
const LOOKED_AT_LINES: usize = 8;
const LOOKED_AT_BYTES: usize = 4096;

/// Whether a record holds the beginning of the next one.
pub(super) enum Torn {
    No,
    Yes,
    /// More of the file has to be at hand.
    More,
}

/// What stands somewhere in the file.
enum Found {
    /// A record of the right width, in which every quote is one; on so many lines.
    Clean(usize),
    Damaged,
    More,
}

impl CsvReader {
    /// Looks at a record at the start of `view` that is right by the rules.
    pub(super) fn torn(&self, view: &[u8], at_end: bool, record: &Record) -> Torn {
        let rules = &self.rules;
        let odd = rules.doubled || rules.runs || rules.curly || rules.lone_cr;
        if record.lines < 2 || record.fields != self.width || record.fields != self.fields.len() || odd {
            return Torn::No;
        }
        let last = self.fields.last().filter(|last| last.quoted);
        let Some(begin) = last.and_then(|last| line_of_end(view, last)) else { return Torn::No };
        let near = Rules { field_lines: LOOKED_AT_LINES, field_bytes: LOOKED_AT_BYTES, ..rules.clone() };
        match found(&near, view.get(begin..).unwrap_or_default(), at_end, self.width) {
            Found::Clean(lines) if lines > 1 => {}
            Found::Clean(_) | Found::Damaged => return Torn::No,
            Found::More => return Torn::More,
        }
        let mut rest = view.get(record.next..).unwrap_or_default();
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let line = rest.get(..end).unwrap_or_default();
            if !is_blank(line.strip_suffix(b"\r").unwrap_or(line), rules.delimiter) {
                break;
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        match found(rules, rest, at_end, self.width) {
            _ if rest.is_empty() && at_end => Torn::No,
            Found::Damaged => Torn::Yes,
            Found::Clean(_) => Torn::No,
            Found::More => Torn::More,
        }
    }
}

/// The start of the line on which a quoted field of several lines ends.
fn line_of_end(view: &[u8], field: &Field) -> Option<usize> {
    let text = view.get(field.start..field.end)?;
    memchr::memrchr(b'\n', text).map(|at| field.start + at + 1)
}

fn found(rules: &Rules, text: &[u8], at_end: bool, width: usize) -> Found {
    let mut fields: Vec<Field> = Vec::new();
    let record = match rules.record(text, at_end, &mut fields) {
        Parsed::Record(record) => record,
        Parsed::Bad { .. } => return Found::Damaged,
        Parsed::More => return Found::More,
    };
    let is_text = |field: &Field| {
        let cell = text.get(field.start..field.end).unwrap_or_default();
        !field.quoted && rules.quote.is_some_and(|quote| cell.contains(&quote))
    };
    let clean = record.stray.is_none() && record.fields == width && !fields.iter().any(is_text);
    if clean { Found::Clean(record.lines) } else { Found::Damaged }
}
