//! The words and signs beside telephone numbers: which of them are extensions, masks, labels, or stand between two numbers.

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
}
