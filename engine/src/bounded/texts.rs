//! How long texts can become that functions make of other texts: never less than they are, found without making them.

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs};

/// How a text follows from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Made {
    /// The first, with the third wherever the second stands.
    Replaced,
    /// The first, with the third where the pattern fits, once or (flag `g`) everywhere.
    Matched,
    /// One behind the other.
    Joined,
    /// One behind the other, with the first between them.
    Separated,
    /// The first, character by character.
    Translated,
}

/// Bytes of a value whose length is not looked for: a number or a date becomes no longer text.
const SHORT: u64 = 64;
/// Bytes of the longest character.
const CHARACTER: u64 = 4;

impl Made {
    /// As many bytes as the texts may have at most, all rows together.
    pub fn bytes(self, args: &ScalarFunctionArgs) -> u64 {
        let rows = if are_constant(args) { 1 } else { args.number_rows as u64 };
        let values = args.args.as_slice();
        let all = |n: usize| values.get(n).map_or(0, |value| total(value, rows));
        let most = |n: usize| values.get(n).map_or(0, longest);
        let sum = |from: usize| (from..values.len()).map(all).fold(0, u64::saturating_add);
        match self {
            Self::Joined => sum(0),
            Self::Separated => {
                let between = values.len().saturating_sub(2) as u64;
                sum(1).saturating_add(all(0).saturating_mul(between))
            }
            Self::Translated => {
                let is_ascii = constant(values.get(2)).is_some_and(str::is_ascii);
                all(0).saturating_mul(if is_ascii { 1 } else { CHARACTER })
            }
            Self::Replaced => {
                // An empty text stands before and behind every character.
                let found = constant(values.get(1)).map_or(1, |text| text.len().max(1) as u64);
                let places = (all(0) / found).saturating_add(rows);
                all(0).saturating_add(places.saturating_mul(most(2)))
            }
            Self::Matched => {
                let once =
                    values.len() < 4 || constant(values.get(3)).is_some_and(|flags| !flags.contains('g'));
                let places = if once { rows } else { all(0).saturating_add(rows) };
                // What a pattern has found can be written again, as often as the replacement says.
                let again = match constant(values.get(2)) {
                    Some(text) => text.bytes().filter(|b| matches!(b, b'\\' | b'$')).count() as u64,
                    None => most(2),
                };
                let found = all(0).saturating_mul(again.saturating_add(1));
                found.saturating_add(places.saturating_mul(most(2)))
            }
        }
    }
}

/// No argument differs from row to row.
pub(super) fn are_constant(args: &ScalarFunctionArgs) -> bool {
    args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)))
}

/// The arguments of some of the rows.
pub(super) fn slice(args: &ScalarFunctionArgs, from: usize, rows: usize) -> ScalarFunctionArgs {
    let values = args.args.iter().map(|value| match value {
        ColumnarValue::Array(array) => ColumnarValue::Array(array.slice(from, rows)),
        constant => constant.clone(),
    });
    ScalarFunctionArgs {
        args: values.collect(),
        arg_fields: args.arg_fields.clone(),
        number_rows: rows,
        return_field: args.return_field.clone(),
        config_options: args.config_options.clone(),
    }
}

/// The text of a constant; NULL is an empty one.
fn constant(value: Option<&ColumnarValue>) -> Option<&str> {
    match value? {
        ColumnarValue::Scalar(value) => value.try_as_str().map(Option::unwrap_or_default),
        ColumnarValue::Array(_) => None,
    }
}

fn total(value: &ColumnarValue, rows: u64) -> u64 {
    match value {
        ColumnarValue::Scalar(value) => length(value).saturating_mul(rows),
        ColumnarValue::Array(array) => lengths(array, u64::saturating_add),
    }
}

fn longest(value: &ColumnarValue) -> u64 {
    match value {
        ColumnarValue::Scalar(value) => length(value),
        ColumnarValue::Array(array) => lengths(array, u64::max),
    }
}

fn length(value: &ScalarValue) -> u64 {
    use ScalarValue as S;
    match value {
        S::Utf8(text) | S::LargeUtf8(text) | S::Utf8View(text) => {
            text.as_ref().map_or(0, |text| text.len() as u64)
        }
        S::Binary(bytes) | S::LargeBinary(bytes) | S::BinaryView(bytes) => {
            bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)
        }
        S::Null => 0,
        _ => SHORT,
    }
}

/// The bytes of the values of an array, put together.
fn lengths(array: &ArrayRef, and: impl Fn(u64, u64) -> u64) -> u64 {
    let steps = |offsets: &mut dyn Iterator<Item = (u64, u64)>| {
        offsets.map(|(from, to)| to.saturating_sub(from)).fold(0, &and)
    };
    // Offsets are never negative.
    let small = |offsets: &[i32]| steps(&mut offsets.windows(2).map(|w| (w[0] as u64, w[1] as u64)));
    let large = |offsets: &[i64]| steps(&mut offsets.windows(2).map(|w| (w[0] as u64, w[1] as u64)));
    match array.data_type() {
        DataType::Utf8 => small(array.as_string::<i32>().value_offsets()),
        DataType::LargeUtf8 => large(array.as_string::<i64>().value_offsets()),
        DataType::Binary => small(array.as_binary::<i32>().value_offsets()),
        DataType::LargeBinary => large(array.as_binary::<i64>().value_offsets()),
        // The length of a view is its first four bytes.
        DataType::Utf8View => {
            array.as_string_view().views().iter().map(|view| u64::from(*view as u32)).fold(0, &and)
        }
        DataType::BinaryView => {
            array.as_binary_view().views().iter().map(|view| u64::from(*view as u32)).fold(0, &and)
        }
        _ => (0..array.len()).map(|_| SHORT).fold(0, &and),
    }
}
