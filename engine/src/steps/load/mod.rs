//! load: the only step that touches core. Changes go in chunks of whole core rows, one transaction each, in the order
//! of their files; the ledger says which chunks are in, so that a resumed load goes on behind them.
//!
//! - [`chunk`]: a chunk of changes as rows per table
//! - [`cut`]: how many changes each chunk takes
//! - [`statements`]: the set-based SQL, from the entity's load files
//! - [`turns`]: the chunks of a round in turns, each made ready while the one before is written
//! - [`apply`]: the transaction: lock, fence, guard, write, ledger
//! - [`sift`]: what the target tables refuse of a chunk, and the rest of it; [`refusal`]: what they say
//! - [`beside`]: rows of a chunk in the statements of its transaction
//! - [`tally`]: the rows of a round whose chunks are in
//! - [`suggestions`]: what a person may decide, after all chunks are in

mod apply;
mod beside;
mod chunk;
mod cut;
mod refusal;
mod sift;
mod statements;
mod suggestions;
mod tally;
mod turns;

pub(crate) use apply::refused_of;
pub(crate) use chunk::{Chunk, Lane, Rows, with_ids, with_ordinal};
pub(crate) use cut::Cut;
pub use refusal::Refusal;
pub(crate) use statements::{LINK_COLUMNS, Target, update_provenance};
pub use suggestions::{register_all_created, write_suggestions};
pub use tally::loaded_rows;
pub(crate) use turns::ChunkReader;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use importer_plans::project::ImportMode;
use serde::{Deserialize, Serialize};

pub use self::apply::OwnIds;
use self::apply::{KnownHits, Outcome, load_chunks, probe_chunk};
use self::turns::{Cuttings, Turn, Turns};
use super::lookup::{column, schema};
use super::resolve::Resolved;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{DataSet, DataSetName, DataSetWriter};
use crate::progress::StepProgress;
use crate::run::RunContext;
use crate::store::{Dialect, IdRequest, NUMBER};
use crate::tables;

/// Load transactions of one run side by side on Postgres.
const LANES: usize = 2;

/// What load did in one round.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Loaded {
    pub chunks: u64,
    pub applied: u64,
    pub refused: u64,
    /// Changes that the target tables did not take.
    #[serde(default)]
    pub held: Vec<Refusal>,
    /// Lead rows of refused changes, to be resolved again.
    pub moved: Vec<i64>,
    /// The one transaction was rolled back: all changes have to be resolved again.
    pub undone: bool,
    /// Ranges of core ids that the round took: first id and how many.
    pub ids: Vec<(i64, i64)>,
    /// `lead_sequence_number` and `core_id` of the core rows that the round created.
    pub created: DataSet,
}

/// Loads the changes of one round.
pub async fn load(
    cx: &RunContext,
    resolved: &Resolved,
    round: u32,
    own: &mut OwnIds,
    progress: &StepProgress,
) -> Result<Loaded> {
    if crate::remedy::at_work(cx) {
        // Taken up again, the rows may be with another run by now.
        crate::remedy::claim(cx).await?;
    }
    let cuttings = Cuttings::of(cx, resolved);
    let done = committed(cx, round).await?;
    let (ids, taken) = Ids::take(cx, resolved, round).await?;
    own.ids.extend(&taken);
    own.known = KnownHits::of(cx).await?;
    if cx.plan_run_id.is_some() {
        let moved = probe(cx, resolved, &taken, &done, own).await?;
        if !moved.is_empty() {
            return Ok(Loaded { ids: taken, refused: moved.len() as u64, moved, ..Loaded::default() });
        }
    }
    let mut loaded = Loaded { ids: taken, ..Loaded::default() };
    let mut created = CreatedIds::new(cx, round)?;
    let mut turns = Turns::new(cx, cuttings, ids, done, lane_count(cx));
    // One transaction for all chunks where nothing may be visible before everything is.
    let mut whole = if cx.settings.in_one_transaction() { Some(cx.store.begin().await?) } else { None };
    let mut coming = turns.next().await?;
    while let Some(Turn { ready, known }) = coming {
        let (outcomes, following) = if ready.is_empty() {
            (Vec::new(), turns.next().await)
        } else {
            cx.heed().await?;
            // The chunks of the next turn are made ready while these are written.
            futures::join!(load_chunks(cx, whole.as_mut(), ready, round, own), turns.next())
        };
        for ended in outcomes.into_iter().chain(known.map(Ok)) {
            let (chunk, outcome) = ended?;
            if cx.plan_run_id.is_some() && !outcome.moved.is_empty() {
                return Ok(Loaded { moved: outcome.moved, ..loaded });
            }
            let held = outcome.refused.iter().map(|refusal| refusal.lead);
            created.remember(&chunk.rows, outcome.moved.iter().copied().chain(held)).await?;
            loaded.held.extend(outcome.refused);
            loaded.applied += outcome.applied;
            loaded.refused += outcome.moved.len() as u64;
            loaded.moved.extend(outcome.moved);
            loaded.chunks += 1;
            progress.advance(chunk.rows.num_rows() as u64);
        }
        coming = following?;
    }
    if let Some(mut session) = whole {
        if let Some(refusal) = loaded.held.first()
            && cx.settings.mode == ImportMode::AllOrNothing
        {
            session.rollback().await?;
            return Err(nothing_of_it(&loaded.held, refusal));
        }
        if loaded.moved.is_empty() {
            session.commit().await?;
        } else {
            // Part of it moved: nothing stays, and everything is resolved again.
            session.rollback().await?;
            loaded.held.clear();
            loaded.applied = 0;
            loaded.undone = true;
        }
    }
    loaded.created = if loaded.undone { CreatedIds::new(cx, round)? } else { created }.finish().await?;
    register_created(cx, &loaded, round).await?;
    Ok(loaded)
}

