//! `spreadsheet_restore`: the inverse of `spreadsheet_safe`; the round trip is tested there.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Takes back what `spreadsheet_safe` did: removes exactly one leading apostrophe, where there is one."#,
    syntax_example = "spreadsheet_restore(text)",
    sql_example = r#"```sql
> SELECT spreadsheet_restore('''=1+1');
=1+1
```"#,
    argument(name = "text", description = "The text."),
    related_udf(name = "spreadsheet_safe")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct SpreadsheetRestore;

scalar_function!(
    SpreadsheetRestore,
    "spreadsheet_restore",
    text_signature(1),
    DataType::Utf8View,
    strict,
    |name, args| evaluate_text(name, &args, spreadsheet_restore)
);

/// Removes one leading `'`.
pub(super) fn spreadsheet_restore<'a>(text: &'a str, _buffer: &'a mut String) -> Option<&'a str> {
    Some(spreadsheet_restore_str(text))
}

/// Removes one leading `'`, for use from Rust.
pub fn spreadsheet_restore_str(text: &str) -> &str {
    text.strip_prefix('\'').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::spreadsheet_restore_str;

    #[test]
    fn removes_one_apostrophe_only() {
        assert_eq!(spreadsheet_restore_str("'=1"), "=1");
        assert_eq!(spreadsheet_restore_str("''a"), "'a");
        assert_eq!(spreadsheet_restore_str("a"), "a");
        assert_eq!(spreadsheet_restore_str(""), "");
    }
}
