//! Values as bytes, for hashing: the same value always gives the same bytes, and different rows different ones.
//!
//! Every value begins with a byte for its kind, so that NULL, `''`, `0` and `false` differ; what has no fixed length
//! carries its length, so that neighbours cannot run into each other. Numbers are little-endian.
//!
//! | kind | byte | then |
//! | --- | --- | --- |
//! | NULL | 0 | |
//! | text | 1 | length (8 bytes), UTF-8 |
//! | integer up to 64 bits signed | 2 | 8 bytes |
//! | integer above that | 3 | 8 bytes |
//! | boolean | 4 | 1 byte |
//! | date | 5 | days since 1970 (4 bytes) |
//! | timestamp | 6 | microseconds since 1970 UTC (8 bytes), rounded down |
//! | float | 7 | 8 bytes; one zero, one NaN |
//! | decimal | 8 | 16 bytes without trailing zeros, scale (1 byte) |
//! | binary | 9 | length (8 bytes), bytes |
//! | list | 10 | length (8 bytes), values |
//! | time of day | 11 | nanoseconds (8 bytes) |
//!
//! Stored checksums depend on this table: it may grow, it must not change.

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryViewArray, BooleanArray, GenericListArray, LargeBinaryArray,
    LargeStringArray, OffsetSizeTrait, PrimitiveArray, StringArray, StringViewArray, new_empty_array,
};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, Time64MicrosecondType,
    Time64NanosecondType, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt64Type,
};
use datafusion_common::{Result, exec_err};
use datafusion_expr::{ColumnarValue, ScalarFunctionArgs};

use super::arguments::finish;

const MICROSECONDS: i64 = 1_000_000;

/// One argument, ready to be written value by value.
pub(super) struct EncodedColumn<'a> {
    values: Values<'a>,
    constant: bool,
}

