//! The words and signs beside telephone numbers: which of them are extensions, masks, labels, or stand between two
//! numbers, and which say what a number is: a fax, a wrong one, one that may not be the one to call.

use std::borrow::Cow;

/// Words between two numbers.
const BETWEEN: [&str; 20] = [
    "or", "and", "oder", "und", "bzw", "sowie", "ou", "et", "o", "u", "y", "e", "ó", "eller", "och", "og",
    "of", "en", "lub", "&",
];

/// What stands before an extension, in letters alone.
const EXTENSION: [&str; 37] = [
    "x",
    "ex",
    "xt",
    "ext",
    "extn",
    "exten",
    "extension",
    "extensión",
    "dw",
    "durchw",
    "durchwahl",
    "app",
    "apparat",
    "nst",
    "nebenst",
    "nebenstelle",
    "kl",
    "klappe",
    "poste",
    "p",
    "int",
    "interno",
    "interne",
    "intern",
    "anexo",
    "ramal",
    "toestel",
    "tst",
    "ankn",
    "ank",
    "anknytning",
    "lokal",
    "local",
    "wew",
    "доб",
    "вн",
    "内線",
];

/// Words that say no more than the header does.
const LABELS: [&str; 22] = [
    "tel",
    "tel no",
    "tel nr",
    "telephone",
    "telefon",
    "telefonnummer",
    "téléphone",
    "teléfono",
    "telefono",
    "tél",
    "phone",
    "phone no",
    "ph",
    "fon",
    "t",
    "tlf",
    "tfn",
    "no",
    "nr",
    "number",
    "nummer",
    "call",
];

/// A line that nobody answers.
const FAX: [&str; 24] = [
    "pager",
    "pagers",
    "beeper",
    "bleeper",
    "pieper",
    "funkruf",
    "telex",
    "tty",
    "tdd",
    "факс",
    "ファックス",
    "传真",
    "fax",
    "faxnummer",
    "faxnr",
    "telefax",
    "téléfax",
    "telefaks",
    "faks",
    "telecopie",
    "télécopie",
    "telecopieur",
    "télécopieur",
    "telecopia",
];

/// A line that somebody answers: `Tel./Fax` is both.
const VOICE: [&str; 22] = [
    "t",
    "tel",
    "telephone",
    "telefon",
    "telefonnummer",
    "téléphone",
    "teléfono",
    "telefono",
    "tél",
    "phone",
    "ph",
    "fon",
    "tlf",
    "tfn",
    "mobil",
    "mobile",
    "handy",
    "cell",
    "portable",
    "natel",
    "móvil",
    "voice",
];

const NOT: [&str; 10] = ["no", "not", "kein", "keine", "nicht", "ohne", "pas", "sans", "non", "sin"];

/// Not the number of this person, or of anybody.
const WRONG: [&str; 13] = [
    "wrong",
    "invalid",
    "falsch",
    "falsche",
    "ungültig",
    "ungültige",
    "ungueltig",
    "ungueltige",
    "faux",
    "erroné",
    "invalide",
    "inválido",
    "equivocado",
];

const WRONG_PHRASES: [&str; 6] =
    ["wrong number", "wrong no", "falsche nummer", "falsche nr", "faux numéro", "número equivocado"];

/// A number of former times.
const OLD: [&str; 6] = ["old", "alt", "alte", "vieux", "ancien", "viejo"];

const NO_CALLS: [&str; 10] = [
    "do not call",
    "don t call",
    "dont call",
    "no calls",
    "kein anruf",
    "keine anrufe",
    "nicht anrufen",
    "ne pas appeler",
    "no llamar",
    "niet bellen",
];

/// Words for a number, beside which the others keep their meaning.
const NUMBER: [&str; 8] = ["number", "no", "nummer", "nr", "rufnummer", "numéro", "numero", "número"];

/// What words beside a number say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Fax,
    Wrong,
    /// One may call it, and perhaps should not.
    Doubtful,
}

/// What words say of the number that they stand beside.
pub(super) fn said(words: &str) -> Option<Said> {
    /// Longer remarks tell more than what the number is.
    const LONGEST: usize = 3;

    if !words.contains(char::is_alphabetic) {
        return None;
    }
    let lower = words.to_lowercase();
    let spelt = spelt(&lower);
    let has = |list: &[&str]| spelt.iter().any(|word| list.contains(word));
    let is_only = |list: &[&str]| {
        let known = |word: &&str| list.contains(word) || NUMBER.contains(word) || VOICE.contains(word);
        has(list) && spelt.iter().all(known)
    };
    let text = format!(" {} ", spelt.join(" "));
    let says = |list: &[&str]| list.iter().any(|phrase| text.contains(&format!(" {phrase} ")));
    let denied =
        spelt.windows(2).any(|two| matches!(two, [not, fax] if NOT.contains(not) && FAX.contains(fax)));
    if is_only(&WRONG) || says(&WRONG_PHRASES) {
        Some(Said::Wrong)
    } else if has(&FAX) && !has(&VOICE) && !denied && spelt.len() <= LONGEST {
        Some(Said::Fax)
    } else if is_only(&OLD) || says(&NO_CALLS) {
        Some(Said::Doubtful)
    } else {
        None
    }
}

