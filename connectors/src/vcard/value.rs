//! The bytes of a value as text.

use encoding_rs::Encoding as Charset;

use super::line::{Encoding, Property};
use crate::csv::recode;
use crate::dialect::HighHalf;

/// The text of a value, still with its escapes; `None`: it is none in its encoding.
pub(super) fn text(property: &Property, table: Option<&HighHalf>) -> Option<String> {
    match property.encoding {
        Encoding::QuotedPrintable => {
            let mode = quoted_printable::ParseMode::Robust;
            let bytes = quoted_printable::decode(prepared(&property.value), mode).ok()?;
            decode(bytes, property, table, true).map(|text| text.replace("\r\n", "\n"))
        }
        Encoding::Plain | Encoding::Base64 => decode(property.value.clone(), property, table, false),
    }
}

/// Quoted-printable in which all bytes are ASCII, as it should be, and what is written as a code separates no parts.
fn prepared(value: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [byte, behind @ ..] = rest {
        match rest {
            [b'=', b'3', b'B' | b'b', ..] | [b'=', b'2', b'C' | b'c', ..] => out.extend_from_slice(b"=5C="),
            _ if byte.is_ascii() => out.push(*byte),
            _ => {
                let digit = |n: u8| DIGITS.get(usize::from(n)).copied().unwrap_or(b'0');
                out.extend([b'=', digit(byte >> 4), digit(byte & 0x0F)]);
            }
        }
        rest = behind;
    }
    out
}

/// UTF-8 is hardly ever anything else; other bytes are in the character set that is named, or in that of the file.
fn decode(bytes: Vec<u8>, property: &Property, table: Option<&HighHalf>, lenient: bool) -> Option<String> {
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Some(text),
        Err(e) => e.into_bytes(),
    };
    let named = property.param("CHARSET").and_then(|name| Charset::for_label(name.trim().as_bytes()));
    if let Some(charset) = named.filter(|charset| *charset != encoding_rs::UTF_8) {
        return charset.decode_without_bom_handling_and_without_replacement(&bytes).map(Into::into);
    }
    if let Some(table) = table {
        if bytes.iter().any(|b| !b.is_ascii() && table.char(*b).is_none()) {
            return None;
        }
        let mut text = Vec::new();
        recode(&bytes, table, &mut text);
        return String::from_utf8(text).ok();
    }
    if lenient {
        let western = encoding_rs::WINDOWS_1252;
        return western.decode_without_bom_handling_and_without_replacement(&bytes).map(Into::into);
    }
    None
}

/// A value without its escapes.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n' | 'N') => out.push('\n'),
            Some(c @ (',' | ';' | ':' | '\\')) => out.push(c),
            Some(c) => out.extend(['\\', c]),
            None => out.push('\\'),
        }
    }
    out
}

/// The parts of a value between `separator`, with their escapes.
pub(super) fn parts(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut escaped = false;
    let mut start = 0;
    for (i, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == separator {
            parts.push(text.get(start..i).unwrap_or_default());
            start = i + c.len_utf8();
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// A part that may be a list, put together.
pub(super) fn joined(text: &str, between: &str) -> String {
    let all: Vec<String> = parts(text, ',').into_iter().map(|p| plain(p).trim().to_owned()).collect();
    all.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(between)
}
