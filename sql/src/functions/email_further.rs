//! `email_further`: the further e-mail addresses of a row: those behind the first in its main cell, and those of a list.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature};
use super::email_cell::{is_plain, read_cell};
use super::email_list::each_address;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The further e-mail addresses of a row: those behind the first of its main cell (which `email_clean` gives), then those of a cell with several (`email_list`). NULL when there is none."#,
    syntax_example = "email_further(main, others)",
    sql_example = r#"```sql
> SELECT email_further('a@x.de; b@x.de', NULL);
[b@x.de]
```"#,
    argument(name = "main", description = "The text of the main cell."),
    argument(name = "others", description = "The text of a cell with further addresses."),
    related_udf(name = "email_clean"),
    related_udf(name = "email_list")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EmailFurther;

scalar_function!(
    EmailFurther,
    "email_further",
    text_signature(2),
    DataType::new_list(DataType::Utf8, true),
    lenient,
    |name, args| {
        evaluate(name, &args, |[main, others], rows| {
            let mut lists = ListBuilder::with_capacity(StringBuilder::new(), rows);
            for row in 0..rows {
                let mut found = false;
                if let Some(main) = main.get(row)
                    && !main.is_empty()
                    && !is_plain(main)
                {
                    for address in read_cell(main).addresses.iter().skip(1) {
                        found = true;
                        lists.values().append_value(address);
                    }
                }
                each_address(others.get(row).unwrap_or_default(), |address| {
                    found = true;
                    lists.values().append_value(address);
                });
                lists.append(found);
            }
            Ok(Arc::new(lists.finish()) as ArrayRef)
        })
    }
);