/// What words in front of a number say of it: there a lonely `F` is a fax as well.
pub(super) fn said_before(words: &str) -> Option<Said> {
    let bare = words.trim_matches(|c: char| !c.is_alphanumeric());
    if bare.eq_ignore_ascii_case("f") { Some(Said::Fax) } else { said(words) }
}

/// Whether words only name the kind of a line.
pub(super) fn names_line(words: &str) -> bool {
    let lower = words.to_lowercase();
    let spelt = spelt(&lower);
    !spelt.is_empty() && spelt.iter().all(|word| VOICE.contains(word) || FAX.contains(word))
}

/// The words of a text, without what stands between them.
fn spelt(lower: &str) -> Vec<&str> {
    lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect()
}

/// Whether a word, as it stands between blanks, joins two numbers.
pub(super) fn joins(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ',', ':']);
    BETWEEN.iter().any(|joining| is_same(joining, word))
}

/// Whether what stands between a number and a few digits makes these an extension: `ext. `, `-x`, ` #`, `;ext=`, `DW `.
pub(super) fn is_extension_label(words: &str) -> bool {
    let signs = words.chars().all(|c| c.is_alphabetic() || " -.,;:=(#".contains(c));
    let hashes = words.matches('#').count();
    let letters: String = words.chars().filter(|c| c.is_alphabetic()).collect();
    signs
        && hashes <= 1
        && if letters.is_empty() {
            hashes == 1
        } else {
            EXTENSION.iter().any(|label| is_same(label, &letters))
        }
}

/// Whether words say something that is worth keeping.
pub(super) fn says_something(words: &str) -> bool {
    let bare = words.trim_matches(|c: char| !c.is_alphanumeric());
    bare.chars().any(char::is_alphanumeric) && !LABELS.iter().any(|label| is_same(label, bare))
}

/// What stands around words: a digit directly before or behind them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    pub(super) digit_before: bool,
    pub(super) digit_behind: bool,
}

/// Whether the words hide digits: `XXXX`, `**`, `##`, `??`, `NN`.
pub(super) fn is_mask(words: &str, around: Around) -> bool {
    let glued_before = around.digit_before && words.starts_with(is_mask_sign);
    // `#202…` in front of a number is its label.
    let glued_behind =
        around.digit_behind && words.ends_with(is_mask_sign) && (around.digit_before || words.trim() != "#");
    if glued_before || glued_behind {
        return true;
    }
    words.split(|c: char| c.is_whitespace() || "()-./,;:".contains(c)).any(|word| {
        let Some(first) = word.chars().next() else { return false };
        let same = word.chars().all(|c| c.eq_ignore_ascii_case(&first));
        let several = word.chars().nth(1).is_some();
        match first {
            'x' | 'X' => same && (several || around.digit_before),
            '#' | '*' | '?' | '\u{2026}' => same && several,
            // II is a generation, and no mask.
            'i' | 'I' => false,
            _ => same && several && first.is_ascii_alphabetic(),
        }
    })
}

/// Signs in a row behind the first digits that hide others (`••••`, `____`, `■■■`, `...`), as stars, which nothing else means.
/// Dots and hyphens stand between numbers as well: they hide where they touch a digit.
pub(super) fn hidden_as_stars(text: &str) -> Cow<'_, str> {
    let is_sign = |c: char| {
        matches!(
            c,
            '\u{2022}'
                | '\u{b7}'
                | '\u{2219}'
                | '\u{25cf}'
                | '\u{25e6}'
                | '\u{25cb}'
                | '\u{25a0}'
                | '\u{25a1}'
                | '\u{25aa}'
                | '\u{2588}'
                | '_'
                | '\u{2026}'
        )
    };
    let is_line = |c: char| matches!(c, '.' | '-' | '\u{2010}'..='\u{2015}');
    let chars: Vec<char> = text.chars().collect();
    let mut hidden: Option<String> = None;
    let mut at = 0;
    while let Some(sign) = chars.get(at).copied() {
        let end = at + chars.iter().skip(at).take_while(|c| **c == sign).count();
        let counts = match (is_sign(sign), is_line(sign)) {
            (true, _) => end - at > 1 || sign == '\u{2026}',
            (_, true) => end - at > 2,
            _ => false,
        };
        let digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
        let touches = digit(at.checked_sub(1)) || digit(Some(end));
        let hides = counts
            && chars.iter().take(at).any(char::is_ascii_digit)
            && (touches || !(is_line(sign) || sign == '\u{2026}'));
        if hides {
            let hidden = hidden.get_or_insert_with(|| chars.iter().take(at).collect());
            // A lone star is a label as well.
            hidden.extend(std::iter::repeat_n('*', (end - at).max(2)));
        } else if let Some(hidden) = &mut hidden {
            hidden.extend(chars.iter().skip(at).take(end - at));
        }
        at = end;
    }
    hidden.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Signs that stand for a digit where they touch one.
