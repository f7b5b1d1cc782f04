//! HTML entities as the characters that they stand for.

use std::borrow::Cow;

use super::text_code_pages::windows_1252;

/// The longest entity, `&CounterClockwiseContourIntegral;`, is a little shorter.
const LONGEST_ENTITY: usize = 36;

/// Entities with their semicolon, read again while that gives new ones: `&amp;uuml;`.
pub(super) fn entities_decoded(text: &str) -> Cow<'_, str> {
    let mut decoded = Cow::Borrowed(text);
    for _ in 0..3 {
        match entities_once(&decoded) {
            Some(once) => decoded = Cow::Owned(once),
            None => break,
        }
    }
    decoded
}

fn entities_once(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(start) = rest.find('&') {
        let (before, candidate) = rest.split_at(start);
        out.push_str(before);
        let end = candidate.bytes().take(LONGEST_ENTITY).position(|byte| byte == b';');
        let entity = end.map(|end| &candidate[..=end]);
        match entity.and_then(entity_value) {
            Some(value) => {
                out.push_str(&value);
                rest = &candidate[end.unwrap_or(0) + 1..];
                found = true;
            }
            None => {
                out.push('&');
                rest = &candidate[1..];
            }
        }
    }
    out.push_str(rest);
    found.then_some(out)
}

fn entity_value(entity: &str) -> Option<String> {
    let name = entity.strip_prefix('&')?.strip_suffix(';')?;
    let well_formed = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#');
    if !well_formed {
        return None;
    }
    let value = html_escape::decode_html_entities(entity);
    if value == entity {
        return None;
    }
    // `&#150;` is a dash of Windows-1252; other control characters are no text.
    let repaired = value.chars().map(|c| match u8::try_from(u32::from(c)) {
        Ok(byte @ 0x80..=0x9f) => windows_1252(byte),
        _ => c,
    });
    let repaired: String = repaired.collect();
    (!repaired.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))).then_some(repaired)
}
