//! `enum_value`: one of a few values, however it is spelt.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature, texts};
use super::enum_values::EnumValues;
use super::null_if_word::constant;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The value that a spelling means. Case does not matter, nor do blanks, hyphens and underscores between words. NULL when no value is spelt so."#,
    syntax_example = "enum_value(text, values)",
    sql_example = r#"```sql
> SELECT enum_value('In Arbeit', '{"new": ["neu"], "in_progress": ["in arbeit"]}');
in_progress
```"#,
    argument(name = "text", description = "The text."),
    argument(
        name = "values",
        description = "A JSON object: each value with the list of its other spellings; a constant."
    ),
    related_udf(name = "enum_hint")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EnumValue {
    signature: Signature,
}

impl EnumValue {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(2) }
    }
}

impl ScalarUDFImpl for EnumValue {
    fn name(&self) -> &str {
        "enum_value"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let values = EnumValues::read(self.name(), constant(args.args.get(1))?.as_deref())?;
        evaluate(self.name(), &args, |[text, _], rows| {
            Ok(texts(rows, |row, out| {
                let found = text.get(row).and_then(|text| values.find(text));
                out.clear();
                out.push_str(found.unwrap_or_default());
                found.is_some()
            }))
        })
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
