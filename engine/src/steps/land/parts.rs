//! The part files of `landed`: encoding runs beside reading, one task per partition.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use tokio::sync::mpsc;

use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::lake::{DataFile, DataSet, DataSetName, DataSetWriter};
use std::sync::Arc;

/// Rows that go to one part file before the next one has its turn: few, so that also small files give every partition
/// work, but not so few that some hundred rows are torn into parts.
const RUN_OF_ROWS: usize = 8192;

/// The part files of one input: runs of rows go to them in turn, so that every partition has work.
pub(super) struct PartWriters<'a> {
    cx: &'a RunContext,
    file: i32,
    schema: SchemaRef,
    parts: Vec<Part>,
    current: usize,
    rows: usize,
}

struct Part {
    sender: mpsc::Sender<RecordBatch>,
    task: tokio::task::JoinHandle<Result<DataFile>>,
}

impl<'a> PartWriters<'a> {
    pub(super) fn new(cx: &'a RunContext, file: i32, schema: SchemaRef) -> Self {
        Self { cx, file, schema, parts: Vec::new(), current: 0, rows: 0 }
    }

    pub(super) async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        if self.rows >= RUN_OF_ROWS {
            self.rows = 0;
            self.current = (self.current + 1) % self.cx.settings.partitions.max(1);
        }
        self.rows += batch.num_rows();
        while self.parts.len() <= self.current {
            self.open_part()?;
        }
        if self.parts[self.current].sender.send(batch).await.is_err() {
            // The writer ended early: its own error says why.
            let part = self.parts.swap_remove(self.current);
            return Err(match part.task.await? {
                Err(e) => e,
                Ok(_) => Error::internal("a landed file ended before its rows"),
            });
        }
        Ok(())
    }

    fn open_part(&mut self) -> Result<()> {
        let per_file = self.cx.settings.partitions.max(1);
        let number = usize::try_from(self.file - 1).unwrap_or(0) * per_file + self.parts.len();
        let path = self.cx.paths.part(&DataSetName::Landed, 0, number);
        let mut writer = DataSetWriter::new(&self.cx.lake, path, Arc::clone(&self.schema))?;
        let (sender, mut batches) = mpsc::channel::<RecordBatch>(8);
        let task = tokio::spawn(async move {
            while let Some(batch) = batches.recv().await {
                writer.write(&batch).await?;
            }
            writer.finish().await
        });
        self.parts.push(Part { sender, task });
        Ok(())
    }

    /// Closes all parts; a file without rows still leaves one, for its columns.
    pub(super) async fn finish(mut self) -> Result<DataSet> {
        if self.parts.is_empty() {
            self.open_part()?;
        }
        let mut files = Vec::new();
        for part in self.parts {
            drop(part.sender);
            files.push(part.task.await??);
        }
        Ok(DataSet { files })
    }
}
