//! `opaque`: a value that the optimizer does not look into.
//!
//! A filter over an expression moves to where its columns come from, and takes the expression along, once for every time that
//! it is named. Where pairs of a join are scored, that is each measure ten times over. Who names a value `opaque` has it
//! computed once, before it is filtered by.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_common::utils::take_function_args;
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

#[user_doc(
    doc_section(label = "Other Functions"),
    description = r#"The value itself. A filter over it is not moved to below where it was computed, so that what is costly is computed once and not again for the filter."#,
    syntax_example = "opaque(value)",
    sql_example = r#"```sql
> SELECT opaque(7);
7
```"#,
    argument(name = "value", description = "A value of any type.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Opaque {
    signature: Signature,
}

impl Opaque {
    pub(super) fn new() -> Self {
        // It always gives the same; to say so would be to let filters through.
        Self { signature: Signature::any(1, Volatility::Volatile) }
    }
}

impl ScalarUDFImpl for Opaque {
    fn name(&self) -> &str {
        "opaque"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        let [value] = take_function_args(self.name(), arg_types)?;
        Ok(value.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [value] = take_function_args(self.name(), args.args)?;
        Ok(value)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
