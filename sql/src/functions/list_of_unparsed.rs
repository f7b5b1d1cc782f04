//! `list_of_unparsed`: the values of a cell that cannot be read.

use arrow::datatypes::DataType;
use datafusion_expr::{Signature, Volatility};
use datafusion_macros::user_doc;

use super::arguments::finish;
use super::list_cells::Split;
use super::scalar_function::scalar_function;

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
pub(super) struct ListOfUnparsed;

scalar_function!(
    ListOfUnparsed,
    "list_of_unparsed",
    Signature::variadic_any(Volatility::Immutable),
    DataType::Utf8,
    lenient,
    |name, args| {
        let (split, constant) = Split::of(name, &args)?;
        finish(split.unread(), constant)
    }
);
