//! `json_canonical`: JSON in one spelling.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::json_text::Json;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"JSON in its one spelling: no blanks, members by name, numbers in plain digits without zeros at their end. Two texts of one value are one text, and so is what a database gives back. NULL for what is no JSON, for two members of one name, and for values nested more than 64 deep."#,
    syntax_example = "json_canonical(text)",
    sql_example = r#"```sql
> SELECT json_canonical('{"b": 1.50, "a": [1, 2]}');
{"a":[1,2],"b":1.5}
```"#,
    argument(name = "text", description = "The text.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct JsonCanonical {
    signature: Signature,
}

impl JsonCanonical {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(1) }
    }
}

impl ScalarUDFImpl for JsonCanonical {
    fn name(&self) -> &str {
        "json_canonical"
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
        evaluate_text(self.name(), &args, json_canonical)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

fn json_canonical<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    buffer.clear();
    Json::parse(text)?.write(buffer)?;
    Some(buffer)
}

/// JSON in its one spelling, for use from Rust.
pub fn json_canonical_str(text: &str) -> Option<String> {
    let mut out = String::new();
    Json::parse(text)?.write(&mut out)?;
    Some(out)
}
