//! `array_edits`: how many slips of the pen lie between two lists.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::datatypes::{DataType, Int64Type};
use datafusion_common::utils::take_function_args;
use datafusion_common::{Result, exec_err, plan_err};
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

use super::array_overlap::{Lists, of_texts};
use super::edits::Edits;
use super::prepared::Prepared;
use crate::functions::arguments::finish;

#[user_doc(
    doc_section(label = "Array Functions"),
    description = r#"How many edits lie between two lists: those between the two values, one of each, that are nearest to each other (see `damerau_levenshtein`); empty places are none. Whatever is farther than `most` comes as `most` + 1. NULL where one of the lists is NULL or has no value."#,
    syntax_example = "array_edits(list_a, list_b, most)",
    sql_example = r#"```sql
> SELECT array_edits(make_array('a@x.de', 'anna@x.de'), make_array('ana@x.de'), 2), array_edits(make_array('a'), make_array('xyz'), 1);
1  2
```"#,
    argument(name = "list_a", description = "A list of texts."),
    argument(name = "list_b", description = "Another list of texts."),
    argument(name = "most", description = "The largest distance that matters."),
    related_udf(name = "damerau_levenshtein"),
    related_udf(name = "array_overlap")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::functions) struct ArrayEdits {
    signature: Signature,
}

impl ArrayEdits {
    pub(in crate::functions) fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for ArrayEdits {
    fn name(&self) -> &str {
        "array_edits"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        match arg_types {
            [a, b, most] if most.is_integer() || most.is_null() => {
                Ok(vec![of_texts(self.name(), a)?, of_texts(self.name(), b)?, DataType::Int64])
            }
            _ => plan_err!("{} takes two lists and a whole number", self.name()),
        }
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let columns: [ArrayRef; 3] =
            take_function_args(self.name(), ColumnarValue::values_to_arrays(&args.args)?)?;
        let [a, b] = [Lists::of(self.name(), &columns[0])?, Lists::of(self.name(), &columns[1])?];
        let Some(most) = columns[2].as_primitive_opt::<Int64Type>() else {
            return exec_err!("the largest distance is a whole number");
        };
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let mut measure = Prepared::new(Edits::new());
        let apart = (0..columns[0].len()).map(|row| {
            let both = a.read(row, &mut left) && b.read(row, &mut right) && most.is_valid(row);
            let most = both.then(|| usize::try_from(most.value(row)).unwrap_or(0))?;
            i64::try_from(nearest(&mut measure, &left, &right, most)?).ok()
        });
        finish(Arc::new(apart.collect::<Int64Array>()), constant)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// The edits between the two values that are nearest to each other; `None` without values.
fn nearest<'a>(
    measure: &mut Prepared<'a, Edits>,
    left: &[&'a str],
    right: &[&str],
    most: usize,
) -> Option<usize> {
    let mut least: Option<usize> = None;
    for one in left {
        let measure = measure.for_left(one);
        for other in right {
            // Farther than the best so far is no better.
            let bound = least.map_or(most, |least| least.min(most));
            let apart = measure.distance(other, bound);
            least = Some(least.map_or(apart, |least| least.min(apart)));
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_two_count() {
        let mut measure = Prepared::new(Edits::new());
        for (left, right, most, wanted) in [
            (vec!["anna", "otto"], vec!["ottos", "hugo"], 2, Some(1)),
            (vec!["anna"], vec!["anna", "otto"], 2, Some(0)),
            (vec!["anna"], vec!["hugo"], 1, Some(2)),
            (vec!["hugo", "anna"], vec!["annas"], 1, Some(1)),
            (vec![], vec!["hugo"], 1, None),
        ] {
            assert_eq!(nearest(&mut measure, &left, &right, most), wanted, "{left:?} {right:?}");
        }
    }
}
