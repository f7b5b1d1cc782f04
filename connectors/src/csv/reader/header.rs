//! The header line: read as a record; where it is damaged, as far as its names can be read.

use super::super::CsvError;
use super::super::detect::Guess;
use super::super::mend::mend;
use super::super::split::{Field, LineEnd, Parsed, Record, Rules};
use crate::dialect::HighHalf;

/// More columns than any table has; a "header" beyond that is something else.
pub(super) const MAX_COLUMNS: usize = 1 << 16;
/// A header that was read.
pub(super) struct Header {
    pub record: Record,
    pub cells: Vec<String>,
    /// The cells in the bytes of the text.
    pub raw: Vec<Vec<u8>>,
    /// What was wrong with it.
    pub damage: Option<String>,
}

pub(super) fn read(
    name: &str,
    rules: &Rules,
    text: &[u8],
    complete: bool,
    guess: &Guess,
    table: Option<&HighHalf>,
) -> Result<Header, CsvError> {
    let line = guess.preamble_lines + 1;
    let wrong = |reason: String| CsvError::Header { name: name.to_owned(), line, reason };
    let mut fields: Vec<Field> = Vec::new();
    let parsed = rules.record(text, complete, &mut fields);
    let LineEnd::At { end, next } = rules.line_end(text, 0, complete) else {
        return Err(wrong("it does not end within the sample".to_owned()));
    };
    let physical = text.get(..end).unwrap_or_default();
    let plain = || memchr::memchr_iter(rules.delimiter, physical).count() + 1;
    let (record, damage) = match parsed {
        // A quote that is never closed runs on until one below closes it by chance.
        Parsed::Record(record)
            if record.lines == 1
                || (record.stray.is_none() && !(record.fields != guess.width && plain() == guess.width)) =>
        {
            (record, record.stray.map(|_| "a quote inside a quoted name".to_owned()))
        }
        _ => {
            let record = Record { fields: 0, lines: 1, end, next, stray: None };
            if mend(rules, physical, guess.width, &mut fields).is_some() {
                let damage =
                    "quotes of a name do not go by the rules, and were read as what they can only mean";
                (Record { fields: fields.len(), ..record }, Some(damage.to_owned()))
            } else {
                fields = without_quotes(rules, physical);
                let damage = "a quoted name is not closed properly; the line was read as if it had no quotes";
                (Record { fields: fields.len(), ..record }, Some(damage.to_owned()))
            }
        }
    };
    if record.fields > MAX_COLUMNS {
        return Err(wrong(format!("{} columns, more than {MAX_COLUMNS}", record.fields)));
    }
    let mut header = Header { record, cells: Vec::new(), raw: Vec::new(), damage };
    for field in &fields {
        let cell = text.get(field.start..field.end).unwrap_or_default();
        let mut bytes = Vec::with_capacity(cell.len());
        if field.escaped {
            rules.unescape(cell, |piece| bytes.extend_from_slice(piece));
        } else {
            bytes.extend_from_slice(cell);
        }
        if memchr::memchr(0, &bytes).is_some() {
            bytes.retain(|b| *b != 0);
            header.damage.get_or_insert_with(|| "NUL bytes in a name were left out".to_owned());
        }
        let (name, clean) = decode(&bytes, table);
        if !clean {
            header.damage.get_or_insert_with(|| {
                "a name holds bytes that are not valid in the file's encoding; they were replaced".to_owned()
            });
        }
        header.cells.push(name);
        header.raw.push(bytes);
    }
    Ok(header)
}

/// The cells of a line in which quotes are text, without those at their ends.
fn without_quotes(rules: &Rules, line: &[u8]) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut start = 0;
    for cell in line.split(|b| *b == rules.delimiter) {
        let bare = |b: &&u8| **b == b' ' || Some(**b) == rules.quote;
        let front = cell.iter().take_while(bare).count();
        let back = cell.iter().skip(front).rev().take_while(bare).count();
        let end = (start + cell.len()).saturating_sub(back);
        fields.push(Field { start: (start + front).min(end), end, quoted: false, escaped: false });
        start += cell.len() + 1;
    }
    fields
}

fn decode(bytes: &[u8], table: Option<&HighHalf>) -> (String, bool) {
    let Some(table) = table else {
        let text = String::from_utf8_lossy(bytes);
        return (text.to_string(), matches!(text, std::borrow::Cow::Borrowed(_)));
    };
    let mut clean = true;
    let text = bytes
        .iter()
        .map(|b| {
            if b.is_ascii() {
                return char::from(*b);
            }
            table.char(*b).unwrap_or_else(|| {
                clean = false;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect();
    (text, clean)
}
