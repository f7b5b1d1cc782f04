//! Letters that were read in another code page and stand as signs, or as letters where no word has them:
//!
//! | written as | read as | example |
//! | --- | --- | --- |
//! | Windows-1252 | Mac Roman | `M¸ller`, `Groﬂ`, `HÈlËne` |
//! | Windows-1252 | a console's code page | `Mⁿller`, `Schr÷der`, `Wei▀` |
//! | Windows-1252 | Windows-1251 | `Mьller` |
//! | Windows-1250, ISO-8859-2 | Windows-1252 | `Pawe³`, `¯ak`, `£ukasz` |
//! | a console's code page | Windows-1252 | `Schr”der`, `J„ger` |
//!
//! Most signs have several readings, so nothing of this is undone. A sign counts where it touches a letter as it does in no
//! word; those that people put beside words, such as `³` of `m³` or the dots of `etc…`, count only in other places.

use super::text_letters::{is_latin, neighbours};

/// Longer texts are sentences: signs at the edge of their words say nothing.
const LONGEST_NAME: usize = 40;
const MOST_WORDS: usize = 4;

/// Whether a word has a sign that no word has, or letters of two alphabets.
pub(super) fn is_strange(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let is_short = text.chars().count() <= LONGEST_NAME && text.split_whitespace().count() <= MOST_WORDS;
    words(text).any(|word| {
        let chars: Vec<char> = word.chars().collect();
        let sign = |at: usize| !chars.get(at).is_none_or(char::is_ascii) && is_sign(&chars, at, is_short);
        (0..chars.len()).any(sign) || (is_short && word.split(|c: char| !c.is_alphabetic()).any(is_mixed))
    })
}

/// The words of a text; addresses and what stands between slashes are none.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))
        .filter(|word| !word.is_ascii() && !word.contains(['/', '=', '@', '.']))
}

/// What stands around a place of a word.
struct Place {
    before: Option<char>,
    behind: Option<char>,
    /// Latin letters in a row before it.
    run: usize,
    is_short: bool,
}

impl Place {
    fn letter_before(&self) -> bool {
        self.before.is_some_and(is_latin)
    }

    fn letter_behind(&self) -> bool {
        self.behind.is_some_and(is_latin)
    }

    fn small_before(&self) -> bool {
        self.letter_before() && self.before.is_some_and(char::is_lowercase)
    }

    fn small_behind(&self) -> bool {
        self.letter_behind() && self.behind.is_some_and(char::is_lowercase)
    }

    fn is_inside(&self) -> bool {
        self.letter_before() && self.letter_behind()
    }

    fn is_between_small(&self) -> bool {
        self.small_before() && self.small_behind()
    }

    /// In front of the first letter of a name.
    fn is_leading(&self) -> bool {
        self.is_short && self.letter_behind() && self.before.is_none_or(|c| matches!(c, '-' | '\'' | '’'))
    }

    /// Behind the last letter of a name.
    fn is_trailing(&self) -> bool {
        self.is_short && self.letter_before() && self.behind.is_none_or(|c| matches!(c, '-' | '\'' | '’'))
    }

    fn touches(&self) -> bool {
        self.is_inside() || self.is_leading() || self.is_trailing()
    }
}

/// Whether a character is a sign where no word has it.
fn is_sign(chars: &[char], at: usize, is_short: bool) -> bool {
    let Some(c) = chars.get(at) else { return false };
    let (before, behind) = neighbours(chars, at);
    let run = chars.iter().take(at).rev().take_while(|c| is_latin(**c)).count();
    let place = Place { before, behind, run, is_short };
    match c {
        '¸' | '¯' | 'ˆ' | '˜' | '˘' | '˙' | '˚' | '˝' | '˛' | 'ˇ' | '÷' | 'ⁿ' | '▀'..='▟' | '─'..='╿' => {
            place.touches()
        }
        '≈' | '∏' | '∂' | '∑' | '∫' | '≤' | '≥' | '◊' | '⌠' | '⌡' | '∩' | '∙' | '⌐' | '₧' | '≡' => {
            place.touches()
        }
        // Control characters: a console's code page, read as ISO-8859-1.
        '\u{80}'..='\u{9f}' => place.letter_before() || place.letter_behind(),
        '∆' | '∞' | '√' | '¤' | '¥' | '¢' | '¡' | '¿' | '©' | '½' => {
            is_short && place.is_inside()
        }
        '£' | '¦' | '¬' | '®' => place.is_inside() || place.is_leading(),
        '¶' => place.touches(),
        // `m³`, and notes: `Acme¹`.
        '³' | '¹' | '±' => {
            place.letter_before() && place.small_behind()
                || (place.is_leading() && *c == '³')
                || (place.is_trailing() && place.small_before() && place.run > 2 && *c != '¹')
        }
        '¼' | '¾' => place.is_inside() || (place.is_trailing() && place.small_before()),
        '×' | '“' | '”' | '•' | '¨' => place.is_between_small() && is_short,
        '™' | '†' | 'µ' => place.letter_before() && place.small_behind(),
        '°' => place.is_inside() && place.small_behind() && !matches!(before, Some('n' | 'N')),
        '„' => place.letter_before() && place.small_behind(),
        '‚' => place.is_between_small(),
        '‡' => place.is_inside(),
        '‰' => place.touches(),
        '‹' => place.is_inside() || (place.is_leading() && !chars.contains(&'›')),
        '›' => place.is_inside(),
        // É in capitals, or where a name begins: `ANDR…`, `…vreux`. Texts that were cut end otherwise.
        '…' => {
            (place.is_leading() && place.small_behind())
                || (is_short && place.is_between_small())
                || (place.is_trailing() && place.run > 1 && before.is_some_and(char::is_uppercase))
        }
        // A letter of Ewe and its neighbours, and else the sign of an old currency.
        'ƒ' => (place.is_inside() || place.is_leading()) && !chars.iter().any(|c| is_african(*c)),
        // ß stands behind a vowel, the ligature of printed texts mostly elsewhere: `Pﬂeger`.
        'ﬂ' => {
            before.is_some_and(|c| "aeiouyAEIOUYäöüÄÖÜˆ¸‰‹÷ƒ".contains(c))
                && (place.small_behind() || place.is_trailing())
        }
        _ => false,
    }
}

