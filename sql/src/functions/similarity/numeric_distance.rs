//! `numeric_distance`: how far apart two numbers are.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::numbers::{numbers_signature, of_two_numbers};
use crate::functions::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "Math Functions"),
    description = r#"How far apart two numbers are: what lies between them, without sign, as a number with decimals. Unlike a subtraction it never overflows. NULL where one of them is NULL."#,
    syntax_example = "numeric_distance(number_a, number_b)",
    sql_example = r#"```sql
> SELECT numeric_distance(3, 10), numeric_distance(2.5, -1);
7.0  3.5
```"#,
    argument(name = "number_a", description = "A number."),
    argument(name = "number_b", description = "Another number."),
    related_udf(name = "relative_distance")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::functions) struct NumericDistance;

scalar_function!(
    NumericDistance,
    "numeric_distance",
    numbers_signature(),
    DataType::Float64,
    strict,
    |name, args| of_two_numbers(name, &args, distance)
);

/// Equal numbers are nothing apart, infinite ones too.
pub(super) fn distance(a: f64, b: f64) -> f64 {
    if a == b { 0.0 } else { (a - b).abs() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn is_symmetric_and_nothing_to_itself(a in any::<f64>(), b in any::<f64>()) {
            prop_assert_eq!(distance(a, b).to_bits(), distance(b, a).to_bits());
            prop_assert!(distance(a, b) >= 0.0);
            prop_assert!(distance(a, a) == 0.0);
            prop_assert_eq!(distance(a, b) == 0.0, a == b);
        }
    }

    #[test]
    fn infinite_numbers() {
        assert!(distance(f64::INFINITY, f64::INFINITY) == 0.0);
        assert!(distance(f64::INFINITY, 1.0) == f64::INFINITY);
        assert!(distance(f64::NAN, 1.0).is_nan());
    }
}
