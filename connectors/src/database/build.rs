//! Batches being built from the cells of a database.

use std::sync::Arc;

use arrow::array::{
    ArrayBuilder, ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Float32Builder, Float64Builder,
    Int64Builder, ListArray, RecordBatch, RecordBatchOptions, StringBuilder, Time64MicrosecondBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;

/// A batch takes about so much at most: 8 MiB, and one row more.
const BATCH_BYTES: usize = 8 << 20;
/// A value takes so much at most: 256 MiB.
const VALUE_BYTES: usize = 256 << 20;

/// The type of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    Bool,
    Integer,
    Float32,
    Float64,
    /// Precision and scale.
    Decimal(u8, i8),
    Text,
    /// Bytes, as text.
    Bytes,
    Date,
    Time,
    /// A time without zone.
    Local,
    Instant,
    List(Box<Shape>),
}

impl Shape {
    pub(super) fn data_type(&self) -> DataType {
        match self {
            Self::Bool => DataType::Boolean,
            Self::Integer => DataType::Int64,
            Self::Float32 => DataType::Float32,
            Self::Float64 => DataType::Float64,
            Self::Decimal(precision, scale) => DataType::Decimal128(*precision, *scale),
            Self::Text | Self::Bytes => DataType::Utf8,
            Self::Date => DataType::Date32,
            Self::Time => DataType::Time64(TimeUnit::Microsecond),
            Self::Local => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into())),
            Self::List(item) => DataType::List(Arc::new(Field::new("item", item.data_type(), true))),
        }
    }
}

/// A cell. Times are microseconds, dates are days, both since 1970.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Decimal(i128),
    Text(&'a str),
    Bytes(&'a [u8]),
    Date(i32),
    Micros(i64),
    List(Vec<Value<'a>>),
}

/// Why a cell became NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// Bytes that are no text.
    Bytes,
    /// A time that no calendar has: infinity, or beyond the years 1 to 9999.
    Time,
    /// NaN or infinity in a column of exact numbers.
    Number,
    /// Larger than a value may be.
    Large,
    /// Something that the column's type does not have.
    Type,
}

impl Unread {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Bytes => "the value is bytes that are no text; it was left out",
            Self::Time => "the time is infinite or beyond the calendar; it was left out",
            Self::Number => "the number is infinite or none (NaN); it was left out",
            Self::Large => "the value takes more than 256 MiB; it was left out",
            Self::Type => "the value is not of the type of its column; it was left out",
        }
    }
}

/// Rows in columns.
#[derive(Debug)]
pub(super) struct Stretch {
    pub records: RecordBatch,
    /// Row in the batch, column, and why its cell is NULL: the first one of each row.
    pub unread: Vec<(usize, usize, Unread)>,
    /// Bytes of the cells.
    pub bytes: u64,
}

/// A batch under way.
pub(super) struct Building {
    schema: SchemaRef,
    columns: Vec<Column>,
    hex: bool,
    most_rows: usize,
    rows: usize,
    bytes: usize,
    unread: Vec<(usize, usize, Unread)>,
}

impl Building {
    /// For columns of these names and shapes.
    pub(super) fn new(names: &[String], shapes: &[Shape], hex: bool, most_rows: usize) -> Self {
        let fields = names.iter().zip(shapes).map(|(name, shape)| Field::new(name, shape.data_type(), true));
        Self {
            schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())),
            columns: shapes.iter().map(Column::new).collect(),
            hex,
            most_rows: most_rows.max(1),
            rows: 0,
            bytes: 0,
            unread: Vec::new(),
        }
    }

    pub(super) fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Appends the cell of a column; every column gets one for each row.
    pub(super) fn append(&mut self, index: usize, value: Result<Value<'_>, Unread>) {
        let Some(column) = self.columns.get_mut(index) else { return };
        let appended = value.and_then(|value| column.append(&value, self.hex, true));
        match appended {
            Ok(bytes) => self.bytes = self.bytes.saturating_add(bytes),
            Err(why) => {
                column.null();
                if self.unread.last().is_none_or(|(row, _, _)| *row != self.rows) {
                    self.unread.push((self.rows, index, why));
                }
            }
        }
    }

    /// Ends a row; the batch where it is full.
    pub(super) fn end_row(&mut self) -> Result<Option<Stretch>, ArrowError> {
        self.rows += 1;
        if self.rows >= self.most_rows || self.bytes >= BATCH_BYTES { self.finish() } else { Ok(None) }
    }

    /// What is gathered.
    pub(super) fn finish(&mut self) -> Result<Option<Stretch>, ArrowError> {
        if self.rows == 0 {
            return Ok(None);
        }
        let columns = self.columns.iter_mut().map(Column::finish).collect::<Result<Vec<_>, _>>()?;
        let rows = RecordBatchOptions::new().with_row_count(Some(self.rows));
        let records = RecordBatch::try_new_with_options(self.schema(), columns, &rows)?;
        let bytes = self.bytes as u64;
        (self.rows, self.bytes) = (0, 0);
        Ok(Some(Stretch { records, unread: std::mem::take(&mut self.unread), bytes }))
    }
}

