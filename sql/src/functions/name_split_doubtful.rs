//! `name_split_doubtful`: may a full name have been cut in the wrong place?
//!
//! Two opinions are asked: our own rules, and the `human_name` crate. The crate is asked only about Latin names,
//! which is what it is made for.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;
use human_name::Name;

use super::arguments::{evaluate_boolean, text_signature};
use super::fold::fold_onto;
use super::name_holds::is_company;
use super::personal_name::{FullName, clean_name, is_particle};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"True when the given and family names that `name_given` and `name_family` find in a full name should be looked at: a single word, two or more middle names, all in capitals, or a capitalised word first (`DUPONT Jean`), another script, a common East Asian family name first, a nickname or a second person in it, digits, more than one comma, or a particle followed by several words. NULL for an empty text."#,
    syntax_example = "name_split_doubtful(text)",
    sql_example = r#"```sql
> SELECT name_split_doubtful('Anna Klein'), name_split_doubtful('Nguyen Van Anh');
false  true
```"#,
    argument(name = "text", description = "A full name."),
    related_udf(name = "name_given"),
    related_udf(name = "name_family")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NameSplitDoubtful;

scalar_function!(
    NameSplitDoubtful,
    "name_split_doubtful",
    text_signature(1),
    DataType::Boolean,
    strict,
    |name, args| evaluate_boolean(name, &args, name_split_doubtful)
);

/// Family names that come first in their languages and are hardly ever given names elsewhere.
const SURNAMES_FIRST: [&str; 62] = [
    "bai", "cai", "cao", "chan", "chang", "chen", "cheng", "choi", "dang", "deng", "dong", "duong", "fan",
    "feng", "gao", "guo", "han", "he", "ho", "hoang", "hu", "huang", "huynh", "jiang", "jin", "kang", "lai",
    "lam", "le", "li", "liang", "lin", "liu", "lu", "luo", "lin", "ma", "ngo", "nguyen", "pham", "phan",
    "qian", "shen", "song", "sun", "tang", "tran", "trinh", "vo", "vu", "wang", "wong", "wu", "xie", "xu",
    "yang", "yoon", "zhang", "zhao", "zheng", "zhou", "zhu",
];

/// Family names that come first in their languages and are given names elsewhere.
const SURNAMES_OR_GIVEN: [&str; 6] = ["kim", "lee", "park", "jung", "long", "bui"];

/// Whether a split should be looked at.
fn name_split_doubtful(text: &str) -> Option<bool> {
    let mut scratch = String::new();
    let text = clean_name(text, &mut scratch)?;
    let name = FullName::split(text);
    Some(looks_unlike_one_name(text) || is_doubtful(&name) || second_opinion_differs(&name))
}

/// Signs that the text holds more, less or something else than one person's name.
fn looks_unlike_one_name(text: &str) -> bool {
    const JOINTS: [&str; 6] = ["and", "und", "et", "&", "+", "or"];
    text.contains(|character: char| {
        character.is_numeric() || matches!(character, '"' | '(' | ')' | '/' | '@' | ';' | '\u{201c}')
    }) || text.split(' ').any(|word| JOINTS.contains(&word))
}

fn is_doubtful(name: &FullName<'_>) -> bool {
    let given_count = name.given.split_whitespace().count();
    // Suffixes of a person have no company among them.
    if name.suffixes.iter().any(|suffix| is_company(suffix)) {
        return true;
    }
    if name.family.is_empty() || name.given.is_empty() || given_count > 2 || name.given.contains(',') {
        return true;
    }
    let letters = || name.given.chars().chain(name.family.chars());
    if letters().any(|letter| letter.is_alphabetic() && !is_latin(letter)) {
        return true;
    }
    if !name.inverted {
        // Capitals mark the family name in French usage, so capitals first mean that it stands first.
        let first = name.given.split(' ').next().unwrap_or_default();
        if is_capitals(first) || surname_first(first, name) {
            return true;
        }
    }
    // `Maria Del Carmen Garcia`: is Carmen the family name, or part of the given name?
    let mut after_particle = name.family.split(' ').skip_while(|word| is_particle(word));
    let starts_with_particle = name.family.split(' ').next().is_some_and(is_particle);
    starts_with_particle
        && after_particle.next().is_some()
        && after_particle.next().is_some_and(|word| !matches!(word, "y" | "e" | "i"))
}

fn surname_first(first: &str, name: &FullName<'_>) -> bool {
    let folded = folded(first);
    let last = folded_last(name.family);
    let known = |key: &str| SURNAMES_FIRST.contains(&key) || SURNAMES_OR_GIVEN.contains(&key);
    if known(&last) {
        return false;
    }
    SURNAMES_FIRST.contains(&folded.as_str())
        || (SURNAMES_OR_GIVEN.contains(&folded.as_str())
            && (name.given.contains(' ') || name.family.contains('-')))
}

fn folded(text: &str) -> String {
    let mut key = String::new();
    fold_onto(text, &mut key);
    key
}

fn folded_last(text: &str) -> String {
    folded(text.rsplit(' ').next().unwrap_or_default())
}

/// Two or more letters, all of them capitals; initials with full stops are not.
fn is_capitals(word: &str) -> bool {
    let mut letters = word.chars().filter(|letter| letter.is_alphabetic());
    !word.contains('.') && letters.clone().count() > 2 && letters.all(char::is_uppercase)
}

fn is_latin(letter: char) -> bool {
    letter.is_ascii() || matches!(letter, '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// Whether the `human_name` crate finds another family name.
fn second_opinion_differs(name: &FullName<'_>) -> bool {
    let whole = if name.inverted {
        format!("{}, {}", name.family, name.given)
    } else {
        format!("{} {}", name.given, name.family)
    };
    match Name::parse(&whole) {
        Some(parsed) => folded(parsed.surname()) != folded(name.family),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::name_split_doubtful;
    use proptest::prelude::*;

    #[test]
    fn trusts_usual_names_and_doubts_the_rest() {
        for usual in [
            "Anna Klein",
            "Dr. Anna Maria Klein",
            "Klein, Anna",
            "John Q. Smith Jr.",
            "Maria de la Cruz",
            "Ludwig van Beethoven",
            "Jos\u{e9} Ortega y Gasset",
            "Seán O'Neill",
            "Kim Johnson",
            "J. Smith",
            "Jean DUPONT",
            "Anna-Maria Klein-Schmidt",
            "Bruce Lee",
            "Vincent Van Gogh",
            "Wei Li",
        ] {
            assert_eq!(name_split_doubtful(usual), Some(false), "{usual}");
        }
        for odd in [
            "Cher",
            "Herr M\u{fc}ller",
            "Anna Maria Luisa Klein",
            "ANNA KLEIN",
            "DUPONT Jean",
            "Nguyen Van Anh",
            "Kim Il-sung",
            "Li Wei",
            "\u{738b}\u{5c0f}\u{660e}",
            "Robert \"Bob\" Smith",
            "Anna & Peter Klein",
            "Anna und Peter Klein",
            "Klein, Anna, Peter",
            "Maria Del Carmen Garcia",
            "Agent 007",
            "Dr.",
        ] {
            assert_eq!(name_split_doubtful(odd), Some(true), "{odd}");
        }
        assert_eq!(name_split_doubtful(""), None);
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>(), latin in "[A-Za-z\u{c0}-\u{24f}.,' -]{0,40}") {
            name_split_doubtful(&text);
            name_split_doubtful(&latin);
        }
    }
}
