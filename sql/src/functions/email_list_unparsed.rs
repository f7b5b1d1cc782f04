//! `email_list_unparsed`: the parts of a cell with several e-mail addresses that are no addresses, with commas between.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature, texts};
use super::email_cell::{is_plain, read_cell};
use super::is_email::is_address;
use super::parse_list::push_item;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The parts of a cell with several e-mail addresses that are no addresses, with commas between. NULL when all are; words beside an address are told by `email_note`."#,
    syntax_example = "email_list_unparsed(text)",
    sql_example = r#"```sql
> SELECT email_list_unparsed('a@x.de; nobody@');
nobody@
```"#,
    argument(name = "text", description = "The text of a cell with e-mail addresses."),
    related_udf(name = "email_list")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EmailListUnparsed;

scalar_function!(
    EmailListUnparsed,
    "email_list_unparsed",
    text_signature(1),
    DataType::Utf8View,
    lenient,
    |name, args| {
        evaluate(name, &args, |[text], rows| {
            Ok(texts(rows, |row, out| {
                out.clear();
                let text = text.get(row).unwrap_or_default();
                if text.is_empty() || is_plain(text) && is_address(text) {
                    return false;
                }
                read_cell(text).unread.iter().for_each(|part| push_item(out, part));
                !out.is_empty()
            }))
        })
    }
);
