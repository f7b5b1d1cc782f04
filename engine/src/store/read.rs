//! Bulk out: a query's rows as Arrow batches, streamed and bounded.
//!
//! Postgres: `COPY (query) TO STDOUT (FORMAT binary)` when there are no parameters (COPY takes none), otherwise the
//! extended protocol; the cells are the same bytes. SQLite: rows of a prepared statement. The caller gives the Arrow
//! schema; a column that cannot be read as its type is an error that names the column.

use std::pin::Pin;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use bytes::{Buf, Bytes, BytesMut};
use futures::stream::{BoxStream, Stream};
use futures::{StreamExt, TryStreamExt};
use sqlx::postgres::{PgRow, PgValueFormat};
use sqlx::sqlite::SqliteRow;
use sqlx::{
    AssertSqlSafe, Column as _, Executor, PgConnection, Row as _, SqlSafeStr, Statement as _, TypeInfo,
    ValueRef,
};

use super::columns::Columns;
use super::session::{Connection, Session};
use super::value::{self, Value};
use super::{Result, Store, StoreError};

/// Rows per batch.
const BATCH_ROWS: usize = 8192;
/// Batches decoded ahead of the reader.
const AHEAD: usize = 2;

/// Batches of a query, independent of any borrowed session.
pub type BatchStream = Pin<Box<dyn Stream<Item = Result<RecordBatch>> + Send>>;

/// A query being read through a session: its rows so far not taken wait in the database.
pub struct Reader<'a> {
    rows: Rows<'a>,
    columns: Columns,
    done: bool,
}

enum Rows<'a> {
    Copy { stream: BoxStream<'a, sqlx::Result<Bytes>>, pending: BytesMut, started: bool },
    Postgres(BoxStream<'a, sqlx::Result<PgRow>>),
    Sqlite(BoxStream<'a, sqlx::Result<SqliteRow>>),
}

impl Session {
    /// Reads a query (or a statement with RETURNING) as Arrow batches of the given schema, matched by position.
    pub async fn read<'a>(
        &'a mut self,
        sql: &'a str,
        params: &[Value],
        schema: &SchemaRef,
    ) -> Result<Reader<'a>> {
        let mut columns = Columns::new(Arc::clone(schema))?;
        let rows = match &mut self.connection {
            Connection::Postgres(connection) => {
                let connection: &'a mut PgConnection = connection;
                if params.is_empty() {
                    copy_out(connection, sql, &mut columns).await?
                } else {
                    let persistent = !params.contains(&Value::Null);
                    let query = sqlx::query_with(AssertSqlSafe(sql), value::postgres_arguments(params)?);
                    Rows::Postgres(connection.fetch(query.persistent(persistent)))
                }
            }
            Connection::Sqlite(connection) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), value::sqlite_arguments(params)?);
                Rows::Sqlite((**connection).fetch(query))
            }
        };
        Ok(Reader { rows, columns, done: false })
    }

    /// Reads a question about rows that go along with it, on Postgres: `sql` has [`super::rows_as_arrays`] in its FROM.
    pub async fn read_about<'a>(
        &'a mut self,
        sql: &'a str,
        rows: &RecordBatch,
        schema: &SchemaRef,
    ) -> Result<Reader<'a>> {
        let Connection::Postgres(connection) = &mut self.connection else {
            return Err(super::arrays::only_postgres());
        };
        let query = super::arrays::query(sql, rows)?;
        let rows = Rows::Postgres((**connection).fetch(query));
        Ok(Reader { rows, columns: Columns::new(Arc::clone(schema))?, done: false })
    }

    /// Reads a query whose result fits in memory.
    pub async fn read_all(
        &mut self,
        sql: &str,
        params: &[Value],
        schema: &SchemaRef,
    ) -> Result<Vec<RecordBatch>> {
        let mut reader = self.read(sql, params, schema).await?;
        let mut batches = Vec::new();
        while let Some(batch) = reader.next().await? {
            batches.push(batch);
        }
        Ok(batches)
    }
}

impl Store {
    /// Reads a query through a connection of its own. Decoding runs beside the reader, at most two batches ahead; a
    /// stream dropped early closes that connection.
    pub fn read_query(&self, sql: String, params: Vec<Value>, schema: SchemaRef) -> BatchStream {
        let (sender, receiver) = tokio::sync::mpsc::channel::<Result<RecordBatch>>(AHEAD);
        let store = self.clone();
        tokio::spawn(async move {
            let failed = match store.session().await {
                Ok(mut session) => {
                    let outcome = forward(&mut session, &sql, &params, &schema, &sender).await;
                    if !matches!(outcome, Ok(true)) {
                        // Rows may still be on their way; draining them would cost more than a new connection.
                        session.discard_on_drop();
                    }
                    outcome.err()
                }
                Err(error) => Some(error),
            };
            if let Some(error) = failed {
                let _ = sender.send(Err(error)).await;
            }
        });
        Box::pin(futures::stream::unfold(receiver, |mut receiver| async move {
            receiver.recv().await.map(|item| (item, receiver))
        }))
    }
}

async fn copy_out<'a>(
    connection: &'a mut PgConnection,
    sql: &str,
    columns: &mut Columns,
) -> Result<Rows<'a>> {
    // COPY does not say what its columns are; preparing the query does, and checks it with a better message.
    let statement = connection.prepare(AssertSqlSafe(sql).into_sql_str()).await?;
    check_width(statement.columns().len(), columns)?;
    for column in statement.columns() {
        if column.type_info().name() == "JSONB" {
            columns.mark_jsonb(column.ordinal());
        }
    }
    let copy = format!("COPY (\n{}\n) TO STDOUT (FORMAT binary)", sql.trim_end().trim_end_matches(';'));
    let stream = connection.copy_out_raw(&copy).await?;
    Ok(Rows::Copy { stream, pending: BytesMut::new(), started: false })
}

