//! Arrow arrays brought to the few types the databases are spoken to in, and read cell by cell.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, FixedSizeBinaryArray, Float64Array, Int32Array,
    Int64Array, LargeStringArray, StringArray, StringViewArray, TimestampMicrosecondArray,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, TimeUnit};

use super::{Result, StoreError};

/// Arrow's time type of every `*_at` column.
pub fn timestamp_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// The type an array is sent as: one of Int64, Int32, Float64, Boolean, Utf8, LargeUtf8, Utf8View, Binary,
/// FixedSizeBinary, Date32, Timestamp(µs). `None` when there is no plain column type for it (structs).
pub(super) fn sent_as(data_type: &DataType) -> Option<DataType> {
    Some(match data_type {
        DataType::Int64
        | DataType::Int32
        | DataType::Float64
        | DataType::Boolean
        | DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Binary
        | DataType::FixedSizeBinary(_)
        | DataType::Date32 => data_type.clone(),
        DataType::Timestamp(..) => timestamp_type(),
        DataType::Int8 | DataType::Int16 | DataType::UInt8 | DataType::UInt16 => DataType::Int32,
        DataType::UInt32 | DataType::UInt64 => DataType::Int64,
        DataType::Float16 | DataType::Float32 => DataType::Float64,
        DataType::LargeBinary | DataType::BinaryView => DataType::Binary,
        DataType::Date64 => DataType::Date32,
        DataType::Dictionary(_, value) => sent_as(value)?,
        DataType::Null => DataType::Utf8,
        // As text: a database has its own way to write them.
        DataType::Decimal128(..) | DataType::Time32(_) | DataType::Time64(_) | DataType::List(_) => {
            DataType::Utf8
        }
        _ => return None,
    })
}

/// Casts where needed; a value that does not fit is an error and never becomes NULL.
pub(super) fn cast(array: &ArrayRef, to: &DataType, column: &str) -> Result<ArrayRef> {
    if array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    if let (DataType::List(_), DataType::Utf8) = (array.data_type(), to) {
        return super::typed::json_of_lists(array, column);
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(array, to, &options)
        .map_err(|_| StoreError::value(format!("column {column}: a {} does not fit {to}", array.data_type())))
}

/// An array with its type known: one match per column, not per cell.
pub(super) enum Cells<'a> {
    Int64(&'a Int64Array),
    Int32(&'a Int32Array),
    Float64(&'a Float64Array),
    Bool(&'a BooleanArray),
    Utf8(&'a StringArray),
    LargeUtf8(&'a LargeStringArray),
    Utf8View(&'a StringViewArray),
    Binary(&'a BinaryArray),
    FixedBinary(&'a FixedSizeBinaryArray),
    Date(&'a Date32Array),
    Timestamp(&'a TimestampMicrosecondArray),
}

impl<'a> Cells<'a> {
    /// Of an array that [`sent_as`] its own type.
    pub(super) fn of(array: &'a ArrayRef) -> Result<Self> {
        let any = array.as_any();
        let cells = match array.data_type() {
            DataType::Int64 => any.downcast_ref().map(Self::Int64),
            DataType::Int32 => any.downcast_ref().map(Self::Int32),
            DataType::Float64 => any.downcast_ref().map(Self::Float64),
            DataType::Boolean => any.downcast_ref().map(Self::Bool),
            DataType::Utf8 => any.downcast_ref().map(Self::Utf8),
            DataType::LargeUtf8 => any.downcast_ref().map(Self::LargeUtf8),
            DataType::Utf8View => any.downcast_ref().map(Self::Utf8View),
            DataType::Binary => any.downcast_ref().map(Self::Binary),
            DataType::FixedSizeBinary(_) => any.downcast_ref().map(Self::FixedBinary),
            DataType::Date32 => any.downcast_ref().map(Self::Date),
            DataType::Timestamp(TimeUnit::Microsecond, _) => any.downcast_ref().map(Self::Timestamp),
            _ => None,
        };
        cells.ok_or_else(|| StoreError::internal(format!("an array of {} has no cells", array.data_type())))
    }
}

/// The texts of an array without NUL characters, which no database text can hold; `None` when there were none.
pub(super) fn without_nul(array: &ArrayRef) -> Result<Option<ArrayRef>> {
    fn strip<'a>(values: impl Iterator<Item = Option<&'a str>> + Clone) -> Option<ArrayRef> {
        if !values.clone().flatten().any(|text| text.as_bytes().contains(&0)) {
            return None;
        }
        let stripped: StringArray = values.map(|value| value.map(|text| text.replace('\0', ""))).collect();
        Some(Arc::new(stripped))
    }
    let stripped = match Cells::of(array)? {
        // One search over the whole buffer: it is contiguous.
        Cells::Utf8(texts) if !texts.value_data().contains(&0) => None,
        Cells::Utf8(texts) => strip(texts.iter()),
        Cells::LargeUtf8(texts) => strip(texts.iter()),
        Cells::Utf8View(texts) => strip(texts.iter()),
        _ => None,
    };
    match stripped {
        // Back to the layout the encoder was built for.
        Some(texts) => cast(&texts, array.data_type(), "text").map(Some),
        None => Ok(None),
    }
}