enum Column {
    Bool(BooleanBuilder),
    Integer(Int64Builder),
    Float32(Float32Builder),
    Float64(Float64Builder),
    Decimal(Decimal128Builder),
    Text(StringBuilder),
    Date(Date32Builder),
    Time(Time64MicrosecondBuilder),
    Stamp(TimestampMicrosecondBuilder),
    List { items: Box<Column>, item: Arc<Field>, ends: Vec<i32>, there: Vec<bool> },
}

impl Column {
    fn new(shape: &Shape) -> Self {
        match shape {
            Shape::Bool => Self::Bool(BooleanBuilder::new()),
            Shape::Integer => Self::Integer(Int64Builder::new()),
            Shape::Float32 => Self::Float32(Float32Builder::new()),
            Shape::Float64 => Self::Float64(Float64Builder::new()),
            Shape::Decimal(..) => Self::Decimal(Decimal128Builder::new().with_data_type(shape.data_type())),
            Shape::Text | Shape::Bytes => Self::Text(StringBuilder::new()),
            Shape::Date => Self::Date(Date32Builder::new()),
            Shape::Time => Self::Time(Time64MicrosecondBuilder::new()),
            Shape::Local | Shape::Instant => {
                Self::Stamp(TimestampMicrosecondBuilder::new().with_data_type(shape.data_type()))
            }
            Shape::List(item) => Self::List {
                items: Box::new(Self::new(item)),
                item: Arc::new(Field::new("item", item.data_type(), true)),
                ends: vec![0],
                there: Vec::new(),
            },
        }
    }

    /// Appends a value, and says how many bytes it takes. `cell`: an empty text is NULL; in a list it keeps its place.
    fn append(&mut self, value: &Value<'_>, hex: bool, cell: bool) -> Result<usize, Unread> {
        match (self, value) {
            (column, Value::Null) => column.null(),
            (Self::Bool(builder), Value::Bool(value)) => builder.append_value(*value),
            (Self::Integer(builder), Value::Integer(value)) => builder.append_value(*value),
            #[allow(clippy::cast_possible_truncation, reason = "it was a float of this width")]
            (Self::Float32(builder), Value::Float(value)) => builder.append_value(*value as f32),
            (Self::Float64(builder), Value::Float(value)) => builder.append_value(*value),
            #[allow(clippy::cast_precision_loss, reason = "numbers that would lose digits are read as text")]
            (Self::Float64(builder), Value::Integer(value)) => builder.append_value(*value as f64),
            (Self::Decimal(builder), Value::Decimal(value)) => builder.append_value(*value),
            (Self::Text(builder), value) => return text(builder, value, hex, cell),
            (Self::Date(builder), Value::Date(days)) => builder.append_value(*days),
            (Self::Time(builder), Value::Micros(micros)) => builder.append_value(*micros),
            (Self::Stamp(builder), Value::Micros(micros)) => builder.append_value(*micros),
            (Self::List { items, ends, there, .. }, Value::List(values)) => {
                let before = items.len();
                let mut bytes = 4;
                for value in values {
                    bytes += items.append(value, hex, false)?;
                }
                ends.push(i32::try_from(before + values.len()).map_err(|_| Unread::Large)?);
                there.push(true);
                return Ok(bytes);
            }
            _ => return Err(Unread::Type),
        }
        Ok(8)
    }

    fn len(&self) -> usize {
        match self {
            Self::Bool(builder) => builder.len(),
            Self::Integer(builder) => builder.len(),
            Self::Float32(builder) => builder.len(),
            Self::Float64(builder) => builder.len(),
            Self::Decimal(builder) => builder.len(),
            Self::Text(builder) => builder.len(),
            Self::Date(builder) => builder.len(),
            Self::Time(builder) => builder.len(),
            Self::Stamp(builder) => builder.len(),
            Self::List { there, .. } => there.len(),
        }
    }

