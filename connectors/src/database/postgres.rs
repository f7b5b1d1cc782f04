//! Postgres: rows as the server sends them, while they are taken.
//!
//! What has no type of ours (JSON, UUIDs, enumerations, ranges, addresses, …) is asked for as text. The server waits where
//! its rows are not taken, so that memory is bounded on both sides.

use std::time::Duration;

use futures::TryStreamExt;
use sqlx::postgres::{PgArguments, PgColumn, PgConnectOptions, PgRow, PgTypeKind};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, Connection as _, Executor as _, PgConnection, Row as _,
    SqlSafeStr as _, Statement as _, ValueRef as _,
};

use super::build::{Shape, Unread, Value};
use super::cursor::{Kind, Mark};
use super::error::{During, failed, no_columns, not_sent};
use super::rows::{Rows, Settled};
use super::select::{ident, not_there};
use super::task::{Begin, Task};
use super::wire::value;
use super::worker::{Ended, Out, Stop};
use crate::source::SourceError;

/// How long a server may take to let us in.
const LET_IN: Duration = Duration::from_secs(15);

macro_rules! sql {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../sql/sources/postgres/", $name, ".sql"))
    };
}

/// A column: its name, its shape, and whether it is asked for as text.
#[derive(Debug, Clone)]
struct Column {
    name: String,
    shape: Shape,
    cast: Option<&'static str>,
}

/// An open connection, and what is read through it.
struct Server {
    connection: PgConnection,
    task: Task,
    columns: Vec<Column>,
}

/// Reads a table or a query to its end.
pub(super) async fn read(task: Task, out: Out) -> Result<Ended, Stop> {
    let mut server = Server::open(task).await?;
    let names: Vec<String> = server.columns.iter().map(|column| column.name.clone()).collect();
    let shapes: Vec<Shape> = server.columns.iter().map(|column| column.shape.clone()).collect();
    let cursor = server.task.cursor_among(&names)?;
    let now = server.now().await?;
    let begin = match cursor {
        None => Begin::default(),
        Some(place) => server.task.begin(server.cursor_kind(place)?)?,
    };
    let columns: Vec<String> = server.columns.iter().map(Column::expression).collect();
    let condition = begin.condition(cursor.and_then(|place| names.get(place)), condition);
    let sql = server.task.options.from.select(&columns, condition.as_deref());
    let query = sqlx::query_with(AssertSqlSafe(sql), arguments(begin.from.as_ref())?);
    let settled = Settled { format: "PostgreSQL", names, shapes: shapes.clone(), cursor, now, begin };
    let mut rows = Rows::new(&server.task, settled, out);

    let place = server.task.place();
    let reading = |error: sqlx::Error| failed(&place, During::Reading, &error);
    let mut found = server.connection.fetch(query);
    // The first row says whether the query can be answered at all.
    let mut next = found.try_next().await.map_err(|error| failed(&place, During::Preparing, &error))?;
    rows.open()?;
    while let Some(row) = next {
        for (index, shape) in shapes.iter().enumerate() {
            let value = cell(&row, index, shape).map_err(reading)?;
            if rows.is_cursor(index) {
                rows.mark(mark(shape, &value));
            }
            rows.cell(index, value);
        }
        rows.end_row()?;
        next = found.try_next().await.map_err(reading)?;
    }
    drop(found);
    let ended = rows.end()?;
    // Only a transaction that ended well has shown one state of the database from its first row to its last.
    server.connection.execute("COMMIT").await.map_err(reading)?;
    Ok(ended)
}

impl Server {
    /// Connects, and begins the one transaction in which everything is read.
    async fn open(task: Task) -> Result<Self, SourceError> {
        let place = task.address.shown.clone();
        let connecting = |error: sqlx::Error| failed(&place, During::Connecting, &error);
        let options: PgConnectOptions = task.address.url.parse().map_err(connecting)?;
        let options = options.application_name("importer");
        let connected = tokio::time::timeout(LET_IN, PgConnection::connect_with(&options)).await;
        let connection = match connected {
            Ok(connected) => connected.map_err(connecting)?,
            Err(_) => {
                return Err(SourceError::new(
                    "DATABASE_UNREACHABLE",
                    format!("{place} cannot be reached: it does not answer"),
                    "check that the database runs, and host and port in the URL",
                ));
            }
        };
        let mut server = Self { connection, task, columns: Vec::new() };
        server.connection.execute(sql!("begin")).await.map_err(connecting)?;
        server.connection.execute(sql!("settings")).await.map_err(connecting)?;
        server.require_table().await?;
        server.describe().await?;
        Ok(server)
    }

