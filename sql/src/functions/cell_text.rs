//! `cell_text`: a value of any type as the text that a contract type is read from.
//!
//! A source that has types (Parquet, Avro, a database) and one that has none (CSV) meet here: dates and times come out as
//! ISO 8601, numbers in plain digits, lists of values as people write them, and anything nested as JSON.

use std::fmt::Write as _;
use std::sync::Arc;

use super::scalar_function::scalar_function;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float32Type, Float64Type, Schema};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Signature, Volatility};
use datafusion_macros::user_doc;
use serde_json::{Map, Value};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"A value of any type as text: dates and times in ISO 8601, numbers in plain digits, a list of values with `; ` between them (in quotes where a value holds a semicolon or a quote), and anything nested as JSON. Text stays as it is."#,
    syntax_example = "cell_text(value)",
    sql_example = r#"```sql
> SELECT cell_text(DATE '2025-03-12');
2025-03-12
> SELECT cell_text(1001.0);
1001
```"#,
    argument(name = "value", description = "A value of any type.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct CellText;

scalar_function!(
    CellText,
    "cell_text",
    Signature::any(1, Volatility::Immutable),
    DataType::Utf8View,
    lenient,
    |_, args| {
        let columns = ColumnarValue::values_to_arrays(&args.args)?;
        let [column] = columns.as_slice() else {
            return datafusion_common::exec_err!("cell_text takes one argument");
        };
        Ok(ColumnarValue::Array(cast(&text_column(column)?, &DataType::Utf8View)?))
    }
);

/// Every column as the text that `cell_text` makes of it, under its own name.
///
/// # Errors
/// A value cannot be shown, such as a timestamp beyond the calendar.
pub fn text_columns(records: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let is_text = |field: &Arc<Field>| *field.data_type() == DataType::Utf8;
    if records.schema_ref().fields().iter().all(is_text) {
        return Ok(records.clone());
    }
    let fields: Vec<Field> =
        records.schema_ref().fields().iter().map(|f| Field::new(f.name(), DataType::Utf8, true)).collect();
    let columns = records.columns().iter().map(|column| Ok(Arc::new(text_column(column)?) as ArrayRef));
    let columns = columns.collect::<Result<Vec<_>, ArrowError>>()?;
    let rows = arrow::array::RecordBatchOptions::new().with_row_count(Some(records.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &rows)
}

fn text_column(column: &ArrayRef) -> Result<StringArray, ArrowError> {
    if let Some(text) = column.as_string_opt::<i32>() {
        return Ok(text.clone());
    }
    if matches!(column.data_type(), DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..)) {
        return Ok(cast(column, &DataType::Utf8)?.as_string::<i32>().clone());
    }
    let mut texts = StringBuilder::with_capacity(column.len(), column.len() * 8);
    let mut text = String::new();
    for row in 0..column.len() {
        text.clear();
        if column.is_valid(row) {
            write_cell(column, row, &mut text)?;
        }
        texts.append_option((!text.is_empty()).then_some(&text));
    }
    Ok(texts.finish())
}

/// Dates and times as ISO 8601 writes them; a time with a zone ends in its offset.
fn options() -> FormatOptions<'static> {
    FormatOptions::new()
        .with_date_format(Some("%Y-%m-%d"))
        .with_datetime_format(Some("%Y-%m-%dT%H:%M:%S%.f"))
        .with_timestamp_format(Some("%Y-%m-%dT%H:%M:%S%.f"))
        .with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%.f%:z"))
        .with_time_format(Some("%H:%M:%S%.f"))
}

fn write_cell(column: &ArrayRef, row: usize, out: &mut String) -> Result<(), ArrowError> {
    match column.data_type() {
        DataType::Null => Ok(()),
        DataType::Float64 => number(column.as_primitive::<Float64Type>().value(row), out),
        DataType::Float32 => {
            // As a double it would have digits that nobody wrote: 0.1 is 0.10000000149.
            let value = column.as_primitive::<Float32Type>().value(row);
            if value.is_finite() {
                let _ = write!(out, "{value}");
            }
            Ok(())
        }
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => {
            let items = items(column, row);
            if items.data_type().is_nested() {
                return json_text(column, row, out);
            }
            let mut text = String::new();
            for item in (0..items.len()).filter(|&item| items.is_valid(item)) {
                if !out.is_empty() {
                    out.push_str("; ");
                }
                text.clear();
                write_cell(&items, item, &mut text)?;
                push_value(&text, out);
            }
            Ok(())
        }
        nested if nested.is_nested() => json_text(column, row, out),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            let bytes = cast(column, &DataType::Binary)?;
            for byte in bytes.as_binary::<i32>().value(row) {
                let _ = write!(out, "{byte:02x}");
            }
            Ok(())
        }
        _ => {
            let options = options();
            let _ = write!(out, "{}", ArrayFormatter::try_new(column, &options)?.value(row).try_to_string()?);
            Ok(())
        }
    }
}

/// One of several values; in quotes where it holds what stands between them.
fn push_value(text: &str, out: &mut String) {
    if text.contains([';', '"', '\n', '\r']) {
        let _ = write!(out, "\"{}\"", text.replace('"', "\"\""));
    } else {
        out.push_str(text);
    }
}

/// Digits without an exponent, and without `.0`: an id that a tool has kept as a float is the id again.
fn number(value: f64, out: &mut String) -> Result<(), ArrowError> {
    if value.is_finite() {
        let _ = write!(out, "{value}");
    }
    Ok(())
}

fn items(column: &ArrayRef, row: usize) -> ArrayRef {
    match column.data_type() {
        DataType::LargeList(_) => column.as_list::<i64>().value(row),
        DataType::FixedSizeList(..) => column.as_fixed_size_list().value(row),
        _ => column.as_list::<i32>().value(row),
    }
}

fn json_text(column: &ArrayRef, row: usize, out: &mut String) -> Result<(), ArrowError> {
    let value = json(column, row)?;
    let _ = write!(out, "{value}");
    Ok(())
}

fn json(column: &ArrayRef, row: usize) -> Result<Value, ArrowError> {
    if column.is_null(row) {
        return Ok(Value::Null);
    }
    let list =
        |items: ArrayRef| (0..items.len()).map(|item| json(&items, item)).collect::<Result<Vec<_>, _>>();
    Ok(match column.data_type() {
        DataType::Struct(fields) => {
            let parts = column.as_struct();
            let members = fields.iter().zip(parts.columns());
            let members = members.map(|(field, part)| Ok((field.name().clone(), json(part, row)?)));
            Value::Object(members.collect::<Result<Map<_, _>, ArrowError>>()?)
        }
        DataType::Map(..) => {
            let entries = column.as_map().value(row);
            let [keys, values] = [entries.column(0), entries.column(1)];
            let mut members = Map::new();
            for entry in 0..entries.len() {
                let mut key = String::new();
                write_cell(keys, entry, &mut key)?;
                members.insert(key, json(values, entry)?);
            }
            Value::Object(members)
        }
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => {
            Value::Array(list(items(column, row))?)
        }
        DataType::Boolean => Value::Bool(column.as_boolean().value(row)),
        kind if kind.is_numeric() => {
            let mut text = String::new();
            write_cell(column, row, &mut text)?;
            // A decimal with more digits than a double has stays text: no digit is lost.
            let is_whole =
                |number: &Value| serde_json::to_string(number).is_ok_and(|written| written == text);
            match serde_json::from_str::<Value>(&text) {
                Ok(number) if kind.is_floating() || is_whole(&number) => number,
                _ => Value::String(text),
            }
        }
        _ => {
            let mut text = String::new();
            write_cell(column, row, &mut text)?;
            Value::String(text)
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int64Array,
        ListArray, ListBuilder, RecordBatch, StringArray, StringBuilder, StructArray,
        TimestampMicrosecondArray,
    };
    use arrow::datatypes::{DataType, Field, Int32Type};

    use super::text_column;

    fn texts(column: impl arrow::array::Array + 'static) -> Vec<Option<String>> {
        let column: ArrayRef = Arc::new(column);
        text_column(&column).unwrap().iter().map(|t| t.map(str::to_owned)).collect()
    }

    fn first(column: impl arrow::array::Array + 'static) -> String {
        texts(column).remove(0).unwrap_or_default()
    }

    #[test]
    fn values_are_written_so_that_they_are_read_as_the_same() {
        assert_eq!(first(Date32Array::from(vec![20_159])), "2025-03-12");
        let time = TimestampMicrosecondArray::from(vec![1_741_781_700_250_000]);
        assert_eq!(first(time.clone()), "2025-03-12T12:15:00.250");
        assert_eq!(first(time.with_timezone("+00:00")), "2025-03-12T12:15:00.250+00:00");
        assert_eq!(first(Float64Array::from(vec![1001.0])), "1001");
        assert_eq!(first(Float64Array::from(vec![1e21])), "1000000000000000000000");
        assert_eq!(first(Float64Array::from(vec![0.1])), "0.1");
        assert_eq!(first(Int64Array::from(vec![-7])), "-7");
        assert_eq!(first(BooleanArray::from(vec![true])), "true");
        let money = Decimal128Array::from(vec![1_250]).with_precision_and_scale(9, 2).unwrap();
        assert_eq!(first(money), "12.50");
        assert_eq!(texts(StringArray::from(vec![None::<&str>])), [None]);
        assert_eq!(texts(Float64Array::from(vec![f64::NAN])), [None]);
    }

    #[test]
    fn lists_are_written_as_people_do_and_nested_values_as_json() {
        let numbers =
            ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1), None, Some(2)])]);
        assert_eq!(first(numbers), "1; 2");
        assert_eq!(first(Float32Array::from(vec![0.1])), "0.1");
        let mut words = ListBuilder::new(StringBuilder::new());
        words.append_value([Some("a; b"), Some("5\""), Some("c")]);
        assert_eq!(first(words.finish()), "\"a; b\"; \"5\"\"\"; c");
        let city: ArrayRef = Arc::new(StringArray::from(vec!["Köln"]));
        let zip: ArrayRef = Arc::new(Int64Array::from(vec![50_667]));
        let place = StructArray::from(vec![
            (Arc::new(Field::new("city", DataType::Utf8, true)), city),
            (Arc::new(Field::new("zip", DataType::Int64, true)), zip),
        ]);
        assert_eq!(first(place), r#"{"city":"Köln","zip":50667}"#);
    }

    #[test]
    fn text_is_handed_on_as_it_is() {
        let column: ArrayRef = Arc::new(StringArray::from(vec![Some(" a "), None]));
        let batch = RecordBatch::try_from_iter([("x", column)]).unwrap();
        assert_eq!(super::text_columns(&batch).unwrap(), batch);
    }
}