/// Gives false when the receiver went away.
async fn forward(
    session: &mut Session,
    sql: &str,
    params: &[Value],
    schema: &SchemaRef,
    sender: &tokio::sync::mpsc::Sender<Result<RecordBatch>>,
) -> Result<bool> {
    let mut reader = session.read(sql, params, schema).await?;
    while let Some(batch) = reader.next().await? {
        if sender.send(Ok(batch)).await.is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn check_width(found: usize, columns: &Columns) -> Result<()> {
    if found == columns.len() {
        return Ok(());
    }
    Err(StoreError::internal(format!("the query gives {found} columns, {} were asked for", columns.len())))
}

impl Reader<'_> {
    /// The next batch; none after the last.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        while !self.done && !self.columns.full(BATCH_ROWS) {
            match &mut self.rows {
                Rows::Copy { stream, pending, started } => match stream.next().await.transpose()? {
                    // Normally one message is one row; nothing promises it.
                    Some(bytes) if pending.is_empty() => {
                        let mut bytes = bytes;
                        self.done = copied_rows(&mut bytes, started, &mut self.columns)?;
                        pending.extend_from_slice(&bytes);
                    }
                    Some(bytes) => {
                        pending.extend_from_slice(&bytes);
                        let mut gathered = pending.split().freeze();
                        self.done = copied_rows(&mut gathered, started, &mut self.columns)?;
                        pending.extend_from_slice(&gathered);
                    }
                    None => return Err(StoreError::internal("COPY ended without its trailer")),
                },
                Rows::Postgres(stream) => match stream.try_next().await? {
                    Some(row) => postgres_row(&row, &mut self.columns)?,
                    None => self.done = true,
                },
                Rows::Sqlite(stream) => match stream.try_next().await? {
                    Some(row) => sqlite_row(&row, &mut self.columns)?,
                    None => self.done = true,
                },
            }
        }
        if let (true, Rows::Copy { stream, .. }) = (self.done, &mut self.rows) {
            // Up to ReadyForQuery, so that the connection is usable again.
            while stream.try_next().await?.is_some() {}
        }
        if self.columns.is_empty() { Ok(None) } else { self.columns.finish().map(Some) }
    }
}

/// Decodes whole tuples from the front of `bytes`; true when the trailer was met.
fn copied_rows(bytes: &mut Bytes, started: &mut bool, columns: &mut Columns) -> Result<bool> {
    /// `PGCOPY\n\xff\r\n\0`, flags, length of the extension.
    const HEADER: usize = 19;
    if !*started {
        if bytes.len() < HEADER {
            return Ok(false);
        }
        bytes.advance(HEADER);
        *started = true;
    }
    loop {
        let Some(width) = tuple_length(bytes)? else { return Ok(false) };
        if width == TRAILER {
            return Ok(true);
        }
        let mut tuple = bytes.split_to(width);
        check_width(tuple.get_i16().max(0) as usize, columns)?;
        for index in 0..columns.len() {
            let length = tuple.get_i32();
            if length < 0 {
                columns.postgres(index, None)?;
            } else {
                columns.postgres(index, Some(&tuple.split_to(length as usize)))?;
            }
        }
        columns.end_row();
    }
}

const TRAILER: usize = 0;

/// Bytes of the first tuple, [`TRAILER`] at the end of the data, none when it is not complete yet.
fn tuple_length(bytes: &[u8]) -> Result<Option<usize>> {
    let broken = || StoreError::internal("COPY sent something that is not a tuple");
    let Some(head) = bytes.first_chunk::<2>() else { return Ok(None) };
    let fields = match i16::from_be_bytes(*head) {
        -1 => return Ok(Some(TRAILER)),
        fields => usize::try_from(fields).map_err(|_| broken())?,
    };
    let mut at = 2;
    for _ in 0..fields {
        let Some(length) = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()) else { return Ok(None) };
        let length = i32::from_be_bytes(*length);
        at += 4 + usize::try_from(length.max(0)).map_err(|_| broken())?;
    }
    Ok((at <= bytes.len()).then_some(at))
}

fn postgres_row(row: &PgRow, columns: &mut Columns) -> Result<()> {
    check_width(row.len(), columns)?;
    for index in 0..columns.len() {
        let raw = row.try_get_raw(index)?;
        if raw.is_null() {
            columns.postgres(index, None)?;
            continue;
        }
        if raw.type_info().name() == "JSONB" {
            columns.mark_jsonb(index);
        }
        if raw.format() != PgValueFormat::Binary {
            return Err(StoreError::internal("Postgres sent text where binary was asked for"));
        }
        let bytes = raw.as_bytes().map_err(|_| StoreError::internal("a cell has no bytes"))?;
        columns.postgres(index, Some(bytes))?;
    }
    columns.end_row();
    Ok(())
}

fn sqlite_row(row: &SqliteRow, columns: &mut Columns) -> Result<()> {
    check_width(row.len(), columns)?;
    for index in 0..columns.len() {
        let raw = row.try_get_raw(index)?;
        if raw.is_null() {
            columns.null(index);
            continue;
        }
        match raw.type_info().name() {
            "INTEGER" => columns.sqlite_integer(index, row.try_get_unchecked(index)?)?,
            "REAL" => columns.sqlite_real(index, row.try_get_unchecked(index)?)?,
            "BLOB" => columns.sqlite_blob(index, row.try_get_unchecked(index)?)?,
            _ => columns.sqlite_text(index, row.try_get_unchecked(index)?)?,
        }
    }
    columns.end_row();
    Ok(())
}
