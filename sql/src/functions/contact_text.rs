//! The characters of telephone numbers, addresses and dates, in the one form that programs know.
//!
//! Full-width forms, digits of other scripts, typographic dashes and blanks of every kind mean what their ASCII form
//! means. Nothing else is a digit here: a superscript is a footnote, a letter stays a letter.

use std::borrow::Cow;

use super::clean_text::{is_blank, is_invisible};

/// Where each block of ten decimal digits begins.
const DIGITS: [u32; 36] = [
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6,
    0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0,
    0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
];

/// A telephone cell in plain characters; line breaks stay, whatever takes no room goes.
pub(super) fn plain_phone(text: &str) -> String {
    text.chars().filter(|c| !is_invisible(*c)).map(plain_phone_character).collect()
}

fn plain_phone_character(character: char) -> char {
    match narrow(character) {
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => '\n',
        blank if is_blank(blank) || blank == '_' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{30fc}' | '~' | '\u{223c}' => '-',
        '\u{207a}' | '\u{fe62}' => '+',
        '\u{b7}' | '\u{2022}' | '\u{2219}' => '.',
        '\u{2044}' | '\u{2215}' | '\\' => '/',
        '"' | '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => ' ',
        '[' => '(',
        ']' => ')',
        other => digit(other).unwrap_or(other),
    }
}

/// An ASCII digit for a decimal digit of any script.
fn digit(character: char) -> Option<char> {
    let code = u32::from(character);
    if code < 0x80 {
        return None;
    }
    DIGITS
        .iter()
        .find_map(|zero| code.checked_sub(*zero).filter(|value| *value < 10))
        .and_then(|value| char::from_digit(value, 10))
}

/// A text with ASCII digits for those of other scripts; most have none.
pub(super) fn plain_digits(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(|c| digit(c).is_some()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| digit(c).unwrap_or(c)).collect())
}

/// An e-mail cell in plain characters: narrow forms, plain dashes; line breaks stay, other blanks become blanks.
pub(super) fn plain_email(text: &str) -> String {
    text.chars().filter(|c| !is_invisible(*c)).map(plain_email_character).collect()
}

fn plain_email_character(character: char) -> char {
    match narrow(character) {
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => '\n',
        blank if is_blank(blank) => ' ',
        '\u{2010}' | '\u{2011}' => '-',
        other => other,
    }
}

/// The ASCII form of a full-width or small form.
fn narrow(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        '\u{3000}' => ' ',
        '\u{3001}' | '\u{ff64}' => ',',
        '\u{3002}' | '\u{ff61}' => '.',
        '\u{fe6b}' => '@',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn characters_of_other_keyboards() {
        for (given, wanted) in [
            ("\u{ff0b}\u{ff11}\u{ff08}\u{ff12}\u{ff10}\u{ff12}\u{ff09}", "+1(202)"),
            ("\u{662}\u{660}\u{662}", "202"),
            ("\u{202a}+49 30\u{202c}", "+49 30"),
            ("1 202\u{2011}555\u{2013}0144", "1 202-555-0144"),
            ("030\u{a0}23125\u{202f}101", "030 23125 101"),
            ("[202] 555_0143", "(202) 555 0143"),
            ("030\r\n031", "030\n\n031"),
            // A footnote is no digit.
            ("101\u{b2}", "101\u{b2}"),
        ] {
            assert_eq!(plain_phone(given), wanted, "{given:?}");
        }
        assert_eq!(plain_email("hanako\u{ff20}example\u{3002}org\u{feff}"), "hanako@example.org");
    }

    proptest! {
        #[test]
        fn plain_characters_stay_plain(text in any::<String>()) {
            let once = plain_phone(&text);
            prop_assert_eq!(plain_phone(&once), once.clone());
            let once = plain_email(&text);
            prop_assert_eq!(plain_email(&once), once.clone());
        }
    }
}
