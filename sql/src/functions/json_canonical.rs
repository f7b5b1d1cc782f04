//! `json_canonical`: JSON in one spelling.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::json_text::Json;
use super::scalar_function::scalar_function;

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
pub(super) struct JsonCanonical;

scalar_function!(
    JsonCanonical,
    "json_canonical",
    text_signature(1),
    DataType::Utf8View,
    strict,
    |name, args| evaluate_text(name, &args, json_canonical)
);

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
