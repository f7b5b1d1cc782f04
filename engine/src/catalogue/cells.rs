//! Cells of an answer as text and as JSON: numbers and truth values as such, everything else as text.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::{Map, Value};

/// How cells become text: times in UTC, as the rest of Importer writes them.
pub const CELLS: FormatOptions<'static> =
    FormatOptions::new().with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%.fZ"));

/// The rows of a batch as JSON objects.
pub fn json_rows(batch: &RecordBatch) -> Result<Vec<Map<String, Value>>, ArrowError> {
    let mut rows = vec![Map::new(); batch.num_rows()];
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let texts = ArrayFormatter::try_new(column.as_ref(), &CELLS)?;
        for (n, row) in rows.iter_mut().enumerate() {
            row.insert(field.name().clone(), json_cell(column.as_ref(), &texts, n)?);
        }
    }
    Ok(rows)
}

fn json_cell(array: &dyn Array, texts: &ArrayFormatter<'_>, row: usize) -> Result<Value, ArrowError> {
    if array.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match array.data_type() {
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).into(),
        number => {
            let text = texts.value(row).try_to_string()?;
            match text.parse::<i64>() {
                Ok(whole) if number.is_integer() => whole.into(),
                _ => Value::String(text),
            }
        }
    })
}