/// A load of all or nothing, of which the target refuses a part.
fn nothing_of_it(held: &[Refusal], first: &Refusal) -> Error {
    let message = format!(
        "{} rows are refused by the target tables, and this run takes all or nothing; row {}: {}",
        held.len(),
        first.lead,
        first.message
    );
    Error::new(ErrorKind::Refused, message).with_help(first.hint.clone())
}

/// Chunks that are loaded side by side, no more than there are partitions. SQLite has one writer; a load in one transaction and the load of a plan, which
/// stops at the first chunk that is refused, go one by one.
fn lane_count(cx: &RunContext) -> usize {
    let one_by_one = cx.settings.in_one_transaction() || cx.plan_run_id.is_some();
    match cx.store.dialect() {
        Dialect::Postgres if !one_by_one => LANES.min(cx.settings.partitions).max(1),
        _ => 1,
    }
}

/// Looks at all chunks of a plan that are not loaded yet before the first one is: lead rows whose ground has moved.
async fn probe(
    cx: &RunContext,
    resolved: &Resolved,
    ranges: &[(i64, i64)],
    done: &HashMap<i64, Outcome>,
    own: &OwnIds,
) -> Result<Vec<i64>> {
    let mut ids = Ids::of(ranges);
    let mut chunks = ChunkReader::new(cx, &resolved.changes().files);
    let lane = Lane::new(cx);
    let (mut number, mut moved) = (0, Vec::new());
    for rows in Cut::of(&cx.settings, resolved).sizes() {
        let Some(batch) = chunks.next_of(rows).await? else { break };
        let chunk = Chunk { number, rows: with_ids(&batch, || ids.next())? };
        if !done.contains_key(&number) {
            cx.heed().await?;
            moved.extend(probe_chunk(cx, &lane, &chunk, own).await?);
        }
        number += 1;
    }
    moved.sort_unstable();
    Ok(moved)
}

/// What the chunks of a round did that are committed already.
async fn committed(cx: &RunContext, round: u32) -> Result<HashMap<i64, Outcome>> {
    let ledger = cx.store.committed_chunks(&cx.tenant, cx.run_id).await?;
    ledger
        .into_iter()
        .filter(|entry| entry.round == i64::from(round))
        .map(|entry| {
            let applied = u64::try_from(entry.applied).unwrap_or(0);
            let (moved, refused) = (apply::moved_of(&entry)?, apply::refused_of(&entry)?);
            Ok((entry.chunk, Outcome { applied, moved, refused }))
        })
        .collect()
}

/// Whether the ledger has all that a former attempt says of a round: a power cut can take back the last transactions
/// of an embedded database, and the store decides.
pub async fn stands(cx: &RunContext, loaded: &Loaded, round: u32) -> Result<bool> {
    let chunks = if loaded.undone { 0 } else { loaded.chunks };
    Ok(committed(cx, round).await?.len() as u64 == chunks)
}

