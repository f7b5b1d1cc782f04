//! `text_damaged`: have letters been lost?

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::arguments::{evaluate_boolean, text_signature};
use super::text_damage::is_lost;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"True for text whose letters an export has damaged: a question mark, a replacement sign (U+FFFD), a control or box sign or half a character inside a word (`M?ller`, `WeiÃ`), a question mark where a word begins (`?rhus`) or, in a text of one or two words of letters alone, where one ends (`Zo?`), and what `mend_text` could still undo."#,
    syntax_example = "text_damaged(text)",
    sql_example = r#"```sql
> SELECT text_damaged('M?ller'), text_damaged('Müller'), text_damaged('Who is it?');
true  false  false
```"#,
    argument(name = "text", description = "The text."),
    related_udf(name = "mend_text")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct TextDamaged {
    signature: Signature,
}

impl TextDamaged {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(1) }
    }
}

impl ScalarUDFImpl for TextDamaged {
    fn name(&self) -> &str {
        "text_damaged"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate_boolean(self.name(), &args, |text| Some(is_lost(text)))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
