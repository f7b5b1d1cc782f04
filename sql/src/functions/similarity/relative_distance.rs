//! `relative_distance`: how far apart two numbers are for their size.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::numbers::{numbers_signature, of_two_numbers};
use super::numeric_distance::distance;
use crate::functions::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "Math Functions"),
    description = r#"How far apart two numbers are, as a share of the larger one without its sign: 0 where they are equal, 0.1 where the smaller is nine tenths of the larger, from 1 on where one of them is zero or their signs differ; never more than 2. NULL where one of them is NULL."#,
    syntax_example = "relative_distance(number_a, number_b)",
    sql_example = r#"```sql
> SELECT relative_distance(90, 100), relative_distance(0, 0);
0.1  0.0
```"#,
    argument(name = "number_a", description = "A number."),
    argument(name = "number_b", description = "Another number."),
    related_udf(name = "numeric_distance")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::functions) struct RelativeDistance;

scalar_function!(
    RelativeDistance,
    "relative_distance",
    numbers_signature(),
    DataType::Float64,
    strict,
    |name, args| of_two_numbers(name, &args, share)
);

fn share(a: f64, b: f64) -> f64 {
    let (apart, size) = (distance(a, b), a.abs().max(b.abs()));
    if apart == 0.0 {
        0.0
    } else if size.is_infinite() {
        // One of them is beyond all measure, or both are, on either side.
        if a.is_infinite() && b.is_infinite() { 2.0 } else { 1.0 }
    } else if apart.is_infinite() {
        // Each by itself: what lies between the largest numbers is more than any number.
        (a / size - b / size).abs()
    } else {
        apart / size
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shares() {
        for (a, b, wanted) in [
            (90.0, 100.0, 0.1),
            (0.0, 0.0, 0.0),
            (0.0, 5.0, 1.0),
            (-5.0, 5.0, 2.0),
            (f64::MAX, -f64::MAX, 2.0),
            (f64::INFINITY, 1.0, 1.0),
            (f64::INFINITY, f64::NEG_INFINITY, 2.0),
        ] {
            assert!((share(a, b) - wanted).abs() < 1e-12, "{a} {b}: {}", share(a, b));
        }
        assert!(share(f64::NAN, 1.0).is_nan());
    }

    proptest! {
        #[test]
        fn is_symmetric_and_between_0_and_2(a in any::<f64>(), b in any::<f64>()) {
            prop_assert_eq!(share(a, b).to_bits(), share(b, a).to_bits());
            prop_assert!((0.0..=2.0).contains(&share(a, b)));
            prop_assert!(share(a, a) == 0.0);
        }
    }
}