    fn null(&mut self) {
        match self {
            Self::Bool(builder) => builder.append_null(),
            Self::Integer(builder) => builder.append_null(),
            Self::Float32(builder) => builder.append_null(),
            Self::Float64(builder) => builder.append_null(),
            Self::Decimal(builder) => builder.append_null(),
            Self::Text(builder) => builder.append_null(),
            Self::Date(builder) => builder.append_null(),
            Self::Time(builder) => builder.append_null(),
            Self::Stamp(builder) => builder.append_null(),
            // Items that were appended before one of the list could not be read stay behind it, in no list.
            Self::List { items, ends, there, .. } => {
                let end = i32::try_from(items.len()).unwrap_or(i32::MAX);
                ends.push(end);
                there.push(false);
            }
        }
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Self::Bool(builder) => ArrayBuilder::finish(builder),
            Self::Integer(builder) => ArrayBuilder::finish(builder),
            Self::Float32(builder) => ArrayBuilder::finish(builder),
            Self::Float64(builder) => ArrayBuilder::finish(builder),
            Self::Decimal(builder) => ArrayBuilder::finish(builder),
            Self::Text(builder) => ArrayBuilder::finish(builder),
            Self::Date(builder) => ArrayBuilder::finish(builder),
            Self::Time(builder) => ArrayBuilder::finish(builder),
            Self::Stamp(builder) => ArrayBuilder::finish(builder),
            Self::List { items, item, ends, there } => {
                let ends = OffsetBuffer::new(std::mem::replace(ends, vec![0]).into());
                let nulls = NullBuffer::from(std::mem::take(there));
                Arc::new(ListArray::try_new(Arc::clone(item), ends, items.finish()?, Some(nulls))?)
            }
        })
    }
}

/// Appends a value as text.
fn text(builder: &mut StringBuilder, value: &Value<'_>, hex: bool, cell: bool) -> Result<usize, Unread> {
    let before = builder.values_slice().len();
    match value {
        Value::Text(text) if text.len() > VALUE_BYTES => return Err(Unread::Large),
        Value::Bytes(bytes) if bytes.len() > VALUE_BYTES => return Err(Unread::Large),
        Value::Text("") | Value::Bytes([]) if cell => builder.append_null(),
        Value::Text(text) => builder.append_value(text),
        Value::Bytes(bytes) if hex => {
            use std::fmt::Write as _;
            for byte in *bytes {
                // Writing to a builder never fails.
                let _ = write!(builder, "{byte:02x}");
            }
            builder.append_value("");
        }
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => builder.append_value(text),
            _ => return Err(Unread::Bytes),
        },
        Value::Integer(value) => builder.append_value(value.to_string()),
        Value::Float(value) => builder.append_value(value.to_string()),
        _ => return Err(Unread::Type),
    }
    Ok(builder.values_slice().len() - before + 4)
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};

    use super::{Building, Shape, Unread, Value};

    #[test]
    fn cells_that_cannot_be_read_are_null_and_told_once_a_row() {
        let names = ["a", "b", "c"].map(str::to_owned);
        let shapes = [Shape::Bytes, Shape::List(Box::new(Shape::Text)), Shape::Integer];
        let mut building = Building::new(&names, &shapes, false, 3);
        let rows = [
            (Value::Bytes(b"x"), Value::List(vec![Value::Text(""), Value::Null]), Value::Integer(1)),
            (Value::Bytes(b"\xff"), Value::List(vec![Value::Text("a"), Value::Bool(true)]), Value::Text("1")),
            (Value::Text(""), Value::Null, Value::Null),
        ];
        let mut full = None;
        for (a, b, c) in rows {
            for (index, value) in [a, b, c].into_iter().enumerate() {
                building.append(index, Ok(value));
            }
            full = building.end_row().unwrap();
        }
        let stretch = full.expect("three rows are a batch");
        assert_eq!(stretch.unread, [(1, 0, Unread::Bytes)]);
        let [a, b, c] = [0, 1, 2].map(|n| stretch.records.column(n));
        assert_eq!((a.null_count(), b.null_count(), c.null_count()), (2, 2, 2));
        assert_eq!(b.as_list::<i32>().value(0).len(), 2);
        assert!(building.finish().unwrap().is_none());
    }

    #[test]
    fn bytes_can_be_digits() {
        let mut building = Building::new(&["a".to_owned()], &[Shape::Bytes], true, 10);
        building.append(0, Ok(Value::Bytes(b"\xff\x00")));
        assert!(building.end_row().unwrap().is_none());
        let stretch = building.finish().unwrap().unwrap();
        assert_eq!(stretch.records.column(0).as_string::<i32>().value(0), "ff00");
    }
}
