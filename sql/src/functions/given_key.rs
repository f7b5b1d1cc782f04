//! `given_key`: the part of a given name that people are called by, for comparing.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::fold::{fold, fold_onto};
use super::personal_name::{clean_name, split_titles};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The key by which given names are compared: the first word after titles, folded as by `fold`. An initial gives one letter. NULL when nothing is left. See `names_compatible`."#,
    syntax_example = "given_key(text)",
    sql_example = r#"```sql
> SELECT given_key('Dr. Anna Maria'), given_key('J. Robert');
anna  j
```"#,
    argument(name = "text", description = "A given name."),
    related_udf(name = "names_compatible"),
    related_udf(name = "family_key"),
    related_udf(name = "name_key")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct GivenKey {
    signature: Signature,
}

impl GivenKey {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(1) }
    }
}

impl ScalarUDFImpl for GivenKey {
    fn name(&self) -> &str {
        "given_key"
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
        evaluate_text(self.name(), &args, given_key)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// The folded first given name.
pub(super) fn given_key<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    // A key, and most simple names in lower case: nothing to take off.
    if text.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return fold(text, buffer);
    }
    let mut scratch = String::new();
    let (_, name) = split_titles(clean_name(text, &mut scratch)?);
    buffer.clear();
    for word in name.split(' ') {
        fold_onto(word, buffer);
        if !buffer.is_empty() {
            return Some(buffer);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn key(text: &str) -> Option<String> {
        super::given_key(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn takes_the_first_name() {
        for (given, wanted) in [
            ("Anna", Some("anna")),
            ("Dr. Anna Maria", Some("anna")),
            ("Anna-Maria", Some("annamaria")),
            ("J.", Some("j")),
            ("J. Robert", Some("j")),
            ("Jos\u{e9}", Some("jose")),
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
    }
}
