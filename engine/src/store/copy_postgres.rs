//! Binary COPY into Postgres, encoded by `pgpq`. It is begun when there are more rows than one INSERT takes well.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use bytes::BytesMut;
use pgpq::ArrowToPostgresBinaryEncoder;
use pgpq::encoders::{
    EncoderBuilder, LargeStringEncoderBuilder, StringEncoderBuilder, StringViewEncoderBuilder,
};
use pgpq::pg_schema::PostgresType;
use sqlx::PgConnection;
use sqlx::postgres::PgCopyIn;

use super::cells::{self, Cells, sent_as, timestamp_type};
use super::declared::{Declared, declared, is_from_text};
use super::insert_postgres::{FEW_ROWS, Target, fits, insert};
use super::json::without_json_nul;
use super::{Dialect, Result, StoreError, StoreErrorKind, Table, ident_list};

/// Bytes gathered before they are handed to the socket.
const FLUSH_BYTES: usize = 1 << 20;
/// Rows encoded at a time, so that one wide batch does not become one huge buffer.
const SLICE_ROWS: usize = 4096;

pub(super) struct PostgresCopy<'a> {
    state: State<'a>,
    table_sql: String,
    /// Some column's type is made of text by the database, which COPY in binary cannot ask for.
    by_insert: bool,
    encoder: ArrowToPostgresBinaryEncoder,
    columns: Vec<Column>,
    schema: SchemaRef,
    buffer: BytesMut,
}

enum State<'a> {
    /// Rows are gathered for one INSERT.
    Few {
        connection: &'a mut PgConnection,
        batches: Vec<RecordBatch>,
        rows: usize,
        /// Rows of INSERTs that are done, where COPY cannot write the types.
        inserted: u64,
    },
    Copy(PgCopyIn<&'a mut PgConnection>),
    /// After a failure, when the copy was called off.
    CalledOff,
}

/// How one column of the batches gets into its table column.
struct Column {
    name: String,
    declared: Declared,
    sent: DataType,
    json: bool,
    text: bool,
}

impl<'a> PostgresCopy<'a> {
    pub(super) async fn begin(
        connection: &'a mut PgConnection,
        table: &Table,
        schema: &SchemaRef,
    ) -> Result<Self> {
        let table_sql = table.sql(Dialect::Postgres);
        let types = declared(connection, &table_sql).await?;
        let mut columns = Vec::with_capacity(schema.fields().len());
        let mut fields = Vec::with_capacity(schema.fields().len());
        let mut builders = HashMap::new();
        for field in schema.fields() {
            let kind = types.get(field.name()).ok_or_else(|| {
                StoreError::new(
                    StoreErrorKind::Schema,
                    format!("table {table} has no column {}", field.name()),
                )
            })?;
            let column =
                plan(field, kind).ok_or_else(|| StoreError::value(mismatch(table, field, &kind.name)))?;
            let sent = Arc::new(Field::new(field.name(), column.sent.clone(), true));
            builders.insert(field.name().clone(), builder(&sent, &kind.name)?);
            fields.push(sent);
            columns.push(column);
        }
        let schema = Arc::new(Schema::new(fields));
        let mut encoder =
            ArrowToPostgresBinaryEncoder::try_new_with_encoders(&schema, &builders).map_err(encoding)?;
        let mut buffer = BytesMut::new();
        encoder.write_header(&mut buffer).map_err(encoding)?;
        let by_insert = columns.iter().any(|c| is_from_text(&c.declared.name));
        let state = if by_insert || fits(columns.iter().map(|c| c.declared.name.as_str())) {
            State::Few { connection, batches: Vec::new(), rows: 0, inserted: 0 }
        } else {
            State::Copy(open(connection, &table_sql, &schema).await?)
        };
        Ok(Self { state, table_sql, by_insert, encoder, columns, schema, buffer })
    }

    pub(super) async fn send(&mut self, batch: &RecordBatch) -> Result<()> {
        let arrays = batch
            .columns()
            .iter()
            .zip(&self.columns)
            .map(|(array, column)| column.prepare(array))
            .collect::<Result<Vec<_>>>();
        let sent = match arrays {
            Ok(arrays) => self.take(arrays).await,
            Err(error) => Err(error),
        };
        if sent.is_err()
            && let State::Copy(copy) = std::mem::replace(&mut self.state, State::CalledOff)
        {
            // Tells the server, so that the connection can be used again; the rows sent so far are gone.
            copy.abort("the batch could not be sent").await?;
        }
        sent
    }

    async fn take(&mut self, arrays: Vec<ArrayRef>) -> Result<()> {
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|_| StoreError::internal("a batch does not have the columns announced for the copy"))?;
        match std::mem::replace(&mut self.state, State::CalledOff) {
            State::Few { connection, mut batches, rows, inserted } if rows + batch.num_rows() <= FEW_ROWS => {
                let rows = rows + batch.num_rows();
                batches.push(batch);
                self.state = State::Few { connection, batches, rows, inserted };
                Ok(())
            }
            State::Few { connection, mut batches, inserted, .. } if self.by_insert => {
                batches.push(batch);
                let rows =
                    insert_rows(connection, &self.table_sql, &self.columns, &self.schema, &batches).await?;
                let inserted = inserted + rows;
                self.state = State::Few { connection, batches: Vec::new(), rows: 0, inserted };
                Ok(())
            }
            State::Few { connection, batches, .. } => {
                self.state = State::Copy(open(connection, &self.table_sql, &self.schema).await?);
                for earlier in batches.iter().chain([&batch]) {
                    self.encode_and_send(earlier).await?;
                }
                Ok(())
            }
            State::Copy(copy) => {
                self.state = State::Copy(copy);
                self.encode_and_send(&batch).await
            }
            State::CalledOff => Err(called_off()),
        }
    }

    async fn encode_and_send(&mut self, batch: &RecordBatch) -> Result<()> {
        let State::Copy(copy) = &mut self.state else { return Err(called_off()) };
        let mut offset = 0;
        while offset < batch.num_rows() {
            let rows = SLICE_ROWS.min(batch.num_rows() - offset);
            self.encoder.write_batch(&batch.slice(offset, rows), &mut self.buffer).map_err(encoding)?;
            offset += rows;
            if self.buffer.len() >= FLUSH_BYTES {
                copy.send(&self.buffer[..]).await?;
                self.buffer.clear();
            }
        }
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<u64> {
        match self.state {
            State::Few { connection, batches, inserted, .. } => Ok(inserted
                + insert_rows(connection, &self.table_sql, &self.columns, &self.schema, &batches).await?),
            State::Copy(mut copy) => {
                self.encoder.write_footer(&mut self.buffer).map_err(encoding)?;
                copy.send(&self.buffer[..]).await?;
                Ok(copy.finish().await?)
            }
            State::CalledOff => Err(called_off()),
        }
    }
}

