//! load: the only step that touches core. Changes go in chunks of whole core rows, one transaction each, in the order
//! of their files; the ledger says which chunks are in, so that a resumed load goes on behind them.
//!
//! - [`chunk`]: a chunk of changes as rows per table
//! - [`statements`]: the set-based SQL, from the entity's load files
//! - [`apply`]: the transaction: lock, fence, guard, write, ledger
//! - [`suggestions`]: what a person may decide, after all chunks are in

mod apply;
mod chunk;
mod statements;
mod suggestions;

pub use suggestions::write_suggestions;

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{Int64Array, RecordBatch};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::DataType;
use futures::StreamExt;
use object_store::ObjectStoreExt;
use parquet::arrow::ParquetRecordBatchStreamBuilder;
use parquet::arrow::async_reader::ParquetObjectReader;
use serde::{Deserialize, Serialize};

use self::apply::{OwnIds, load_chunk};
use self::chunk::{Chunk, with_ids};
use super::lookup::{column, schema};
use super::resolve::Resolved;
use crate::error::{Error, Result};
use crate::lake::DataFile;
use crate::progress::StepProgress;
use crate::run::RunContext;
use crate::tables;

/// What load did in one round.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Loaded {
    pub chunks: u64,
    pub applied: u64,
    pub refused: u64,
    /// Lead rows of refused changes, to be resolved again.
    pub moved: Vec<i64>,
}

/// Loads the changes of one round.
pub async fn load(cx: &RunContext, resolved: &Resolved, round: u32, progress: &StepProgress) -> Result<Loaded> {
    let done: HashSet<i64> = cx.store.committed_chunks(&cx.tenant, cx.run_id, &cx.entity.name, i64::from(round)).await?;
    let mut ids = Ids::take(cx, resolved, round).await?;
    let own = OwnIds(cx.store.own_ids(&cx.tenant, cx.run_id, &cx.entity.name).await?);
    let mut loaded = Loaded::default();
    let mut created: Vec<(i64, i64)> = Vec::new();
    let mut chunks = ChunkReader::new(cx, &resolved.changes().files);
    let mut number = 0;
    while let Some(batch) = chunks.next().await? {
        let rows = with_ids(&batch, || ids.next())?;
        remember_created(&rows, &mut created)?;
        if !done.contains(&number) {
            let chunk = Chunk { number, rows };
            let outcome = load_chunk(cx, &chunk, round, &own).await.map_err(|e| e.context(format!("chunk {number}")))?;
            loaded.applied += outcome.applied;
            loaded.refused += outcome.moved.len() as u64;
            loaded.moved.extend(outcome.moved);
            loaded.chunks += 1;
        }
        progress.advance(batch.num_rows() as u64);
        number += 1;
    }
    register_created(cx, &created, round)?;
    Ok(loaded)
}

/// Core ids of new people by their lead row, for the suggestions that speak of them.
fn remember_created(rows: &RecordBatch, into: &mut Vec<(i64, i64)>) -> Result<()> {
    let action = datafusion::arrow::compute::cast(
        rows.column(rows.schema().index_of("action")?),
        &DataType::Utf8,
    )?;
    let action = datafusion::arrow::array::AsArray::as_string::<i32>(&action);
    let (core, lead) = (chunk::int_column(rows, "core_id")?, chunk::int_column(rows, "lead_sequence_number")?);
    for row in 0..rows.num_rows() {
        if action.value(row) == "created" {
            into.push((lead.value(row), core.value(row)));
        }
    }
    Ok(())
}

fn register_created(cx: &RunContext, created: &[(i64, i64)], round: u32) -> Result<()> {
    let schema = schema(vec![column("lead", DataType::Int64), column("core_id", DataType::Int64)]);
    let batch = RecordBatch::try_new(
        Arc::clone(&schema),
        vec![
            Arc::new(Int64Array::from_iter_values(created.iter().map(|c| c.0))),
            Arc::new(Int64Array::from_iter_values(created.iter().map(|c| c.1))),
        ],
    )?;
    tables::register_rows(&cx.session, &format!("created_ids_{round}"), schema, vec![batch])
}

/// The core ids of a round, committed before its first chunk: create k gets id k, in every attempt.
struct Ids {
    ranges: std::vec::IntoIter<(i64, i64)>,
    current: std::ops::Range<i64>,
}

impl Ids {
    async fn take(cx: &RunContext, resolved: &Resolved, round: u32) -> Result<Self> {
        let merged = super::check::count(cx, "SELECT count(*) AS n FROM changes_merged WHERE action = 'created'").await?;
        let wanted = i64::try_from(resolved.created.rows() + merged).unwrap_or(i64::MAX);
        let ranges = if wanted == 0 {
            Vec::new()
        } else {
            let core = cx.shape.core_table.as_str();
            cx.store.take_ids(&cx.tenant, cx.run_id, &cx.entity.name, core, i64::from(round), wanted).await?
        };
        fail::fail_point!("load::ids_taken", |_| Err(Error::internal("failpoint load::ids_taken")));
        Ok(Self { ranges: ranges.into_iter(), current: 0..0 })
    }

    fn next(&mut self) -> Result<i64> {
        loop {
            if let Some(id) = self.current.next() {
                return Ok(id);
            }
            let (first, count) =
                self.ranges.next().ok_or_else(|| Error::internal("fewer core ids were taken than rows are created"))?;
            self.current = first..first + count;
        }
    }
}

/// Reads change files in order and cuts them into chunks of a fixed number of rows, whatever the batches are.
struct ChunkReader<'a> {
    cx: &'a RunContext,
    files: std::vec::IntoIter<DataFile>,
    open: Option<parquet::arrow::async_reader::ParquetRecordBatchStream<ParquetObjectReader>>,
    waiting: Vec<RecordBatch>,
    rows: usize,
}

impl<'a> ChunkReader<'a> {
    fn new(cx: &'a RunContext, files: &[DataFile]) -> Self {
        Self { cx, files: files.to_vec().into_iter(), open: None, waiting: Vec::new(), rows: 0 }
    }

    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let wanted = self.cx.settings.chunk_rows.max(1);
        while self.rows < wanted {
            match self.batch().await? {
                Some(batch) => {
                    self.rows += batch.num_rows();
                    self.waiting.push(batch);
                }
                None => break,
            }
        }
        let Some(first) = self.waiting.first() else { return Ok(None) };
        let all = concat_batches(&first.schema(), &self.waiting)?;
        let taken = wanted.min(all.num_rows());
        let rest = all.slice(taken, all.num_rows() - taken);
        self.rows = rest.num_rows();
        self.waiting = if self.rows > 0 { vec![rest] } else { Vec::new() };
        Ok((taken > 0).then(|| all.slice(0, taken)))
    }

    async fn batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(stream) = &mut self.open {
                match stream.next().await {
                    Some(batch) => {
                        let batch = batch?;
                        if batch.num_rows() > 0 {
                            return Ok(Some(batch));
                        }
                    }
                    None => self.open = None,
                }
                continue;
            }
            let Some(file) = self.files.next() else { return Ok(None) };
            let path = object_store::path::Path::from(file.path.as_str());
            let store = Arc::clone(self.cx.lake.object_store());
            let meta = store.head(&path).await?;
            let reader = ParquetObjectReader::new(store, path).with_file_size(meta.size);
            let builder = ParquetRecordBatchStreamBuilder::new(reader).await?;
            self.open = Some(builder.with_batch_size(16_384).build()?);
        }
    }
}
