//! `name_key`: two spellings of one name, compared.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::fold::{fold, fold_name_onto};
use super::personal_name::{FullName, clean_name};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The key by which names are compared: without titles and suffixes, folded as by `fold`. `Last, First` gives the same key as `First Last`. NULL when nothing is left."#,
    syntax_example = "name_key(text)",
    sql_example = r#"```sql
> SELECT name_key('Dr. José O''Neill Jr.');
joseoneill
```"#,
    argument(name = "text", description = "A name, or a part of one."),
    related_udf(name = "given_key"),
    related_udf(name = "family_key"),
    related_udf(name = "fold")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NameKey;

scalar_function!(NameKey, "name_key", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, name_key)
});

/// The folded name without titles and suffixes.
fn name_key<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    if text.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return fold(text, buffer);
    }
    let mut scratch = String::new();
    let name = FullName::split(clean_name(text, &mut scratch)?);
    buffer.clear();
    fold_name_onto(name.given, buffer);
    fold_name_onto(name.family, buffer);
    (!buffer.is_empty()).then_some(buffer.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn key(text: &str) -> Option<String> {
        super::name_key(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn ignores_titles_suffixes_and_order() {
        for (given, wanted) in [
            ("Anna Klein", Some("annaklein")),
            ("KLEIN, Anna", Some("annaklein")),
            ("Dr. Anna Klein, PhD", Some("annaklein")),
            ("O'Neill", Some("oneill")),
            ("dr", Some("dr")),
            ("Dr.", None),
            ("--", None),
            ("", None),
        ] {
            assert_eq!(key(given).as_deref(), wanted, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(text in any::<String>()) {
            if let Some(once) = key(&text).filter(|key| key.bytes().all(|b| b.is_ascii_lowercase())) {
                prop_assert_eq!(key(&once), Some(once.clone()));
            }
        }
    }
}
