//! `email_set`: all email values of a row as one set of `{key, value, is_primary}`, each key once, the primary value first.

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion_common::{Result, exec_err};
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

use super::contact_set::{SetBuilder, set_type, text_lists};
use super::email_key::email_key;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"All email values of a row as one set of `{key, value, is_primary}`, each key once, the primary value first. Keys are made by `email_key`; addresses that are none are left out. An empty set when there is none."#,
    syntax_example = "email_set(primary, others)",
    sql_example = r#"```sql
> SELECT email_set('Ann+news@X.de', make_array('b@x.de'));
[{key: ann@x.de, value: Ann+news@X.de, is_primary: true}, {key: b@x.de, value: b@x.de, is_primary: false}]
```"#,
    argument(name = "primary", description = "The primary value; NULL when there is none."),
    argument(name = "others", description = "A list of further values; NULL when there are none."),
    related_udf(name = "set_keys")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EmailSet {
    signature: Signature,
}

impl EmailSet {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for EmailSet {
    fn name(&self) -> &str {
        "email_set"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(set_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [primary, others] = args.args.as_slice() else {
            return exec_err!("email_set takes a primary value and a list of others");
        };
        let primary = cast(&primary.to_array(args.number_rows)?, &DataType::Utf8View)?;
        let (primary, others) = (primary.as_string_view(), text_lists(others, args.number_rows)?);
        let (others, offsets) =
            (others.as_list::<i32>().values().as_string::<i32>(), others.as_list::<i32>());
        let mut sets = SetBuilder::new(args.number_rows);
        let mut key = String::new();
        for row in 0..args.number_rows {
            if primary.is_valid(row) {
                let value = primary.value(row);
                if let Some(key) = email_key(value, &mut key) {
                    sets.add(key, value, true);
                }
            }
            if offsets.is_valid(row) {
                let bounds = offsets.value_offsets();
                for at in bounds[row] as usize..bounds[row + 1] as usize {
                    if others.is_valid(at) {
                        let value = others.value(at);
                        if let Some(key) = email_key(value, &mut key) {
                            sets.add(key, value, false);
                        }
                    }
                }
            }
            sets.end_row();
        }
        Ok(ColumnarValue::Array(sets.finish()?))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
