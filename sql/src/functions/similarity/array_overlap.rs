//! `array_overlap`: how many values two lists have in common.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, ListArray, StringViewArray};
use arrow::datatypes::DataType;
use datafusion_common::utils::take_function_args;
use datafusion_common::{Result, exec_err, plan_err};
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

use crate::functions::arguments::finish;

#[user_doc(
    doc_section(label = "Array Functions"),
    description = r#"How many different values two lists have in common; empty places are none. Values are compared as texts. For the values of contact sets see `set_keys`. NULL where one of the lists is NULL."#,
    syntax_example = "array_overlap(list_a, list_b)",
    sql_example = r#"```sql
> SELECT array_overlap(make_array('a', 'b', 'b'), make_array('b', 'c')), array_overlap(make_array(1, 2), make_array(3));
1  0
```"#,
    argument(name = "list_a", description = "A list."),
    argument(name = "list_b", description = "Another list."),
    related_udf(name = "set_keys"),
    related_udf(name = "phonetic_codes")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::functions) struct ArrayOverlap {
    signature: Signature,
}

impl ArrayOverlap {
    pub(in crate::functions) fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for ArrayOverlap {
    fn name(&self) -> &str {
        "array_overlap"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        match arg_types {
            [a, b] => Ok(vec![of_texts(self.name(), a)?, of_texts(self.name(), b)?]),
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
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let counts = (0..columns[0].len()).map(|row| {
            let both = a.read(row, &mut left) && b.read(row, &mut right);
            both.then(|| i64::try_from(in_common(&left, &right)).ok()).flatten()
        });
        finish(Arc::new(counts.collect::<Int64Array>()), constant)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// Lists as lists of texts; an error for what is no list of plain values.
pub(super) fn of_texts(name: &str, data_type: &DataType) -> Result<DataType> {
    match data_type {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _)
            if !item.data_type().is_nested() =>
        {
            Ok(DataType::new_list(DataType::Utf8View, true))
        }
        DataType::Null => Ok(DataType::new_list(DataType::Utf8View, true)),
        other => plan_err!("{name} takes lists of plain values, not {other}"),
    }
}

/// A column of lists of texts.
pub(super) struct Lists<'a> {
    lists: &'a ListArray,
    texts: &'a StringViewArray,
}

impl<'a> Lists<'a> {
    pub(super) fn of(name: &str, column: &'a ArrayRef) -> Result<Self> {
        match column.as_list_opt::<i32>().map(|lists| (lists, lists.values().as_string_view_opt())) {
            Some((lists, Some(texts))) => Ok(Self { lists, texts }),
            _ => exec_err!("{name} takes lists, got {}", column.data_type()),
        }
    }

    /// Leaves the values of a row in the buffer; `false` for no list.
    pub(super) fn read(&self, row: usize, values: &mut Vec<&'a str>) -> bool {
        values.clear();
        if self.lists.is_null(row) {
            return false;
        }
        let texts = self.texts;
        let offsets = self.lists.value_offsets();
        let at = |border: usize| offsets.get(border).and_then(|at| usize::try_from(*at).ok()).unwrap_or(0);
        let filled = (at(row)..at(row + 1)).filter(|place| texts.is_valid(*place));
        values.extend(filled.map(|place| texts.value(place)));
        true
    }
}

/// Lists longer than this are looked up instead of being gone through.
const FEW: usize = 16;

/// How many different values stand in both.
fn in_common(a: &[&str], b: &[&str]) -> usize {
    if a.len() <= FEW && b.len() <= FEW {
        let is_first = |at: usize, value: &&str| !a[..at].contains(value);
        return a.iter().enumerate().filter(|(at, value)| b.contains(value) && is_first(*at, value)).count();
    }
    let (a, b): (HashSet<&str>, HashSet<&str>) = (a.iter().copied().collect(), b.iter().copied().collect());
    a.intersection(&b).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counts_each_value_once() {
        for (a, b, wanted) in [
            (vec!["a", "b", "b"], vec!["b", "b", "c"], 1),
            (vec![], vec!["a"], 0),
            (vec!["a", "b"], vec!["b", "a"], 2),
        ] {
            assert_eq!(in_common(&a, &b), wanted, "{a:?} {b:?}");
        }
    }

    proptest! {
        #[test]
        fn is_symmetric_and_the_same_for_long_lists(
            a in prop::collection::vec("[a-d]{1,2}", 0..40),
            b in prop::collection::vec("[a-d]{1,2}", 0..40),
        ) {
            let (a, b): (Vec<&str>, Vec<&str>) = (a.iter().map(String::as_str).collect(), b.iter().map(String::as_str).collect());
            let mut all: Vec<&str> = a.iter().copied().filter(|value| b.contains(value)).collect();
            all.sort_unstable();
            all.dedup();
            prop_assert_eq!(in_common(&a, &b), all.len());
            prop_assert_eq!(in_common(&b, &a), all.len());
        }
    }
}
