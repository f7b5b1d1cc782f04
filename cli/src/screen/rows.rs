//! Arrow batches for people and programs: cells as text, rows as CSV or JSON, one batch at a time.

use std::io::Write;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use importer_sql::functions::spreadsheet_safe_str;
use serde_json::{Map, Value};

use super::Sheet;
use crate::failure::Failure;

/// The cells of a batch as text.
pub struct TextRows<'a> {
    batch: &'a RecordBatch,
    columns: Vec<ArrayFormatter<'a>>,
}

/// Times in UTC, as the rest of Importer writes them.
const OPTIONS: FormatOptions<'static> =
    FormatOptions::new().with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%.fZ"));

impl<'a> TextRows<'a> {
    /// Prepares the columns of a batch.
    pub fn new(batch: &'a RecordBatch) -> Result<Self, Failure> {
        let columns = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &OPTIONS))
            .collect::<Result<_, _>>()?;
        Ok(Self { batch, columns })
    }

    /// One cell; nothing for NULL.
    pub fn cell(&self, row: usize, column: usize) -> Result<Option<String>, Failure> {
        if self.batch.column(column).is_null(row) {
            return Ok(None);
        }
        Ok(Some(self.columns[column].value(row).try_to_string()?))
    }

    /// One row, NULL as empty text.
    pub fn row(&self, row: usize) -> Result<Vec<String>, Failure> {
        (0..self.columns.len()).map(|column| Ok(self.cell(row, column)?.unwrap_or_default())).collect()
    }

    /// Adds all rows to a sheet, cells cut where they are too long to read.
    pub fn fill(&self, sheet: &mut Sheet, most: usize) -> Result<(), Failure> {
        for row in 0..self.batch.num_rows() {
            sheet.row(self.row(row)?.iter().map(|cell| super::short(cell, most)).collect());
        }
        Ok(())
    }
}

/// A CSV that spreadsheets open without reading formulas into it.
pub struct Csv<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> Csv<W> {
    /// Starts with the header.
    pub fn new<S: AsRef<str>>(out: W, header: impl IntoIterator<Item = S>) -> Result<Self, Failure> {
        let mut csv = Self { writer: csv::Writer::from_writer(out) };
        csv.row(header)?;
        Ok(csv)
    }

    /// One row.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) -> Result<(), Failure> {
        for cell in cells {
            self.writer.write_field(spreadsheet_safe_str(cell.as_ref()).as_bytes()).map_err(csv_failed)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(csv_failed)
    }

    /// All rows of a batch. Only text can be mistaken for a formula; a number keeps its sign.
    pub fn batch(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        let rows = TextRows::new(batch)?;
        let is_number: Vec<bool> = batch.columns().iter().map(|c| c.data_type().is_numeric()).collect();
        for row in 0..batch.num_rows() {
            for (column, cell) in rows.row(row)?.iter().enumerate() {
                let safe = spreadsheet_safe_str(cell);
                let bytes = if is_number[column] { cell.as_bytes() } else { safe.as_bytes() };
                self.writer.write_field(bytes).map_err(csv_failed)?;
            }
            self.writer.write_record(None::<&[u8]>).map_err(csv_failed)?;
        }
        Ok(())
    }

    /// Writes what is left.
    pub fn finish(mut self) -> Result<(), Failure> {
        Ok(self.writer.flush()?)
    }
}

fn csv_failed(error: csv::Error) -> Failure {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => Failure::failed(format!("the output cannot be written: {other:?}")),
    }
}

/// A JSON array of objects, written row by row.
pub struct Json<W: Write> {
    out: W,
    rows: u64,
}

impl<W: Write> Json<W> {
    /// Starts the array.
    pub fn new(mut out: W) -> Result<Self, Failure> {
        out.write_all(b"[")?;
        Ok(Self { out, rows: 0 })
    }

    /// One object.
    pub fn row(&mut self, row: &Value) -> Result<(), Failure> {
        self.out.write_all(if self.rows == 0 { b"\n  " } else { b",\n  " })?;
        serde_json::to_writer(&mut self.out, row)?;
        self.rows += 1;
        Ok(())
    }

    /// Closes the array.
    pub fn finish(mut self) -> Result<(), Failure> {
        self.out.write_all(if self.rows == 0 { b"]\n" } else { b"\n]\n" })?;
        Ok(self.out.flush()?)
    }
}

/// One row as a JSON object: numbers and truth values as such, everything else as text.
pub fn json_row(
    schema: &Schema,
    batch: &RecordBatch,
    rows: &TextRows<'_>,
    row: usize,
) -> Result<Value, Failure> {
    let mut object = Map::new();
    for (n, field) in schema.fields().iter().enumerate() {
        object.insert(field.name().clone(), json_cell(batch.column(n).as_ref(), rows, row, n)?);
    }
    Ok(Value::Object(object))
}

fn json_cell(array: &dyn Array, rows: &TextRows<'_>, row: usize, column: usize) -> Result<Value, Failure> {
    let Some(text) = rows.cell(row, column)? else { return Ok(Value::Null) };
    Ok(match array.data_type() {
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).into(),
        number if number.is_integer() => text.parse::<i64>().map_or(Value::String(text), Value::from),
        _ => Value::String(text),
    })
}
