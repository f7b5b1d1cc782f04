//! `enum_hint`: what to write where no value is spelt so.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature, texts};
use super::enum_values::EnumValues;
use super::null_if_word::constant;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"What to write instead of a text that `enum_value` does not know: the values that there are, and the one that is spelt most like the text."#,
    syntax_example = "enum_hint(text, values)",
    sql_example = r#"```sql
> SELECT enum_hint('gewonen', '{"new": ["neu"], "won": ["gewonnen"]}');
did you mean won? The field knows new, won
```"#,
    argument(name = "text", description = "The text."),
    argument(name = "values", description = "As of `enum_value`."),
    related_udf(name = "enum_value")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EnumHint;

scalar_function!(EnumHint, "enum_hint", text_signature(2), DataType::Utf8View, lenient, |name, args| {
    let values = EnumValues::read(name, constant(args.args.get(1))?.as_deref())?;
    evaluate(name, &args, |[text, _], rows| {
        Ok(texts(rows, |row, out| {
            let Some(text) = text.get(row) else { return false };
            out.clear();
            out.push_str(&values.hint(text));
            true
        }))
    })
});
