//! Mac Roman that was read as Windows-1252.

use super::text_code_pages::{HIGH_MAC, byte_1252};
use super::text_letters::{is_latin, neighbours};
use super::text_strength::Strength;

/// How surely a text is Mac Roman that was read as Windows-1252.
pub(super) fn mac_strength(text: &str) -> Strength {
    if text.is_ascii() {
        return Strength::Never;
    }
    let chars: Vec<char> = text.chars().collect();
    let mut strength = Strength::Never;
    for (at, c) in chars.iter().enumerate().filter(|(_, c)| !c.is_ascii()) {
        let (before, behind) = neighbours(&chars, at);
        let small = |c: Option<char>| c.is_some_and(char::is_lowercase);
        let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
        let strong = match c {
            'Ÿ' | 'Š' => small(before) || (letter(before) && small(behind)),
            'Ž' | 'Œ' => small(before),
            '§' => letter(before) && letter(behind),
            '†' => small(behind) && !letter(before),
            _ => false,
        };
        if strong {
            return Strength::Strong;
        }
        let weak = match c {
            'š' | 'Š' | 'ž' | 'Ž' | 'œ' | 'Œ' | 'Ÿ' | '€' | '†' | '‡' | 'ˆ' | '˜' | '‰' | '§' | '¿' => {
                letter(before) || letter(behind)
            }
            // Windows-1252 that was read as Mac Roman, Polish lists and those of consoles show these as well.
            '¾' | '‹' | '›' | '\u{81}' | '\u{8d}' | '\u{8f}' | '\u{90}' | '\u{9d}' => {
                letter(before) && letter(behind)
            }
            'ƒ' | '…' => small(behind) && !letter(before),
            '™' => letter(before) && small(behind),
            // Quotes and dashes stand beside letters in whole texts: O’Brien, Paris–Nice.
            '“' | '”' => letter(before) && small(behind),
            '•' | '–' | '—' => small(before) && small(behind),
            '‘' => small(before) && behind.is_none_or(|c| c.is_lowercase() || c == ' '),
            '’' => letter(before) && small(behind),
            _ => false,
        };
        if weak {
            strength = Strength::Weak;
        }
    }
    strength
}

/// Reads the characters as the Mac Roman that they were; `None` when that gives anything but letters and their marks, or
/// capitals that stand inside words.
pub(super) fn undo_mac(text: &str) -> Option<String> {
    let mut mended = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut before = None;
    while let Some(c) = chars.next() {
        if c.is_ascii() {
            mended.push(c);
        } else {
            let letter = *HIGH_MAC.get(usize::from(byte_1252(c)?.checked_sub(0x80)?))?;
            let small = |c: Option<char>| c.is_some_and(char::is_lowercase);
            let inside = letter.is_uppercase()
                && (small(before)
                    || (before.is_some_and(char::is_uppercase) && small(chars.peek().copied())));
            let usual =
                is_latin(letter) || matches!(letter, '’' | '‘' | '“' | '”' | '–' | '—' | '\u{a0}' | '…');
            if !usual || inside {
                return None;
            }
            mended.push(letter);
        }
        before = mended.chars().next_back();
    }
    Some(mended)
}
