//! Arrow batches for people and programs: cells as text, rows as CSV or JSON, one batch at a time.

use std::io::Write;

use arrow::array::{Array, RecordBatch};
use arrow::util::display::ArrayFormatter;
use importer_engine::catalogue::CELLS;
use importer_sql::functions::spreadsheet_safe_str;
use serde_json::Value;

use super::cell::short;
use super::table::Sheet;
use crate::failure::Failure;

/// The cells of a batch as text.
pub struct TextRows<'a> {
    batch: &'a RecordBatch,
    columns: Vec<ArrayFormatter<'a>>,
}

impl<'a> TextRows<'a> {
    /// Prepares the columns of a batch.
    pub fn new(batch: &'a RecordBatch) -> Result<Self, Failure> {
        let columns = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &CELLS))
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
            sheet.row(self.row(row)?.iter().map(|cell| short(cell, most)).collect());
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

    /// One row of data as it stands in a file: a number keeps its sign, as no spreadsheet takes it for a formula.
    pub fn data<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) -> Result<(), Failure> {
        for cell in cells {
            let safe = spreadsheet_safe_str(cell);
            let bytes = if is_number(cell) { cell.as_bytes() } else { safe.as_bytes() };
            self.writer.write_field(bytes).map_err(csv_failed)?;
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

/// A sign and digits, with points or commas between them.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
}

fn csv_failed(error: csv::Error) -> Failure {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => Failure::failed(format!("the output cannot be written: {other:?}")),
    }
}

/// A JSON array of objects, written row by row. It begins with its first row: where there is none, a failure is all that
/// stands in its place.
pub struct Json<W: Write> {
    out: W,
    rows: u64,
}

impl<W: Write> Json<W> {
    /// An array without rows.
    pub fn new(out: W) -> Self {
        Self { out, rows: 0 }
    }

    /// One object.
    pub fn row(&mut self, row: &Value) -> Result<(), Failure> {
        self.out.write_all(if self.rows == 0 { b"[\n  " } else { b",\n  " })?;
        serde_json::to_writer(&mut self.out, row)?;
        self.rows += 1;
        Ok(())
    }

    /// Closes the array after its last row, or after a failure where rows were written, so that they can be read.
    pub fn end(mut self, written: Result<(), Failure>) -> Result<(), Failure> {
        match written {
            Ok(()) => Ok(self.close()?),
            Err(failure) if self.rows == 0 => Err(failure),
            Err(failure) => {
                // What the rows failed with comes before what their end fails with.
                let _ = self.close();
                Err(Failure::Begun(Box::new(failure)))
            }
        }
    }

    fn close(&mut self) -> std::io::Result<()> {
        self.out.write_all(if self.rows == 0 { b"[]\n" } else { b"\n]\n" })?;
        self.out.flush()
    }
}