    async fn require_table(&mut self) -> Result<(), SourceError> {
        let Some(quoted) = self.task.options.from.quoted_table() else { return Ok(()) };
        let place = self.task.address.shown.clone();
        let told = |error: sqlx::Error| failed(&place, During::Preparing, &error);
        let query = sqlx::query(sql!("table_is_there")).bind(&quoted);
        let there: bool =
            self.connection.fetch_one(query).await.and_then(|row| row.try_get(0)).map_err(told)?;
        if there {
            return Ok(());
        }
        let rows = self.connection.fetch_all(sql!("tables")).await.map_err(told)?;
        let tables: Vec<String> = rows.iter().filter_map(|row| row.try_get(0).ok()).collect();
        Err(not_there("DATABASE_TABLE", "table", &self.task.options.from.name(), &place, &tables))
    }

    /// Learns the columns.
    async fn describe(&mut self) -> Result<(), SourceError> {
        let place = self.task.place();
        let told = |error: sqlx::Error| failed(&place, During::Preparing, &error);
        let all = self.task.options.from.all();
        let statement = self.connection.prepare(AssertSqlSafe(all).into_sql_str()).await.map_err(told)?;
        let modifiers = self.modifiers(statement.columns()).await.map_err(told)?;
        let columns = statement.columns().iter().zip(modifiers);
        self.columns = columns.map(|(column, modifier)| Column::of(column, modifier)).collect();
        let twice =
            |n: usize, column: &Column| self.columns.iter().take(n).any(|other| other.name == column.name);
        if let Some((_, column)) = self.columns.iter().enumerate().find(|(n, column)| twice(*n, column)) {
            return Err(SourceError::new(
                "DATABASE_COLUMNS",
                format!("two columns of the query are called {}", column.name),
                "give each column of the query a name of its own: a.id AS a_id",
            ));
        }
        if self.columns.is_empty() {
            return Err(no_columns(&place));
        }
        Ok(())
    }

    /// Precision and scale of each column, as the catalogue writes them; -1 where there are none.
    async fn modifiers(&mut self, columns: &[PgColumn]) -> Result<Vec<i64>, sqlx::Error> {
        let relations: Vec<i64> =
            columns.iter().map(|c| c.relation_id().map_or(0, |oid| i64::from(oid.0))).collect();
        let numbers: Vec<i64> =
            columns.iter().map(|c| c.relation_attribute_no().map_or(0, i64::from)).collect();
        let query = sqlx::query(sql!("modifiers")).bind(relations).bind(numbers);
        let rows = self.connection.fetch_all(query).await?;
        rows.iter().map(|row| Ok(row.try_get::<Option<i64>, _>(0)?.unwrap_or(-1))).collect()
    }

    async fn now(&mut self) -> Result<i64, SourceError> {
        let row = self.connection.fetch_one(sql!("now")).await.and_then(|row| row.try_get(0));
        row.map_err(|error| failed(&self.task.address.shown, During::Preparing, &error))
    }

    /// Of what kind the cursor is; others have no order that holds.
    fn cursor_kind(&self, place: usize) -> Result<Kind, SourceError> {
        let column = self.columns.get(place);
        let kind = column.and_then(|column| match (&column.shape, column.cast) {
            (Shape::Integer, _) => Some(Kind::Integer),
            (Shape::Date, _) => Some(Kind::Date),
            (Shape::Local, _) => Some(Kind::Local),
            (Shape::Instant, _) => Some(Kind::Instant),
            (Shape::Text, None) => Some(Kind::Text),
            _ => None,
        });
        kind.ok_or_else(|| {
            SourceError::new(
                "DATABASE_CURSOR",
                format!(
                    "the cursor {} of {} is neither a whole number nor a time, a date or a text",
                    self.task.options.cursor.as_deref().unwrap_or_default(),
                    self.task.place()
                ),
                "name another column, or have a query cast it: id::text AS id",
            )
        })
    }
}

impl Column {
    /// How a column is read: in its own type, or as text.
    fn of(column: &PgColumn, modifier: i64) -> Self {
        let name = column.name().to_owned();
        let oid = column.type_info().oid().map_or(0, |oid| oid.0);
        let (shape, cast) = match oid {
            1700 => match decimal(modifier) {
                Some(shape) => (shape, None),
                None => (Shape::Text, Some("text")),
            },
            oid => match (own(oid), own_items(oid), column.type_info().kind()) {
                (Some(shape), _, _) => (shape, None),
                (None, Some(shape), _) => (Shape::List(Box::new(shape)), None),
                (None, None, PgTypeKind::Array(_)) => (Shape::List(Box::new(Shape::Text)), Some("text[]")),
                (None, None, _) => (Shape::Text, Some("text")),
            },
        };
        Self { name, shape, cast }
    }

