//! Cells of an answer as text and as JSON: numbers and truth values as such, lists as
//! arrays, structs and maps as objects, everything else as text.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StructArray};
use datafusion::arrow::datatypes::{DataType, Fields, Float64Type, Int64Type};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::{Map, Value};

/// How cells become text: times in UTC, as the rest of Importer writes them.
pub const CELLS: FormatOptions<'static> =
    FormatOptions::new().with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%.fZ"));

/// The rows of a batch as JSON objects.
pub fn json_rows(batch: &RecordBatch) -> Result<Vec<Map<String, Value>>, ArrowError> {
    objects(batch.schema().fields(), batch.columns(), batch.num_rows())
}

/// Columns beside each other as one object a row.
fn objects(
    fields: &Fields,
    columns: &[ArrayRef],
    rows: usize,
) -> Result<Vec<Map<String, Value>>, ArrowError> {
    let mut objects = vec![Map::new(); rows];
    for (field, column) in fields.iter().zip(columns) {
        for (object, cell) in objects.iter_mut().zip(json_cells(column.as_ref())?) {
            object.insert(field.name().clone(), cell);
        }
    }
    Ok(objects)
}

fn json_cells(array: &dyn Array) -> Result<Vec<Value>, ArrowError> {
    let list = |items: ArrayRef| json_cells(items.as_ref()).map(Value::Array);
    match array.data_type() {
        DataType::Boolean => cells(array, |row| Ok(Value::Bool(array.as_boolean().value(row)))),
        DataType::Int64 => cells(array, |row| Ok(array.as_primitive::<Int64Type>().value(row).into())),
        DataType::Float64 => cells(array, |row| Ok(array.as_primitive::<Float64Type>().value(row).into())),
        DataType::List(_) => cells(array, |row| list(array.as_list::<i32>().value(row))),
        DataType::LargeList(_) => cells(array, |row| list(array.as_list::<i64>().value(row))),
        DataType::ListView(_) => cells(array, |row| list(array.as_list_view::<i32>().value(row))),
        DataType::LargeListView(_) => cells(array, |row| list(array.as_list_view::<i64>().value(row))),
        DataType::FixedSizeList(_, _) => cells(array, |row| list(array.as_fixed_size_list().value(row))),
        DataType::Map(_, _) => cells(array, |row| map(&array.as_map().value(row))),
        DataType::Struct(_) => {
            let parts = array.as_struct();
            let mut made = objects(parts.fields(), parts.columns(), array.len())?;
            cells(array, |row| Ok(Value::Object(std::mem::take(&mut made[row]))))
        }
        other => {
            let texts = ArrayFormatter::try_new(array, &CELLS)?;
            cells(array, |row| {
                let text = texts.value(row).try_to_string()?;
                Ok(match text.parse::<i64>() {
                    Ok(whole) if other.is_integer() => whole.into(),
                    _ => Value::String(text),
                })
            })
        }
    }
}

/// What the cells are that are not NULL. An array of nothing but NULL says so only when it is asked for its logical ones.
fn cells(
    array: &dyn Array,
    mut cell: impl FnMut(usize) -> Result<Value, ArrowError>,
) -> Result<Vec<Value>, ArrowError> {
    let nulls = array.logical_nulls();
    let mut cells = Vec::with_capacity(array.len());
    for row in 0..array.len() {
        let is_null = nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
        cells.push(if is_null { Value::Null } else { cell(row)? });
    }
    Ok(cells)
}

/// A map as an object; what is no text becomes one where it is a key.
fn map(entries: &StructArray) -> Result<Value, ArrowError> {
    let keys = ArrayFormatter::try_new(entries.column(0).as_ref(), &CELLS)?;
    let mut object = Map::new();
    for (n, value) in json_cells(entries.column(1).as_ref())?.into_iter().enumerate() {
        object.insert(keys.value(n).try_to_string()?, value);
    }
    Ok(Value::Object(object))
}