async fn insert_rows(
    connection: &mut PgConnection,
    table_sql: &str,
    columns: &[Column],
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> Result<u64> {
    let batch = concat_batches(schema, batches)
        .map_err(|_| StoreError::internal("a few rows do not make a batch"))?;
    if batch.num_rows() == 0 {
        return Ok(0);
    }
    let targets: Vec<Target<'_>> =
        columns.iter().map(|c| Target { name: &c.name, declared: &c.declared }).collect();
    insert(connection, table_sql, &targets, batch.columns()).await
}

async fn open<'a>(
    connection: &'a mut PgConnection,
    table_sql: &str,
    schema: &Schema,
) -> Result<PgCopyIn<&'a mut PgConnection>> {
    let names = ident_list(schema.fields().iter().map(|field| field.name()));
    Ok(connection.copy_in_raw(&format!("COPY {table_sql} ({names}) FROM STDIN (FORMAT binary)")).await?)
}

fn called_off() -> StoreError {
    StoreError::internal("the copy failed before")
}

impl Column {
    fn prepare(&self, array: &ArrayRef) -> Result<ArrayRef> {
        let array = cells::cast(array, &self.sent, &self.name)?;
        if self.json
            && let Cells::Utf8(texts) = Cells::of(&array)?
            && texts.iter().flatten().any(|text| without_json_nul(text).is_some())
        {
            let clean: StringArray = texts
                .iter()
                .map(|text| text.map(|text| without_json_nul(text).unwrap_or_else(|| text.to_owned())))
                .collect();
            return Ok(Arc::new(clean));
        }
        if self.text
            && let Some(clean) = cells::without_nul(&array)?
        {
            return Ok(clean);
        }
        Ok(array)
    }
}

/// The type to send so that Postgres' binary input of `declared` accepts it.
fn plan(field: &Field, declared: &Declared) -> Option<Column> {
    let sent = sent_as(field.data_type())?;
    let is_text = matches!(sent, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    let is_number = matches!(sent, DataType::Int64 | DataType::Int32);
    let is_null = matches!(field.data_type(), DataType::Null);
    let sent = match declared.name.as_str() {
        "int8" if is_number || is_null => DataType::Int64,
        "int4" if is_number || is_null => DataType::Int32,
        "int2" if is_number || is_null => DataType::Int16,
        "float8" if is_number || is_null || sent == DataType::Float64 => DataType::Float64,
        "bool" if sent == DataType::Boolean || is_null => DataType::Boolean,
        "bytea" if is_null => DataType::Binary,
        "bytea" if matches!(sent, DataType::Binary | DataType::FixedSizeBinary(_)) => sent,
        "date" if sent == DataType::Date32 || is_null => DataType::Date32,
        "timestamptz" | "timestamp" if matches!(sent, DataType::Timestamp(..)) || is_null => timestamp_type(),
        // The JSON clean-up reads one layout only.
        "json" | "jsonb" if is_text => DataType::Utf8,
        "text" | "varchar" | "bpchar" | "citext" | "name" | "enum" if is_text => sent,
        "numeric" if is_number => DataType::Utf8,
        other if is_from_text(other) && is_text => DataType::Utf8,
        _ => return None,
    };
    let json = declared.name.starts_with("json");
    let (name, declared) = (field.name().clone(), declared.clone());
    Some(Column { name, declared, sent, json, text: is_text && !json })
}

fn builder(field: &Arc<Field>, declared: &str) -> Result<EncoderBuilder> {
    let output = match declared {
        "json" => PostgresType::Json,
        "jsonb" => PostgresType::Jsonb,
        _ => return EncoderBuilder::try_new(Arc::clone(field)).map_err(encoding),
    };
    let field = Arc::clone(field);
    match field.data_type() {
        DataType::LargeUtf8 => {
            LargeStringEncoderBuilder::new_with_output(field, output).map(EncoderBuilder::LargeString)
        }
        DataType::Utf8View => {
            StringViewEncoderBuilder::new_with_output(field, output).map(EncoderBuilder::StringView)
        }
        _ => StringEncoderBuilder::new_with_output(field, output).map(EncoderBuilder::String),
    }
    .map_err(encoding)
}

fn mismatch(table: &Table, field: &Field, declared: &str) -> String {
    format!("column {}.{} is {declared}; a {} cannot go there", table, field.name(), field.data_type())
}

fn encoding(error: pgpq::error::ErrorKind) -> StoreError {
    match error {
        pgpq::error::ErrorKind::FieldTooLarge { .. } => {
            StoreError::value("a value is too large for Postgres")
        }
        _ => StoreError::internal("a batch could not be encoded for COPY"),
    }
}
