//! `phone_note`: what is to be told of a cell with telephone numbers.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature, texts};
use super::phone_cell::{is_plain, read_cell};
use super::phone_number::{lacks_plus, region_of};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"What is to be told of a cell with telephone numbers, as a kind and, behind a colon, the text it is about. Beside a number: `unread` (a part that is no valid number), `none to call` (a fax, or a number said to be wrong), `second line` (a short form such as `/12`), `doubtful` (words such as `old` or `do not call`), `mended` (a country code without its +, where the digits could be a national number too), `extension`, `remark` (words), `several` (all the numbers), `guard` (what a spreadsheet put around it); the gravest kind is named. Without a number, why: `nothing` (no number in it), `letters`, `masked` (X, *, #, ? for digits), `rounded` (scientific notation of a spreadsheet), `country` (neither country code nor country), `fax`, `wrong` (words say so), `short`, `long`, `invalid`. NULL for one number in a usual spelling, and for an empty cell."#,
    syntax_example = "phone_note(text, region, number)",
    sql_example = r#"```sql
> SELECT phone_note('202-555-0143 ext. 7', 'US', '+12025550143'), phone_note('202-555-XXXX', 'US', NULL);
extension: ext. 7  masked: 202-555-XXXX
```"#,
    argument(name = "text", description = "The text of the cell."),
    argument(name = "region", description = "The two-letter code of its country; NULL when unknown."),
    argument(
        name = "number",
        description = "The number that was read from it (`phone_e164`); NULL when there is none."
    ),
    related_udf(name = "phone_e164"),
    related_udf(name = "phone_extension")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PhoneNote;

scalar_function!(PhoneNote, "phone_note", text_signature(3), DataType::Utf8View, lenient, |name, args| {
    evaluate(name, &args, |[text, region, number], rows| {
        Ok(texts(rows, |row, note| {
            let Some(text) = text.get(row).filter(|text| !text.is_empty()) else { return false };
            let region = region.get(row).and_then(region_of);
            if number.get(row).is_some() && is_plain(text) && !lacks_plus(text, region) {
                return false;
            }
            read_cell(text, region).note(note)
        }))
    })
});
