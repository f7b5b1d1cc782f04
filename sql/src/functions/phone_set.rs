//! `phone_set`: all phone values of a row as one set of `{key, value, is_primary}`, each key once, the primary value first.

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion_common::{Result, exec_err};
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

use super::contact_set::{SetBuilder, set_type, text_lists};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"All phone values of a row as one set of `{key, value, is_primary}`, each key once, the primary value first. Keys are made the E.164 number itself. An empty set when there is none."#,
    syntax_example = "phone_set(primary, others)",
    sql_example = r#"```sql
> SELECT phone_set('+493012345678', NULL);
[{key: +493012345678, value: +493012345678, is_primary: true}]
```"#,
    argument(name = "primary", description = "The primary value; NULL when there is none."),
    argument(name = "others", description = "A list of further values; NULL when there are none."),
    related_udf(name = "set_keys")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PhoneSet {
    signature: Signature,
}

impl PhoneSet {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for PhoneSet {
    fn name(&self) -> &str {
        "phone_set"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(set_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [primary, others] = args.args.as_slice() else {
            return exec_err!("phone_set takes a primary value and a list of others");
        };
        let primary = cast(&primary.to_array(args.number_rows)?, &DataType::Utf8View)?;
        let (primary, others) = (primary.as_string_view(), text_lists(others, args.number_rows)?);
        let (others, offsets) =
            (others.as_list::<i32>().values().as_string::<i32>(), others.as_list::<i32>());
        let mut sets = SetBuilder::new(args.number_rows);

        for row in 0..args.number_rows {
            if primary.is_valid(row) {
                let value = primary.value(row);
                if let Some(key) = Some(value).filter(|v| !v.is_empty()) {
                    sets.add(key, value, true);
                }
            }
            if offsets.is_valid(row) {
                let bounds = offsets.value_offsets();
                for at in bounds[row] as usize..bounds[row + 1] as usize {
                    if others.is_valid(at) {
                        let value = others.value(at);
                        if let Some(key) = Some(value).filter(|v| !v.is_empty()) {
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