/// Layouts that are frequent are read as they are; rare ones were cast to one of these before.
enum Values<'a> {
    Null,
    Utf8(&'a StringArray),
    LargeUtf8(&'a LargeStringArray),
    Utf8View(&'a StringViewArray),
    Integer(&'a PrimitiveArray<Int64Type>),
    Unsigned(&'a PrimitiveArray<UInt64Type>),
    Boolean(&'a BooleanArray),
    Date(&'a PrimitiveArray<Date32Type>),
    Seconds(&'a PrimitiveArray<TimestampSecondType>),
    Milliseconds(&'a PrimitiveArray<TimestampMillisecondType>),
    Microseconds(&'a PrimitiveArray<TimestampMicrosecondType>),
    Nanoseconds(&'a PrimitiveArray<TimestampNanosecondType>),
    Float(&'a PrimitiveArray<Float64Type>),
    Decimal(&'a PrimitiveArray<Decimal128Type>, i8),
    Binary(&'a BinaryArray),
    LargeBinary(&'a LargeBinaryArray),
    BinaryView(&'a BinaryViewArray),
    List(&'a GenericListArray<i32>, Box<EncodedColumn<'a>>),
    LargeList(&'a GenericListArray<i64>, Box<EncodedColumn<'a>>),
    Time(&'a PrimitiveArray<Time64NanosecondType>),
    MicrosecondTime(&'a PrimitiveArray<Time64MicrosecondType>),
}

/// Hands a function its arguments as [`EncodedColumn`]s, and turns the result of constants into a constant.
pub(super) fn evaluate_encoded(
    args: &ScalarFunctionArgs,
    body: fn(&[EncodedColumn<'_>], usize) -> Result<ArrayRef>,
) -> Result<ColumnarValue> {
    let mut arrays = Vec::with_capacity(args.args.len());
    for value in &args.args {
        let (array, constant) = match value {
            ColumnarValue::Array(array) => (normalised(array)?, false),
            ColumnarValue::Scalar(scalar) => (normalised(&scalar.to_array_of_size(1)?)?, true),
        };
        arrays.push((array, constant));
    }
    let all_constant = arrays.iter().all(|(_, constant)| *constant);
    let columns = arrays
        .iter()
        .map(|(array, constant)| {
            let mut column = EncodedColumn::try_new(array)?;
            column.constant = *constant;
            Ok(column)
        })
        .collect::<Result<Vec<_>>>()?;
    let rows = if all_constant { 1 } else { args.number_rows };
    finish(body(&columns, rows)?, all_constant)
}

/// Refuses, when a query is planned, arguments that could not be hashed when it runs.
pub(super) fn check_types(types: &[DataType]) -> Result<()> {
    for data_type in types {
        EncodedColumn::try_new(&normalised(&new_empty_array(data_type))?)?;
    }
    Ok(())
}

/// Casts to one of the types that [`EncodedColumn`] reads.
fn normalised(array: &ArrayRef) -> Result<ArrayRef> {
    Ok(match normal_type(array.data_type()) {
        Some(wanted) => cast(array, &wanted)?,
        None => ArrayRef::clone(array),
    })
}

/// The type to cast to; `None` when the values can be read as they are.
fn normal_type(data_type: &DataType) -> Option<DataType> {
    match data_type {
        DataType::Int8 | DataType::Int16 | DataType::Int32 => Some(DataType::Int64),
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => Some(DataType::Int64),
        DataType::Float16 | DataType::Float32 => Some(DataType::Float64),
        DataType::Date64 => Some(DataType::Date32),
        // Microseconds stay: a cast would also multiply what lies under NULL, which may be anything, and leave the type.
        DataType::Time32(_) => Some(DataType::Time64(TimeUnit::Nanosecond)),
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            Some(DataType::Decimal128(*precision, *scale))
        }
        DataType::FixedSizeBinary(_) => Some(DataType::Binary),
        DataType::Dictionary(_, values) => {
            Some(normal_type(values).unwrap_or_else(|| values.as_ref().clone()))
        }
        DataType::List(item) => normal_type(item.data_type())
            .map(|wanted| DataType::List(item.as_ref().clone().with_data_type(wanted).into())),
        DataType::LargeList(item) => normal_type(item.data_type())
            .map(|wanted| DataType::LargeList(item.as_ref().clone().with_data_type(wanted).into())),
        DataType::FixedSizeList(item, _) => {
            let wanted = normal_type(item.data_type()).unwrap_or_else(|| item.data_type().clone());
            Some(DataType::List(item.as_ref().clone().with_data_type(wanted).into()))
        }
        _ => None,
    }
}

impl<'a> EncodedColumn<'a> {
    /// Reads a column whose type is one of those that `normal_type` leaves or gives.
    pub(super) fn try_new(array: &'a ArrayRef) -> Result<Self> {
        let values = match array.data_type() {
            DataType::Null => Values::Null,
            DataType::Utf8 => Values::Utf8(array.as_string()),
            DataType::LargeUtf8 => Values::LargeUtf8(array.as_string()),
            DataType::Utf8View => Values::Utf8View(array.as_string_view()),
            DataType::Int64 => Values::Integer(array.as_primitive()),
            DataType::UInt64 => Values::Unsigned(array.as_primitive()),
            DataType::Boolean => Values::Boolean(array.as_boolean()),
            DataType::Date32 => Values::Date(array.as_primitive()),
            DataType::Timestamp(unit, _) => match unit {
                TimeUnit::Second => Values::Seconds(array.as_primitive()),
                TimeUnit::Millisecond => Values::Milliseconds(array.as_primitive()),
                TimeUnit::Microsecond => Values::Microseconds(array.as_primitive()),
                TimeUnit::Nanosecond => Values::Nanoseconds(array.as_primitive()),
            },
            DataType::Float64 => Values::Float(array.as_primitive()),
            DataType::Decimal128(_, scale) => Values::Decimal(array.as_primitive(), *scale),
            DataType::Binary => Values::Binary(array.as_binary()),
            DataType::LargeBinary => Values::LargeBinary(array.as_binary()),
            DataType::BinaryView => Values::BinaryView(array.as_binary_view()),
            DataType::Time64(TimeUnit::Nanosecond) => Values::Time(array.as_primitive()),
            DataType::Time64(TimeUnit::Microsecond) => Values::MicrosecondTime(array.as_primitive()),
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                Values::List(list, Box::new(Self::try_new(list.values())?))
            }
            DataType::LargeList(_) => {
                let list = array.as_list::<i64>();
                Values::LargeList(list, Box::new(Self::try_new(list.values())?))
            }
            other => return exec_err!("values of type {other} cannot be hashed"),
        };
        Ok(Self { values, constant: false })
    }

    /// Whether the value of a row is NULL.
    pub(super) fn is_null(&self, row: usize) -> bool {
        let row = if self.constant { 0 } else { row };
        self.array().is_none_or(|array| array.is_null(row))
    }

    fn array(&self) -> Option<&dyn Array> {
        Some(match &self.values {
            Values::Null => return None,
            Values::Utf8(array) => *array,
            Values::LargeUtf8(array) => *array,
            Values::Utf8View(array) => *array,
            Values::Integer(array) => *array,
            Values::Unsigned(array) => *array,
            Values::Boolean(array) => *array,
            Values::Date(array) => *array,
            Values::Seconds(array) => *array,
            Values::Milliseconds(array) => *array,
            Values::Microseconds(array) => *array,
            Values::Nanoseconds(array) => *array,
            Values::Float(array) => *array,
            Values::Decimal(array, _) => *array,
            Values::Binary(array) => *array,
            Values::LargeBinary(array) => *array,
            Values::BinaryView(array) => *array,
            Values::List(array, _) => *array,
            Values::LargeList(array, _) => *array,
            Values::Time(array) => *array,
            Values::MicrosecondTime(array) => *array,
        })
    }

    /// Appends the value of a row.
    pub(super) fn encode(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            out.push(0);
            return;
        }
        let row = if self.constant { 0 } else { row };
        match &self.values {
            Values::Null => {}
            Values::Utf8(array) => push_bytes(1, array.value(row).as_bytes(), out),
            Values::LargeUtf8(array) => push_bytes(1, array.value(row).as_bytes(), out),
            Values::Utf8View(array) => push_bytes(1, array.value(row).as_bytes(), out),
            Values::Integer(array) => push_number(2, array.value(row), out),
            Values::Unsigned(array) => match i64::try_from(array.value(row)) {
                Ok(value) => push_number(2, value, out),
                Err(_) => {
                    out.push(3);
                    out.extend_from_slice(&array.value(row).to_le_bytes());
                }
            },
            Values::Boolean(array) => out.extend_from_slice(&[4, u8::from(array.value(row))]),
            Values::Date(array) => {
                out.push(5);
                out.extend_from_slice(&array.value(row).to_le_bytes());
            }
            // Beyond 292,000 years there is nothing to tell apart.
            Values::Seconds(array) => {
                push_number(6, array.value(row).saturating_mul(MICROSECONDS), out);
            }
            Values::Milliseconds(array) => {
                push_number(6, array.value(row).saturating_mul(1_000), out);
            }
            Values::Microseconds(array) => push_number(6, array.value(row), out),
            Values::Nanoseconds(array) => push_number(6, array.value(row).div_euclid(1_000), out),
            Values::Float(array) => {
                out.push(7);
                out.extend_from_slice(&float_bits(array.value(row)).to_le_bytes());
            }
            Values::Decimal(array, scale) => push_decimal(array.value(row), *scale, out),
            Values::Binary(array) => push_bytes(9, array.value(row), out),
            Values::LargeBinary(array) => push_bytes(9, array.value(row), out),
            Values::BinaryView(array) => push_bytes(9, array.value(row), out),
            Values::List(array, items) => push_list(array, items, row, out),
            Values::LargeList(array, items) => push_list(array, items, row, out),
            Values::Time(array) => push_number(11, array.value(row), out),
            Values::MicrosecondTime(array) => push_number(11, array.value(row).saturating_mul(1_000), out),
        }
    }
}

fn push_bytes(kind: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}

fn push_number(kind: u8, number: i64, out: &mut Vec<u8>) {
    out.push(kind);
    out.extend_from_slice(&number.to_le_bytes());
}

/// The two zeros are equal, and so are, here, all that is not a number.
fn float_bits(value: f64) -> u64 {
    if value == 0.0 {
        0
    } else if value.is_nan() {
        f64::NAN.to_bits()
    } else {
        value.to_bits()
    }
}

/// `1.50` and `1.5` are the same number.
fn push_decimal(mut unscaled: i128, mut scale: i8, out: &mut Vec<u8>) {
    while unscaled != 0 && unscaled % 10 == 0 && scale > i8::MIN {
        unscaled /= 10;
        scale -= 1;
    }
    if unscaled == 0 {
        scale = 0;
    }
    out.push(8);
    out.extend_from_slice(&unscaled.to_le_bytes());
    out.extend_from_slice(&scale.to_le_bytes());
}

fn push_list<O: OffsetSizeTrait>(
    array: &GenericListArray<O>,
    items: &EncodedColumn<'_>,
    row: usize,
    out: &mut Vec<u8>,
) {
    let offsets = array.value_offsets();
    let (from, to) = (offsets[row].as_usize(), offsets[row + 1].as_usize());
    out.push(10);
    out.extend_from_slice(&((to - from) as u64).to_le_bytes());
    for item in from..to {
        items.encode(item, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        Date32Array, DictionaryArray, Float32Array, Float64Array, Int8Array, Int64Array, ListArray,
        Time32SecondArray, Time64MicrosecondArray, Time64NanosecondArray, TimestampMicrosecondArray,
        TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
    };
    use arrow::buffer::NullBuffer;
    use arrow::datatypes::Int32Type;
    use std::sync::Arc;

    fn bytes(array: impl Array + 'static) -> Vec<u8> {
        let array = normalised(&(Arc::new(array) as ArrayRef)).unwrap();
        let mut out = Vec::new();
        EncodedColumn::try_new(&array).unwrap().encode(0, &mut out);
        out
    }

    #[test]
    fn width_unit_and_layout_do_not_matter() {
        let seven = bytes(Int64Array::from(vec![7]));
        assert_eq!(bytes(Int8Array::from(vec![7])), seven);
        assert_eq!(bytes(UInt64Array::from(vec![7])), seven);

        let moment = bytes(TimestampMicrosecondArray::from(vec![5_000_000]));
        assert_eq!(bytes(TimestampSecondArray::from(vec![5]).with_timezone("UTC")), moment);
        assert_eq!(bytes(TimestampNanosecondArray::from(vec![5_000_000_999])), moment);

        let time = bytes(Time32SecondArray::from(vec![3_600]));
        assert_eq!(bytes(Time64MicrosecondArray::from(vec![3_600_000_000])), time);
        assert_eq!(bytes(Time64NanosecondArray::from(vec![3_600_000_000_000])), time);

        let text = bytes(StringArray::from(vec!["Anna"]));
        assert_eq!(bytes(LargeStringArray::from(vec!["Anna"])), text);
        assert_eq!(bytes(StringViewArray::from(vec!["Anna"])), text);
        assert_eq!(bytes(DictionaryArray::<Int32Type>::from_iter(["Anna"])), text);

        assert_eq!(bytes(Float32Array::from(vec![-0.0])), bytes(Float64Array::from(vec![0.0])));
    }

    /// Readers of files leave there what they had at hand.
    #[test]
    fn what_lies_under_null_is_not_looked_at() {
        let under_null = || Some(NullBuffer::from(vec![false]));
        let null = bytes(StringArray::from(vec![None::<&str>]));
        assert_eq!(bytes(Time64MicrosecondArray::new(vec![i64::MAX].into(), under_null())), null);
        assert_eq!(bytes(TimestampSecondArray::new(vec![i64::MIN].into(), under_null())), null);
        assert_eq!(bytes(Time32SecondArray::new(vec![i32::MAX].into(), under_null())), null);
    }

    #[test]
    fn kinds_never_meet() {
        let all = [
            bytes(StringArray::from(vec![None::<&str>])),
            bytes(StringArray::from(vec![""])),
            bytes(Int64Array::from(vec![0])),
            bytes(UInt64Array::from(vec![u64::MAX])),
            bytes(BooleanArray::from(vec![false])),
            bytes(Date32Array::from(vec![0])),
            bytes(TimestampSecondArray::from(vec![0])),
            bytes(Float64Array::from(vec![0.0])),
            bytes(BinaryArray::from(vec![b"".as_slice()])),
            bytes(ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![])])),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(one), "{one:?}");
        }
    }

    #[test]
    fn trailing_zeros_of_a_decimal_do_not_matter() {
        let decimal = |unscaled, scale| {
            let mut out = Vec::new();
            push_decimal(unscaled, scale, &mut out);
            out
        };
        assert_eq!(decimal(150, 2), decimal(15, 1));
        assert_eq!(decimal(0, 2), decimal(0, 0));
        assert_ne!(decimal(15, 1), decimal(15, 2));
    }
}
