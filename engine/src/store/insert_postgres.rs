//! A few rows into a Postgres table as one INSERT from arrays.
//!
//! A COPY ends with a message of its own, which the system holds back for up to 40 ms behind unacknowledged data; the
//! driver cannot turn that off. One statement with its parameters leaves in one piece. Large batches do not feel it.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::compute::cast;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Float64Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType,
};
use chrono::{DateTime, NaiveDate, TimeDelta};
use sqlx::postgres::PgArguments;
use sqlx::{Arguments as _, AssertSqlSafe, Executor as _, PgConnection};

use super::declared::{Declared, from_text};
use super::{Result, StoreError, ident};

/// Rows up to which one INSERT is quicker than a COPY.
pub(super) const FEW_ROWS: usize = 4096;

/// A column as the statement takes it.
pub(super) struct Target<'a> {
    pub(super) name: &'a str,
    /// The type that the table declares.
    pub(super) declared: &'a Declared,
}

/// Whether every column's type can be given as an array.
pub(super) fn fits<'a>(declared: impl IntoIterator<Item = &'a str>) -> bool {
    declared.into_iter().all(|kind| array_type(kind).is_some())
}

/// The element type of the array for a column, and the cast behind it.
fn array_type(declared: &str) -> Option<(&'static str, &'static str)> {
    Some(match declared {
        "int8" => ("int8", ""),
        "int4" => ("int4", ""),
        "int2" => ("int2", ""),
        "float8" => ("float8", ""),
        "bool" => ("bool", ""),
        "bytea" => ("bytea", ""),
        "date" => ("date", ""),
        "timestamptz" => ("timestamptz", ""),
        "timestamp" => ("timestamptz", " AT TIME ZONE 'UTC'"),
        "text" | "varchar" => ("text", ""),
        "json" => ("text", "::json"),
        "jsonb" => ("text", "::jsonb"),
        _ => return None,
    })
}

/// Adds rows whose columns were prepared as for COPY.
pub(super) async fn insert(
    connection: &mut PgConnection,
    table_sql: &str,
    targets: &[Target<'_>],
    columns: &[ArrayRef],
) -> Result<u64> {
    let (mut names, mut values, mut arrays) = (Vec::new(), Vec::new(), Vec::new());
    let mut arguments = PgArguments::default();
    for (n, (target, column)) in targets.iter().zip(columns).enumerate() {
        let value = format!("a.c{n}");
        let (kind, value) = match array_type(&target.declared.name) {
            Some((kind, then)) => (kind, format!("{value}{then}")),
            None => ("text", from_text(&value, target.declared)),
        };
        names.push(ident(target.name));
        values.push(value);
        arrays.push((format!("${}::{kind}[]", n + 1), format!("c{n}")));
        add(&mut arguments, column)?;
    }
    let sql = format!(
        // As COPY does: ids were taken from the table's own sequence, also where it is GENERATED ALWAYS.
        "INSERT INTO {table_sql} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM unnest({}) AS a ({})",
        names.join(", "),
        values.join(", "),
        arrays.iter().map(|(array, _)| array.as_str()).collect::<Vec<_>>().join(", "),
        arrays.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", "),
    );
    // Not kept prepared: temporary tables come and go under one name.
    let query = sqlx::query_with(AssertSqlSafe(sql), arguments).persistent(false);
    Ok(connection.execute(query).await?.rows_affected())
}

/// Adds a column as an array.
pub(super) fn add(arguments: &mut PgArguments, column: &ArrayRef) -> Result<()> {
    let added = match column.data_type() {
        DataType::Int64 => arguments.add(plain::<Int64Type>(column)),
        DataType::Int32 => arguments.add(plain::<Int32Type>(column)),
        DataType::Int16 => arguments.add(plain::<Int16Type>(column)),
        DataType::Float64 => arguments.add(plain::<Float64Type>(column)),
        DataType::Boolean => arguments.add(column.as_boolean().iter().collect::<Vec<_>>()),
        DataType::Date32 => {
            let days = column.as_primitive::<Date32Type>();
            arguments.add(days.iter().map(|d| d.map(date).transpose()).collect::<Result<Vec<_>>>()?)
        }
        DataType::Timestamp(..) => {
            let times = column.as_primitive::<TimestampMicrosecondType>();
            arguments.add(times.iter().map(|t| t.map(instant).transpose()).collect::<Result<Vec<_>>>()?)
        }
        DataType::Binary | DataType::FixedSizeBinary(_) => {
            let bytes = cast(column, &DataType::Binary).map_err(|_| wrong(column))?;
            arguments.add(bytes.as_binary::<i32>().iter().collect::<Vec<_>>())
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            let texts = match column.data_type() {
                DataType::Utf8 => Arc::clone(column),
                _ => cast(column, &DataType::Utf8).map_err(|_| wrong(column))?,
            };
            arguments.add(texts.as_string::<i32>().iter().collect::<Vec<_>>())
        }
        _ => return Err(wrong(column)),
    };
    added.map_err(|_| StoreError::internal("a column could not be encoded"))
}

fn plain<T: ArrowPrimitiveType>(column: &ArrayRef) -> Vec<Option<T::Native>> {
    let values: &PrimitiveArray<T> = column.as_primitive();
    values.iter().collect()
}

fn date(days: i32) -> Result<NaiveDate> {
    NaiveDate::default()
        .checked_add_signed(TimeDelta::days(days.into()))
        .ok_or_else(|| StoreError::value("a date lies outside the calendar"))
}

fn instant(micros: i64) -> Result<DateTime<chrono::Utc>> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| StoreError::value("a time lies outside the calendar"))
}

fn wrong(column: &ArrayRef) -> StoreError {
    StoreError::internal(format!("a column of {} has no array type", column.data_type()))
}
