//! Single values: parameters of a statement and cells of a small result.
//!
//! Large data never comes this way; it travels as Arrow batches (`copy`, `read`).

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgRow, PgTypeInfo};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Column, Postgres, Row as _, TypeInfo, ValueRef};

use super::time;
use super::{Result, StoreError};

/// One value, in either database.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing. Takes whatever type the statement expects.
    Null,
    /// bigint / INTEGER.
    Int(i64),
    /// double precision / REAL.
    Float(f64),
    /// boolean / INTEGER 0 or 1.
    Bool(bool),
    /// text / TEXT. JSON goes as text with a cast in the statement (`$1::jsonb`).
    Text(String),
    /// bytea / BLOB.
    Bytes(Vec<u8>),
    /// timestamptz / INTEGER: microseconds since 1970 UTC.
    Timestamp(i64),
    /// date / TEXT 'YYYY-MM-DD': days since 1970.
    Date(i32),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A NULL whose type the server infers.
struct Untyped;

impl sqlx::Type<Postgres> for Untyped {
    fn type_info() -> PgTypeInfo {
        // 705 is `unknown`: the server replaces it by what the statement expects at that place.
        PgTypeInfo::with_oid(Oid(705))
    }
}

impl sqlx::Encode<'_, Postgres> for Untyped {
    fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> std::result::Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}

fn encode_error(_: BoxDynError) -> StoreError {
    StoreError::value("a parameter could not be encoded")
}

pub(super) fn postgres_arguments(params: &[Value]) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for param in params {
        match param {
            Value::Null => arguments.add(Untyped),
            Value::Int(value) => arguments.add(*value),
            Value::Float(value) => arguments.add(*value),
            Value::Bool(value) => arguments.add(*value),
            // Postgres has no NUL in text.
            Value::Text(value) if value.contains('\0') => arguments.add(value.replace('\0', "")),
            Value::Text(value) => arguments.add(value.as_str()),
            Value::Bytes(value) => arguments.add(value.as_slice()),
            Value::Timestamp(micros) => arguments.add(time::from_micros(*micros)?),
            Value::Date(days) => arguments.add(time::date_from_days(*days)?),
        }
        .map_err(encode_error)?;
    }
    Ok(arguments)
}

pub(super) fn sqlite_arguments(params: &[Value]) -> Result<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    for param in params {
        match param {
            Value::Null => arguments.add(None::<i64>),
            Value::Int(value) | Value::Timestamp(value) => arguments.add(*value),
            Value::Float(value) => arguments.add(*value),
            Value::Bool(value) => arguments.add(i64::from(*value)),
            Value::Text(value) if value.contains('\0') => arguments.add(value.replace('\0', "")),
            Value::Text(value) => arguments.add(value.as_str()),
            Value::Bytes(value) => arguments.add(value.as_slice()),
            Value::Date(days) => arguments.add(time::date_text(*days)?),
        }
        .map_err(encode_error)?;
    }
    Ok(arguments)
}

/// One row of a small result. Columns by position.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(Vec<Value>);

impl Row {
    #[cfg(test)]
    pub(super) fn of(values: Vec<Value>) -> Self {
        Self(values)
    }

    /// The cells.
    pub fn values(&self) -> &[Value] {
        &self.0
    }

    fn cell(&self, index: usize) -> Result<&Value> {
        self.0.get(index).ok_or_else(|| StoreError::internal(format!("the result has no column {index}")))
    }

    fn mismatch<T>(index: usize, expected: &str) -> Result<T> {
        Err(StoreError::value(format!("column {index} of the result is not {expected}")))
    }

    /// A whole number, or NULL.
    pub fn opt_int(&self, index: usize) -> Result<Option<i64>> {
        match self.cell(index)? {
            Value::Null => Ok(None),
            Value::Int(value) => Ok(Some(*value)),
            _ => Self::mismatch(index, "a whole number"),
        }
    }

    /// A whole number.
    pub fn int(&self, index: usize) -> Result<i64> {
        self.opt_int(index)?.map_or_else(|| Self::mismatch(index, "a whole number"), Ok)
    }

