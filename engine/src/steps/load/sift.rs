//! A chunk of which the target tables do not take everything: the changes that they refuse are found by halving, and the
//! others are written. One bad value costs its own row and no other.

use std::collections::HashSet;

use datafusion::arrow::array::BooleanArray;
use datafusion::arrow::compute::filter_record_batch;

use super::chunk::{Chunk, Lane, Prepared, Rows, TableRows, int_column};
use super::ground::{OwnIds, refuse_moved};
use super::ledger::{Outcome, Wrote, ledger};
use super::refusal::{Refusal, all_is_gone};
use super::write::{Lock, enter, write_changes};
use crate::context::RunContext;
use crate::error::{Error, ErrorKind, Result, TOO_MANY_BAD};
use crate::store::Session;

/// Refused changes that a run may always have, however small it is.
const ALWAYS: u64 = 20;

/// A chunk of which something is refused.
pub struct Part<'a> {
    pub chunk: &'a Chunk,
    pub lane: &'a Lane,
    pub lock: Lock,
    pub round: u32,
    pub own: &'a OwnIds,
}

/// What is known of the changes of a chunk: their core ids and lead rows.
#[derive(Default)]
struct Known {
    refused: Vec<Refusal>,
    /// Parts that are refused as a whole, and are not tried again as such.
    split: HashSet<Vec<(i64, i64)>>,
}

/// Writes what can be written of a chunk, in the open transaction. `alone`: nothing else is in it, and should the database
/// end it for a refused row, it is begun again without that row.
pub async fn sift(cx: &RunContext, session: &mut Session, part: &Part<'_>, alone: bool) -> Result<Outcome> {
    let mut known = Known::default();
    loop {
        match sift_once(cx, session, part, &mut known).await? {
            Sifted::Written(outcome) => return Ok(outcome),
            Sifted::Gone(error) if !alone => return Err(all_is_gone(&error)),
            Sifted::Gone(_) => session.begin().await?,
        }
    }
}

/// How it went.
enum Sifted {
    Written(Outcome),
    /// The database has ended the transaction. What was found until then is known.
    Gone(Error),
}

async fn sift_once(
    cx: &RunContext,
    session: &mut Session,
    part: &Part<'_>,
    known: &mut Known,
) -> Result<Sifted> {
    let Part { chunk, lane, lock, round, own } = *part;
    enter(cx, session, lock).await?;
    let prepared = lane.prepare(chunk.rows.clone()).await?;
    let changes = prepared.changes as u64;
    let (prepared, moved) = refuse_moved(cx, session, (chunk, lane), prepared, own).await?;
    if cx.plan_run_id.is_some() && !moved.is_empty() {
        return Ok(Sifted::Written(Outcome { moved, ..Outcome::default() }));
    }
    let gone: HashSet<i64> = moved.iter().copied().collect();
    let left = chunk.without(&gone)?;
    let (cores, leads) =
        (int_column(&left.rows, "core_id")?, int_column(&left.rows, "lead_sequence_number")?);
    let all: Vec<(i64, i64)> =
        cores.iter().zip(leads.iter()).filter_map(|(core, lead)| Some((core?, lead?))).collect();
    let most = most(cx);
    let before: HashSet<i64> = known.refused.iter().map(|refusal| refusal.lead).collect();
    // The first half is tried first, so that of two rows that exclude each other the earlier one stays.
    let mut waiting = vec![all];
    while let Some(mut part) = waiting.pop() {
        part.retain(|(_, lead)| !before.contains(lead));
        if part.is_empty() {
            continue;
        }
        cx.heed().await?;
        let attempt = match known.split.contains(&part) {
            true => Attempt::Known,
            false => attempt(session, &prepared, &part, round).await?,
        };
        let (refusal, gone) = match attempt {
            Attempt::Written => continue,
            Attempt::Known => (None, None),
            Attempt::Refused(refusal) => (Some(refusal), None),
            Attempt::Gone(refusal, error) => (Some(refusal), Some(error)),
        };
        match (part.as_slice(), refusal) {
            ([(_, lead)], Some(refusal)) => {
                known.refused.push(Refusal { lead: *lead, ..refusal });
                if known.refused.len() as u64 > most {
                    return Err(too_many(&known.refused, most));
                }
            }
            _ => {
                let (first, second) = part.split_at(part.len() / 2);
                waiting.push(second.to_vec());
                waiting.push(first.to_vec());
                if gone.is_some() {
                    known.split.insert(part);
                }
            }
        }
        if let Some(error) = gone {
            return Ok(Sifted::Gone(error));
        }
    }
    // What was refused and has moved since is resolved again.
    let refused = std::mem::take(&mut known.refused);
    let refused = refused.into_iter().filter(|refusal| !gone.contains(&refusal.lead)).collect();
    let wrote = Wrote { changes, moved, refused };
    ledger(cx, session, chunk, round, &wrote).await?;
    Ok(Sifted::Written(wrote.outcome()))
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

/// How the attempt to write a part of the changes went.
enum Attempt {
    Written,
    /// It was made before, and the part is refused.
    Known,
    /// Nothing of it is written.
    Refused(Refusal),
    /// The same, and the database has taken everything else back too.
    Gone(Refusal, Error),
}

/// Writes a part of the changes, or nothing of it; says why not.
async fn attempt(
    session: &mut Session,
    prepared: &Prepared,
    part: &[(i64, i64)],
    round: u32,
) -> Result<Attempt> {
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
            Ok(Attempt::Written)
        }
        Err(error) => match Refusal::of(&error, 0) {
            Some(refusal) => match session.rollback_to_savepoint().await? {
                true => Ok(Attempt::Refused(refusal)),
                false => Ok(Attempt::Gone(refusal, error)),
            },
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
