//! The changes of a round in turns: chunks read in order, numbered, with their core ids, and already being made ready when
//! their turn comes.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::{SendableRecordBatchStream, SessionStateBuilder};
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use tokio::sync::mpsc;

use super::chunk::{Chunk, Lane, Prepared, with_ids};
use super::cut::Cut;
use super::ids::Ids;
use super::ledger::Outcome;
use crate::context::RunContext;
use crate::error::Result;
use crate::lake::{DataFile, DataSet};
use crate::steps::resolve::Resolved;
use crate::tables;

/// A chunk that is being made ready.
pub struct Ready {
    pub chunk: Chunk,
    pub lane: Lane,
    pub rows: SpawnedTask<Result<Prepared>>,
}

/// Chunks that are loaded together, and one behind them that a former attempt has loaded.
pub struct Turn {
    pub ready: Vec<Ready>,
    pub known: Option<(Chunk, Outcome)>,
}

/// The changes of a round, cut into chunks, read ahead in a task of their own.
pub struct Cuttings {
    rows: mpsc::Receiver<Result<RecordBatch>>,
    reader: Option<SpawnedTask<()>>,
}

impl Cuttings {
    /// Begins to read.
    pub fn of(cx: &RunContext, resolved: &Resolved) -> Self {
        let mut chunks = ChunkReader::new(cx, &resolved.changes().files);
        let mut sizes = Cut::of(&cx.settings, resolved).sizes();
        let (sender, rows) = mpsc::channel(1);
        let reader = SpawnedTask::spawn(async move {
            while let Some(size) = sizes.next()
                && let Some(batch) = chunks.next_of(size).await.transpose()
            {
                let failed = batch.is_err();
                // Nobody waits any more where the load has ended.
                if sender.send(batch).await.is_err() || failed {
                    return;
                }
            }
        });
        Self { rows, reader: Some(reader) }
    }

    /// The rows of the next chunk. The end of the rows is believed only if their reader ended well.
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        match self.rows.recv().await {
            Some(batch) => batch.map(Some),
            None => {
                if let Some(reader) = self.reader.take() {
                    reader.join_unwind().await?;
                }
                Ok(None)
            }
        }
    }
}

/// The turns of a round.
pub struct Turns {
    cuttings: Cuttings,
    ids: Ids,
    done: HashMap<i64, Outcome>,
    /// Those of two turns: one is made ready while the other is written.
    lanes: Vec<Lane>,
    odd: bool,
    number: i64,
}

impl Turns {
    /// So many chunks at a time; those that are done already are known.
    pub fn new(
        cx: &RunContext,
        cuttings: Cuttings,
        ids: Ids,
        done: HashMap<i64, Outcome>,
        width: usize,
    ) -> Self {
        let lanes = (0..2 * width).map(|_| Lane::new(cx)).collect();
        Self { cuttings, ids, done, lanes, odd: false, number: 0 }
    }

    /// The next chunks; nothing when all were given.
    pub async fn next(&mut self) -> Result<Option<Turn>> {
        let width = self.lanes.len() / 2;
        let mut turn = Turn { ready: Vec::new(), known: None };
        while turn.ready.len() < width && turn.known.is_none() {
            let Some(batch) = self.cuttings.next().await? else { break };
            let chunk = Chunk { number: self.number, rows: with_ids(&batch, || self.ids.next())? };
            self.number += 1;
            match self.done.get(&chunk.number) {
                Some(before) => turn.known = Some((chunk, before.clone())),
                None => {
                    let lane = self.lanes[turn.ready.len() + usize::from(self.odd) * width].clone();
                    turn.ready.push(Ready { rows: lane.start(&chunk), lane, chunk });
                }
            }
        }
        self.odd = !self.odd;
        Ok((!turn.ready.is_empty() || turn.known.is_some()).then_some(turn))
    }
}

/// Reads change files in order and cuts them into chunks, whatever the batches are.
///
/// The first file has all columns; what another one lacks is NULL in its rows. Texts have one layout, whether rows are
/// still at hand or are read from where they lie.
pub(crate) struct ChunkReader {
    session: SessionContext,
    files: std::vec::IntoIter<DataFile>,
    columns: Option<SchemaRef>,
    open: Option<SendableRecordBatchStream>,
    waiting: Vec<RecordBatch>,
    rows: usize,
}

impl ChunkReader {
    pub(crate) fn new(cx: &RunContext, files: &[DataFile]) -> Self {
        // One partition: a file is read from its first row to its last. The catalogue is shared with the run's
        // session, so no default one may be made in its place.
        let config = cx
            .session
            .copied_config()
            .with_target_partitions(1)
            .with_create_default_catalog_and_schema(false);
        let state = SessionStateBuilder::new_from_existing(cx.session.state()).with_config(config).build();
        Self {
            session: SessionContext::new_with_state(state),
            files: Vec::from(files).into_iter(),
            columns: None,
            open: None,
            waiting: Vec::new(),
            rows: 0,
        }
    }

    /// The next rows, so many; fewer at the end.
    pub(crate) async fn next_of(&mut self, wanted: usize) -> Result<Option<RecordBatch>> {
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
                            return self.columns.as_ref().map(|c| tables::conform(&batch, c)).transpose();
                        }
                    }
                    None => self.open = None,
                }
                continue;
            }
            let Some(file) = self.files.next() else { return Ok(None) };
            let frame = tables::read_files(&self.session, &DataSet { files: vec![file] }).await?;
            let columns = match &self.columns {
                Some(columns) => Arc::clone(columns),
                None => tables::compact_schema(frame.schema().as_arrow()),
            };
            self.open = Some(tables::widened(frame, &columns)?.execute_stream().await?);
            self.columns = Some(columns);
        }
    }
}
