//! The columns that are read: names, plain types, and the words that choose them.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::convert::convert;
use super::format::{BINARY, COLUMNS, Format};
use super::plain::plain_type;
use super::text::Bytes;
use super::weigh::weigh;
use crate::request::{Words, wrong_value};
use crate::source::{Headers, SourceError};

/// Names listed in a message at most.
const NAMED: usize = 20;

/// The columns of a source that are read.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    headers: Headers,
    schema: SchemaRef,
    /// Where each column stands in the source, and its field there.
    chosen: Vec<(usize, FieldRef)>,
    /// Columns that the source has.
    columns: usize,
    bytes: Bytes,
}

/// A stretch of raw records in plain types.
pub(super) struct Stretch {
    pub records: RecordBatch,
    /// The first column whose bytes are no text, by record.
    pub unread: Vec<(usize, usize)>,
}

impl Table {
    /// The columns of a source called `name` that the words choose.
    pub(crate) fn new(
        fields: &Fields,
        words: &Words,
        name: &str,
        format: &Format,
    ) -> Result<Self, SourceError> {
        if fields.is_empty() {
            return Err(SourceError::new(
                format.no_columns,
                format!("{name} has no columns"),
                "Check how it was written: a table needs at least one column.",
            ));
        }
        let bytes = match words.text(BINARY.name) {
            None | Some("text") => Bytes::Text,
            Some("hex") => Bytes::Hex,
            Some(other) => return Err(wrong_value(BINARY.name, other, "it is text or hex")),
        };
        let all = Headers::from_cells(fields.iter().map(|f| f.name().clone()).collect());
        let indices = match words.text(COLUMNS.name) {
            None => (0..fields.len()).collect(),
            Some(text) => choose(text, &all)?,
        };
        let mut chosen = Vec::with_capacity(indices.len());
        let mut plain = Vec::with_capacity(indices.len());
        let mut headers = Headers { original: Vec::new(), unique: Vec::new() };
        for i in indices {
            let (Some(field), Some(unique)) = (fields.get(i), all.unique.get(i)) else { continue };
            let Some(to) = plain_type(field.data_type()) else {
                return Err(unsupported(format, name, unique, field.data_type()));
            };
            plain.push(Field::new(unique, to, true));
            headers.original.push(field.name().clone());
            headers.unique.push(unique.clone());
            chosen.push((i, Arc::clone(field)));
        }
        Ok(Self { headers, schema: Arc::new(Schema::new(plain)), chosen, columns: fields.len(), bytes })
    }

    pub(super) fn headers(&self) -> &Headers {
        &self.headers
    }

    pub(super) fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Where the chosen columns stand in the source, ascending.
    pub(crate) fn chosen(&self) -> impl Iterator<Item = usize> {
        self.chosen.iter().map(|(i, _)| *i)
    }

    /// How many columns the source has, and how many of them are read.
    pub(crate) fn widths(&self) -> (usize, usize) {
        (self.columns, self.chosen.len())
    }

    /// For a format that leaves out the other columns on its own: the chosen ones stand one after the other.
    pub(crate) fn projected(mut self) -> Self {
        for (place, (i, _)) in self.chosen.iter_mut().enumerate() {
            *i = place;
        }
        self
    }

    /// Bytes of a stretch of raw records in plain types, about.
    pub(super) fn weigh(&self, raw: &RecordBatch, start: usize, len: usize) -> u64 {
        let columns = self.chosen.iter().filter_map(|(i, _)| raw.columns().get(*i));
        columns.map(|c| weigh(c, start, len)).fold(0, u64::saturating_add)
    }

    /// A stretch of raw records in plain types.
    pub(super) fn convert(&self, raw: &RecordBatch) -> Result<Stretch, ArrowError> {
        let mut columns = Vec::with_capacity(self.chosen.len());
        let mut unread: HashMap<usize, usize> = HashMap::new();
        for (place, ((i, field), to)) in self.chosen.iter().zip(self.schema.fields()).enumerate() {
            let column = raw
                .columns()
                .get(*i)
                .ok_or_else(|| ArrowError::SchemaError("a column is missing".to_owned()))?;
            let converted = convert(column, field, to.data_type(), self.bytes, true)?;
            for row in converted.unread {
                unread.entry(row).or_insert(place);
            }
            columns.push(converted.array);
        }
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(raw.num_rows()));
        let records = RecordBatch::try_new_with_options(self.schema(), columns, &options)?;
        let mut unread: Vec<_> = unread.into_iter().collect();
        unread.sort_unstable();
        Ok(Stretch { records, unread })
    }
}

/// The places of the columns that are named, each once and ascending.
fn choose(text: &str, all: &Headers) -> Result<Vec<usize>, SourceError> {
    let mut chosen = Vec::new();
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let unique = all.unique.iter().position(|n| n == name);
        let place = unique.or_else(|| all.original.iter().position(|n| n == name));
        match place {
            Some(place) => chosen.push(place),
            None => {
                let first: Vec<&str> = all.unique.iter().take(NAMED).map(String::as_str).collect();
                let more = if all.unique.len() > NAMED { ", …" } else { "" };
                let why = format!("there is no column {name:?}; there are {}{more}", first.join(", "));
                return Err(wrong_value(COLUMNS.name, text, &why));
            }
        }
    }
    if chosen.is_empty() {
        return Err(wrong_value(COLUMNS.name, text, "it names no column"));
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

fn unsupported(format: &Format, name: &str, column: &str, data_type: &DataType) -> SourceError {
    SourceError::new(
        format.unsupported,
        format!("the column {column} of {name} has the type {data_type}, which cannot be read"),
        "Leave it out with the option `columns`, or store it in another type.",
    )
}
