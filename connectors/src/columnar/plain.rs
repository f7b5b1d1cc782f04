//! Which plain type stands for a type of a format.
//!
//! Rules and steps meet few types: `Utf8`, `Int64`, `Float32`, `Float64`, `Boolean`, decimals, dates, times, timestamps, lists
//! and structs. Every other type has exactly one of them that holds all its values.

use std::sync::Arc;

use arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, Field, Fields, TimeUnit};

use crate::source::Headers;

/// The name of the canonical extension type of UUIDs, in the metadata of a field.
pub(crate) const UUID_NAME: &str = "arrow.uuid";

/// Whether 16 bytes are a UUID.
pub(super) fn is_uuid(field: &Field) -> bool {
    field.extension_type_name() == Some(UUID_NAME)
}

/// The plain type for `source`; `None` where there is none.
pub(super) fn plain_type(source: &DataType) -> Option<DataType> {
    use DataType as T;
    Some(match source {
        T::Boolean
        | T::Int64
        | T::Float32
        | T::Float64
        | T::Date32
        | T::Time32(_)
        | T::Time64(_)
        | T::Timestamp(_, _)
        | T::Decimal128(_, _) => source.clone(),
        T::Int8 | T::Int16 | T::Int32 | T::UInt8 | T::UInt16 | T::UInt32 => T::Int64,
        // Above the largest Int64 there are values.
        T::UInt64 => T::Decimal128(20, 0),
        T::Float16 => T::Float32,
        // Milliseconds since 1970: some writers put times of day into it.
        T::Date64 => T::Timestamp(TimeUnit::Millisecond, None),
        T::Decimal32(p, s) | T::Decimal64(p, s) => T::Decimal128(*p, *s),
        T::Decimal256(p, s) if *p <= DECIMAL128_MAX_PRECISION => T::Decimal128(*p, *s),
        T::Decimal256(_, _) => source.clone(),
        T::Null
        | T::Utf8
        | T::LargeUtf8
        | T::Utf8View
        | T::Binary
        | T::LargeBinary
        | T::BinaryView
        | T::FixedSizeBinary(_)
        | T::Duration(_)
        | T::Interval(_) => T::Utf8,
        // A value of one of several types: its text.
        T::Union(_, _) => T::Utf8,
        T::Dictionary(_, value) => plain_type(value)?,
        T::RunEndEncoded(_, value) => plain_type(value.data_type())?,
        T::List(item)
        | T::LargeList(item)
        | T::ListView(item)
        | T::LargeListView(item)
        | T::FixedSizeList(item, _) => {
            T::List(Arc::new(Field::new("item", plain_type(item.data_type())?, true)))
        }
        T::Struct(fields) => T::Struct(plain_fields(fields)?),
        // Entries as they stand: equal keys stay apart.
        T::Map(entries, _) => match entries.data_type() {
            T::Struct(fields) if fields.len() == 2 => {
                let entry = T::Struct(plain_fields(fields)?);
                T::List(Arc::new(Field::new("item", entry, true)))
            }
            _ => return None,
        },
    })
}

/// The fields of a struct, their names made unique.
fn plain_fields(fields: &Fields) -> Option<Fields> {
    let names = Headers::from_cells(fields.iter().map(|f| f.name().clone()).collect()).unique;
    fields
        .iter()
        .zip(names)
        .map(|(field, name)| Some(Field::new(name, plain_type(field.data_type())?, true)))
        .collect::<Option<Vec<_>>>()
        .map(Fields::from)
}
