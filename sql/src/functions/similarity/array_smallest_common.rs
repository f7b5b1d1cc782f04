//! `array_smallest_common`: the smallest whole number that two lists share.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, ListArray};
use arrow::datatypes::{DataType, Int64Type};
use datafusion_common::utils::take_function_args;
use datafusion_common::{Result, exec_err, plan_err};
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

use crate::functions::arguments::finish;

#[user_doc(
    doc_section(label = "Array Functions"),
    description = r#"The smallest whole number that stands in both lists. Fastest where both are in order. NULL where they have none in common, and where one of them is NULL."#,
    syntax_example = "array_smallest_common(list_a, list_b)",
    sql_example = r#"```sql
> SELECT array_smallest_common(make_array(1, 4, 7), make_array(4, 5, 7)), array_smallest_common(make_array(1), make_array(2));
4  NULL
```"#,
    argument(name = "list_a", description = "A list of whole numbers."),
    argument(name = "list_b", description = "Another list of whole numbers."),
    related_udf(name = "array_overlap")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::functions) struct ArraySmallestCommon {
    signature: Signature,
}

impl ArraySmallestCommon {
    pub(in crate::functions) fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for ArraySmallestCommon {
    fn name(&self) -> &str {
        "array_smallest_common"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let of_numbers = |data_type: &DataType| match data_type {
            DataType::List(item) if *item.data_type() == DataType::Int64 => Ok(data_type.clone()),
            DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _)
                if item.data_type().is_integer() || item.data_type().is_null() =>
            {
                Ok(DataType::new_list(DataType::Int64, true))
            }
            DataType::Null => Ok(DataType::new_list(DataType::Int64, true)),
            other => plan_err!("{} takes lists of whole numbers, not {other}", self.name()),
        };
        match arg_types {
            [a, b] => Ok(vec![of_numbers(a)?, of_numbers(b)?]),
            _ => plan_err!("{} takes two lists", self.name()),
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
        let columns: [ArrayRef; 2] =
            take_function_args(self.name(), ColumnarValue::values_to_arrays(&args.args)?)?;
        let [a, b] = [Lists::of(self.name(), &columns[0])?, Lists::of(self.name(), &columns[1])?];
        let found = (0..columns[0].len()).map(|row| smallest_common(a.numbers(row)?, b.numbers(row)?));
        finish(Arc::new(found.collect::<Int64Array>()), constant)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// A column of lists of numbers.
struct Lists<'a> {
    lists: &'a ListArray,
    numbers: &'a Int64Array,
}

impl<'a> Lists<'a> {
    fn of(name: &str, column: &'a ArrayRef) -> Result<Self> {
        let lists = column.as_list_opt::<i32>();
        match lists.map(|lists| (lists, lists.values().as_primitive_opt::<Int64Type>())) {
            Some((_, Some(numbers))) if numbers.null_count() > 0 => {
                exec_err!("{name} takes lists without empty places")
            }
            Some((lists, Some(numbers))) => Ok(Self { lists, numbers }),
            _ => exec_err!("{name} takes lists of whole numbers, got {}", column.data_type()),
        }
    }

    /// The numbers of a row; nothing for no list.
    fn numbers(&self, row: usize) -> Option<&'a [i64]> {
        let offsets = self.lists.value_offsets();
        let at = |border: usize| offsets.get(border).and_then(|at| usize::try_from(*at).ok());
        if self.lists.is_null(row) { None } else { self.numbers.values().get(at(row)?..at(row + 1)?) }
    }
}

/// The smallest number of both; in one pass where they are in order.
fn smallest_common(a: &[i64], b: &[i64]) -> Option<i64> {
    if !a.is_sorted() || !b.is_sorted() {
        return a.iter().copied().filter(|number| b.contains(number)).min();
    }
    let (mut a, mut b) = (a.iter().copied().peekable(), b.iter().copied().peekable());
    loop {
        let (one, other) = (*a.peek()?, *b.peek()?);
        match one.cmp(&other) {
            Ordering::Equal => return Some(one),
            Ordering::Less => a.next(),
            Ordering::Greater => b.next(),
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::smallest_common;

    proptest! {
        #[test]
        fn is_the_first_of_what_both_have(
            a in prop::collection::vec(0_i64..20, 0..12),
            b in prop::collection::vec(0_i64..20, 0..12),
        ) {
            let wanted = (0..20).find(|number| a.contains(number) && b.contains(number));
            let (mut in_order, mut other) = (a.clone(), b.clone());
            in_order.sort_unstable();
            other.sort_unstable();
            prop_assert_eq!(smallest_common(&a, &b), wanted);
            prop_assert_eq!(smallest_common(&in_order, &other), wanted);
            prop_assert_eq!(smallest_common(&other, &in_order), wanted);
        }
    }
}
