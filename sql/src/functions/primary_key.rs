//! `primary_key`: the key of the primary value of a set, or of its first value when none is primary.

use arrow::array::AsArray;
use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

use super::arguments::texts;
use super::contact_set::{each_item, sets};

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
pub(super) struct PrimaryKey {
    signature: Signature,
}

impl PrimaryKey {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for PrimaryKey {
    fn name(&self) -> &str {
        "primary_key"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let sets = sets(self.name(), &args)?;
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

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
