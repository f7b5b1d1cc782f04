//! `fingerprint_differs`: has one field changed between two fingerprints?

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::compute::cast;
use arrow::datatypes::Int64Type;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_common::types::logical_binary;
use datafusion_common::utils::take_function_args;
use datafusion_expr::{Coercion, ColumnarValue, Signature, TypeSignatureClass, Volatility};
use datafusion_macros::user_doc;

use super::arguments::finish;
use super::fingerprint::FIELD_LENGTH;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "Hashing Functions"),
    description = r#"Compares one field of two fingerprints. `index` counts the arguments of `fingerprint` from 0. True as well when the fingerprints are of different length, as they then come from different lists of fields. NULL when an argument is NULL or there is no such field."#,
    syntax_example = "fingerprint_differs(a, b, index)",
    sql_example = r#"```sql
> SELECT fingerprint_differs(fingerprint('a', 'b'), fingerprint('a', 'c'), 1);
true
```"#,
    argument(name = "a", description = "A fingerprint."),
    argument(name = "b", description = "Another fingerprint."),
    argument(name = "index", description = "Which argument of `fingerprint`, from 0."),
    related_udf(name = "fingerprint"),
    related_udf(name = "edited_since")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct FingerprintDiffers;

scalar_function!(
    FingerprintDiffers,
    "fingerprint_differs",
    signature(),
    DataType::Boolean,
    strict,
    |name, args| {
        let [a, b, index] = take_function_args(name, &args.args)?;
        let constant = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let column = |value: &ColumnarValue, data_type| -> Result<ArrayRef> {
            Ok(cast(&value.to_array(rows)?, data_type)?)
        };
        let (a, b) = (column(a, &DataType::Binary)?, column(b, &DataType::Binary)?);
        let index = column(index, &DataType::Int64)?;
        let (a, b) = (a.as_binary::<i32>(), b.as_binary::<i32>());
        let index = index.as_primitive::<Int64Type>();
        let differs = (0..rows).map(|row| {
            if a.is_null(row) || b.is_null(row) || index.is_null(row) {
                return None;
            }
            differs(a.value(row), b.value(row), index.value(row))
        });
        finish(Arc::new(differs.collect::<BooleanArray>()), constant)
    }
);

fn signature() -> Signature {
    let binary = Coercion::new_exact(TypeSignatureClass::Native(logical_binary()));
    let index = Coercion::new_exact(TypeSignatureClass::Integer);
    Signature::coercible(vec![binary.clone(), binary, index], Volatility::Immutable)
}

/// Whether a field differs; `None` when there is no such field.
pub(super) fn differs(a: &[u8], b: &[u8], index: i64) -> Option<bool> {
    if a.len() != b.len() {
        return Some(true);
    }
    let from = usize::try_from(index).ok()?.checked_mul(FIELD_LENGTH)?;
    let field = from..from.checked_add(FIELD_LENGTH)?;
    Some(a.get(field.clone())? != b.get(field)?)
}

#[cfg(test)]
mod tests {
    use super::differs;

    #[test]
    fn compares_one_field() {
        let (a, b) = ([0, 0, 0, 1, 0, 0, 0, 2], [0, 0, 0, 1, 0, 0, 0, 3]);
        assert_eq!(differs(&a, &b, 0), Some(false));
        assert_eq!(differs(&a, &b, 1), Some(true));
        assert_eq!(differs(&a, &b[..4], 0), Some(true));
        assert_eq!(differs(&a, &b, 2), None);
        assert_eq!(differs(&a, &b, -1), None);
        assert_eq!(differs(&a, &b, i64::MAX), None);
    }
}
