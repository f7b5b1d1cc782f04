//! `name_clean`: a name as it was meant, without the traces of where it came from.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::personal_name::clean_name;

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
pub(super) struct NameClean {
    signature: Signature,
}

impl NameClean {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(1) }
    }
}

impl ScalarUDFImpl for NameClean {
    fn name(&self) -> &str {
        "name_clean"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate_text(self.name(), &args, name_clean)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

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
