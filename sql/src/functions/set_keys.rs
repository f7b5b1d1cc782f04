//! `set_keys`: the keys of a set of contact values, sorted, so that equal sets give equal lists.

use std::sync::Arc;

use arrow::array::{AsArray, ListBuilder, StringBuilder};
use arrow::datatypes::DataType;
use datafusion_expr::{ColumnarValue, Signature, Volatility};
use datafusion_macros::user_doc;

use super::contact_set::{each_item, sets};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The keys of a set of contact values, sorted, so that equal sets give equal lists. An empty list for an empty set and for NULL."#,
    syntax_example = "set_keys(set)",
    sql_example = r#"```sql
> SELECT set_keys(email_set('b@x.de', make_array('a@x.de')));
[a@x.de, b@x.de]
```"#,
    argument(name = "set", description = "A set made by `email_set` or `phone_set`."),
    related_udf(name = "email_set"),
    related_udf(name = "phone_set")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct SetKeys;

scalar_function!(
    SetKeys,
    "set_keys",
    Signature::any(1, Volatility::Immutable),
    DataType::new_list(DataType::Utf8, true),
    lenient,
    |name, args| {
        let sets = sets(name, &args)?;
        let sets = sets.as_list::<i32>();
        let mut lists = ListBuilder::with_capacity(StringBuilder::new(), args.number_rows);
        let mut keys: Vec<String> = Vec::new();
        for row in 0..args.number_rows {
            keys.clear();
            each_item(sets, row, |key, _| keys.push(key.to_owned()));
            keys.sort_unstable();
            keys.iter().for_each(|key| lists.values().append_value(key));
            lists.append(true);
        }
        Ok(ColumnarValue::Array(Arc::new(lists.finish())))
    }
);
