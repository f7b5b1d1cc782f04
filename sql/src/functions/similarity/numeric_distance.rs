//! `numeric_distance`: how far apart two numbers are.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::numbers::{numbers_signature, of_two_numbers};

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
pub(in crate::functions) struct NumericDistance {
    signature: Signature,
}

impl NumericDistance {
    pub(in crate::functions) fn new() -> Self {
        Self { signature: numbers_signature() }
    }
}

impl ScalarUDFImpl for NumericDistance {
    fn name(&self) -> &str {
        "numeric_distance"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        of_two_numbers(self.name(), &args, distance)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

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
