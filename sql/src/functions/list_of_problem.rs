//! `list_of_problem`: why can values of this cell not be read?

use arrow::datatypes::DataType;
use datafusion_expr::{Signature, Volatility};
use datafusion_macros::user_doc;

use super::arguments::finish;
use super::list_cells::Split;
use super::scalar_function::scalar_function;

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
pub(super) struct ListOfProblem;

scalar_function!(
    ListOfProblem,
    "list_of_problem",
    Signature::variadic_any(Volatility::Immutable),
    DataType::Utf8,
    lenient,
    |name, args| {
        let (split, constant) = Split::of(name, &args)?;
        finish(split.problems(&args)?, constant)
    }
);
