//! `email_note`: what is to be told of a cell with e-mail addresses.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::email_cell::{is_plain, read_cell};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"What is to be told of a cell with e-mail addresses, as a kind and, behind a colon, the text it is about: `unread` (a part that is no address), `mended` (a slip with one meaning), `remark` (words), `several` (all the addresses), `guard` (what a spreadsheet put around it); the gravest kind is named. NULL for one address in a usual spelling, and where there is none: see `email_fault`."#,
    syntax_example = "email_note(text)",
    sql_example = r#"```sql
> SELECT email_note('a@x.de; b@x.de'), email_note('ina@example.org.');
several: a@x.de, b@x.de  mended: ina@example.org.
```"#,
    argument(name = "text", description = "The text of the cell."),
    related_udf(name = "email_clean"),
    related_udf(name = "email_fault")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EmailNote;

scalar_function!(EmailNote, "email_note", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, |text, note| {
        (!text.is_empty() && !is_plain(text) && read_cell(text).note(note)).then_some(note.as_str())
    })
});
