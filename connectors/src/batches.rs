//! Records that the caller has in memory: read like a columnar file, so that they come in the same plain types.

use std::collections::VecDeque;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::columnar::{self, Columns, Format, Rows, Table};
use crate::request::Words;
use crate::source::{
    Batch, Code, Confidence, Counts, Description, Evidence, Headers, Note, Source, SourceError, Unit,
};

static FORMAT: Format = Format {
    name: "batches",
    unit: Unit::Record,
    damaged: "BATCHES_DIFFER",
    unsupported: "BATCHES_UNSUPPORTED",
    no_columns: "BATCHES_NO_COLUMNS",
    binary: Code::new("BATCHES_BINARY", columnar::BINARY_HINT),
    large: Code::new("BATCHES_RECORD_TOO_LARGE", columnar::LARGE_HINT),
};

/// A source of record batches in memory; its places count records. It has no connector, for there is nothing to open.
pub struct Batches(Columns<Waiting>);

impl Batches {
    /// `name` is that of the source in messages. All batches have one schema.
    ///
    /// # Errors
    /// There is no batch, one has other columns than the first, or a column has a type that no plain type stands for.
    pub fn new(name: &str, batches: Vec<RecordBatch>) -> Result<Self, SourceError> {
        let Some(first) = batches.first() else {
            return Err(SourceError::new(
                "BATCHES_EMPTY",
                format!("{name} holds no batches"),
                "Give at least one batch: its schema names the columns.",
            ));
        };
        let given = first.schema();
        if let Some(n) = batches.iter().position(|b| b.schema_ref().fields() != given.fields()) {
            return Err(SourceError::new(
                "BATCHES_DIFFER",
                format!("batch {} of {name} has other columns than the first", n + 1),
                "Give all batches the same schema.",
            ));
        }
        let table = Table::new(given.fields(), &Words::default(), name, &FORMAT)?;
        let rows = batches.iter().map(RecordBatch::num_rows).max().unwrap_or(0);
        Ok(Self(Columns::new(name, Waiting { batches: batches.into(), bytes: 0 }, table, rows)))
    }
}

/// Batches that were not handed out yet.
struct Waiting {
    batches: VecDeque<RecordBatch>,
    bytes: u64,
}

impl Rows for Waiting {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn next_rows(&mut self, _rows: usize) -> Result<Option<RecordBatch>, SourceError> {
        let next = self.batches.pop_front();
        self.bytes += next.as_ref().map_or(0, RecordBatch::get_array_memory_size) as u64;
        Ok(next)
    }

    fn bytes(&self) -> (u64, u64) {
        (self.bytes, self.bytes)
    }

    fn evidence(&self) -> Vec<Evidence> {
        vec![Evidence::new("format", "record batches", Confidence::Given, "they came in memory")]
    }
}

impl Source for Batches {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn description(&self) -> Description {
        self.0.description()
    }

    fn headers(&self) -> &Headers {
        self.0.headers()
    }

    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    fn next_batch(&mut self) -> Result<Option<Batch>, SourceError> {
        self.0.next_batch()
    }

    fn counts(&self) -> Counts {
        self.0.counts()
    }

    fn notes(&self) -> &[Note] {
        self.0.notes()
    }
}
