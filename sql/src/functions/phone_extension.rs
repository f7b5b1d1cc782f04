//! `phone_extension`: the extension with which a telephone number was written.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature, texts};
use super::phone_cell::{is_plain, read_cell};
use super::phone_number::region_of;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The extension with which the first telephone number of a cell was written (the number that `phone_e164` gives), digits only. NULL when it has none, whatever other numbers of the cell have."#,
    syntax_example = "phone_extension(text, region)",
    sql_example = r#"```sql
> SELECT phone_extension('202-555-0143 ext. 7', 'US');
7
```"#,
    argument(name = "text", description = "The text of the cell."),
    argument(name = "region", description = "The two-letter code of its country; NULL when unknown."),
    related_udf(name = "phone_e164"),
    related_udf(name = "phone_note")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PhoneExtension;

scalar_function!(
    PhoneExtension,
    "phone_extension",
    text_signature(2),
    DataType::Utf8View,
    lenient,
    |name, args| {
        evaluate(name, &args, |[text, region], rows| {
            Ok(texts(rows, |row, extension| {
                let Some(text) = text.get(row).filter(|text| !is_plain(text)) else { return false };
                let Some(digits) = read_cell(text, region.get(row).and_then(region_of)).extension else {
                    return false;
                };
                *extension = digits;
                true
            }))
        })
    }
);
