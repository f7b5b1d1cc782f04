//! `phone_list_unparsed`: the parts of a cell with several telephone numbers that are no valid numbers, with commas between.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature, texts};
use super::parse_list::push_item;
use super::phone_cell::read_cell;
use super::phone_e164::plain_number;
use super::phone_number::region_of;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The parts of a cell with several telephone numbers that are no valid numbers, with commas between. NULL when all are; words beside a number are told by `phone_note`."#,
    syntax_example = "phone_list_unparsed(text, region)",
    sql_example = r#"```sql
> SELECT phone_list_unparsed('030 12345678; 12345', 'DE');
12345
```"#,
    argument(name = "text", description = "The text of a cell with telephone numbers."),
    argument(name = "region", description = "The two-letter code of their country; NULL when unknown."),
    related_udf(name = "phone_list")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PhoneListUnparsed;

scalar_function!(
    PhoneListUnparsed,
    "phone_list_unparsed",
    text_signature(2),
    DataType::Utf8View,
    lenient,
    |name, args| {
        evaluate(name, &args, |[text, region], rows| {
            let mut number = String::new();
            Ok(texts(rows, |row, out| {
                let region = region.get(row).and_then(region_of);
                let Some(text) = text.get(row) else { return false };
                out.clear();
                match plain_number(text, region, &mut number) {
                    Some(true) => {}
                    Some(false) => out.push_str(text.trim()),
                    None => read_cell(text, region).unread.iter().for_each(|(part, _)| push_item(out, part)),
                }
                !out.is_empty()
            }))
        })
    }
);
