//! Arrow columns being built from database cells.
//!
//! Postgres cells are the binary output format (COPY and the extended protocol send the same bytes); SQLite cells come
//! typed. The Arrow type asked for decides what a cell is read as.

use std::sync::Arc;

use arrow::array::{
    ArrayBuilder, ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, FixedSizeBinaryBuilder,
    Float64Builder, Int32Builder, Int64Builder, RecordBatch, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, SchemaRef, TimeUnit};

use super::typed::{from_texts, is_read_as_text};
use super::{Result, StoreError, time};

/// Microseconds from 1970 to 2000, where Postgres counts from.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
/// Days from 1970 to 2000.
const EPOCH_DAYS: i32 = 10_957;

enum Column {
    Int64(Int64Builder),
    Int32(Int32Builder),
    Float64(Float64Builder),
    Bool(BooleanBuilder),
    Text(StringBuilder),
    Binary(BinaryBuilder),
    Fixed(FixedSizeBinaryBuilder, usize),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    /// What comes as text and is read once all of it is there.
    Typed(StringBuilder, DataType),
}

/// A batch being built.
pub(super) struct Columns {
    schema: SchemaRef,
    columns: Vec<Column>,
    /// Per column: Postgres sends jsonb with a version byte in front.
    jsonb: Vec<bool>,
    rows: usize,
    bytes: usize,
}

