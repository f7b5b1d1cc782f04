//! A part of the index is written, and the generation that has it is created.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use object_store::path::Path;

use super::generation::{Generation, first_record};
use super::read::MatchIndex;
use crate::error::Result;
use crate::lake::dataset::{DataSet, DataSetWriter};
use crate::lake::paths::{match_index_generation, match_index_part};

/// The column with the number of a record.
const RECORD: &str = "record";

/// Who writes a part: the run and its attempt.
#[derive(Debug, Clone, Copy)]
pub struct PartSource {
    pub run_id: i64,
    pub attempt: i32,
}

impl MatchIndex {
    /// Writes the records of a part, in the order in which they come, and numbers them.
    pub async fn write_records(
        &self,
        source: PartSource,
        rows: SendableRecordBatchStream,
    ) -> Result<DataSet> {
        let schema = numbered(&rows.schema());
        self.write("records", source, schema, rows, Numbers { next: first_record(self.next()) }).await
    }

    /// Writes the blocks of a part, in the order in which they come.
    pub async fn write_blocks(&self, source: PartSource, rows: SendableRecordBatchStream) -> Result<DataSet> {
        self.write("blocks", source, rows.schema(), rows, AsTheyAre).await
    }

    async fn write(
        &self,
        what: &str,
        source: PartSource,
        schema: SchemaRef,
        mut rows: SendableRecordBatchStream,
        mut making: impl Becomes,
    ) -> Result<DataSet> {
        let mut writer = DataSetWriter::new(&self.lake, self.part(what, source), Arc::clone(&schema))?;
        while let Some(batch) = rows.next().await {
            writer.write(&making.batch(&batch?, &schema)?).await?;
        }
        Ok(DataSet { files: vec![writer.finish().await?] })
    }

    fn part(&self, what: &str, source: PartSource) -> Path {
        match_index_part(&self.root, what, self.next(), (source.run_id, source.attempt))
    }

    /// Creates the next generation; says whether it was created, or somebody else had been there first.
    pub async fn create(&mut self, next: Generation) -> Result<bool> {
        let path = match_index_generation(&self.root, next.number);
        let created = self.lake.create(&path, serde_json::to_vec_pretty(&next)?.into()).await?;
        if created {
            self.newest = next.number;
            self.current = Some(next);
        }
        Ok(created)
    }
}

/// What the rows of a file are made of the rows that come.
trait Becomes {
    fn batch(&mut self, rows: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch>;
}

struct AsTheyAre;

impl Becomes for AsTheyAre {
    fn batch(&mut self, rows: &RecordBatch, _: &SchemaRef) -> Result<RecordBatch> {
        Ok(rows.clone())
    }
}

/// Every row gets the number after the one before it.
struct Numbers {
    next: i64,
}

impl Becomes for Numbers {
    fn batch(&mut self, rows: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
        let first = self.next;
        self.next += i64::try_from(rows.num_rows()).unwrap_or(i64::MAX);
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(first..self.next));
        let columns = std::iter::once(numbers).chain(rows.columns().iter().cloned()).collect();
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }
}

fn numbered(schema: &Schema) -> SchemaRef {
    let number = Arc::new(Field::new(RECORD, DataType::Int64, true));
    Arc::new(Schema::new(std::iter::once(number).chain(schema.fields().iter().cloned()).collect::<Vec<_>>()))
}
