//! Arrays in plain types. Lists, maps, structs and unions hold arrays that are brought into plain types in turn.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StringBuilder, StructArray, new_null_array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::plain::is_uuid;
use super::text::{Bytes, Converted, IntoConverted, empty_as_null, hex, text, uuids};

/// A value that does not fit is an error, never a NULL.
fn cast(array: &dyn Array, to: &DataType) -> Result<ArrayRef, ArrowError> {
    cast_with_options(array, to, &CastOptions { safe: false, ..CastOptions::default() })
}

/// `array`, whose field in the source is `field`, in the plain type `to`. `cell`: empty texts are NULL.
pub(super) fn convert(
    array: &ArrayRef,
    field: &Field,
    to: &DataType,
    bytes: Bytes,
    cell: bool,
) -> Result<Converted, ArrowError> {
    match array.data_type() {
        DataType::Null => Ok(new_null_array(to, array.len()).into()),
        DataType::Dictionary(_, value) => {
            convert(&cast(array, value)?, &inner(field, value), to, bytes, cell)
        }
        DataType::RunEndEncoded(_, value) => {
            let said = match field.data_type() {
                DataType::RunEndEncoded(_, said) => said,
                _ => value,
            };
            convert(&cast(array, value.data_type())?, said, to, bytes, cell)
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            let text = if array.data_type() == to { Arc::clone(array) } else { cast(array, to)? };
            Ok(if cell { empty_as_null(text) } else { text }.into())
        }
        DataType::FixedSizeBinary(16) if is_uuid(field) && bytes == Bytes::Text => Ok(uuids(array)),
        DataType::FixedSizeBinary(_) => hex(&cast(array, &DataType::Binary)?),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
            let array = if array.data_type() == &DataType::Binary {
                Arc::clone(array)
            } else {
                cast(array, &DataType::Binary)?
            };
            let text_field = is_text(field.data_type());
            match bytes {
                Bytes::Hex if !text_field => hex(&array),
                _ => Ok(text(&array, cell, text_field)),
            }
        }
        DataType::Struct(_)
        | DataType::Map(_, _)
        | DataType::List(_)
        | DataType::LargeList(_)
        | DataType::ListView(_)
        | DataType::LargeListView(_)
        | DataType::FixedSizeList(_, _)
        | DataType::Union(_, _) => nested(array, field.data_type(), to, bytes, cell),
        same if same == to => Ok(Arc::clone(array).into()),
        _ => Ok(cast(array, to)?.into()),
    }
}

/// The field of what a dictionary holds: what is said of the field holds for its values.
fn inner(field: &Field, value: &DataType) -> Field {
    let said = match field.data_type() {
        DataType::Dictionary(_, said) => said.as_ref(),
        _ => value,
    };
    Field::new(field.name(), said.clone(), true).with_metadata(field.metadata().clone())
}

