//! One chunk in one transaction: lock, fence, guard, write, ledger, commit. Either all of it is visible or nothing.

use futures::future::join_all;

use super::chunk::{Chunk, Lane, Prepared};
use super::ground::{OwnIds, refuse_moved};
use super::ledger::{Outcome, Wrote, ledger};
use super::refusal::{Refusal, all_is_gone};
use super::sift::{Part, sift};
use super::turns::Ready;
use super::write::{Lock, enter, write_changes};
use crate::context::RunContext;
use crate::error::{Error, ErrorKind, Result};
use crate::store::Session;

/// A chunk that is ready, or what went wrong with it.
type Made = (Chunk, Lane, Result<Prepared>);

/// Loads the chunks of a turn: one in the transaction of the whole load or in one of its own, several side by side behind
/// a gate. All of them end, whatever becomes of one.
pub async fn load_chunks(
    cx: &RunContext,
    whole: Option<&mut Session>,
    turn: Vec<Ready>,
    round: u32,
    own: &OwnIds,
) -> Vec<Result<(Chunk, Outcome)>> {
    let mut chunks: Vec<Made> = Vec::with_capacity(turn.len());
    for Ready { chunk, lane, rows } in turn {
        let rows = rows.join_unwind().await.map_err(Error::from).flatten();
        chunks.push((chunk, lane, rows));
    }
    if let Some(session) = whole {
        let mut outcomes = Vec::new();
        for made in chunks {
            outcomes.push(write_part(cx, session, made, round, own).await);
        }
        return outcomes;
    }
    let alone = chunks.len() == 1;
    let gate = match alone {
        true => None,
        false => match cx.store.close_gate(&cx.tenant, &cx.entity.name).await {
            Ok(gate) => Some(gate),
            Err(error) => return vec![Err(error.into())],
        },
    };
    let lock = if alone { Lock::Alone } else { Lock::Shared };
    let outcomes = join_all(chunks.into_iter().map(|made| load_chunk(cx, lock, made, round, own))).await;
    if let Some(gate) = gate
        && let Err(error) = gate.open().await
    {
        tracing::warn!(run_id = cx.run_id, "the entity's gate was lost: {error}");
    }
    outcomes
}

/// Loads one chunk in a transaction of its own; again without what the target tables refuse, where they refuse some of it.
async fn load_chunk(
    cx: &RunContext,
    lock: Lock,
    made: Made,
    round: u32,
    own: &OwnIds,
) -> Result<(Chunk, Outcome)> {
    let (chunk, lane) = (made.0.clone(), made.1.clone());
    let mut session = cx.store.begin().await?;
    let error = match write_chunk(cx, &mut session, lock, made, round, own).await {
        Ok((chunk, outcome)) => match end(cx, &mut session, &outcome).await {
            Ok(()) => return Ok((chunk, outcome)),
            Err(error) => {
                // What is looked at only now is looked at sooner the next time.
                let at_the_end = Refusal::is(&error);
                let _ = session.rollback().await;
                session.defer(at_the_end);
                error
            }
        },
        Err(error) => {
            // The first error is the one to tell; a rollback that fails ends with the connection.
            let _ = session.rollback().await;
            error
        }
    };
    if !Refusal::is(&error) {
        return Err(of_chunk(error, &chunk));
    }
    tracing::debug!(run_id = cx.run_id, chunk = chunk.number, "part of the chunk is refused: {error}");
    let part = Part { chunk: &chunk, lane: &lane, lock, round, own };
    let mut sifted = sift_alone(cx, &mut session, &part).await;
    if let Err(error) = &sifted
        && Refusal::is(error)
        && !session.defers()
    {
        // Behind what was refused at once stands something that is looked at only at the end.
        session.defer(true);
        sifted = sift_alone(cx, &mut session, &part).await;
    }
    match sifted {
        Ok(outcome) => Ok((chunk, outcome)),
        Err(error) => Err(of_chunk(error, &chunk)),
    }
}

