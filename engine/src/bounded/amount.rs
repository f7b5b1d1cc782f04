//! How much values are, put together or the largest of them: found from offsets and lengths, without making anything.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::ColumnarValue;

/// Bytes of a value whose length is not looked for: a number or a date becomes no longer text.
pub const SHORT: u64 = 64;
/// Bytes that an item of a list takes beside its own, however small it is: where it begins.
pub const PLACE: u64 = 8;

/// The bytes of an argument in all of so many rows.
pub fn total(value: &ColumnarValue, rows: u64) -> u64 {
    match value {
        ColumnarValue::Scalar(value) => of_constant(value).saturating_mul(rows),
        ColumnarValue::Array(array) => content(array),
    }
}

/// The bytes of the largest value of an argument.
pub fn longest(value: &ColumnarValue) -> u64 {
    match value {
        ColumnarValue::Scalar(value) => of_constant(value),
        ColumnarValue::Array(array) => largest(array),
    }
}

/// The items of lists in all of so many rows.
pub fn items(value: &ColumnarValue, rows: u64) -> u64 {
    match value {
        ColumnarValue::Scalar(value) => list(value).map_or(1, |list| members(&list)).saturating_mul(rows),
        ColumnarValue::Array(array) => members(array),
    }
}

/// The text of a constant; NULL is an empty one.
pub fn constant(value: Option<&ColumnarValue>) -> Option<&str> {
    match value? {
        ColumnarValue::Scalar(value) => value.try_as_str().map(Option::unwrap_or_default),
        ColumnarValue::Array(_) => None,
    }
}

/// The bytes of a constant.
pub fn of_constant(value: &ScalarValue) -> u64 {
    use ScalarValue as S;
    match value {
        S::Utf8(text) | S::LargeUtf8(text) | S::Utf8View(text) => {
            text.as_ref().map_or(0, |text| text.len() as u64)
        }
        S::Binary(bytes) | S::LargeBinary(bytes) | S::BinaryView(bytes) => {
            bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)
        }
        S::Null => 0,
        S::Struct(value) => value.columns().iter().map(content).fold(0, u64::saturating_add),
        other => list(other).map_or(SHORT, |list| content(&list)),
    }
}

fn list(value: &ScalarValue) -> Option<ArrayRef> {
    match value {
        ScalarValue::List(list) => Some(list.clone()),
        ScalarValue::LargeList(list) => Some(list.clone()),
        ScalarValue::FixedSizeList(list) => Some(list.clone()),
        _ => None,
    }
}

/// The bytes of the values of an array, put together.
fn content(array: &ArrayRef) -> u64 {
    match array.data_type() {
        DataType::Utf8 => span(array.as_string::<i32>().value_offsets()),
        DataType::LargeUtf8 => span(array.as_string::<i64>().value_offsets()),
        DataType::Binary => span(array.as_binary::<i32>().value_offsets()),
        DataType::LargeBinary => span(array.as_binary::<i64>().value_offsets()),
        DataType::Utf8View => views(array.as_string_view().views(), u64::saturating_add),
        DataType::BinaryView => views(array.as_binary_view().views(), u64::saturating_add),
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => match listed(array) {
            Some(inner) => content(&inner).saturating_add(PLACE.saturating_mul(inner.len() as u64)),
            None => 0,
        },
        DataType::Struct(_) => array.as_struct().columns().iter().map(content).fold(0, u64::saturating_add),
        _ => match array.to_data().get_slice_memory_size() {
            Ok(bytes) => bytes as u64,
            Err(_) => SHORT.saturating_mul(array.len() as u64),
        },
    }
}

