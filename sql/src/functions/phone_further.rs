//! `phone_further`: the further telephone numbers of a row: those behind the first in its main cell, and those of a list.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature};
use super::phone_cell::{is_plain, read_cell};
use super::phone_e164::each_number;
use super::phone_number::region_of;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The further telephone numbers of a row, in E.164 form: those behind the first of its main cell (which `phone_e164` gives), then those of a cell with several (`phone_list`). NULL when there is none."#,
    syntax_example = "phone_further(main, others, region)",
    sql_example = r#"```sql
> SELECT phone_further('030 12345678 / 0171 3920001', NULL, 'DE');
[+491713920001]
```"#,
    argument(name = "main", description = "The text of the main cell."),
    argument(name = "others", description = "The text of a cell with further numbers."),
    argument(name = "region", description = "The two-letter code of their country; NULL when unknown."),
    related_udf(name = "phone_e164"),
    related_udf(name = "phone_list")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PhoneFurther;

scalar_function!(
    PhoneFurther,
    "phone_further",
    text_signature(3),
    DataType::new_list(DataType::Utf8, true),
    lenient,
    |name, args| {
        evaluate(name, &args, |[main, others, region], rows| {
            let mut lists = ListBuilder::with_capacity(StringBuilder::new(), rows);
            let mut buffer = String::new();
            for row in 0..rows {
                let region = region.get(row).and_then(region_of);
                let mut found = false;
                if let Some(main) = main.get(row)
                    && !is_plain(main)
                {
                    for number in read_cell(main, region).numbers.iter().skip(1) {
                        found = true;
                        lists.values().append_value(number);
                    }
                }
                if let Some(others) = others.get(row)
                    && !others.is_empty()
                {
                    each_number(others, region, &mut buffer, |number| {
                        found = true;
                        lists.values().append_value(number);
                    });
                }
                lists.append(found);
            }
            Ok(Arc::new(lists.finish()) as ArrayRef)
        })
    }
);
