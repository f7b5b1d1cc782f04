//! `list_of_problem`: why can values of this cell not be read?

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
    description = r#"The one word that is said of all values of a cell which `list_of` cannot read: for `parse_decimal`, that of `number_problem`. NULL when there are none, when different things are said of them or nothing of one, and for functions that give no reasons."#,
    syntax_example = "list_of_problem(text, separators, function[, argument, ...])",
    sql_example = r#"```sql
> SELECT list_of_problem('1.234; 2,5', ';', 'parse_decimal', 9, 2, 'auto'), list_of_problem('1.234; two', ';', 'parse_decimal', 9, 2, 'auto');
ambiguous  NULL
```"#,
    argument(name = "text", description = "The cell."),
    argument(name = "separators", description = "As of `list_of`."),
    argument(name = "function", description = "As of `list_of`."),
    argument(name = "argument", description = "As of `list_of`."),
    related_udf(name = "list_of"),
    related_udf(name = "number_problem")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ListOfProblem {
    signature: Signature,
}

impl ListOfProblem {
    pub(super) fn new() -> Self {
        Self { signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for ListOfProblem {
    fn name(&self) -> &str {
        "list_of_problem"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let (split, constant) = Split::of(self.name(), &args)?;
        finish(split.problems(&args)?, constant)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