fn is_mask_sign(character: char) -> bool {
    matches!(character, '*' | '#' | '?' | '\u{2026}')
}

/// Whether letters touch the digits beside them: `2025550ask`, `O30 23125101`, `202-555-ASKME`.
pub(super) fn touches_digits(words: &str, around: Around) -> bool {
    let behind_digit = words.trim_start_matches(['-', '.']);
    let joined = behind_digit.starts_with(|c: char| !c.is_ascii() || c.is_ascii_alphabetic());
    (around.digit_before && joined) || (around.digit_behind && words.ends_with(char::is_alphabetic))
}

/// The key of a telephone's dial for each letter; `None` for a character that is on none.
pub(super) fn key(letter: char) -> Option<char> {
    Some(match letter.to_ascii_uppercase() {
        'A'..='C' => '2',
        'D'..='F' => '3',
        'G'..='I' => '4',
        'J'..='L' => '5',
        'M'..='O' => '6',
        'P'..='S' => '7',
        'T'..='V' => '8',
        'W'..='Z' => '9',
        _ => return None,
    })
}

fn is_same(lower: &str, word: &str) -> bool {
    lower.chars().eq(word.chars().flat_map(char::to_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_masks_and_joining_words() {
        for label in [
            " x",
            "-x",
            " ext. ",
            " #",
            ";ext=",
            " DW ",
            " Durchwahl: ",
            ", App. ",
            " extensi\u{f3}n ",
            " ext #",
            "x",
        ] {
            assert!(is_extension_label(label), "{label:?}");
        }
        for label in ["", " ", "-", "##", " Anna ", " after ", " (Anna) x"] {
            assert!(!is_extension_label(label), "{label:?}");
        }
        let (alone, behind) = (
            Around { digit_before: false, digit_behind: false },
            Around { digit_before: true, digit_behind: false },
        );
        for mask in ["-XXXX", " XX ", "xxx", "####", " ** ", "??", "-NN", "\u{2026}", "*", "X"] {
            assert!(is_mask(mask, behind), "{mask:?}");
        }
        for words in [" (Anna)", " Boss II", " ?", " privat", "Tel. "] {
            assert!(!is_mask(words, behind), "{words:?}");
            assert!(!is_mask(words, alone), "{words:?}");
        }
        assert!(joins("or") && joins("ODER") && joins("u.") && joins("&") && !joins("Anna"));
    }

    #[test]
    fn words_say_what_a_number_is() {
        use Said::*;
        for (words, wanted) in [
            ("Fax: ", Some(Fax)),
            (" (fax)", Some(Fax)),
            ("Fax-Nr. ", Some(Fax)),
            ("Telefax B\u{fc}ro ", Some(Fax)),
            ("T\u{e9}l\u{e9}fax ", Some(Fax)),
            ("Tel./Fax: ", None),
            ("phone + fax ", None),
            (" (kein Fax)", None),
            (" no fax", None),
            (" (bitte vorher ein Fax)", None),
            (" Faxon", None),
            ("wrong number ", Some(Wrong)),
            (" falsche Nummer!", Some(Wrong)),
            (" (ung\u{fc}ltig)", Some(Wrong)),
            (" invalid number", Some(Wrong)),
            (" wrong number of Anna", Some(Wrong)),
            (" Fr. Falsch", None),
            (" nicht falsch", None),
            ("alt: ", Some(Doubtful)),
            (" (old)", Some(Doubtful)),
            (" alte Nummer", Some(Doubtful)),
            (" vieux num\u{e9}ro", Some(Doubtful)),
            (" kein Anruf", Some(Doubtful)),
            (" please don't call!", Some(Doubtful)),
            (" Anna Alt", None),
            (" call after work", None),
            ("f ", None),
            (" Anna", None),
            (" - ", None),
            ("", None),
        ] {
            assert_eq!(said(words), wanted, "{words:?}");
        }
        assert!(said_before("F: ") == Some(Fax) && said_before("(F) ") == Some(Fax));
        assert!(said_before("F. Berg ").is_none() && said_before("Frau ").is_none());
        assert!(
            names_line(" tel") && names_line(" (Fax)") && !names_line(" (B\u{fc}ro)") && !names_line(" ")
        );
    }
}
