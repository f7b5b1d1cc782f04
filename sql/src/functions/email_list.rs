//! `email_list`: the e-mail addresses of a cell that holds several, cleaned as by `email_clean`.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature};
use super::email_cell::{is_plain, read_cell};
use super::is_email::is_address;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The e-mail addresses of a cell that holds several, cleaned as by `email_clean`. They stand apart by semicolons, commas, slashes, bars, blanks or line breaks. What is no address is left out; see `email_list_unparsed`. NULL when there is none."#,
    syntax_example = "email_list(text)",
    sql_example = r#"```sql
> SELECT email_list('a@x.de; nobody, B@X.de');
[a@x.de, B@x.de]
```"#,
    argument(name = "text", description = "The text of a cell with e-mail addresses."),
    related_udf(name = "email_list_unparsed")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EmailList;

scalar_function!(
    EmailList,
    "email_list",
    text_signature(1),
    DataType::new_list(DataType::Utf8, true),
    lenient,
    |name, args| {
        evaluate(name, &args, |[text], rows| {
            let mut lists = ListBuilder::with_capacity(StringBuilder::new(), rows);
            for row in 0..rows {
                let mut found = false;
                each_address(text.get(row).unwrap_or_default(), |address| {
                    found = true;
                    lists.values().append_value(address);
                });
                lists.append(found);
            }
            Ok(Arc::new(lists.finish()) as ArrayRef)
        })
    }
);

/// Calls `found` with every address of a cell.
pub(super) fn each_address(text: &str, mut found: impl FnMut(&str)) {
    if text.is_empty() {
        return;
    }
    if is_plain(text) {
        if is_address(text) {
            found(text);
        }
        return;
    }
    read_cell(text).addresses.iter().for_each(|address| found(address));
}
