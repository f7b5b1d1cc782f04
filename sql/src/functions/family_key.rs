//! `family_key`: a family name, for comparing.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::fold::{fold, fold_name_onto};
use super::personal_name::{clean_name, split_generation_before, split_suffixes, split_titles};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The key by which family names are compared: without titles and suffixes, all words with their particles folded as by `fold`. NULL when nothing is left."#,
    syntax_example = "family_key(text)",
    sql_example = r#"```sql
> SELECT family_key('de la Cruz Jr.');
delacruz
```"#,
    argument(name = "text", description = "A family name."),
    related_udf(name = "given_key"),
    related_udf(name = "name_key")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct FamilyKey;

scalar_function!(FamilyKey, "family_key", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, family_key)
});

/// The folded family name.
pub(super) fn family_key<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    if text.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return fold(text, buffer);
    }
    let mut scratch = String::new();
    let name = bare_family_name(text, &mut scratch)?;
    buffer.clear();
    fold_name_onto(name, buffer);
    (!buffer.is_empty()).then_some(buffer.as_str())
}

/// The family name without titles and suffixes, as it is written.
pub(super) fn bare_family_name<'a>(text: &'a str, scratch: &'a mut String) -> Option<&'a str> {
    if text.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Some(text);
    }
    let (_, name) = split_titles(clean_name(text, scratch)?);
    Some(split_suffixes(split_generation_before(name).1).0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn key(text: &str) -> Option<String> {
        super::family_key(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn folds_all_words_of_the_family_name() {
        for (given, wanted) in [
            ("Klein", Some("klein")),
            ("Klein-Schmidt", Some("kleinschmidt")),
            ("de la Cruz", Some("delacruz")),
            ("Smith Jr.", Some("smith")),
            ("Smith, III", Some("smith")),
            ("Jr. Smith", Some("smith")),
            ("M\u{fc}ller", Some("muller")),
            ("Herr", Some("herr")),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(key(given).as_deref(), wanted, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            key(&text);
        }
    }
}