/// Makes the core ids of a round known.
pub async fn register_created(cx: &RunContext, loaded: &Loaded, round: u32) -> Result<()> {
    tables::register_files(&cx.session, &format!("created_ids_{round}"), &loaded.created).await
}

/// Core ids of new people by their lead row, written down chunk by chunk.
struct CreatedIds {
    writer: DataSetWriter,
    schema: SchemaRef,
}

impl CreatedIds {
    fn new(cx: &RunContext, round: u32) -> Result<Self> {
        let schema =
            schema(vec![column("lead_sequence_number", DataType::Int64), column("core_id", DataType::Int64)]);
        let path = cx.paths.part(&DataSetName::CreatedIds, round, 0);
        Ok(Self { writer: DataSetWriter::new(&cx.lake, path, Arc::clone(&schema))?, schema })
    }

    /// Those of one chunk, without the ones whose change was refused.
    async fn remember(&mut self, rows: &RecordBatch, left_out: impl Iterator<Item = i64>) -> Result<()> {
        let moved: HashSet<i64> = left_out.collect();
        let action = datafusion::arrow::compute::cast(
            rows.column(rows.schema().index_of("action")?),
            &DataType::Utf8,
        )?;
        let action = datafusion::arrow::array::AsArray::as_string::<i32>(&action);
        let (core, lead) =
            (chunk::int_column(rows, "core_id")?, chunk::int_column(rows, "lead_sequence_number")?);
        let (mut leads, mut cores) = (Vec::new(), Vec::new());
        for row in 0..rows.num_rows() {
            if action.value(row) == "created" && !moved.contains(&lead.value(row)) {
                leads.push(lead.value(row));
                cores.push(core.value(row));
            }
        }
        let columns: Vec<ArrayRef> =
            vec![Arc::new(Int64Array::from(leads)), Arc::new(Int64Array::from(cores))];
        self.writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), columns)?).await
    }

    async fn finish(self) -> Result<DataSet> {
        Ok(DataSet { files: vec![self.writer.finish().await?] })
    }
}

/// The core ids of a round, committed before its first chunk: create k gets id k, in every attempt.
struct Ids {
    ranges: std::vec::IntoIter<(i64, i64)>,
    current: std::ops::Range<i64>,
}

impl Ids {
    fn of(ranges: &[(i64, i64)]) -> Self {
        Self { ranges: Vec::from(ranges).into_iter(), current: 0..0 }
    }

    async fn take(cx: &RunContext, resolved: &Resolved, round: u32) -> Result<(Self, Vec<(i64, i64)>)> {
        let merged =
            super::check::count(cx, "SELECT count(*) AS n FROM changes_merged WHERE action = 'created'")
                .await?;
        let wanted = i64::try_from(resolved.created.rows() + merged).unwrap_or(i64::MAX);
        let ranges = if wanted == 0 {
            Vec::new()
        } else {
            // The table's own sequence gives the ids, or that of the numbers beside it.
            let core = &cx.shape.core;
            let (table, id_column) = match &core.numbers {
                Some(numbers) => (numbers, NUMBER),
                None => (&cx.shape.core_table, core.id_column.as_str()),
            };
            let request = IdRequest {
                tenant: cx.tenant.clone(),
                run_id: cx.run_id,
                entity: cx.entity.name.clone(),
                round: i64::from(round),
                table: table.clone(),
                id_column: id_column.to_owned(),
                has_tenant: core.has_tenant && core.numbers.is_none(),
                count: wanted,
            };
            cx.store.take_ids(&request).await?.iter().map(|r| (r.first, r.count)).collect()
        };
        fail::fail_point!("load::ids_taken", |_| Err(Error::internal("failpoint load::ids_taken")));
        Ok((Self::of(&ranges), ranges))
    }

    fn next(&mut self) -> Result<i64> {
        loop {
            if let Some(id) = self.current.next() {
                return Ok(id);
            }
            let (first, count) = self
                .ranges
                .next()
                .ok_or_else(|| Error::internal("fewer core ids were taken than rows are created"))?;
            self.current = first..first + count;
        }
    }
}
