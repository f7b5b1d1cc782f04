//! `phone_list`: the telephone numbers of a cell that holds several, in E.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature};
use super::phone_e164::each_number;
use super::phone_number::region_of;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The telephone numbers of a cell that holds several, in E.164 form as by `phone_e164`. They stand apart by semicolons, commas, slashes, bars, line breaks or words such as `or`. What is no number is left out; see `phone_list_unparsed`. NULL when there is none."#,
    syntax_example = "phone_list(text, region)",
    sql_example = r#"```sql
> SELECT phone_list('030 12345678; 0171 3920001', 'DE');
[+493012345678, +491713920001]
```"#,
    argument(name = "text", description = "The text of a cell with telephone numbers."),
    argument(name = "region", description = "The two-letter code of their country; NULL when unknown."),
    related_udf(name = "phone_list_unparsed")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PhoneList;

scalar_function!(
    PhoneList,
    "phone_list",
    text_signature(2),
    DataType::new_list(DataType::Utf8, true),
    lenient,
    |name, args| {
        evaluate(name, &args, |[text, region], rows| {
            let mut lists = ListBuilder::with_capacity(StringBuilder::new(), rows);
            let mut buffer = String::new();
            for row in 0..rows {
                let region = region.get(row).and_then(region_of);
                let mut found = false;
                each_number(text.get(row).unwrap_or_default(), region, &mut buffer, |number| {
                    found = true;
                    lists.values().append_value(number);
                });
                lists.append(found);
            }
            Ok(Arc::new(lists.finish()) as ArrayRef)
        })
    }
);