    fn expression(&self) -> String {
        match self.cast {
            None => ident(&self.name),
            Some(cast) => format!("CAST({} AS {cast})", ident(&self.name)),
        }
    }
}

/// Types of the catalogue that are read as they are.
fn own(oid: u32) -> Option<Shape> {
    Some(match oid {
        16 => Shape::Bool,
        17 => Shape::Bytes,
        20 | 21 | 23 => Shape::Integer,
        25 | 1043 => Shape::Text,
        700 => Shape::Float32,
        701 => Shape::Float64,
        1082 => Shape::Date,
        1083 => Shape::Time,
        1114 => Shape::Local,
        1184 => Shape::Instant,
        _ => return None,
    })
}

/// Arrays of them.
fn own_items(oid: u32) -> Option<Shape> {
    Some(match oid {
        1000 => Shape::Bool,
        1005 | 1007 | 1016 => Shape::Integer,
        1009 | 1015 => Shape::Text,
        1021 => Shape::Float32,
        1022 => Shape::Float64,
        1115 => Shape::Local,
        1182 => Shape::Date,
        1185 => Shape::Instant,
        _ => return None,
    })
}

/// numeric(p, s) where it fits into 38 digits; any other is text with the digits as written.
fn decimal(modifier: i64) -> Option<Shape> {
    let both = modifier.checked_sub(4).filter(|both| *both >= 0)?;
    let precision =
        u8::try_from((both >> 16) & 0xFFFF).ok().filter(|precision| (1..=38).contains(precision))?;
    // Eleven bits with a sign.
    let scale = ((both & 0x7FF) ^ 1024) - 1024;
    let scale = i8::try_from(scale).ok().filter(|scale| (0..=38).contains(scale))?;
    (scale.unsigned_abs() <= precision).then_some(Shape::Decimal(precision, scale))
}

/// Rows that come at or after a value, or have none. The type of the value is that of the column, so that its index serves.
fn condition(name: &str, mark: &Mark) -> String {
    let column = ident(name);
    let value = match mark.kind() {
        Kind::Integer => "CAST(CAST($1 AS text) AS bigint)",
        Kind::Real => "CAST(CAST($1 AS text) AS double precision)",
        Kind::Date => "CAST(CAST($1 AS text) AS date)",
        Kind::Local => "CAST(CAST($1 AS text) AS timestamp)",
        Kind::Instant => "CAST(CAST($1 AS text) AS timestamptz)",
        // In the order of bytes, as texts are compared here.
        Kind::Text => "CAST($1 AS text) COLLATE \"C\"",
    };
    format!("{column} >= {value} OR {column} IS NULL")
}

fn arguments(from: Option<&Mark>) -> Result<PgArguments, SourceError> {
    let mut arguments = PgArguments::default();
    if let Some(mark) = from {
        arguments.add(mark.to_string()).map_err(|_| not_sent())?;
    }
    Ok(arguments)
}

/// A cell; where it cannot be read, why.
fn cell<'r>(row: &'r PgRow, index: usize, shape: &Shape) -> Result<Result<Value<'r>, Unread>, sqlx::Error> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Ok(Value::Null));
    }
    Ok(value(shape, raw.as_bytes().map_err(sqlx::Error::Decode)?))
}

/// The value of the cursor. A time that no calendar has is told as a cell, and is no watermark.
fn mark(shape: &Shape, value: &Result<Value<'_>, Unread>) -> Option<Mark> {
    Some(match (shape, value) {
        (_, Ok(Value::Integer(value))) => Mark::Integer(*value),
        (_, Ok(Value::Date(days))) => Mark::Date(*days),
        (Shape::Local, Ok(Value::Micros(micros))) => Mark::Local(*micros),
        (Shape::Instant, Ok(Value::Micros(micros))) => Mark::Instant(*micros),
        (_, Ok(Value::Text(text))) => Mark::Text((*text).to_owned()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Shape, decimal};

    #[test]
    fn precision_and_scale_are_read_from_the_catalogue() {
        let modifier = |precision: i64, scale: i64| ((precision << 16) | (scale & 0x7FF)) + 4;
        assert_eq!(decimal(modifier(10, 2)), Some(Shape::Decimal(10, 2)));
        assert_eq!(decimal(modifier(38, 0)), Some(Shape::Decimal(38, 0)));
        for (precision, scale) in [(39, 2), (5, -2), (3, 5)] {
            assert_eq!(decimal(modifier(precision, scale)), None);
        }
        assert_eq!(decimal(-1), None);
    }
}
