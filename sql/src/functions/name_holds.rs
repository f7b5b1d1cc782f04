//! `name_holds`: does a name hold something else than one person?

use std::collections::HashSet;
use std::sync::LazyLock;

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature, texts};
use super::given_names::{folded, is_own_name};
use super::name_holds_words::{
    ARTICLES, BETWEEN_JOINTS, BODIES, BODIES_OF, BRACKETED_JOINTS, COMPANIES, COUNTED, EXACT_COMPANIES,
    FAMILIES, FAMILIES_BEHIND, FOOTERS, JOINTS, OF_NOBILITY, SMALL_JOINTS, TOTALS, TRADES,
};
use super::no_name::{is_address_or_number, is_title_or_header};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Says in a word what the names of a row hold instead of one person: `people` (two or more: `Rob & Beth`, `Hans und Grete`, `Rob; Beth`, `Familie Pohl`, `The Quast Family`, and given names with a comma between), `company` (`Musterbau` `GmbH`, `Verein der Freunde` `e.V.`, `Stadt` `Bonn`, `City of` `Springfield`), `total` (`Total` `6`, `Summe`), `footer` (`Exported by admin on …`, `6 records`), `address` (an e-mail address among the names), `number` (`1234` `5678`), `header` (`First` `Last`), `title` (`Frau` `Pohl`). NULL for a person's names and where there are none."#,
    syntax_example = "name_holds(given, family)",
    sql_example = r#"```sql
