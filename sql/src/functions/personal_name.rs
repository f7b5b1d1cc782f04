//! The parts of a personal name: titles, given names, family name, suffixes.
//!
//! Everything here cuts a cleaned text into slices and never drops or changes a word, so whatever is split can be put
//! together again. What a machine cannot decide is decided in the usual way and reported as doubtful.
//!
//! - [`split_titles`], [`split_suffixes`]: what stands before and behind a name.
//! - [`FullName`]: one full name, cut into its parts.

use super::clean_text::clean_text;
use super::generation_words::{bare_word, is_generation_pair};
use super::name_holds::is_company;

/// Words that are titles wherever a name begins; full stops and case do not matter.
const TITLES: [&str; 20] = [
    "dipl-ing", "dr", "dr-ing", "drs", "dres", "mgr", "mlle", "mme", "mr", "mrs", "ms", "msgr", "mx", "pd",
    "prof", "sra", "srta", "univprof", "dott", "dottssa",
];

/// Words that are titles only when written with a full stop: without it they may be names.
const DOTTED_TITLES: [&str; 33] = [
    "adm", "capt", "cmdr", "col", "cpl", "dipl", "fr", "gen", "gov", "habil", "hc", "hon", "hr", "ing",
    "jur", "lt", "mag", "maj", "med", "mult", "nat", "phil", "pol", "pvt", "rep", "rer", "rev", "sen", "sgt",
    "soc", "sr", "theol", "univ",
];

/// Words that are titles only when a name follows.
const TITLE_WORDS: [&str; 18] = [
    "captain",
    "dame",
    "doctor",
    "fraulein",
    "fräulein",
    "frau",
    "herr",
    "lady",
    "lord",
    "madame",
    "mademoiselle",
    "miss",
    "monsieur",
    "professor",
    "reverend",
    "señor",
    "señora",
    "sir",
];

/// Words that are suffixes behind a name; full stops and case do not matter.
const SUFFIXES: [&str; 30] = [
    "jr", "sr", "jun", "sen", "jnr", "snr", "junior", "senior", "2nd", "3rd", "4th", "phd", "dds", "dmd",
    "dvm", "dphil", "edd", "esq", "llb", "llm", "mba", "mbe", "obe", "cbe", "msc", "bsc", "pharmd", "psyd",
    "cpa", "usn",
];

/// Words that are suffixes only in capital letters: otherwise they may be names.
const CAPITAL_SUFFIXES: [&str; 9] = ["II", "III", "IV", "VI", "VII", "VIII", "MD", "JD", "RN"];

/// Words that are suffixes only with a full stop after each letter.
const SPELLED_SUFFIXES: [&str; 6] = ["M.D.", "J.D.", "R.N.", "B.A.", "M.A.", "D.O."];

/// Words that are suffixes only as they are written here.
const EXACT_SUFFIXES: [&str; 8] = ["d.Ä.", "d.J.", "d.ä.", "d.j.", "père", "fils", "Filho", "Pai"];

/// Words that are suffixes only in brackets: without them they are names.
const BRACKETED_SUFFIXES: [&str; 8] = ["vater", "sohn", "father", "son", "padre", "hijo", "pai", "filho"];

/// Words for a generation that may stand in front of a name, and only as they are written here: `J.R.` and `JR` are initials,
/// `Sr.` is a señor or a sister, `Junior` a given name.
const GENERATIONS_BEFORE: [&str; 8] = ["Jr.", "jr.", "Jnr.", "jnr.", "Snr.", "snr.", "Jun.", "jun."];

/// Words that a family name begins with, in any case.
const PARTICLES: [&str; 25] = [
    "de", "del", "della", "dello", "di", "da", "dos", "das", "du", "des", "van", "von", "vom", "der", "den",
    "zu", "zur", "zum", "ter", "ten", "la", "le", "los", "las", "st.",
];

/// Words that a family name begins with when written small; with a capital letter they may be given names.
const SMALL_PARTICLES: [&str; 12] =
    ["al", "el", "af", "av", "bin", "bint", "ibn", "ben", "do", "te", "lo", "'t"];

/// Words between two halves of a family name.
const CONJUNCTIONS: [&str; 3] = ["y", "e", "i"];

