//! A chunk of which the target tables do not take everything: the changes that they refuse are found by halving, and the
//! others are written. One bad value costs its own row and no other.

use std::collections::HashSet;

use datafusion::arrow::array::BooleanArray;
use datafusion::arrow::compute::filter_record_batch;

use super::chunk::{Chunk, Lane, Prepared, Rows, TableRows, int_column};
use super::ground::{OwnIds, refuse_moved};
use super::ledger::{Outcome, Wrote, ledger};
use super::refusal::Refusal;
use super::write::{Lock, enter, write_changes};
use crate::context::RunContext;
use crate::error::{Error, ErrorKind, Result, TOO_MANY_BAD};
use crate::store::Session;

/// Refused changes that a run may always have, however small it is.
const ALWAYS: u64 = 20;

/// Writes what can be written of a chunk, in the open transaction.
pub async fn sift(
    cx: &RunContext,
    session: &mut Session,
    lock: Lock,
    (chunk, lane): (&Chunk, &Lane),
    round: u32,
    own: &OwnIds,
) -> Result<Outcome> {
    enter(cx, session, lock).await?;
    let prepared = lane.prepare(chunk.rows.clone()).await?;
    let changes = prepared.changes as u64;
    let (prepared, moved) = refuse_moved(cx, session, (chunk, lane), prepared, own).await?;
    if cx.plan_run_id.is_some() && !moved.is_empty() {
        return Ok(Outcome { moved, ..Outcome::default() });
    }
    let gone: HashSet<i64> = moved.iter().copied().collect();
    let left = chunk.without(&gone)?;
    let (cores, leads) =
        (int_column(&left.rows, "core_id")?, int_column(&left.rows, "lead_sequence_number")?);
    let all: Vec<(i64, i64)> =
        cores.iter().zip(leads.iter()).filter_map(|(core, lead)| Some((core?, lead?))).collect();
    let most = most(cx);
    let mut refused = Vec::new();
    // The first half is tried first, so that of two rows that exclude each other the earlier one stays.
    let mut waiting = vec![all];
    while let Some(part) = waiting.pop() {
        if part.is_empty() {
            continue;
        }
        cx.heed().await?;
        let Some(refusal) = attempt(session, &prepared, &part, round).await? else { continue };
        match part.as_slice() {
            [(_, lead)] => {
                refused.push(Refusal { lead: *lead, ..refusal });
                if refused.len() as u64 > most {
                    return Err(too_many(&refused, most));
                }
            }
            _ => {
                let (first, second) = part.split_at(part.len() / 2);
                waiting.push(second.to_vec());
                waiting.push(first.to_vec());
            }
        }
    }
    let wrote = Wrote { changes, moved, refused };
    ledger(cx, session, chunk, round, &wrote).await?;
    Ok(wrote.outcome())
}

/// How many changes the target may refuse before the run stops: a table that refuses so many does not fit the project.
fn most(cx: &RunContext) -> u64 {
    if cx.settings.accept_bad {
        return u64::MAX;
    }
    let rows = cx.landed_rows.get().copied().unwrap_or(0);
    ((rows as f64 * cx.settings.max_bad) as u64).max(ALWAYS)
}

fn too_many(refused: &[Refusal], most: u64) -> Error {
    let example = refused.last().map_or("", |refusal| refusal.message.as_str());
    Error::new(
        ErrorKind::Refused,
        format!("more than {most} rows are refused by the target tables; the last one: {example}"),
    )
    .with_code(TOO_MANY_BAD)
    .with_help("compare the tables with the project's load files; --accept-bad loads the other rows all the same, --max-bad sets the limit")
}

/// Writes a part of the changes, or nothing of it; says why not.
async fn attempt(
    session: &mut Session,
    prepared: &Prepared,
    part: &[(i64, i64)],
    round: u32,
) -> Result<Option<Refusal>> {
    let cores: HashSet<i64> = part.iter().map(|(core, _)| *core).collect();
    let rows = only(prepared, &cores)?;
    session.savepoint().await?;
    let before = session.unsettled().await?;
    let written = match write_changes(session, &rows, round).await {
        Ok(()) => session.settle(before).await.map_err(Error::from),
        Err(error) => Err(error),
    };
    match written {
        Ok(()) => {
            session.release().await?;
            Ok(None)
        }
        Err(error) => match Refusal::of(&error, 0) {
            Some(refusal) => {
                session.rollback_to_savepoint().await?;
                Ok(Some(refusal))
            }
            None => Err(error),
        },
    }
}

/// What a chunk writes of some core rows.
fn only(prepared: &Prepared, cores: &HashSet<i64>) -> Result<Prepared> {
    let of = |rows: &Rows, column: &str| -> Result<Rows> {
        if rows.is_empty() {
            return Ok(rows.clone());
        }
        let batches = rows.batches.iter().map(|batch| {
            let ids = int_column(batch, column)?;
            let keep: BooleanArray =
                ids.iter().map(|id| Some(id.is_some_and(|id| cores.contains(&id)))).collect();
            Ok(filter_record_batch(batch, &keep)?)
        });
        Ok(Rows { schema: rows.schema.clone(), batches: batches.collect::<Result<_>>()? })
    };
    let tables = prepared.tables.iter().map(|table| {
        let owner = table.target.owner();
        Ok(TableRows {
            created: of(&table.created, owner)?,
            after: of(&table.after, owner)?,
            before: of(&table.before, owner)?,
            target: table.target.clone(),
        })
    });
    Ok(Prepared {
        tables: tables.collect::<Result<_>>()?,
        children_before: of(&prepared.children_before, "core_id")?,
        created_links: of(&prepared.created_links, "core_id")?,
        other_links: of(&prepared.other_links, "core_id")?,
        seen_again: prepared.seen_again,
        created_provenance: of(&prepared.created_provenance, "core_id")?,
        other_provenance: of(&prepared.other_provenance, "core_id")?,
        change_log: of(&prepared.change_log, "core_id")?,
        changes: cores.len(),
    })
}