impl Columns {
    pub(super) fn new(schema: SchemaRef) -> Result<Self> {
        let columns = schema
            .fields()
            .iter()
            .map(|field| {
                Ok(match field.data_type() {
                    DataType::Int64 => Column::Int64(Int64Builder::new()),
                    DataType::Int32 => Column::Int32(Int32Builder::new()),
                    DataType::Float64 => Column::Float64(Float64Builder::new()),
                    DataType::Boolean => Column::Bool(BooleanBuilder::new()),
                    DataType::Utf8 => Column::Text(StringBuilder::new()),
                    DataType::Binary => Column::Binary(BinaryBuilder::new()),
                    DataType::FixedSizeBinary(width) => Column::Fixed(
                        FixedSizeBinaryBuilder::new(*width),
                        usize::try_from(*width).map_err(|_| StoreError::internal("a negative width"))?,
                    ),
                    DataType::Date32 => Column::Date(Date32Builder::new()),
                    DataType::Timestamp(TimeUnit::Microsecond, zone) => {
                        Column::Timestamp(TimestampMicrosecondBuilder::new().with_timezone_opt(zone.clone()))
                    }
                    other if is_read_as_text(other) => Column::Typed(StringBuilder::new(), other.clone()),
                    other => {
                        return Err(StoreError::value(format!(
                            "column {}: the store does not read {other}",
                            field.name()
                        )));
                    }
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let jsonb = vec![false; columns.len()];
        Ok(Self { schema, columns, jsonb, rows: 0, bytes: 0 })
    }

    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn mark_jsonb(&mut self, column: usize) {
        if let Some(mark) = self.jsonb.get_mut(column) {
            *mark = true;
        }
    }

    /// Whether enough is gathered for a batch of at most `rows` rows and about 16 MiB.
    pub(super) fn full(&self, rows: usize) -> bool {
        self.rows >= rows || self.bytes >= 16 << 20
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    pub(super) fn end_row(&mut self) {
        self.rows += 1;
    }

    /// Takes what is gathered.
    pub(super) fn finish(&mut self) -> Result<RecordBatch> {
        let named = self.columns.iter_mut().zip(self.schema.fields());
        let arrays = named.map(|(column, field)| column.finish(field.name())).collect::<Result<Vec<_>>>()?;
        self.rows = 0;
        self.bytes = 0;
        RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|_| StoreError::value("the query gave NULL in a column that must not have it"))
    }

    /// Appends a cell in Postgres' binary format.
    pub(super) fn postgres(&mut self, index: usize, cell: Option<&[u8]>) -> Result<()> {
        self.bytes += cell.map_or(0, <[u8]>::len);
        let cell = match cell {
            Some([_version, json @ ..]) if self.jsonb[index] => Some(json),
            other => other,
        };
        let fits = match (&mut self.columns[index], cell) {
            (column, None) => {
                column.null();
                Some(())
            }
            (Column::Int64(builder), Some(bytes)) => integer(bytes).map(|value| builder.append_value(value)),
            (Column::Int32(builder), Some(bytes)) => integer(bytes)
                .and_then(|value| i32::try_from(value).ok())
                .map(|value| builder.append_value(value)),
            (Column::Float64(builder), Some(bytes)) => float(bytes).map(|value| builder.append_value(value)),
            (Column::Bool(builder), Some([byte])) => {
                builder.append_value(*byte != 0);
                Some(())
            }
            (Column::Text(builder) | Column::Typed(builder, _), Some(bytes)) => {
                std::str::from_utf8(bytes).ok().map(|text| builder.append_value(text))
            }
            (Column::Binary(builder), Some(bytes)) => {
                builder.append_value(bytes);
                Some(())
            }
            (Column::Fixed(builder, width), Some(bytes)) if bytes.len() == *width => {
                builder.append_value(bytes).ok()
            }
            (Column::Date(builder), Some(bytes)) => bytes
                .try_into()
                .ok()
                .and_then(|bytes| i32::from_be_bytes(bytes).checked_add(EPOCH_DAYS))
                .map(|days| builder.append_value(days)),
            (Column::Timestamp(builder), Some(bytes)) => bytes
                .try_into()
                .ok()
                .and_then(|bytes| i64::from_be_bytes(bytes).checked_add(EPOCH_MICROS))
                .map(|micros| builder.append_value(micros)),
            _ => None,
        };
        fits.ok_or_else(|| self.mismatch(index))
    }

    /// Appends a whole number of SQLite.
    pub(super) fn sqlite_integer(&mut self, index: usize, value: i64) -> Result<()> {
        self.bytes += 8;
        match &mut self.columns[index] {
            Column::Int64(builder) => builder.append_value(value),
            Column::Int32(builder) => match i32::try_from(value) {
                Ok(value) => builder.append_value(value),
                Err(_) => return Err(self.mismatch(index)),
            },
            Column::Bool(builder) if value == 0 || value == 1 => builder.append_value(value == 1),
            Column::Timestamp(builder) => builder.append_value(value),
            Column::Float64(builder) => builder.append_value(value as f64),
            Column::Text(builder) | Column::Typed(builder, _) => builder.append_value(value.to_string()),
            _ => return Err(self.mismatch(index)),
        }
        Ok(())
    }

    /// Appends a floating number of SQLite.
    pub(super) fn sqlite_real(&mut self, index: usize, value: f64) -> Result<()> {
        self.bytes += 8;
        match &mut self.columns[index] {
            Column::Float64(builder) => builder.append_value(value),
            // A column that SQLite takes for one of numbers.
            Column::Typed(builder, DataType::Decimal128(..)) => builder.append_value(value.to_string()),
            _ => return Err(self.mismatch(index)),
        }
        Ok(())
    }

    /// Appends a text of SQLite.
    pub(super) fn sqlite_text(&mut self, index: usize, value: &str) -> Result<()> {
        self.bytes += value.len();
        match &mut self.columns[index] {
            Column::Text(builder) | Column::Typed(builder, _) => builder.append_value(value),
            Column::Date(builder) => builder.append_value(time::days_from_text(value)?),
            Column::Binary(builder) => builder.append_value(value),
            _ => return Err(self.mismatch(index)),
        }
        Ok(())
    }

    /// Appends bytes of SQLite.
    pub(super) fn sqlite_blob(&mut self, index: usize, value: &[u8]) -> Result<()> {
        self.bytes += value.len();
        match &mut self.columns[index] {
            Column::Binary(builder) => builder.append_value(value),
            Column::Fixed(builder, width) if value.len() == *width => {
                builder
                    .append_value(value)
                    .map_err(|_| StoreError::internal("a fixed width was not kept"))?;
            }
            _ => return Err(self.mismatch(index)),
        }
        Ok(())
    }

    /// Appends NULL.
    pub(super) fn null(&mut self, index: usize) {
        self.columns[index].null();
    }

    fn mismatch(&self, index: usize) -> StoreError {
        let field = self.schema.field(index);
        StoreError::value(format!(
            "column {} of the query cannot be read as {}",
            field.name(),
            field.data_type()
        ))
    }
}

impl Column {
    fn null(&mut self) {
        match self {
            Self::Int64(builder) => builder.append_null(),
            Self::Int32(builder) => builder.append_null(),
            Self::Float64(builder) => builder.append_null(),
            Self::Bool(builder) => builder.append_null(),
            Self::Text(builder) | Self::Typed(builder, _) => builder.append_null(),
            Self::Binary(builder) => builder.append_null(),
            Self::Fixed(builder, _) => builder.append_null(),
            Self::Date(builder) => builder.append_null(),
            Self::Timestamp(builder) => builder.append_null(),
        }
    }

    fn finish(&mut self, name: &str) -> Result<ArrayRef> {
        Ok(match self {
            Self::Typed(builder, wanted) => return from_texts(&builder.finish(), wanted, name),
            Self::Int64(builder) => ArrayBuilder::finish(builder),
            Self::Int32(builder) => ArrayBuilder::finish(builder),
            Self::Float64(builder) => ArrayBuilder::finish(builder),
            Self::Bool(builder) => ArrayBuilder::finish(builder),
            Self::Text(builder) => ArrayBuilder::finish(builder),
            Self::Binary(builder) => ArrayBuilder::finish(builder),
            Self::Fixed(builder, _) => ArrayBuilder::finish(builder),
            Self::Date(builder) => ArrayBuilder::finish(builder),
            Self::Timestamp(builder) => ArrayBuilder::finish(builder),
        })
    }
}

/// bigint, integer, smallint.
fn integer(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        8 => Some(i64::from_be_bytes(bytes.try_into().ok()?)),
        4 => Some(i32::from_be_bytes(bytes.try_into().ok()?).into()),
        2 => Some(i16::from_be_bytes(bytes.try_into().ok()?).into()),
        _ => None,
    }
}

/// double precision, real.
fn float(bytes: &[u8]) -> Option<f64> {
    match bytes.len() {
        8 => Some(f64::from_be_bytes(bytes.try_into().ok()?)),
        4 => Some(f32::from_be_bytes(bytes.try_into().ok()?).into()),
        _ => None,
    }
}
