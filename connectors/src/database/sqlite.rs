//! SQLite: a file that is opened for reading only.
//!
//! A column of SQLite may hold anything, whatever its declaration says. So the values themselves are looked at before the
//! first row is read, in the same transaction: a column of whole numbers only is one of whole numbers. Times are texts and
//! stay texts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::TryStreamExt;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteRow};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, Connection as _, Executor as _, Row as _, SqlSafeStr as _,
    SqliteConnection, Statement as _, TypeInfo as _, ValueRef as _,
};

use super::build::{Shape, Unread, Value};
use super::cursor::{Kind, Mark};
use super::error::{During, failed, no_columns, not_sent};
use super::options::Beginning;
use super::rows::{Rows, Settled};
use super::select::{Origin, ident, not_there};
use super::task::{Begin, Task};
use super::worker::{Ended, Out, Stop};
use crate::source::SourceError;

/// How long another writer may hold the file.
const WAIT: Duration = Duration::from_secs(60);

const TABLES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../sql/sources/sqlite/tables.sql"));
const NOW: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../sql/sources/sqlite/now.sql"));

/// The sorts of values in a column, as bits.
const INTEGER: i64 = 1;
const REAL: i64 = 2;
const TEXT: i64 = 4;
const BLOB: i64 = 8;
/// Whole numbers that a float does not have.
const LARGE: i64 = 16;

/// An open file, and what is read of it.
struct File {
    connection: SqliteConnection,
    task: Task,
    /// The columns, and the type that each was declared with.
    columns: Vec<(String, String)>,
}

/// Reads a table or a query to its end.
pub(super) async fn read(task: Task, path: PathBuf, out: Out) -> Result<Ended, Stop> {
    let mut file = File::open(task, &path).await?;
    let names: Vec<String> = file.columns.iter().map(|(name, _)| name.clone()).collect();
    let cursor = file.task.cursor_among(&names)?;
    let cursor_kind = match cursor {
        Some(place) => file.kind_to_begin(place).await?,
        None => Kind::Text,
    };
    let now = file.number(NOW, None).await?.saturating_mul(1_000_000);
    let begin = if cursor.is_some() { file.task.begin(cursor_kind)? } else { Begin::default() };
    let condition = begin.condition(cursor.and_then(|place| names.get(place)), condition);
    let from = begin.from.clone();
    let found = file.survey(&names, condition.as_deref(), from.as_ref()).await?;
    if let Some(place) = cursor {
        file.require_one_kind(found.get(place).copied().unwrap_or(0), from.as_ref())?;
    }
    let shapes: Vec<Shape> =
        found.iter().zip(&file.columns).map(|(bits, (_, declared))| shape(*bits, declared)).collect();
    let columns: Vec<String> = names.iter().map(|name| ident(name)).collect();
    let mut rows =
        Rows::new(&file.task, Settled { format: "SQLite", names, shapes, cursor, now, begin }, out);
    rows.open()?;

    let sql = file.task.options.from.select(&columns, condition.as_deref());
    let place = file.task.place();
    let failed = |error: sqlx::Error| failed(&place, During::Reading, &error);
    let mut found = file.connection.fetch(sqlx::query_with(AssertSqlSafe(sql), arguments(from.as_ref())?));
    while let Some(row) = found.try_next().await.map_err(failed)? {
        for index in 0..columns.len() {
            let value = cell(&row, index).map_err(failed)?;
            if rows.is_cursor(index) {
                rows.mark(mark(&value, &place)?);
            }
            rows.cell(index, value);
        }
        rows.end_row()?;
    }
    rows.end()
}