fn is_african(c: char) -> bool {
    matches!(c, 'ɖ' | 'ɛ' | 'ɣ' | 'ŋ' | 'ɔ' | 'ʋ' | 'Ɖ' | 'Ɛ' | 'Ɣ' | 'Ŋ' | 'Ɔ' | 'Ʋ' | 'Ƒ')
}

/// Latin letters that look like Greek or Cyrillic ones: people type them by mistake, which loses nothing. Greek ε, γ and υ
/// stand for the letters of languages of West Africa.
const LOOK_ALIKE: &str = "aceijopsxyuvABCEHIJKMNOPSTXYZ";
const CYRILLIC_LOOK_ALIKE: &str = "асеіјорѕхуАВСЕНІЈКМОРЅТХУ";
const GREEK_LOOK_ALIKE: &str = "αεγικνουμΑΒΕΖΗΙΚΜΝΟΡΤΥΧ";

/// Whether Latin letters stand in one word with letters of another alphabet that do not just look like them.
fn is_mixed(word: &str) -> bool {
    if word.is_ascii() || word.chars().count() < 3 {
        return false;
    }
    let latin = |c: char| c.is_ascii_alphabetic() && !LOOK_ALIKE.contains(c);
    let cyrillic = |c: char| matches!(c, '\u{400}'..='\u{4ff}') && !CYRILLIC_LOOK_ALIKE.contains(c);
    let greek = |c: char| matches!(c, '\u{370}'..='\u{3ff}') && !GREEK_LOOK_ALIKE.contains(c);
    word.chars().any(latin) && word.chars().any(|c| cyrillic(c) || greek(c))
}

/// Capitals with accents inside words of small letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Capitals {
    pub(super) any: bool,
    /// Such as hardly anything but Windows-1252 that was read as Mac Roman or as a console's code page has: `LefËvre`.
    pub(super) foreign: bool,
    /// Such as programs leave that make only A to Z small: `FrÉdÉric`, `MuÑoz`. Their case is wrong and nothing is lost.
    pub(super) small_az: bool,
}

/// Parts of names that stand before any capital without a blank: `MacÌomhair`.
const GAELIC: [&str; 4] = ["mc", "mac", "nic", "fitz"];

/// Those that stand before usual ones: `LeÉtoile`, `DuÉvre`.
const BEFORE_CAPITALS: [&str; 13] =
    ["le", "la", "de", "di", "du", "des", "del", "van", "von", "ter", "saint", "jean", "marie"];

/// Looks for capitals inside words.
pub(super) fn capitals(text: &str) -> Capitals {
    let mut found = Capitals::default();
    for word in words(text) {
        let chars: Vec<char> = word.chars().collect();
        for (at, c) in chars.iter().enumerate().filter(|(_, c)| !c.is_ascii() && c.is_uppercase()) {
            let (before, behind) = neighbours(&chars, at);
            let run: String = chars
                .iter()
                .take(at)
                .rev()
                .take_while(|c| is_latin(**c))
                .flat_map(|c| c.to_lowercase())
                .collect();
            let part: String = run.chars().rev().collect();
            let ends = behind.is_none_or(|c| !c.is_alphabetic()) && part.chars().count() > 1;
            let is_inside =
                before.is_some_and(char::is_lowercase) && (ends || behind.is_some_and(char::is_lowercase));
            let is_foreign = matches!(c, 'È' | 'Ë' | 'Î' | 'Ì' | 'Û' | 'Ù' | 'Ò');
            let begins =
                GAELIC.contains(&part.as_str()) || (!is_foreign && BEFORE_CAPITALS.contains(&part.as_str()));
            if !is_latin(*c) || begins {
                continue;
            }
            found.any |= is_inside;
            found.foreign |= is_inside && is_foreign;
            let beside_small =
                before.is_some_and(char::is_lowercase) || behind.is_some_and(char::is_lowercase);
            found.small_az |= !part.is_empty()
                && beside_small
                && matches!(c, 'É' | 'Ñ' | 'Ç' | 'Ü' | 'Ö' | 'Ä' | 'Å' | 'Ø');
        }
    }
    found
}

/// Whether words of Latin letters have others beside A to Z.
pub(super) fn has_letters_beyond(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic()).any(|word| !word.is_ascii() && word.chars().any(is_latin))
}
