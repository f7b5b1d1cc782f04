//! Rows that travel with their statement. On Postgres they are arrays, one per column: no temporary table is made, filled,
//! looked at by the planner and dropped again, and the number of rows is known to it all the same. For rows by the hundred
//! thousand a temporary table is the better place (`temp`): arrays are in memory on both sides.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Executor as _, Postgres};

use super::cells::{self, sent_as};
use super::insert_postgres::add;
use super::session::{Connection, Session};
use super::{Result, StoreError, ident};

/// Rows as a place in the FROM of a statement, with the columns of their schema. Texts are COLLATE "C", as key columns are.
pub fn rows_as_arrays(schema: &SchemaRef) -> Result<String> {
    let (mut columns, mut arrays, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (n, field) in schema.fields().iter().enumerate() {
        let (kind, then) = element(field.data_type()).ok_or_else(|| no_array(field.data_type()))?;
        columns.push(format!("a.c{n}{then} AS {}", ident(field.name())));
        arrays.push(format!("${}::{kind}[]", n + 1));
        names.push(format!("c{n}"));
    }
    Ok(format!(
        "(SELECT {} FROM unnest({}) AS a ({}))",
        columns.join(", "),
        arrays.join(", "),
        names.join(", ")
    ))
}

impl Session {
    /// Runs a statement with rows that go along with it, on Postgres: `sql` has [`rows_as_arrays`] in its FROM. Gives the
    /// number of rows touched.
    pub(super) async fn execute_about(&mut self, sql: &str, rows: &RecordBatch) -> Result<u64> {
        let Connection::Postgres(connection) = &mut self.connection else { return Err(only_postgres()) };
        Ok((**connection).execute(query(sql, rows)?).await?.rows_affected())
    }
}

/// A statement with the rows as its parameters. It is not kept prepared: the plan is made for these rows, of which the
/// planner then knows the number.
pub(super) fn query<'a>(sql: &'a str, rows: &RecordBatch) -> Result<Query<'a, Postgres, PgArguments>> {
    let mut arguments = PgArguments::default();
    for (field, column) in rows.schema().fields().iter().zip(rows.columns()) {
        let sent = sent_as(field.data_type()).ok_or_else(|| no_array(field.data_type()))?;
        let column = cells::cast(column, &sent, field.name())?;
        let clean = cells::without_nul(&column)?.unwrap_or_else(|| Arc::clone(&column));
        add(&mut arguments, &clean)?;
    }
    Ok(sqlx::query_with(AssertSqlSafe(sql), arguments).persistent(false))
}

pub(super) fn only_postgres() -> StoreError {
    StoreError::internal("only Postgres takes rows as arrays")
}

/// The type of an array's elements, and what stands behind a column of them.
fn element(data_type: &DataType) -> Option<(&'static str, &'static str)> {
    Some(match sent_as(data_type)? {
        DataType::Int64 => ("int8", ""),
        DataType::Int32 => ("int4", ""),
        DataType::Float64 => ("float8", ""),
        DataType::Boolean => ("bool", ""),
        DataType::Binary | DataType::FixedSizeBinary(_) => ("bytea", ""),
        DataType::Date32 => ("date", ""),
        DataType::Timestamp(..) => ("timestamptz", ""),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => ("text", " COLLATE \"C\""),
        _ => return None,
    })
}

fn no_array(data_type: &DataType) -> StoreError {
    StoreError::internal(format!("a column of {data_type} has no array type"))
}
