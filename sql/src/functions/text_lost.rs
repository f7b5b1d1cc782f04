//! Letters that are lost, or that nobody can bring back with certainty.

use super::text_code_pages::undo_utf8;
use super::text_letters::neighbours;
use super::text_mac::mac_strength;
use super::text_strange::{capitals, has_letters_beyond, is_strange};
use super::text_strength::{Strength, may_be_damaged};

/// What the file of a text has shown: how much of the text is in doubt for that reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// Only what the text itself shows.
    #[default]
    None,
    /// Capitals with accents inside words, as well.
    Capitals,
    /// Every letter beyond A to Z in Latin text.
    Any,
}

impl Doubt {
    /// Reads the word of `text_damaged`.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "" => Some(Self::None),
            "capitals" => Some(Self::Capitals),
            "any" => Some(Self::Any),
            _ => None,
        }
    }
}

/// Whether letters are lost, as far as a text without its kind tells: see [`Signs`].
pub(super) fn is_lost(text: &str, doubt: Doubt) -> bool {
    may_be_damaged(text)
        && (is_lost_anywhere(text)
            || is_lost_end(text)
            || (doubt >= Doubt::Capitals && capitals(text).any)
            || (doubt == Doubt::Any && has_letters_beyond(text)))
}

/// Whether letters are lost in a text of any kind: a question mark inside a word or where one begins, a replacement
/// sign or half a character inside a word, signs where no word has them.
pub(super) fn is_lost_anywhere(text: &str) -> bool {
    if !may_be_damaged(text) {
        return false;
    }
    if text.contains('\u{fffd}') {
        return true;
    }
    text.split([' ', ',', ';']).filter(|word| !word.contains(['/', '=', '@', '.'])).any(is_lost_word)
        || undo_utf8(text, Strength::Strong).is_some()
        || (mac_strength(text) == Strength::Strong)
        || is_strange(text)
}

/// Whether a name has lost the end of a word: `Zo?`, `Wei?-Berg`. One or two words of letters alone may be a name.
pub(super) fn is_lost_end(text: &str) -> bool {
    if !text.contains('?') {
        return false;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_name = words.len() <= 2
        && words.iter().all(|word| word.chars().all(|c| c.is_alphabetic() || c == '?' || joins_letters(c)));
    is_name && words.iter().any(|word| is_lost_behind(word))
}

/// Whether letters of a word stand before a question mark that nothing follows, or a hyphen.
fn is_lost_behind(word: &str) -> bool {
    let chars: Vec<char> = word.chars().collect();
    chars.iter().enumerate().filter(|(_, c)| **c == '?').any(|(at, _)| {
        let (before, _) = neighbours(&chars, at);
        before.is_some_and(char::is_alphabetic) && behind_marks(&chars, at).is_none_or(joins_letters)
    })
}

/// What stands inside a name and is no letter.
fn joins_letters(c: char) -> bool {
    matches!(c, '-' | '\'' | '’')
}

/// What stands behind the question marks that begin at a place: a letter may have become several of them.
fn behind_marks(chars: &[char], at: usize) -> Option<char> {
    chars.iter().skip(at).find(|c| **c != '?').copied()
}

fn is_lost_word(word: &str) -> bool {
    if !may_be_damaged(word) {
        return false;
    }
    let chars: Vec<char> = word.chars().collect();
    chars.iter().enumerate().any(|(at, c)| {
        let (before, behind) = neighbours(&chars, at);
        let small = |c: Option<char>| c.is_some_and(char::is_lowercase);
        let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
        match c {
            '?' if letter(before) => small(behind_marks(&chars, at)),
            '?' => before.is_none_or(joins_letters) && letter(behind_marks(&chars, at)),
            'Ã' | 'Â' => {
                small(before)
                    || (letter(before) && small(behind))
                    || (behind == Some('?') && before.is_some())
            }
            '\u{2500}'..='\u{259f}' | '√' => letter(before) && letter(behind),
            '\u{80}'..='\u{9f}' => letter(before) || letter(behind),
            _ => false,
        }
    })
}
