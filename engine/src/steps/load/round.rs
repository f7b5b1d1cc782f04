//! The load of one round: its chunks in turns; all in one transaction where nothing may be visible before everything is.

use std::collections::HashMap;

use importer_plans::project::ImportMode;
use serde::{Deserialize, Serialize};

use super::apply::load_chunks;
use super::chunk::{Chunk, Lane, with_ids};
use super::cut::Cut;
use super::ground::{KnownHits, OwnIds, probe_chunk};
use super::ids::{CreatedIds, Ids};
use super::ledger::{Outcome, committed};
use super::refusal::Refusal;
use super::turns::{ChunkReader, Cuttings, Turn, Turns};
use crate::context::RunContext;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::DataSet;
use crate::progress::StepProgress;
use crate::steps::promotions;
use crate::steps::resolve::Resolved;
use crate::tables;

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
    match load_once(cx, resolved, round, own, progress, false).await {
        // The end of the one transaction found what is looked at only there, and nothing of it is in. Once more, each chunk
        // is asked for it, so that the rows are found.
        Err(error) if cx.settings.in_one_transaction() && Refusal::is(&error) => {
            tracing::debug!(run_id = cx.run_id, "the load is refused at its end: {error}");
            load_once(cx, resolved, round, own, progress, true).await
        }
        loaded => loaded,
    }
}

async fn load_once(
    cx: &RunContext,
    resolved: &Resolved,
    round: u32,
    own: &mut OwnIds,
    progress: &StepProgress,
    settling: bool,
) -> Result<Loaded> {
    if promotions::at_work(cx) {
        // Taken up again, the rows may be with another run by now.
        promotions::claim(cx).await?;
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
    if let Some(session) = &mut whole {
        session.defer(settling);
    }
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
            if let Err(error) = session.commit().await {
                // The first error is the one to tell; a rollback that fails ends with the connection.
                let _ = session.rollback().await;
                return Err(error.into());
            }
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

/// Chunks that are loaded side by side: as many as the store takes, and no more than there are partitions. A load in one
/// transaction and the load of a plan, which stops at the first chunk that is refused, go one by one.
fn lane_count(cx: &RunContext) -> usize {
    let one_by_one = cx.settings.in_one_transaction() || cx.plan_run_id.is_some();
    if one_by_one { 1 } else { cx.store.dialect().load_lanes().min(cx.settings.partitions).max(1) }
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