/// One full name, cut into its parts. Titles and suffixes may stand in two places.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FullName<'a> {
    pub(super) titles: [&'a str; 2],
    pub(super) given: &'a str,
    pub(super) family: &'a str,
    pub(super) suffixes: [&'a str; 2],
    /// Written as `Last, First`.
    pub(super) inverted: bool,
}

impl<'a> FullName<'a> {
    /// Cuts a cleaned full name. A single word is a family name after a title, else a given name.
    pub(super) fn split(text: &'a str) -> Self {
        let (text, comma_suffixes) = split_comma_suffixes(text);
        if let Some((family, given)) = text.split_once(',') {
            return Self::inverted(family.trim(), given.trim(), comma_suffixes);
        }
        let (titles, rest) = split_titles(text);
        if let ("", (generation, name)) = (comma_suffixes, split_generation_before(rest))
            && !generation.is_empty()
            && name.contains(' ')
        {
            let name = Self::split_words(titles, name);
            return Self { suffixes: [generation, name.suffixes[0]], ..name };
        }
        let name = Self::split_words(titles, rest);
        Self { suffixes: [name.suffixes[0], comma_suffixes], ..name }
    }

    /// Cuts a name without commas and titles.
    fn split_words(titles: &'a str, rest: &'a str) -> Self {
        let (core, suffixes) = match split_suffixes(rest) {
            // "Ana Junior" has no other family name.
            (core, suffix) if !core.contains(' ') && is_written_out(suffix) => (rest, ""),
            cut => cut,
        };
        let (given, family) = match family_start(core) {
            0 if titles.is_empty() => (core, ""),
            start => (core[..start].trim_end(), &core[start..]),
        };
        Self { titles: [titles, ""], given, family, suffixes: [suffixes, ""], inverted: false }
    }

    fn inverted(family: &'a str, given: &'a str, comma_suffixes: &'a str) -> Self {
        let (family_titles, family) = split_titles(family);
        let (family, mut family_suffixes) = split_suffixes(family);
        let mut given = given;
        // "Hall, Jr., Ed": what stands between belongs to the family name.
        if family_suffixes.is_empty() {
            (family_suffixes, given) = split_suffixes_before(given);
        }
        let (given_titles, given) = split_titles(given);
        let (short_given, given_suffixes) = split_suffixes(given);
        // Three places for suffixes, two slots: when all are taken, one stays with the given names, so that no word is lost.
        let (given, suffixes) = match (family_suffixes, given_suffixes, comma_suffixes) {
            (family, "", comma) => (short_given, [family, comma]),
            ("", given, comma) => (short_given, [given, comma]),
            (family, given, "") => (short_given, [family, given]),
            (family, _, comma) => (given, [family, comma]),
        };
        Self { titles: [family_titles, given_titles], given, family, suffixes, inverted: true }
    }
}

/// Cuts `Smith, Jr., PhD` before its first comma when only suffixes follow it, or a company: `T. J. Watts, IBM Corp.`
fn split_comma_suffixes(text: &str) -> (&str, &str) {
    let mut cut = text.len();
    while let Some(comma) = text[..cut].rfind(',') {
        let part = text[comma + 1..cut].trim();
        if part.is_empty() || !(part.split(' ').all(is_suffix) || is_company(part)) {
            break;
        }
        cut = comma;
    }
    let behind = text[cut..].trim_start_matches([',', ' ']);
    (text[..cut].trim_end(), behind)
}

/// Cuts the titles off the beginning of a name: `Prof. Dr. Anna Klein` gives `Prof. Dr.` and `Anna Klein`.
pub(super) fn split_titles(text: &str) -> (&str, &str) {
    let mut end = 0;
    loop {
        let rest = text[end..].trim_start();
        let from = text.len() - rest.len();
        let word = first_word(rest);
        let last = word.len() == rest.len();
        if word.is_empty() || !is_title(word, last) {
            return (text[..end].trim_end(), rest);
        }
        end = from + word.len();
    }
}

/// Cuts the suffixes off the end of a name, never its only word: `Smith Jr.` gives `Smith` and `Jr.`.
pub(super) fn split_suffixes(text: &str) -> (&str, &str) {
    let mut start = text.len();
    loop {
        let before = text[..start].trim_end_matches([' ', ',']);
        let word = before.rsplit(' ').next().unwrap_or_default();
        let word_start = before.len() - word.len();
        if let Some(pair_start) = generation_pair(before, word_start) {
            start = pair_start;
            continue;
        }
        let words_before = before[..word_start].split_whitespace().count();
        let fifth = word == "V" && words_before >= 2;
        if words_before == 0 || !(fifth || is_suffix(word)) {
            return (before, text[start..].trim());
        }
        start = word_start;
    }
}

/// Cuts a generation off the beginning of a name, never its only word: `Jr. Moss` gives `Jr.` and `Moss`.
pub(super) fn split_generation_before(text: &str) -> (&str, &str) {
    match text.split_once(' ') {
        Some((word, rest)) if GENERATIONS_BEFORE.contains(&word) => (word, rest.trim_start()),
        _ => ("", text),
    }
}

/// Cuts suffixes off the beginning of what stands behind the first comma: `Jr., Ed`, `Jr. Ed`.
fn split_suffixes_before(text: &str) -> (&str, &str) {
    match text.split_once(',') {
        Some((before, rest)) if !rest.trim().is_empty() && before.trim().split(' ').all(is_suffix) => {
            (before.trim(), rest.trim())
        }
        _ => split_generation_before(text),
    }
}

/// Where `d. Ä.` or `der Jüngere` begins, which ends with the word at `last`; never the only words.
fn generation_pair(text: &str, last: usize) -> Option<usize> {
    let before = text[..last].trim_end();
    let first = before.rsplit(' ').next().unwrap_or_default();
    let start = before.len() - first.len();
    (start > 0 && is_generation_pair(first, &text[last..])).then_some(start)
}

/// Where the family name begins; 0 when there is no given name before it.
fn family_start(core: &str) -> usize {
    let mut last_start = core.rfind(' ').map_or(0, |blank| blank + 1);
    let mut previous_start = 0;
    let mut position = 0;
    for word in core.split(' ') {
        let is_last = position + word.len() == core.len();
        if position > 0 && !is_last {
            if is_particle(word) {
                return position;
            }
            if previous_start > 0 && CONJUNCTIONS.contains(&word) {
                last_start = last_start.min(previous_start);
                break;
            }
        }
        previous_start = position;
        position += word.len() + 1;
    }
    last_start
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

fn is_title(word: &str, last: bool) -> bool {
    let mut bare = [0; 16];
    let Some(bare) = bare_word(word, &mut bare) else {
        return false;
    };
    TITLES.contains(&bare)
        || (word.ends_with('.') && DOTTED_TITLES.contains(&bare))
        || (!last && TITLE_WORDS.contains(&bare))
}

fn is_suffix(word: &str) -> bool {
    let bracketed = word.strip_prefix('(').and_then(|word| word.strip_suffix(')'));
    if bracketed.is_some_and(|word| BRACKETED_SUFFIXES.iter().any(|suffix| suffix.eq_ignore_ascii_case(word)))
    {
        return true;
    }
    let word = bracketed.unwrap_or(word);
    if CAPITAL_SUFFIXES.contains(&word.trim_end_matches('.'))
        || SPELLED_SUFFIXES.contains(&word)
        || EXACT_SUFFIXES.contains(&word)
    {
        return true;
    }
    let mut bare = [0; 16];
    bare_word(word, &mut bare).is_some_and(|bare| SUFFIXES.contains(&bare))
}

/// Words that are family names as well as suffixes.
fn is_written_out(suffix: &str) -> bool {
    suffix.eq_ignore_ascii_case("junior") || suffix.eq_ignore_ascii_case("senior")
}

pub(super) fn is_particle(word: &str) -> bool {
    SMALL_PARTICLES.contains(&word) || PARTICLES.iter().any(|particle| particle.eq_ignore_ascii_case(word))
}

/// Evens out blanks and removes quotes around the whole name; `None` when nothing is left.
pub(super) fn clean_name<'a>(text: &'a str, scratch: &'a mut String) -> Option<&'a str> {
    const QUOTES: [(char, char); 9] = [
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('\u{201c}', '\u{201d}'),
        ('\u{201e}', '\u{201c}'),
        ('\u{201e}', '\u{201d}'),
        ('\u{2018}', '\u{2019}'),
        ('\u{ab}', '\u{bb}'),
        ('\u{bb}', '\u{ab}'),
    ];
    let mut name = clean_text(text, scratch)?;
    if name.starts_with(char::is_alphanumeric) {
        return Some(name);
    }
    loop {
        let inner = QUOTES.iter().find_map(|(open, close)| name.strip_prefix(*open)?.strip_suffix(*close));
        match inner {
            Some(inner) => name = inner.trim(),
            None => return (!name.is_empty()).then_some(name),
        }
    }
}

/// Joins the parts that are there with blanks; `None` when there is none.
pub(super) fn join<'a>(parts: &[&str], buffer: &'a mut String) -> Option<&'a str> {
    buffer.clear();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if !buffer.is_empty() {
            buffer.push(' ');
        }
        buffer.push_str(part);
    }
    (!buffer.is_empty()).then_some(buffer.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(text: &str) -> (String, String, String, String) {
        let mut scratch = String::new();
        let name = FullName::split(clean_name(text, &mut scratch).unwrap_or_default());
        let joined = |parts: &[&str]| join(parts, &mut String::new()).unwrap_or_default().to_owned();
        (joined(&name.titles), name.given.to_owned(), name.family.to_owned(), joined(&name.suffixes))
    }

    #[test]
    fn cuts_usual_names() {
        for (given, wanted) in [
            ("Anna Klein", ("", "Anna", "Klein", "")),
            ("Prof. Dr. Anna Maria Klein", ("Prof. Dr.", "Anna Maria", "Klein", "")),
            ("Dr. med. Anna Klein", ("Dr. med.", "Anna", "Klein", "")),
            ("John Smith Jr.", ("", "John", "Smith", "Jr.")),
            ("John Smith, Jr., PhD", ("", "John", "Smith", "Jr., PhD")),
            ("Smith, John", ("", "John", "Smith", "")),
            ("Smith Jr., Dr. John Paul", ("Dr.", "John Paul", "Smith", "Jr.")),
            ("Maria de la Cruz", ("", "Maria", "de la Cruz", "")),
            ("Ludwig van Beethoven", ("", "Ludwig", "van Beethoven", "")),
            ("Anna Van Der Berg", ("", "Anna", "Van Der Berg", "")),
            ("Van Morrison", ("", "Van", "Morrison", "")),
            ("Jos\u{e9} Ortega y Gasset", ("", "Jos\u{e9}", "Ortega y Gasset", "")),
            ("Juan Carlos de Borb\u{f3}n", ("", "Juan Carlos", "de Borb\u{f3}n", "")),
            ("J. R. R. Tolkien", ("", "J. R. R.", "Tolkien", "")),
            ("Henry Tudor VIII", ("", "Henry", "Tudor", "VIII")),
            ("John Q Smith V", ("", "John Q", "Smith", "V")),
            ("Cher", ("", "Cher", "", "")),
            ("Herr M\u{fc}ller", ("Herr", "", "M\u{fc}ller", "")),
            ("Anna Herr", ("", "Anna", "Herr", "")),
            ("Le", ("", "Le", "", "")),
            ("Anna Le", ("", "Anna", "Le", "")),
            ("Dr.", ("Dr.", "", "", "")),
            ("\"Anna Klein\"", ("", "Anna", "Klein", "")),
            ("", ("", "", "", "")),
            (",", ("", "", "", "")),
            ("Smith,", ("", "", "Smith", "")),
            ("Smith Jr., John", ("", "John", "Smith", "Jr.")),
            ("Smith, John Jr., PhD", ("", "John", "Smith", "Jr. PhD")),
            ("Smith Jr., John III", ("", "John", "Smith", "Jr. III")),
            ("Smith Jr., John III, PhD", ("", "John III", "Smith", "Jr. PhD")),
            ("Hall, Jr., Ed", ("", "Ed", "Hall", "Jr.")),
            ("Hall, Sr., Dr. Ed", ("Dr.", "Ed", "Hall", "Sr.")),
            ("Hall, Jr. Ed", ("", "Ed", "Hall", "Jr.")),
            ("King (Jr.), Al", ("", "Al", "King", "(Jr.)")),
            ("Jr. Bob Moss", ("", "Bob", "Moss", "Jr.")),
            ("Jr. Moss", ("", "Jr.", "Moss", "")),
            ("Garc\u{ed}a, Sr. Juan", ("Sr.", "Juan", "Garc\u{ed}a", "")),
            ("JR Ewing", ("", "JR", "Ewing", "")),
            ("J.R. Bob Ewing", ("", "J.R. Bob", "Ewing", "")),
            ("Klein, Anna, Peter", ("", "Anna, Peter", "Klein", "")),
        ] {
            let (titles, first, family, suffixes) = parts(given);
            assert_eq!(
                (titles.as_str(), first.as_str(), family.as_str(), suffixes.as_str()),
                wanted,
                "{given:?}"
            );
        }
    }

    fn words(text: &str) -> Vec<String> {
        let mut words: Vec<_> =
            text.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
        words.sort();
        words
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn no_word_is_lost(text in "((Dr\\.|Prof|de|la|van|Jr\\.|III|y|Anna|Li|Klein|O'Neil|,)[ ,]{1,2}){0,9}") {
            let mut scratch = String::new();
            let clean = clean_name(&text, &mut scratch).unwrap_or_default();
            let (titles, given, family, suffixes) = parts(&text);
            prop_assert_eq!(words(&format!("{titles} {given} {family} {suffixes}")), words(clean));
        }

        #[test]
        fn never_panics(text in any::<String>()) {
            parts(&text);
        }
    }
}