/// Writes what can be written of a chunk in a transaction of its own.
async fn sift_alone(cx: &RunContext, session: &mut Session, part: &Part<'_>) -> Result<Outcome> {
    session.begin().await?;
    let sifted = match sift(cx, session, part, true).await {
        Ok(outcome) => end(cx, session, &outcome).await.map(|()| outcome),
        Err(error) => Err(error),
    };
    if sifted.is_err() {
        let _ = session.rollback().await;
    }
    sifted
}

/// Commits a chunk; one of a plan that has moved is left out.
async fn end(cx: &RunContext, session: &mut Session, outcome: &Outcome) -> Result<()> {
    if cx.plan_run_id.is_some() && !outcome.moved.is_empty() {
        session.rollback().await?;
    } else {
        session.commit().await?;
    }
    Ok(())
}

/// Writes a chunk into the transaction of the whole load; again without what the target tables refuse.
async fn write_part(
    cx: &RunContext,
    session: &mut Session,
    made: Made,
    round: u32,
    own: &OwnIds,
) -> Result<(Chunk, Outcome)> {
    let (chunk, lane) = (made.0.clone(), made.1.clone());
    session.savepoint().await?;
    // Left to the end where nothing was found there yet: a later chunk may bring what this one refers to.
    let before = if session.defers() { Some(session.unsettled().await?) } else { None };
    let written = match (write_chunk(cx, session, Lock::Alone, made, round, own).await, before) {
        (Ok(written), Some(before)) => session.settle(before).await.map(|()| written).map_err(Error::from),
        (written, _) => written,
    };
    match written {
        Ok(written) => {
            session.release().await?;
            Ok(written)
        }
        Err(error) if Refusal::is(&error) => {
            if !session.rollback_to_savepoint().await? {
                return Err(of_chunk(all_is_gone(&error), &chunk));
            }
            let part = Part { chunk: &chunk, lane: &lane, lock: Lock::Alone, round, own };
            let outcome = sift(cx, session, &part, false).await;
            outcome.map_err(|e| of_chunk(e, &chunk)).map(|outcome| (chunk, outcome))
        }
        Err(error) => Err(of_chunk(error, &chunk)),
    }
}

fn of_chunk(error: Error, chunk: &Chunk) -> Error {
    if error.kind() == ErrorKind::Project {
        // It begins with the place in the file.
        return error;
    }
    error.context(format!("chunk {}", chunk.number))
}

/// Writes one chunk into an open transaction.
async fn write_chunk(
    cx: &RunContext,
    session: &mut Session,
    lock: Lock,
    (chunk, lane, rows): Made,
    round: u32,
    own: &OwnIds,
) -> Result<(Chunk, Outcome)> {
    let written = match rows {
        Ok(rows) => write_rows(cx, session, lock, (&chunk, &lane), rows, round, own).await,
        Err(error) => Err(error),
    };
    written.map(|outcome| (chunk, outcome))
}

async fn write_rows(
    cx: &RunContext,
    session: &mut Session,
    lock: Lock,
    (chunk, lane): (&Chunk, &Lane),
    prepared: Prepared,
    round: u32,
    own: &OwnIds,
) -> Result<Outcome> {
    enter(cx, session, lock).await?;
    let changes = prepared.changes as u64;
    let (prepared, moved) = refuse_moved(cx, session, (chunk, lane), prepared, own).await?;
    if cx.plan_run_id.is_some() && !moved.is_empty() {
        // A plan is loaded as it is or not at all; nothing of this chunk is.
        return Ok(Outcome { moved, ..Outcome::default() });
    }
    fail::fail_point!("load::before_copy", |_| Err(crate::Error::internal("failpoint load::before_copy")));
    write_changes(session, &prepared, round).await?;
    let wrote = Wrote { changes, moved, refused: Vec::new() };
    ledger(cx, session, chunk, round, &wrote).await?;
    Ok(wrote.outcome())
}
