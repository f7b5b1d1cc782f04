//! A text of a date, read from its beginning: digits, words and marks.

use super::words::{Word, is, month};

/// Longer texts are no dates.
pub(super) const LONGEST_TEXT: usize = 64;

/// A number of up to nine digits; signs are no digits.
pub(super) fn number(digits: &str) -> Option<u32> {
    let plain = digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

pub(super) fn take_digits(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

pub(super) fn take_word(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|character: char| !character.is_alphabetic()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Skips blanks and the given marks.
pub(super) fn skip<'a>(text: &'a str, marks: &str) -> &'a str {
    text.trim_start_matches(|character| character == ' ' || marks.contains(character))
}

pub(super) fn skip_fillers(text: &str) -> &str {
    let mut rest = text.trim_start_matches(' ');
    while let Some((word, behind)) = take_word(rest) {
        if !is(word, Word::Filler) || month(word).is_some() {
            break;
        }
        rest = behind.trim_start_matches(' ');
    }
    rest
}
