//! `phone_set`: all phone values of a row as one set of `{key, value, is_primary}`, each key once, the primary value first.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

use super::contact_set::{evaluate_set, set_type};

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
        evaluate_set(self.name(), &args, |value, _| Some(value).filter(|v| !v.is_empty()))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
