//! Records that the caller has in memory.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch};
use arrow::datatypes::{Field, Schema, SchemaRef};

use super::{Batch, Confidence, Counts, Description, Evidence, Headers, Note, Source, SourceError, Unit};

/// The connector's name in descriptions.
const NAME: &str = "batches";

/// A source of record batches in memory; its places count records.
pub struct Batches {
    name: String,
    headers: Headers,
    schema: SchemaRef,
    waiting: VecDeque<RecordBatch>,
    counts: Counts,
}

impl Batches {
    /// `name` is that of the source in messages. All batches have one schema.
    ///
    /// # Errors
    /// There is no batch, or one has other columns than the first.
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
        let headers = Headers::from_cells(given.fields().iter().map(|f| f.name().clone()).collect());
        let fields = given
            .fields()
            .iter()
            .zip(&headers.unique)
            .map(|(field, name)| Field::new(name, field.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Ok(Self {
            name: name.to_owned(),
            headers,
            schema,
            waiting: batches.into(),
            counts: Counts::default(),
        })
    }
}

impl Source for Batches {
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> Description {
        let evidence = Evidence::new("format", "record batches", Confidence::Given, "they came in memory");
        Description { evidence: vec![evidence], ..Description::new(NAME, Unit::Record) }
    }

    fn headers(&self) -> &Headers {
        &self.headers
    }

    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    fn next_batch(&mut self) -> Result<Option<Batch>, SourceError> {
        let Some(batch) = self.waiting.pop_front() else { return Ok(None) };
        let rows = batch.num_rows() as u64;
        let records = RecordBatch::try_new_with_options(
            SchemaRef::clone(&self.schema),
            batch.columns().to_vec(),
            &arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows())),
        )
        .map_err(|e| {
            SourceError::new("BATCHES_DIFFER", e.to_string(), "Give all batches the same schema.")
        })?;
        let first = i64::try_from(self.counts.records).unwrap_or(i64::MAX);
        let end = first.saturating_add(i64::try_from(rows).unwrap_or(i64::MAX));
        self.counts.records += rows;
        self.counts.lines += rows;
        self.counts.record_lines += rows;
        self.counts.bytes_read += batch.get_array_memory_size() as u64;
        self.counts.bytes_in = self.counts.bytes_read;
        Ok(Some(Batch {
            records,
            line_numbers: Int64Array::from_iter_values((first + 1)..=end),
            rejects: Vec::new(),
            findings: Vec::new(),
        }))
    }

    fn counts(&self) -> Counts {
        self.counts
    }

    fn notes(&self) -> &[Note] {
        &[]
    }
}
