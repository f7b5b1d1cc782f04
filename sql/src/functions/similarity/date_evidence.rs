//! `date_evidence`: what two dates have to do with each other.

use std::sync::Arc;

use arrow::array::{Array, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion_common::types::logical_date;
use datafusion_common::utils::take_function_args;
use datafusion_expr::{Coercion, ColumnarValue, Signature, TypeSignatureClass, Volatility};
use datafusion_macros::user_doc;

use super::date_slip::{DateSlip, date_slip};
use crate::functions::arguments::{days, finish};
use crate::functions::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "Time and Date Functions"),
    description = r#"What two dates have to do with each other, as one word: `equal`, `swapped` (day and month changed places), `digit` (one digit is another one), `digits_swapped` (two digits beside each other changed places, as in 1963 and 1936), `other`. NULL where one of them is NULL. It is for any dates; what birth dates say of people is `person_evidence`."#,
    syntax_example = "date_evidence(date_a, date_b)",
    sql_example = r#"```sql
> SELECT date_evidence(DATE '1984-02-03', DATE '1984-03-02'), date_evidence(DATE '1984-02-03', DATE '1994-02-03');
swapped  digit
```"#,
    argument(name = "date_a", description = "A date."),
    argument(name = "date_b", description = "Another date."),
    related_udf(name = "person_evidence"),
    related_udf(name = "same_birth")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::functions) struct DateEvidence;

scalar_function!(DateEvidence, "date_evidence", takes(), DataType::Utf8View, strict, |name, args| {
    let constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
    let columns: [_; 2] = take_function_args(name, ColumnarValue::values_to_arrays(&args.args)?)?;
    let [a, b] = [days(&columns[0])?, days(&columns[1])?];
    let mut words = StringViewBuilder::with_capacity(a.len());
    for row in 0..a.len() {
        let both = a.is_valid(row) && b.is_valid(row);
        words.append_option(both.then(|| said(a.value(row), b.value(row))));
    }
    finish(Arc::new(words.finish()), constant)
});

fn takes() -> Signature {
    let date = Coercion::new_exact(TypeSignatureClass::Native(logical_date()));
    Signature::coercible(vec![date; 2], Volatility::Immutable)
}

fn said(a: i32, b: i32) -> &'static str {
    if a == b {
        return "equal";
    }
    match date_slip(a, b) {
        Some(DateSlip::Swapped) => "swapped",
        Some(DateSlip::Digit) => "digit",
        Some(DateSlip::DigitsSwapped) => "digits_swapped",
        None => "other",
    }
}
