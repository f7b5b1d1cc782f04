//! The words in dates: months and weekdays in English, German, French and Spanish, and the small words around them.
//!
//! All are folded (see `fold`): lower case, no accents, no full stops.

use super::super::fold::fold_onto;

/// Spellings of each month, January first.
const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "januar", "janner", "janvier", "janv", "enero", "ene"],
    &["february", "feb", "februar", "feber", "fevrier", "fevr", "fev", "febrero"],
    &["march", "mar", "marz", "maerz", "mrz", "mars", "marzo"],
    &["april", "apr", "avril", "avr", "abril", "abr"],
    &["may", "mai", "mayo"],
    &["june", "jun", "juni", "juin", "junio"],
    &["july", "jul", "juli", "juillet", "juil", "julio"],
    &["august", "aug", "aout", "agosto", "ago"],
    &["september", "sep", "sept", "septembre", "septiembre", "setiembre", "set"],
    &["october", "oct", "oktober", "okt", "octobre", "octubre"],
    &["november", "nov", "novembre", "noviembre"],
    &["december", "dec", "dezember", "dez", "decembre", "diciembre", "dic"],
];

/// Spellings of weekdays; they are not checked against the date.
const WEEKDAYS: [&str; 52] = [
    "monday",
    "mon",
    "montag",
    "mo",
    "lundi",
    "lun",
    "lunes",
    "tuesday",
    "tue",
    "tues",
    "dienstag",
    "di",
    "mardi",
    "mar",
    "martes",
    "wednesday",
    "wed",
    "mittwoch",
    "mi",
    "mercredi",
    "mer",
    "miercoles",
    "mie",
    "thursday",
    "thu",
    "thur",
    "thurs",
    "donnerstag",
    "do",
    "jeudi",
    "jeu",
    "jueves",
    "jue",
    "friday",
    "fri",
    "freitag",
    "fr",
    "vendredi",
    "ven",
    "viernes",
    "vie",
    "saturday",
    "sat",
    "samstag",
    "sa",
    "samedi",
    "sam",
    "sabado",
    "sunday",
    "sun",
    "sonntag",
    "so",
];

/// Small words inside a date that mean nothing: `31 de diciembre`, `the 31st of`, `1er`.
const FILLERS: [&str; 12] = ["de", "del", "of", "the", "st", "nd", "rd", "th", "er", "le", "el", "den"];

/// Small words between a date and a time: `31.12.2024 um 14:30`.
const CONNECTORS: [&str; 7] = ["t", "at", "um", "a", "las", "la", "alle"];

/// The longest word above, before folding, is shorter than this.
const LONGEST_WORD: usize = 16;

/// A word in the sense of this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Month(u32),
    Weekday,
    Filler,
    Connector,
    Am,
    Pm,
    /// Coordinated universal time.
    Utc,
    /// `Uhr` and the like: belongs to a time and changes nothing.
    Clock,
}

/// Every sense a word has, in the order in which they are to be tried; none for unknown words.
pub(super) fn senses(word: &str) -> impl Iterator<Item = Word> {
    let mut key = String::new();
    if word.len() <= LONGEST_WORD {
        fold_onto(word, &mut key);
    }
    let month = MONTHS
        .iter()
        .position(|spellings| spellings.contains(&key.as_str()))
        .and_then(|index| u32::try_from(index + 1).ok())
        .map(Word::Month);
    let weekday = WEEKDAYS.contains(&key.as_str()).then_some(Word::Weekday);
    let filler = FILLERS.contains(&key.as_str()).then_some(Word::Filler);
    let connector = CONNECTORS.contains(&key.as_str()).then_some(Word::Connector);
    let other = match key.as_str() {
        "am" => Some(Word::Am),
        "pm" => Some(Word::Pm),
        "z" | "utc" | "gmt" => Some(Word::Utc),
        "uhr" | "h" | "hrs" => Some(Word::Clock),
        _ => None,
    };
    [month, weekday, filler, connector, other].into_iter().flatten()
}

/// The month a word names.
pub(super) fn month(word: &str) -> Option<u32> {
    senses(word).find_map(|sense| match sense {
        Word::Month(month) => Some(month),
        _ => None,
    })
}

/// Whether a word has a sense.
pub(super) fn is(word: &str, sense: Word) -> bool {
    senses(word).any(|other| other == sense)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_months_in_four_languages() {
        for (word, wanted) in [
            ("Jan", 1),
            ("J\u{e4}nner", 1),
            ("f\u{e9}vrier", 2),
            ("M\u{e4}rz", 3),
            ("avril", 4),
            ("Mai", 5),
            ("JUNE", 6),
            ("juil", 7),
            ("ao\u{fb}t", 8),
            ("Sept", 9),
            ("Okt", 10),
            ("noviembre", 11),
            ("d\u{e9}cembre", 12),
        ] {
            assert_eq!(month(word), Some(wanted), "{word}");
        }
        assert_eq!(month("Dezembrrr"), None);
        assert_eq!(month(""), None);
    }

    #[test]
    fn a_word_may_have_two_senses() {
        assert!(is("mar", Word::Month(3)) && is("mar", Word::Weekday));
        assert!(is("a", Word::Connector) && !is("a", Word::Am));
    }
}
