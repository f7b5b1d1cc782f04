//! `name_clean`: a name as it was meant, without the traces of where it came from.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::personal_name::clean_name;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Cleans a name as `clean_text` does and removes quotes around the whole of it. Case and spelling stay. NULL when nothing is left."#,
    syntax_example = "name_clean(text)",
    sql_example = r#"```sql
> SELECT name_clean(' "Anna  Klein" ');
Anna Klein
```"#,
    argument(name = "text", description = "A name, or a part of one."),
    related_udf(name = "clean_text")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NameClean;

scalar_function!(NameClean, "name_clean", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, name_clean)
});

/// Removes blanks and quotes that are not part of the name.
fn name_clean<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    clean_name(text, buffer)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn clean(text: &str) -> Option<String> {
        super::name_clean(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn removes_blanks_and_enclosing_quotes_only() {
        for (given, wanted) in [
            ("Anna", Some("Anna")),
            (" Anna\u{a0} Maria ", Some("Anna Maria")),
            ("\"Anna\"", Some("Anna")),
            ("'\u{201e}Anna\u{201c}'", Some("Anna")),
            ("O'Neill", Some("O'Neill")),
            ("Robert \"Bob\"", Some("Robert \"Bob\"")),
            ("mcDONALD", Some("mcDONALD")),
            ("\"\"", None),
            ("\"", Some("\"")),
            (" ", None),
        ] {
            assert_eq!(clean(given).as_deref(), wanted, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in any::<String>()) {
            if let Some(once) = clean(&text) {
                prop_assert_eq!(clean(&once), Some(once.clone()));
            }
        }
    }
}
