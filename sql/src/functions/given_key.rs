//! `given_key`: the given names of a person, for comparing.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::fold::{fold, fold_name_onto};
use super::personal_name::{clean_name, split_generation_before, split_suffixes, split_titles};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The key by which given names are compared: each word after titles and before suffixes, folded as by `fold`, with a blank between two. An initial gives one letter. What stands in brackets or quotes behind the first name, and what follows a particle, a joining word, a number or a lone sign, is left out. NULL when nothing is left. See `names_compatible`."#,
    syntax_example = "given_key(text)",
    sql_example = r#"```sql
> SELECT given_key('Dr. Anna Maria'), given_key('J. Robert'), given_key('Anna-Maria');
anna maria  j robert  annamaria
```"#,
    argument(name = "text", description = "The given names, or a key of them."),
    related_udf(name = "names_compatible"),
    related_udf(name = "family_key"),
    related_udf(name = "name_key")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct GivenKey;

scalar_function!(GivenKey, "given_key", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, given_key)
});

/// Words behind a first given name with which something else begins: a family name, a second person, a name at birth. Folded.
const BEGIN_SOMETHING_ELSE: [&str; 43] = [
    "de", "del", "della", "dello", "di", "da", "dos", "das", "du", "des", "van", "von", "vom", "der", "den",
    "zu", "zur", "zum", "ter", "ten", "la", "le", "los", "las", "st", "and", "und", "et", "or", "oder", "og",
    "och", "geb", "geboren", "geborene", "nee", "born", "aka", "fka", "alias", "gen", "genannt", "called",
];

/// More names than this say nothing further.
const MOST_NAMES: usize = 8;

/// The folded given names, with a blank between two; a key is its own key.
pub(super) fn given_key<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    // A key of one name, and most simple names in lower case: nothing to take off.
    if text.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return fold(text, buffer);
    }
    let mut scratch = String::new();
    let (_, name) = split_titles(clean_name(text, &mut scratch)?);
    let (name, _) = split_suffixes(split_generation_before(name).1);
    buffer.clear();
    let mut closing = None;
    let words = name.split([' ', ',']).filter(|word| !word.is_empty());
    for (n, word) in words.enumerate() {
        if let Some(close) = closing {
            closing = Some(close).filter(|close| !word.ends_with(*close));
        } else if let Some(close) = opened(word).filter(|_| !buffer.is_empty()) {
            closing = Some(close).filter(|close| !word.ends_with(*close));
        } else if n >= MOST_NAMES || !push_name(word, buffer) {
            break;
        }
    }
    (!buffer.is_empty()).then_some(buffer.as_str())
}

/// What closes the bracket or the quote that a word begins with: a name besides, such as "Bob".
fn opened(word: &str) -> Option<char> {
    Some(match word.chars().next()? {
        '(' => ')',
        '[' => ']',
        '"' => '"',
        '\'' => '\'',
        '\u{201c}' => '\u{201d}',
        '\u{201e}' => '\u{201c}',
        '\u{2018}' => '\u{2019}',
        '\u{ab}' => '\u{bb}',
        '\u{bb}' => '\u{ab}',
        _ => return None,
    })
}

/// Adds the folded word, or each of the initials that stand together; false where the given names end.
fn push_name(word: &str, key: &mut String) -> bool {
    let parts = || word.split('.').filter(|part| !part.is_empty());
    if parts().nth(1).is_some() && parts().all(|part| part.chars().nth(1).is_none()) {
        return parts().all(|initial| push_folded(initial, key));
    }
    push_folded(word, key)
}

fn push_folded(word: &str, key: &mut String) -> bool {
    let before = key.len();
    if before == 0 {
        fold_name_onto(word, key);
        return true;
    }
    key.push(' ');
    fold_name_onto(word, key);
    let folded = &key[before + 1..];
    let is_name = folded.starts_with(|c: char| c.is_ascii_lowercase() || !c.is_ascii())
        && !BEGIN_SOMETHING_ELSE.contains(&folded);
    if !is_name {
        key.truncate(before);
    }
    is_name
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn key(text: &str) -> Option<String> {
        super::given_key(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn takes_the_given_names() {
        for (given, wanted) in [
            ("Anna", Some("anna")),
            ("Dr. Anna Maria", Some("anna maria")),
            ("Anna M.", Some("anna m")),
            ("John Jr.", Some("john")),
            ("J.R.R.", Some("j r r")),
            ("K.-H.", Some("kh")),
            ("Robert (Bob) James", Some("robert james")),
            ("Robert \"Bob the Builder\" James", Some("robert james")),
            ("Klaus von der", Some("klaus")),
            ("Anna und Bernd", Some("anna")),
            ("Anna & Bernd", Some("anna")),
            ("Anna geb. Klein", Some("anna")),
            ("Anna,Maria", Some("anna maria")),
            ("Anna 2", Some("anna")),
            ("anna maria", Some("anna maria")),
            ("Anna-Maria", Some("annamaria")),
            ("J.", Some("j")),
            ("J. Robert", Some("j robert")),
            ("Jos\u{e9}", Some("jose")),
            ("Иван", Some("ivan")),
            ("\u{633}\u{645}\u{64a}\u{631}\u{629}", Some("\u{633}\u{645}\u{64a}\u{631}\u{647}")),
            ("\u{5c0f}\u{654f}", Some("\u{5c0f}\u{654f}")),
            ("\"Bob\"", Some("bob")),
            ("- Bob", Some("bob")),
            ("Dr.", None),
            ("?", None),
            ("", None),
        ] {
            assert_eq!(key(given).as_deref(), wanted, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            key(&text);
        }

        #[test]
        fn a_key_is_its_own_key(text in "[A-Z\u{c0}-\u{dc}][a-z]{1,8}(-[A-Z][a-z]{2,6})?( [A-Z][a-z]{0,7}\\.?){0,3}") {
            if let Some(once) = key(&text) {
                prop_assert_eq!(key(&once), Some(once.clone()), "{}", text);
            }
        }
    }
}
