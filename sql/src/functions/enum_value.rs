//! `enum_value`: one of a few values, however it is spelt.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature, texts};
use super::enum_values::EnumValues;
use super::null_if_word::constant;
use super::scalar_function::scalar_function;

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
pub(super) struct EnumValue;

scalar_function!(EnumValue, "enum_value", text_signature(2), DataType::Utf8View, lenient, |name, args| {
    let values = EnumValues::read(name, constant(args.args.get(1))?.as_deref())?;
    evaluate(name, &args, |[text, _], rows| {
        Ok(texts(rows, |row, out| {
            let found = text.get(row).and_then(|text| values.find(text));
            out.clear();
            out.push_str(found.unwrap_or_default());
            found.is_some()
        }))
    })
});
