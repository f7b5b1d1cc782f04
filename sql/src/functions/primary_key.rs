//! `primary_key`: the key of the primary value of a set, or of its first value when none is primary.

use arrow::array::AsArray;
use arrow::datatypes::DataType;
use datafusion_expr::{ColumnarValue, Signature, Volatility};
use datafusion_macros::user_doc;

use super::arguments::texts;
use super::contact_set::{each_item, sets};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The key of the primary value of a set, or of its first value when none is primary. NULL for an empty set."#,
    syntax_example = "primary_key(set)",
    sql_example = r#"```sql
> SELECT primary_key(email_set('Ann@x.de', NULL));
ann@x.de
```"#,
    argument(name = "set", description = "A set made by `email_set` or `phone_set`."),
    related_udf(name = "set_keys")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PrimaryKey;

scalar_function!(
    PrimaryKey,
    "primary_key",
    Signature::any(1, Volatility::Immutable),
    DataType::Utf8View,
    lenient,
    |name, args| {
        let sets = sets(name, &args)?;
        let sets = sets.as_list::<i32>();
        Ok(ColumnarValue::Array(texts(args.number_rows, |row, out| {
            out.clear();
            let mut done = false;
            each_item(sets, row, |key, primary| {
                if primary && !done || out.is_empty() {
                    out.clear();
                    out.push_str(key);
                }
                done |= primary;
            });
            !out.is_empty()
        })))
    }
);
