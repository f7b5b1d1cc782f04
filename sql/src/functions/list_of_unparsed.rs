//! `list_of_unparsed`: the values of a cell that cannot be read.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

use super::arguments::finish;
use super::list_cells::Split;

#[user_doc(
    doc_section(label = "Array Functions"),
    description = r#"The values of a cell that `list_of` cannot read, with `; ` between them. NULL when there are none."#,
    syntax_example = "list_of_unparsed(text, separators, function[, argument, ...])",
    sql_example = r#"```sql
> SELECT list_of_unparsed('1; two; x', ';', 'parse_integer');
two; x
```"#,
    argument(name = "text", description = "The cell."),
    argument(name = "separators", description = "As of `list_of`."),
    argument(name = "function", description = "As of `list_of`."),
    argument(name = "argument", description = "As of `list_of`."),
    related_udf(name = "list_of"),
    related_udf(name = "list_of_problem")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ListOfUnparsed {
    signature: Signature,
}

impl ListOfUnparsed {
    pub(super) fn new() -> Self {
        Self { signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for ListOfUnparsed {
    fn name(&self) -> &str {
        "list_of_unparsed"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let (split, constant) = Split::of(self.name(), &args)?;
        finish(split.unread(), constant)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