/// The bytes of the largest value of an array.
fn largest(array: &ArrayRef) -> u64 {
    match array.data_type() {
        DataType::Utf8 => widest(array.as_string::<i32>().value_offsets()),
        DataType::LargeUtf8 => widest(array.as_string::<i64>().value_offsets()),
        DataType::Binary => widest(array.as_binary::<i32>().value_offsets()),
        DataType::LargeBinary => widest(array.as_binary::<i64>().value_offsets()),
        DataType::Utf8View => views(array.as_string_view().views(), u64::max),
        DataType::BinaryView => views(array.as_binary_view().views(), u64::max),
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => {
            (0..array.len()).map(|row| content(&array.slice(row, 1))).max().unwrap_or(0)
        }
        DataType::Struct(_) => array.as_struct().columns().iter().map(largest).fold(0, u64::saturating_add),
        _ => SHORT,
    }
}

/// The values inside the lists of an array.
fn listed(array: &ArrayRef) -> Option<ArrayRef> {
    fn within<O: Copy + TryInto<usize>>(values: &ArrayRef, offsets: &[O]) -> Option<ArrayRef> {
        let from: usize = (*offsets.first()?).try_into().ok()?;
        let to: usize = (*offsets.last()?).try_into().ok()?;
        Some(values.slice(from, to.checked_sub(from)?))
    }
    match array.data_type() {
        DataType::List(_) => within(array.as_list::<i32>().values(), array.as_list::<i32>().value_offsets()),
        DataType::LargeList(_) => {
            within(array.as_list::<i64>().values(), array.as_list::<i64>().value_offsets())
        }
        DataType::FixedSizeList(..) => Some(Arc::clone(array.as_fixed_size_list().values())),
        _ => None,
    }
}

/// The items of all lists of an array, those inside of lists of lists.
fn members(array: &ArrayRef) -> u64 {
    listed(array).map_or(array.len() as u64, |inner| members(&inner))
}

/// From the first offset to the last.
fn span<O: Copy + TryInto<u64>>(offsets: &[O]) -> u64 {
    let at = |offset: Option<&O>| -> u64 { offset.and_then(|o| (*o).try_into().ok()).unwrap_or(0) };
    at(offsets.last()).saturating_sub(at(offsets.first()))
}

/// The largest step from one offset to the next.
fn widest<O: Copy + TryInto<u64>>(offsets: &[O]) -> u64 {
    offsets.windows(2).map(span).max().unwrap_or(0)
}

/// The length of a view is its first four bytes.
fn views(views: &[u128], and: impl Fn(u64, u64) -> u64) -> u64 {
    views.iter().map(|view| u64::from(*view as u32)).fold(0, and)
}

/// The whole numbers of an argument, row by row.
pub enum Numbers {
    Same(Option<i64>),
    Each(Int64Array),
}

impl Numbers {
    /// Of an argument that is not there, or has no numbers, none.
    pub fn of(value: Option<&ColumnarValue>) -> Self {
        match value {
            Some(ColumnarValue::Array(array)) => match cast(array, &DataType::Int64) {
                Ok(numbers) => Self::Each(numbers.as_primitive::<Int64Type>().clone()),
                Err(_) => Self::Same(None),
            },
            Some(ColumnarValue::Scalar(value)) => Self::Same(match value.cast_to(&DataType::Int64) {
                Ok(ScalarValue::Int64(number)) => number,
                _ => None,
            }),
            None => Self::Same(None),
        }
    }

    /// The number of a row.
    pub fn at(&self, row: usize) -> Option<i64> {
        match self {
            Self::Same(number) => *number,
            Self::Each(numbers) => (row < numbers.len() && numbers.is_valid(row)).then(|| numbers.value(row)),
        }
    }

    /// All of so many rows added up; what is below zero counts as nothing.
    pub fn sum(&self, rows: usize) -> u64 {
        match self {
            Self::Same(number) => positive(*number).saturating_mul(rows as u64),
            Self::Each(numbers) => numbers.iter().map(positive).fold(0, u64::saturating_add),
        }
    }

    /// The largest.
    pub fn largest(&self) -> u64 {
        match self {
            Self::Same(number) => positive(*number),
            Self::Each(numbers) => numbers.iter().map(positive).max().unwrap_or(0),
        }
    }
}

fn positive(number: Option<i64>) -> u64 {
    number.and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
}