/// A format may give the bytes of a text, so that one in another encoding costs itself only.
fn is_text(field: &DataType) -> bool {
    matches!(field, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// A nested array in the plain type `to`. `said`: its type in the source, where the array may hold the bytes of texts.
fn nested(
    array: &ArrayRef,
    said: &DataType,
    to: &DataType,
    bytes: Bytes,
    cell: bool,
) -> Result<Converted, ArrowError> {
    match (array.data_type(), to) {
        (DataType::Struct(from), DataType::Struct(fields)) => {
            let from = match said {
                DataType::Struct(said) if said.len() == from.len() => said,
                _ => from,
            };
            structs(array.as_struct(), from, fields, bytes, cell)
        }
        (DataType::List(from), DataType::List(item)) => {
            let list = array.as_list::<i32>();
            lists(list.offsets(), list.values(), list.nulls(), item_of(said, from), item, bytes)
        }
        (DataType::Map(from, _), DataType::List(item)) => {
            let map = array.as_map();
            let entries: ArrayRef = Arc::new(map.entries().clone());
            lists(map.offsets(), &entries, map.nulls(), item_of(said, from), item, bytes)
        }
        (
            DataType::LargeList(from)
            | DataType::ListView(from)
            | DataType::LargeListView(from)
            | DataType::FixedSizeList(from, _),
            DataType::List(_),
        ) => {
            let from = Field::clone(from).with_nullable(true);
            nested(&cast(array, &DataType::List(Arc::new(from)))?, said, to, bytes, cell)
        }
        (DataType::Union(_, _), DataType::Utf8) => unions(array),
        (from, to) => Err(ArrowError::CastError(format!("{from} cannot become {to}"))),
    }
}

/// The field of the items of a list: the source's, or else that of the array.
fn item_of<'a>(said: &'a DataType, held: &'a Field) -> &'a Field {
    match said {
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => item,
        _ => held,
    }
}

fn structs(
    array: &StructArray,
    from: &Fields,
    to: &Fields,
    bytes: Bytes,
    cell: bool,
) -> Result<Converted, ArrowError> {
    if to.is_empty() {
        return Ok(
            Arc::new(StructArray::new_empty_fields(array.len(), array.nulls().cloned())).into_converted()
        );
    }
    let mut columns = Vec::with_capacity(to.len());
    let mut unread = Vec::new();
    for ((column, from), to) in array.columns().iter().zip(from).zip(to) {
        let converted = convert(column, from, to.data_type(), bytes, cell)?;
        columns.push(converted.array);
        unread.extend(converted.unread);
    }
    // A field may hold anything where its struct is NULL: nothing is lost there.
    unread.retain(|i| array.is_valid(*i));
    unread.sort_unstable();
    unread.dedup();
    let array = StructArray::try_new(to.clone(), columns, array.nulls().cloned())?;
    Ok(Converted { array: Arc::new(array), unread })
}

/// Items keep their places, so an empty text in a list stays one.
fn lists(
    offsets: &OffsetBuffer<i32>,
    values: &ArrayRef,
    nulls: Option<&NullBuffer>,
    from: &Field,
    item: &FieldRef,
    bytes: Bytes,
) -> Result<Converted, ArrowError> {
    // Only the items of these lists: the array may be a slice of a large one.
    let first = offsets.first().copied().unwrap_or(0);
    let last = offsets.last().copied().unwrap_or(first);
    let at = |offset: i32| usize::try_from(offset).unwrap_or(0);
    let values = values.slice(at(first), at(last).saturating_sub(at(first)));
    let offsets: OffsetBuffer<i32> =
        OffsetBuffer::new(offsets.iter().map(|o| o.saturating_sub(first)).collect());
    let converted = convert(&values, from, item.data_type(), bytes, false)?;
    let mut unread: Vec<usize> = converted
        .unread
        .iter()
        .map(|i| offsets.partition_point(|o| at(*o) <= *i).saturating_sub(1))
        .collect();
    unread.dedup();
    let array = ListArray::try_new(Arc::clone(item), offsets, converted.array, nulls.cloned())?;
    Ok(Converted { array: Arc::new(array), unread })
}

/// The text of each value, whichever type it has.
fn unions(array: &ArrayRef) -> Result<Converted, ArrowError> {
    let union = array.as_union();
    let DataType::Union(fields, _) = union.data_type() else {
        return Err(ArrowError::CastError("no union".to_owned()));
    };
    let options = FormatOptions::default();
    let mut children = Vec::new();
    for (id, _) in fields.iter() {
        let child = union.child(id);
        children.push((id, child, ArrayFormatter::try_new(child, &options)?));
    }
    let mut out = StringBuilder::new();
    for i in 0..union.len() {
        let (id, at) = (union.type_id(i), union.value_offset(i));
        match children.iter().find(|(child, _, _)| *child == id) {
            Some((_, child, text))
                if at < child.len() && !child.is_null(at) && child.data_type() != &DataType::Null =>
            {
                write!(out, "{}", text.value(at)).map_err(|_| ArrowError::CastError("no text".to_owned()))?;
                out.append_value("");
            }
            _ => out.append_null(),
        }
    }
    Ok(Arc::new(out.finish()).into_converted())
}
