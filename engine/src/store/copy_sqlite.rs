//! Many rows per prepared INSERT into SQLite.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Executor, SqliteConnection};

use super::cells::{self, Cells, sent_as};
use super::{Dialect, Result, StoreError, Table, ident_list, time};

/// SQLite's limit of parameters per statement.
const MAX_PARAMETERS: usize = 32_766;
/// More rows per statement bring nothing: the cost per statement is spread enough.
const MAX_ROWS: usize = 256;

pub(super) struct SqliteCopy<'a> {
    connection: &'a mut SqliteConnection,
    head: String,
    full: Arc<str>,
    rows_per_statement: usize,
    names: Vec<String>,
    sent: Vec<DataType>,
    /// As the database counts them: without those that a trigger passes over, and none that go into a view.
    rows: u64,
}

impl<'a> SqliteCopy<'a> {
    pub(super) fn begin(
        connection: &'a mut SqliteConnection,
        table: &Table,
        schema: &SchemaRef,
        conflicts: &str,
    ) -> Result<Self> {
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let sent = schema
            .fields()
            .iter()
            .map(|field| {
                sent_as(field.data_type()).ok_or_else(|| {
                    StoreError::value(format!(
                        "column {}: a {} has no SQLite type",
                        field.name(),
                        field.data_type()
                    ))
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let rows_per_statement = (MAX_PARAMETERS / names.len().max(1)).clamp(1, MAX_ROWS);
        let head =
            format!("INSERT{conflicts} INTO {} ({}) VALUES ", table.sql(Dialect::Sqlite), ident_list(&names));
        let full = statement(&head, names.len(), rows_per_statement).into();
        Ok(Self { connection, head, full, rows_per_statement, names, sent, rows: 0 })
    }

    pub(super) async fn send(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_columns() != self.sent.len() {
            return Err(StoreError::internal("a batch does not have the columns announced for the copy"));
        }
        let arrays = batch
            .columns()
            .iter()
            .zip(&self.sent)
            .zip(&self.names)
            .map(|((array, sent), name)| cells::cast(array, sent, name))
            .collect::<Result<Vec<_>>>()?;
        let mut offset = 0;
        while offset < batch.num_rows() {
            let rows = self.rows_per_statement.min(batch.num_rows() - offset);
            let arguments = arguments(&arrays, offset, rows)?;
            if rows == self.rows_per_statement {
                let query = sqlx::query_with(AssertSqlSafe(Arc::clone(&self.full)), arguments);
                self.rows += self.connection.execute(query).await?.rows_affected();
            } else {
                // The rest of a batch: a text of its own, not worth a place in the statement cache.
                let sql = statement(&self.head, self.names.len(), rows);
                let query = sqlx::query_with(AssertSqlSafe(sql), arguments).persistent(false);
                self.rows += self.connection.execute(query).await?.rows_affected();
            }
            offset += rows;
        }
        Ok(())
    }

    pub(super) async fn finish(self) -> Result<u64> {
        Ok(self.rows)
    }
}

fn statement(head: &str, columns: usize, rows: usize) -> String {
    let mut row = String::with_capacity(2 * columns + 2);
    row.push('(');
    for index in 0..columns {
        row.push_str(if index == 0 { "?" } else { ",?" });
    }
    row.push(')');
    let mut sql = String::with_capacity(head.len() + rows * (row.len() + 1));
    sql.push_str(head);
    for index in 0..rows {
        let separator = if index == 0 { "" } else { "," };
        let _ = write!(sql, "{separator}{row}");
    }
    sql
}

fn arguments(arrays: &[ArrayRef], offset: usize, rows: usize) -> Result<SqliteArguments> {
    let columns = arrays.iter().map(Cells::of).collect::<Result<Vec<_>>>()?;
    let mut arguments = SqliteArguments::default();
    arguments.reserve(rows * columns.len(), 0);
    for row in offset..offset + rows {
        for (cells, array) in columns.iter().zip(arrays) {
            let added = if array.is_null(row) {
                arguments.add(None::<i64>)
            } else {
                add(&mut arguments, cells, row)?
            };
            added.map_err(|_| StoreError::value("a value could not be encoded"))?;
        }
    }
    Ok(arguments)
}

fn add(
    arguments: &mut SqliteArguments,
    cells: &Cells<'_>,
    row: usize,
) -> Result<std::result::Result<(), BoxDynError>> {
    Ok(match cells {
        Cells::Int64(array) => arguments.add(array.value(row)),
        Cells::Int32(array) => arguments.add(i64::from(array.value(row))),
        Cells::Float64(array) => arguments.add(array.value(row)),
        Cells::Bool(array) => arguments.add(i64::from(array.value(row))),
        Cells::Utf8(array) => arguments.add(text(array.value(row))),
        Cells::LargeUtf8(array) => arguments.add(text(array.value(row))),
        Cells::Utf8View(array) => arguments.add(text(array.value(row))),
        Cells::Binary(array) => arguments.add(array.value(row)),
        Cells::FixedBinary(array) => arguments.add(array.value(row)),
        Cells::Date(array) => arguments.add(time::date_text(array.value(row))?),
        Cells::Timestamp(array) => arguments.add(array.value(row)),
    })
}

/// An `Arc<str>` is what the driver keeps: one copy instead of two.
fn text(value: &str) -> Arc<str> {
    if value.as_bytes().contains(&0) { value.replace('\0', "").into() } else { value.into() }
}