> SELECT name_holds('Rob & Beth', 'Edler'), name_holds('Musterbau', 'GmbH'), name_holds('Total', '6'), name_holds('Ada', 'Amt');
people  company  total  NULL
```"#,
    argument(name = "given", description = "The given names, or all that the name's cell holds."),
    argument(name = "family", description = "The family name, or NULL."),
    related_udf(name = "name_split_doubtful")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NameHolds;

scalar_function!(NameHolds, "name_holds", text_signature(2), DataType::Utf8View, lenient, |name, args| {
    evaluate(name, &args, |[given, family], rows| {
        Ok(texts(rows, |row, out| {
            let found = name_holds(given.get(row).unwrap_or_default(), family.get(row).unwrap_or_default());
            out.clear();
            out.push_str(found.unwrap_or_default());
            found.is_some()
        }))
    })
});

static COMPANY_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| COMPANIES.into_iter().collect());

/// Longest word for a company, in bytes.
const LONGEST_COMPANY: usize = 24;

/// What two names hold instead of one person.
fn name_holds(given: &str, family: &str) -> Option<&'static str> {
    if let Some(found) = is_title_or_header(given, family) {
        return Some(found);
    }
    if is_ordinary(given) && is_ordinary(family) {
        return None;
    }
    if is_footer(given) || (given.is_empty() && is_footer(family)) {
        return Some("footer");
    }
    if is_total(given, family) {
        return Some("total");
    }
    if let Some(found) = is_address_or_number(given, family) {
        return Some(found);
    }
    if is_company_in(given, family) {
        return Some("company");
    }
    is_people(given, family).then_some("people")
}

/// One word of letters that no list can hold: most names, told without looking anything up.
fn is_ordinary(name: &str) -> bool {
    let plain = name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-' || b == b'\'' || b >= 0x80);
    plain && !may_be_listed(name)
}

/// Whether a single word begins as a listed one does, and is as long as one.
fn may_be_listed(word: &str) -> bool {
    static LENGTHS: LazyLock<[u64; 256]> = LazyLock::new(|| {
        let mut lengths = [0_u64; 256];
        for listed in COMPANIES
            .iter()
            .chain(&TOTALS)
            .chain(&FOOTERS)
            .chain(&FAMILIES)
            .chain(&BODIES)
            .chain(&TRADES)
            .chain(&JOINTS)
            .chain(&SMALL_JOINTS)
        {
            if listed.contains(' ') {
                continue;
            }
            for spelt in [(*listed).to_owned(), listed.to_uppercase()] {
                if let Some(first) = spelt.bytes().next() {
                    lengths[usize::from(first)] |= 1 << spelt.len().min(63);
                }
            }
        }
        for exact in EXACT_COMPANIES {
            lengths[usize::from(exact.as_bytes().first().copied().unwrap_or(0))] |= 1 << exact.len();
        }
        lengths
    });
    word.bytes().next().is_some_and(|first| LENGTHS[usize::from(first)] & (1 << word.len().min(63)) != 0)
}

fn is_footer(text: &str) -> bool {
    let mut words = text.split_whitespace();
    if let (Some(number), Some(counted)) = (words.next(), words.next())
        && number.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',')
        && number.bytes().any(|b| b.is_ascii_digit())
    {
        return COUNTED.contains(&lower(counted.trim_end_matches(['.', ':', ','])).as_str());
    }
    let lower = lower(text);
    let page = ["page ", "seite ", "página "].iter().any(|word| {
        lower.strip_prefix(word).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    let stand =
        lower.strip_prefix("stand ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    page || stand || text.starts_with('©') || begins_with_one(&lower)
}

fn begins_with_one(lower: &str) -> bool {
    let text = lower.trim_start_matches(['*', '-', '=', ' ', '(', '[']);
    FOOTERS.iter().any(|beginning| {
        text.strip_prefix(beginning)
            .is_some_and(|rest| beginning.ends_with(':') || rest.is_empty() || rest.starts_with([' ', ':']))
    })
}

/// A word of a sum, and beside it nothing or a number.
fn is_total(given: &str, family: &str) -> bool {
    let is_word = |text: &str| TOTALS.contains(&lower(text.trim_end_matches([':', ' ', '='])).as_str());
    let is_amount = |text: &str| {
        text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b' ' | b'-' | b'(' | b')'))
    };
    if (is_word(given) && is_amount(family)) || (given.is_empty() && is_word(family)) {
        return true;
    }
    // `Total: 6`, `Gesamt 6 Personen`
    let at = given.find(|c: char| c.is_ascii_digit());
    at.is_some_and(|at| family.is_empty() && is_word(given[..at].trim_end()))
}

/// Whether a text of several words is the name of a company.
pub(super) fn is_company(text: &str) -> bool {
    is_company_in(text, "")
}

fn is_company_in(given: &str, family: &str) -> bool {
    let words = || given.split_whitespace().chain(family.split_whitespace());
    let count = words().count();
    // A word alone is somebody's name until something else stands beside it.
    if count < 2 {
        return false;
    }
    let known = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if bare.len() > LONGEST_COMPANY || bare.is_empty() {
            return false;
        }
        let dotless: String = bare.chars().filter(|c| *c != '.').flat_map(char::to_lowercase).collect();
        COMPANY_WORDS.contains(dotless.as_str())
    };
    if words().any(known) || is_public_body(words()) {
        return true;
    }
    let whole = if family.is_empty() { given } else { family };
    let last = whole.rsplit(' ').next().unwrap_or_default();
    // A name that was split may have one of its words in either part.
    let joined = format!("{given} {family}");
    EXACT_COMPANIES.iter().any(|form| {
        if form.contains(' ') {
            [given, family, joined.trim_end()]
                .iter()
                .any(|part| part.ends_with(form) || part.contains(&format!("{form}.")))
        } else {
            *form == last && !is_capitals(given)
        }
    })
}

/// `Stadt Bonn`, `City of Springfield`. Before a given name, a word for a town is a family name.
fn is_public_body<'a>(mut words: impl Iterator<Item = &'a str>) -> bool {
    let (Some(first), Some(second)) = (words.next(), words.next()) else {
        return false;
    };
    let (first, second) = (lower(first), lower(second));
    let of = |name: &&(&str, &[&str])| name.0 == first && name.1.contains(&second.as_str());
    BODIES_OF.iter().any(|name| of(&name)) && words.next().is_some()
        || BODIES.contains(&first.as_str()) && !is_own_name(&folded(&second))
        || TRADES.contains(&first.as_str())
}

fn is_capitals(text: &str) -> bool {
    text.chars().any(char::is_alphabetic) && !text.chars().any(char::is_lowercase)
}

fn is_people(given: &str, family: &str) -> bool {
    if given.contains(['&', '+', '|']) || family.contains(['+', '|']) {
        return true;
    }
    let words: Vec<&str> = given.split_whitespace().collect();
    let joined = |at: usize| {
        let Some(word) = words.get(at) else { return false };
        let small = JOINTS.contains(word) || SMALL_JOINTS.contains(word);
        let beside = words.len() > 1;
        let between = at > 0 && (at + 1 < words.len() || !family.is_empty());
        (small && (beside || matches!(*word, "und" | "and")))
            || (between && ["And", "Und", "AND", "UND"].contains(word))
            || BRACKETED_JOINTS.contains(word)
            || joins_names(&words, at)
            || stands_between(&words, at)
    };
    let all: Vec<&str> = given.split_whitespace().chain(family.split_whitespace()).collect();
    if (0..words.len()).any(|at| joined(at) && !is_noble(&all, at)) {
        return true;
    }
    let in_family = |at: usize| all.get(at).is_some_and(|word| matches!(*word, "&" | "and" | "und"));
    is_family(given, family)
        || is_list_of_names(given, family)
        || (words.len()..all.len()).any(|at| in_family(at) && !is_noble(&all, at))
}

/// `von und zu Hardenberg`, `van en tot Amstel`: the word joins what a family is called by.
fn is_noble(words: &[&str], at: usize) -> bool {
    let is_of = |at: Option<usize>| {
        at.and_then(|at| words.get(at)).is_some_and(|word| OF_NOBILITY.contains(&lower(word).as_str()))
    };
    is_of(at.checked_sub(1)) && is_of(at.checked_add(1))
}

/// `Jan i Anna`, `Ali ve Ayşe`: a word that joins in its language, small between two names that are not. `a` is Latin as
/// well, as in `Abraham a Sancta Clara`.
fn stands_between(words: &[&str], at: usize) -> bool {
    let (Some(before), Some(word), Some(behind)) =
        (at.checked_sub(1).and_then(|at| words.get(at)), words.get(at), words.get(at + 1))
    else {
        return false;
    };
    let is_name = |name: &&str| {
        name.starts_with(char::is_uppercase) && name.chars().filter(|c| c.is_alphabetic()).count() > 2
    };
    BETWEEN_JOINTS.contains(word)
        && [before, behind].into_iter().all(is_name)
        && (*word != "a" || [before, behind].into_iter().all(|name| is_own_name(&folded(name))))
}

/// `JEAN ET MARIE`, `Jean Et Marie`, `JUAN Y MARIA`: a word that joins, not written small, between two names. A single letter
/// may be an initial, so both must be names that people have.
fn joins_names(words: &[&str], at: usize) -> bool {
    let (Some(before), Some(word), Some(behind)) =
        (at.checked_sub(1).and_then(|at| words.get(at)), words.get(at), words.get(at + 1))
    else {
        return false;
    };
    let small = lower(word);
    if !SMALL_JOINTS.contains(&small.as_str()) || small == *word {
        return false;
    }
    let capitals = words.iter().all(|word| is_capitals(word));
    let letters = |name: &str| name.chars().filter(|c| c.is_alphabetic()).count();
    match letters(word) {
        1 => capitals && [before, behind].into_iter().all(|name| is_own_name(&folded(name))),
        _ => (capitals || small != "en") && letters(before) > 2 && letters(behind) > 2,
    }
}

/// `Familie Pohl`, `Die Familie Pohl`, `The Pohls`, `The Pohl Family`, `Pohl (Familie)`. `Theo Family` bears a name.
fn is_family(given: &str, family: &str) -> bool {
    let words: Vec<String> = given
        .split_whitespace()
        .chain(family.split_whitespace())
        .map(|word| lower(word.trim_matches(|c: char| !c.is_alphanumeric() && c != '.')))
        .collect();
    let ([first, rest @ ..], Some(last)) = (words.as_slice(), words.last()) else {
        return false;
    };
    let is_word = |word: &String| word != "the" && FAMILIES.contains(&word.as_str());
    if rest.is_empty() {
        return false;
    }
    if is_word(first)
        || ARTICLES.contains(&first.as_str()) && rest.len() > 1 && rest.first().is_some_and(is_word)
    {
        return true;
    }
    let behind = FAMILIES_BEHIND.contains(&last.as_str());
    if first == "the" {
        return behind || family.ends_with('s');
    }
    behind && first.chars().count() > 2 && !is_own_name(&folded(first))
}

/// `Rob/Beth`, `Rob; Beth`, and where both are given names, `Rob, Beth`; the signs may stand at the end of what was split.
fn is_list_of_names(given: &str, family: &str) -> bool {
    const SIGNS: [char; 2] = ['/', ';'];
    let letters = |part: &str| part.chars().filter(|c| c.is_alphabetic()).count() > 1;
    let is_given = |part: &str| {
        letters(part) && part.split_whitespace().next().is_some_and(|word| is_own_name(&folded(word)))
    };
    if given.split_once(SIGNS).is_some_and(|(one, other)| letters(one) && letters(other)) {
        return true;
    }
    if given.ends_with(SIGNS) && letters(given) && is_given(family)
        || family.starts_with(SIGNS) && letters(given) && is_given(family.trim_start_matches(SIGNS))
    {
        return true;
    }
    given.contains(',') && given.split(',').all(is_given)
}

fn lower(text: &str) -> String {
    text.trim().to_lowercase()
}

#[cfg(test)]
#[path = "name_holds_tests.rs"]
mod tests;