    /// A text, or NULL.
    pub fn opt_text(&self, index: usize) -> Result<Option<&str>> {
        match self.cell(index)? {
            Value::Null => Ok(None),
            Value::Text(value) => Ok(Some(value)),
            _ => Self::mismatch(index, "text"),
        }
    }

    /// A text.
    pub fn text(&self, index: usize) -> Result<&str> {
        self.opt_text(index)?.map_or_else(|| Self::mismatch(index, "text"), Ok)
    }

    /// A truth value; SQLite's 0 and 1 count.
    pub fn bool(&self, index: usize) -> Result<bool> {
        match self.cell(index)? {
            Value::Bool(value) => Ok(*value),
            Value::Int(value @ (0 | 1)) => Ok(*value == 1),
            _ => Self::mismatch(index, "a truth value"),
        }
    }

    /// Microseconds since 1970 UTC, or NULL; SQLite's plain number counts.
    pub fn opt_timestamp(&self, index: usize) -> Result<Option<i64>> {
        match self.cell(index)? {
            Value::Null => Ok(None),
            Value::Timestamp(value) | Value::Int(value) => Ok(Some(*value)),
            _ => Self::mismatch(index, "a time"),
        }
    }

    /// Bytes, or NULL.
    pub fn opt_bytes(&self, index: usize) -> Result<Option<&[u8]>> {
        match self.cell(index)? {
            Value::Null => Ok(None),
            Value::Bytes(value) => Ok(Some(value)),
            _ => Self::mismatch(index, "bytes"),
        }
    }
}

pub(super) fn from_postgres(row: &PgRow) -> Result<Row> {
    let mut cells = Vec::with_capacity(row.len());
    for column in row.columns() {
        let index = column.ordinal();
        let raw = row.try_get_raw(index)?;
        if raw.is_null() {
            cells.push(Value::Null);
            continue;
        }
        let kind = raw.type_info().name().to_ascii_uppercase();
        cells.push(match kind.as_str() {
            "INT8" => Value::Int(row.try_get::<i64, _>(index)?),
            "INT4" => Value::Int(row.try_get::<i32, _>(index)?.into()),
            "INT2" => Value::Int(row.try_get::<i16, _>(index)?.into()),
            "OID" => Value::Int(row.try_get::<Oid, _>(index)?.0.into()),
            "FLOAT8" => Value::Float(row.try_get::<f64, _>(index)?),
            "FLOAT4" => Value::Float(row.try_get::<f32, _>(index)?.into()),
            "BOOL" => Value::Bool(row.try_get::<bool, _>(index)?),
            "BYTEA" => Value::Bytes(row.try_get::<Vec<u8>, _>(index)?),
            "TIMESTAMPTZ" => {
                Value::Timestamp(row.try_get::<chrono::DateTime<chrono::Utc>, _>(index)?.timestamp_micros())
            }
            "DATE" => Value::Date(time::days_from_date(row.try_get::<chrono::NaiveDate, _>(index)?)),
            "JSON" | "JSONB" => Value::Text(row.try_get::<serde_json::Value, _>(index)?.to_string()),
            "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "UNKNOWN" => Value::Text(row.try_get_unchecked(index)?),
            other => {
                return Err(StoreError::value(format!("column {index} has type {other}; cast it to text")));
            }
        });
    }
    Ok(Row(cells))
}

pub(super) fn from_sqlite(row: &SqliteRow) -> Result<Row> {
    let mut cells = Vec::with_capacity(row.len());
    for index in 0..row.len() {
        let kind = {
            let raw = row.try_get_raw(index)?;
            if raw.is_null() { None } else { Some(raw.type_info().name().to_owned()) }
        };
        cells.push(match kind.as_deref() {
            None => Value::Null,
            Some("INTEGER") => Value::Int(row.try_get_unchecked(index)?),
            Some("REAL") => Value::Float(row.try_get_unchecked(index)?),
            Some("BLOB") => Value::Bytes(row.try_get_unchecked(index)?),
            Some(_) => Value::Text(row.try_get_unchecked(index)?),
        });
    }
    Ok(Row(cells))
}
