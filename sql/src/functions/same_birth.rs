//! `same_birth`: whether two birth dates speak for one person.

use arrow::datatypes::DataType;
use datafusion_common::types::logical_date;
use datafusion_common::utils::take_function_args;
use datafusion_expr::{Coercion, ColumnarValue, Signature, TypeSignatureClass, Volatility};
use datafusion_macros::user_doc;

use super::arguments::{booleans, days, finish};
use super::person_evidence::{day, is_same_birth};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"True when two birth dates are the same one and speak for one person. They do not on days that stand for none (1900-01-01, 1970-01-01, years before 1900), nor on 1 January, where those are whose year alone is known. Never NULL."#,
    syntax_example = "same_birth(born_a, born_b)",
    sql_example = r#"```sql
> SELECT same_birth(DATE '1984-02-28', DATE '1984-02-28'), same_birth(DATE '1900-01-01', DATE '1900-01-01');
true  false
```"#,
    argument(name = "born_a", description = "A birth date."),
    argument(name = "born_b", description = "The other's."),
    related_udf(name = "person_evidence")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct SameBirth;

scalar_function!(SameBirth, "same_birth", takes(), DataType::Boolean, lenient, |name, args| {
    let columns: [_; 2] = take_function_args(name, ColumnarValue::values_to_arrays(&args.args)?)?;
    let [a, b] = [days(&columns[0])?, days(&columns[1])?];
    let same = |row| match (day(&a, row), day(&b, row)) {
        (Some(a), Some(b)) => is_same_birth(a, b),
        _ => false,
    };
    let constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
    finish(booleans(columns[0].len(), |row| Some(same(row))), constant)
});

fn takes() -> Signature {
    let date = Coercion::new_exact(TypeSignatureClass::Native(logical_date()));
    Signature::coercible(vec![date; 2], Volatility::Immutable)
}
