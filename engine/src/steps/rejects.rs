//! Rejects and findings of land as data sets: what could not be read, and what was read after a repair.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use importer_connectors::source::{Finding, Reject};

use crate::context::RunContext;
use crate::error::Result;
use crate::lake::{DataSet, DataSetName, DataSetWriter};

/// The columns of `rejects`.
pub fn reject_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("file_number", DataType::Int32, true),
        Field::new("file_name", DataType::Utf8, true),
        Field::new("line_number", DataType::Int64, true),
        Field::new("line_count", DataType::Int64, true),
        Field::new("byte_offset", DataType::Int64, true),
        Field::new("code", DataType::Utf8, true),
        Field::new("reason", DataType::Utf8, true),
        Field::new("hint", DataType::Utf8, true),
        Field::new("raw", DataType::Binary, true),
        Field::new("raw_truncated", DataType::Boolean, true),
        Field::new("encoding", DataType::Utf8, true),
    ]))
}

/// The columns of the findings that check reports as violations.
pub fn finding_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("file_number", DataType::Int32, true),
        Field::new("line_number", DataType::Int64, true),
        Field::new("code", DataType::Utf8, true),
        Field::new("column_number", DataType::Int64, true),
        Field::new("reason", DataType::Utf8, true),
        Field::new("hint", DataType::Utf8, true),
    ]))
}

/// A data set that grows batch by batch.
pub struct RejectRows {
    writer: DataSetWriter,
    schema: SchemaRef,
}

impl RejectRows {
    /// Starts the only file of the data set.
    pub fn new(cx: &RunContext, name: DataSetName, schema: SchemaRef) -> Result<Self> {
        let writer = DataSetWriter::new(&cx.lake, cx.paths.part(&name, 0, 0), Arc::clone(&schema))?;
        Ok(Self { writer, schema })
    }

    /// Adds what could not be read. `encoding`: that of the file, in which `raw` stands.
    pub async fn add_rejects(
        &mut self,
        file: i32,
        name: &str,
        encoding: &str,
        rejects: &[Reject],
    ) -> Result<()> {
        if rejects.is_empty() {
            return Ok(());
        }
        let text = |f: &dyn Fn(&Reject) -> String| -> ArrayRef {
            Arc::new(rejects.iter().map(|r| Some(f(r))).collect::<StringArray>())
        };
        let number = |f: &dyn Fn(&Reject) -> i64| -> ArrayRef {
            Arc::new(rejects.iter().map(|r| Some(f(r))).collect::<Int64Array>())
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from(vec![file; rejects.len()])),
            text(&|_| name.to_owned()),
            number(&|r| r.line_number),
            number(&|r| r.line_count),
            number(&|r| r.byte_offset),
            text(&|r| r.code.as_str().to_owned()),
            text(&|r| r.reason.clone()),
            text(&|r| r.hint.to_owned()),
            Arc::new(BinaryArray::from_iter_values(rejects.iter().map(|r| &r.raw))),
            Arc::new(BooleanArray::from_iter(rejects.iter().map(|r| Some(r.raw_truncated)))),
            text(&|_| encoding.to_owned()),
        ];
        self.writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), columns)?).await
    }

    /// Adds what was repaired.
    pub async fn add_findings(&mut self, file: i32, findings: &[Finding]) -> Result<()> {
        if findings.is_empty() {
            return Ok(());
        }
        let column = |f: &Finding| i64::try_from(f.column).unwrap_or(i64::MAX);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from(vec![file; findings.len()])),
            Arc::new(findings.iter().map(|f| Some(f.line_number)).collect::<Int64Array>()),
            Arc::new(findings.iter().map(|f| Some(f.code.as_str())).collect::<StringArray>()),
            Arc::new(findings.iter().map(|f| Some(column(f))).collect::<Int64Array>()),
            Arc::new(findings.iter().map(|f| Some(f.reason.as_str())).collect::<StringArray>()),
            Arc::new(findings.iter().map(|f| Some(f.code.hint())).collect::<StringArray>()),
        ];
        self.writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), columns)?).await
    }

    /// Closes the file.
    pub async fn finish(self) -> Result<DataSet> {
        Ok(DataSet { files: vec![self.writer.finish().await?] })
    }
}
