//! `name_given`: the given names in a full name.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::personal_name::{FullName, clean_name, join};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The given names, middle names included, of a full name in one column, `First Last` or `Last, First`. A single word is a given name unless a title precedes it. Words stay as they are written; together with `name_title`, `name_family` and `name_suffix` none is lost. See `name_split_doubtful`."#,
    syntax_example = "name_given(text)",
    sql_example = r#"```sql
> SELECT name_given('Dr. Anna Maria de la Cruz');
Anna Maria
```"#,
    argument(name = "text", description = "A full name."),
    related_udf(name = "name_family"),
    related_udf(name = "name_split_doubtful")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NameGiven {
    signature: Signature,
}

impl NameGiven {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(1) }
    }
}

impl ScalarUDFImpl for NameGiven {
    fn name(&self) -> &str {
        "name_given"
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
        evaluate_text(self.name(), &args, name_given)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// The given names of a full name.
fn name_given<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let mut scratch = String::new();
    let name = FullName::split(clean_name(text, &mut scratch)?);
    join(&[name.given], buffer)
}

#[cfg(test)]
mod tests {
    #[test]
    fn gives_all_given_names() {
        let given = |text| super::name_given(text, &mut String::new()).map(str::to_owned);
        assert_eq!(given("Dr. Anna Maria Klein").as_deref(), Some("Anna Maria"));
        assert_eq!(given("Klein, Anna").as_deref(), Some("Anna"));
        assert_eq!(given("Siobha\u{301}n Ward").as_deref(), Some("Siobh\u{e1}n"));
        assert_eq!(given("Cher").as_deref(), Some("Cher"));
        assert_eq!(given("Herr Klein"), None);
        assert_eq!(given(""), None);
    }
}