impl File {
    /// Opens the file and begins the one transaction in which everything is read.
    async fn open(task: Task, path: &Path) -> Result<Self, SourceError> {
        if !path.is_file() {
            return Err(SourceError::new(
                "DATABASE_UNREACHABLE",
                format!("{}: there is no such file", path.display()),
                "check the path in the option `url`; a relative one begins at the current folder",
            ));
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .create_if_missing(false)
            .busy_timeout(WAIT)
            .pragma("query_only", "ON")
            .row_buffer_size(1024);
        let shown = task.address.shown.clone();
        let opening = |error: sqlx::Error| failed(&shown, During::Connecting, &error);
        let mut connection = SqliteConnection::connect_with(&options).await.map_err(opening)?;
        connection.execute("BEGIN").await.map_err(opening)?;
        let mut file = Self { connection, task, columns: Vec::new() };
        file.require_table().await?;
        let all = file.task.options.from.all();
        let statement = file.connection.prepare(AssertSqlSafe(all).into_sql_str()).await;
        let statement = statement.map_err(|error| failed(&file.task.place(), During::Preparing, &error))?;
        file.columns = statement
            .columns()
            .iter()
            .map(|column| (column.name().to_owned(), column.type_info().name().to_owned()))
            .collect();
        if file.columns.is_empty() {
            return Err(no_columns(&file.task.place()));
        }
        Ok(file)
    }

    async fn require_table(&mut self) -> Result<(), SourceError> {
        let Origin::Table(parts) = &self.task.options.from else { return Ok(()) };
        let [name] = parts.as_slice() else { return Ok(()) };
        let rows = self.connection.fetch_all(TABLES).await;
        let rows = rows.map_err(|error| failed(&self.task.address.shown, During::Connecting, &error))?;
        let tables: Vec<String> = rows.iter().filter_map(|row| row.try_get(0).ok()).collect();
        if tables.iter().any(|table| table.eq_ignore_ascii_case(name)) {
            return Ok(());
        }
        Err(not_there("DATABASE_TABLE", "table", name, &self.task.address.shown, &tables))
    }

    /// One number. A sum over no rows is nothing, which is 0.
    async fn number(&mut self, sql: &str, from: Option<&Mark>) -> Result<i64, SourceError> {
        Ok(self.numbers(sql, from).await?.first().copied().unwrap_or(0))
    }

    async fn numbers(&mut self, sql: &str, from: Option<&Mark>) -> Result<Vec<i64>, SourceError> {
        let query = sqlx::query_with(AssertSqlSafe(sql.to_owned()), arguments(from)?);
        let place = self.task.place();
        let told = |error: sqlx::Error| failed(&place, During::Preparing, &error);
        let row = self.connection.fetch_one(query).await.map_err(told)?;
        let number = |index| row.try_get_unchecked::<Option<i64>, _>(index).map(Option::unwrap_or_default);
        (0..row.len()).map(number).collect::<Result<_, _>>().map_err(told)
    }

    /// The sorts of values in each column of the rows that fit.
    async fn survey(
        &mut self,
        names: &[String],
        condition: Option<&str>,
        from: Option<&Mark>,
    ) -> Result<Vec<i64>, SourceError> {
        let sorts: Vec<String> = names.iter().map(|name| sorts(name)).collect();
        let sql = self.task.options.from.select(&sorts, condition);
        self.numbers(&sql, from).await
    }

    /// Of what kind the cursor is, as far as the beginning depends on it.
    async fn kind_to_begin(&mut self, place: usize) -> Result<Kind, SourceError> {
        match &self.task.beginning {
            Beginning::Watermark(mark) => Ok(mark.kind()),
            Beginning::Start => Ok(Kind::Text),
            Beginning::Value(..) => {
                let Some((name, declared)) = self.columns.get(place).cloned() else { return Ok(Kind::Text) };
                let sql = self.task.options.from.select(&[sorts(&name)], None);
                let bits = self.number(&sql, None).await?;
                self.require_one_kind(bits, None)?;
                Ok(match shape(bits, &declared) {
                    Shape::Integer => Kind::Integer,
                    Shape::Float64 => Kind::Real,
                    _ => Kind::Text,
                })
            }
        }
    }

    /// Numbers and texts in one cursor have no order that people mean: rows would be lost.
    fn require_one_kind(&self, bits: i64, from: Option<&Mark>) -> Result<(), SourceError> {
        let (number, text) = (bits & (INTEGER | REAL) != 0, bits & TEXT != 0);
        let was_text = from.map(|mark| mark.kind() == Kind::Text);
        let mixed = number && (text || was_text == Some(true)) || text && was_text == Some(false);
        if !mixed && bits & BLOB == 0 {
            return Ok(());
        }
        let cursor = self.task.options.cursor.as_deref().unwrap_or_default();
        Err(SourceError::new(
            "DATABASE_CURSOR",
            format!(
                "the cursor {cursor} of {} holds values of several kinds, which have no order",
                self.task.place()
            ),
            "name another column, or have a query make one kind of them; --again begins anew with it",
        ))
    }
}

/// Rows that come at or after a value, have none, or one of another kind: that is told.
fn condition(name: &str, mark: &Mark) -> String {
    let column = ident(name);
    let kinds = if mark.kind() == Kind::Text { "'text'" } else { "'integer', 'real'" };
    format!("{column} >= $1 COLLATE BINARY OR typeof({column}) NOT IN ({kinds})")
}

/// An expression for the sorts of values in a column.
fn sorts(name: &str) -> String {
    let column = ident(name);
    let largest = 1_i64 << f64::MANTISSA_DIGITS;
    format!(
        "max(typeof({column}) = 'integer') * {INTEGER} + max(typeof({column}) = 'real') * {REAL} \
         + max(typeof({column}) = 'text') * {TEXT} + max(typeof({column}) = 'blob') * {BLOB} \
         + max(typeof({column}) = 'integer' AND {column} NOT BETWEEN -{largest} AND {largest}) * {LARGE}"
    )
}

/// The type of a column; where it has no values, as it was declared.
fn shape(bits: i64, declared: &str) -> Shape {
    match bits & (INTEGER | REAL | TEXT | BLOB) {
        INTEGER => Shape::Integer,
        REAL => Shape::Float64,
        both if both == INTEGER | REAL && bits & LARGE == 0 => Shape::Float64,
        0 if declared == "INTEGER" => Shape::Integer,
        0 if declared == "REAL" => Shape::Float64,
        BLOB => Shape::Bytes,
        _ => Shape::Text,
    }
}

fn arguments(from: Option<&Mark>) -> Result<SqliteArguments, SourceError> {
    let mut arguments = SqliteArguments::default();
    let added = match from {
        None => Ok(()),
        Some(Mark::Integer(value)) => arguments.add(*value),
        Some(Mark::Real(value)) => arguments.add(*value),
        Some(mark) => arguments.add(mark.to_string()),
    };
    added.map_err(|_| not_sent())?;
    Ok(arguments)
}

/// A cell; where it cannot be read, why.
fn cell(row: &SqliteRow, index: usize) -> Result<Result<Value<'_>, Unread>, sqlx::Error> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Ok(Value::Null));
    }
    let kind = raw.type_info().name().to_owned();
    Ok(Ok(match kind.as_str() {
        "INTEGER" => Value::Integer(row.try_get_unchecked(index)?),
        "REAL" => Value::Float(row.try_get_unchecked(index)?),
        "BLOB" => Value::Bytes(row.try_get_unchecked(index)?),
        _ => match std::str::from_utf8(row.try_get_unchecked(index)?) {
            Ok(text) => Value::Text(text),
            Err(_) => return Ok(Err(Unread::Bytes)),
        },
    }))
}

/// The value of the cursor.
fn mark(value: &Result<Value<'_>, Unread>, place: &str) -> Result<Option<Mark>, SourceError> {
    let mark = match value {
        Ok(Value::Integer(value)) => Mark::Integer(*value),
        Ok(Value::Float(value)) => Mark::Real(*value),
        Ok(Value::Text(text)) => Mark::Text((*text).to_owned()),
        _ => return Ok(None),
    };
    if mark.sorts_otherwise() {
        return Err(SourceError::new(
            "DATABASE_CURSOR",
            format!("the cursor of {place} holds dates as texts that do not sort as the calendar does"),
            "have a query write them as 2025-12-31, and name that column",
        ));
    }
    Ok(Some(mark))
}
