//! Rows that only the queries after them read: in memory while they are few, in files that nobody waits for from there
//! on. A run of some thousand rows makes a dozen such tables, and would spend more on files than on rows.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use object_store::path::Path;

use super::dataset::{DataSet, DataSetWriter, side_by_side};
use super::objects::Lake;
use super::paths::{DataSetName, RunPaths};
use crate::error::{Error, Result};

/// Bytes of rows that one part keeps in memory, where nobody says otherwise.
const HELD: usize = 4 << 20;

/// Writes one part.
pub struct ScratchWriter {
    lake: Lake,
    path: Path,
    schema: SchemaRef,
    held: Vec<RecordBatch>,
    bytes: usize,
    most: usize,
    file: Option<DataSetWriter>,
}

impl ScratchWriter {
    /// Starts a part; `path` is taken when its rows have become many.
    pub fn new(lake: &Lake, path: Path, schema: SchemaRef) -> Self {
        Self { lake: lake.clone(), path, schema, held: Vec::new(), bytes: 0, most: HELD, file: None }
    }

    /// Keeps as many bytes of rows in memory, and at least what is kept anyway.
    fn holding(mut self, bytes: usize) -> Self {
        self.most = self.most.max(bytes);
        self
    }

    /// Adds rows.
    pub async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        if let Some(file) = &mut self.file {
            return file.write(&batch).await;
        }
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.bytes += batch.get_array_memory_size();
        self.held.push(batch);
        if self.bytes > self.most { self.spill().await } else { Ok(()) }
    }

    async fn spill(&mut self) -> Result<()> {
        let mut file =
            DataSetWriter::new(&self.lake, self.path.clone(), SchemaRef::clone(&self.schema))?.not_held();
        for batch in std::mem::take(&mut self.held) {
            file.write(&batch).await?;
        }
        self.file = Some(file);
        Ok(())
    }

    async fn into_file(mut self) -> Result<DataSetWriter> {
        if self.file.is_none() {
            self.spill().await?;
        }
        self.file.ok_or_else(|| Error::internal("a scratch file was not opened"))
    }
}

/// A finished table. All of its parts are of one kind, so that it is read in one way.
pub enum Scratch {
    /// Rows in memory, part by part.
    Rows(SchemaRef, Vec<Vec<RecordBatch>>),
    /// Files.
    Files(DataSet),
}

impl Scratch {
    /// Finishes the parts of one table.
    pub async fn of(schema: SchemaRef, parts: Vec<ScratchWriter>) -> Result<Self> {
        if parts.iter().all(|part| part.file.is_none()) {
            return Ok(Self::Rows(schema, parts.into_iter().map(|part| part.held).collect()));
        }
        let mut files = Vec::with_capacity(parts.len());
        for part in parts {
            files.push(part.into_file().await?.close().await?);
        }
        Ok(Self::Files(DataSet { files }))
    }

    /// Finishes the parts as files that outlive the process.
    pub async fn keep(parts: Vec<ScratchWriter>) -> Result<DataSet> {
        let mut files = Vec::with_capacity(parts.len());
        for part in parts {
            files.push(part.into_file().await?.finish().await?);
        }
        Ok(DataSet { files })
    }

    /// Writes one part per stream, side by side.
    pub async fn write(
        lake: &Lake,
        paths: &RunPaths,
        name: &DataSetName,
        round: u32,
        streams: Vec<SendableRecordBatchStream>,
    ) -> Result<Self> {
        Self::write_above(0, lake, paths, (name, round), streams).await
    }

    /// [`Scratch::write`] of rows that become files only above so many bytes of each part.
    pub async fn write_above(
        bytes: usize,
        lake: &Lake,
        paths: &RunPaths,
        (name, round): (&DataSetName, u32),
        streams: Vec<SendableRecordBatchStream>,
    ) -> Result<Self> {
        let schema = streams
            .first()
            .map(|s| s.schema())
            .ok_or_else(|| Error::internal("a query without partitions"))?;
        let parts = side_by_side(streams, |number, mut stream| {
            let path = paths.part(name, round, number);
            let mut part = ScratchWriter::new(lake, path, stream.schema()).holding(bytes);
            async move {
                while let Some(batch) = stream.next().await {
                    part.write(batch?).await?;
                }
                Ok(part)
            }
        });
        Self::of(schema, parts.await?).await
    }

    /// The same rows in so many parts, where they are in memory and all in one: the queries after it have work for each.
    pub fn spread(self, parts: usize) -> Self {
        match self {
            Self::Rows(schema, held) if held.len() == 1 && parts > 1 => {
                let batches: Vec<RecordBatch> = held.into_iter().flatten().collect();
                let all: usize = batches.iter().map(RecordBatch::num_rows).sum();
                let size = all.div_ceil(parts).max(1);
                let (mut spread, mut place) = (vec![Vec::new(); parts], 0);
                for batch in batches {
                    let mut from = 0;
                    while from < batch.num_rows() {
                        let rows = (size - place % size).min(batch.num_rows() - from);
                        spread[place / size].push(batch.slice(from, rows));
                        (from, place) = (from + rows, place + rows);
                    }
                }
                Self::Rows(schema, spread)
            }
            other => other,
        }
    }

    /// Rows over all parts.
    pub fn rows(&self) -> u64 {
        match self {
            Self::Rows(_, parts) => parts.iter().flatten().map(|batch| batch.num_rows() as u64).sum(),
            Self::Files(files) => files.rows(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{AsArray, Int64Array, RecordBatch};
    use datafusion::arrow::datatypes::Int64Type;

    use super::Scratch;

    fn numbers(range: std::ops::Range<i64>) -> RecordBatch {
        RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from_iter_values(range)) as _)]).unwrap()
    }

    #[test]
    fn spread_rows_are_the_same_rows() {
        for (ends, parts) in [(vec![5, 6, 13], 3), (vec![1], 2), (vec![], 2), (vec![4], 2)] {
            let all = ends.last().copied().unwrap_or(0);
            let begins = std::iter::once(0).chain(ends.iter().copied());
            let batches: Vec<_> = begins.zip(&ends).map(|(begin, end)| numbers(begin..*end)).collect();
            let spread = Scratch::Rows(numbers(0..0).schema(), vec![batches]).spread(parts);
            let Scratch::Rows(_, held) = spread else { panic!("files") };
            assert_eq!(held.len(), parts);
            let most = held.iter().map(|p| p.iter().map(RecordBatch::num_rows).sum::<usize>()).max();
            assert!(most.unwrap() <= usize::try_from(all).unwrap().div_ceil(parts));
            let rows =
                held.iter().flatten().flat_map(|b| b.column(0).as_primitive::<Int64Type>().values().to_vec());
            assert_eq!(rows.collect::<Vec<_>>(), (0..all).collect::<Vec<_>>());
        }
    }
}
