//! What became of the changes of a chunk, and what the ledger says of it.

use std::collections::HashMap;

use super::chunk::Chunk;
use super::refusal::Refusal;
use crate::context::RunContext;
use crate::error::Result;
use crate::store::{LedgerEntry, Session};

/// What a chunk did.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub applied: u64,
    /// Lead rows of the changes that were refused because core had moved.
    pub moved: Vec<i64>,
    /// Changes that the target tables did not take.
    pub refused: Vec<Refusal>,
}

/// Changes of a committed chunk that the target tables did not take.
pub fn refused_of(entry: &LedgerEntry) -> Result<Vec<Refusal>> {
    match entry.detail_json.get("refused") {
        Some(refused) => Ok(serde_json::from_value(refused.clone())?),
        None => Ok(Vec::new()),
    }
}

/// Lead rows that a committed chunk left out because core had moved.
pub fn moved_of(entry: &LedgerEntry) -> Result<Vec<i64>> {
    match entry.detail_json.get("moved") {
        Some(moved) => Ok(serde_json::from_value(moved.clone())?),
        None => Ok(Vec::new()),
    }
}

/// What the chunks of a round did that are committed already.
pub async fn committed(cx: &RunContext, round: u32) -> Result<HashMap<i64, Outcome>> {
    let ledger = cx.store.committed_chunks(&cx.tenant, cx.run_id).await?;
    ledger
        .into_iter()
        .filter(|entry| entry.round == i64::from(round))
        .map(|entry| {
            let applied = u64::try_from(entry.applied).unwrap_or(0);
            let (moved, refused) = (moved_of(&entry)?, refused_of(&entry)?);
            Ok((entry.chunk, Outcome { applied, moved, refused }))
        })
        .collect()
}

/// What became of the changes of a chunk.
pub struct Wrote {
    pub changes: u64,
    pub moved: Vec<i64>,
    pub refused: Vec<Refusal>,
}

impl Wrote {
    fn left_out(&self) -> u64 {
        (self.moved.len() + self.refused.len()) as u64
    }

    pub fn outcome(self) -> Outcome {
        Outcome { applied: self.changes - self.left_out(), moved: self.moved, refused: self.refused }
    }
}

/// Writes down that a chunk is in.
pub async fn ledger(
    cx: &RunContext,
    session: &mut Session,
    chunk: &Chunk,
    round: u32,
    wrote: &Wrote,
) -> Result<()> {
    let mut detail = serde_json::json!({ "moved": &wrote.moved });
    if !wrote.refused.is_empty() {
        detail["refused"] = serde_json::to_value(&wrote.refused)?;
    }
    let row = LedgerEntry {
        entity: cx.entity.name.clone(),
        round: i64::from(round),
        chunk: chunk.number,
        attempt: i64::from(cx.paths.attempt()),
        lease_epoch: cx.fence.epoch(),
        changes: i64::try_from(wrote.changes).unwrap_or(i64::MAX),
        applied: i64::try_from(wrote.changes - wrote.left_out()).unwrap_or(i64::MAX),
        refused: i64::try_from(wrote.left_out()).unwrap_or(i64::MAX),
        detail_json: detail,
    };
    session.insert_ledger(&cx.fence, &row).await?;
    fail::fail_point!("load::ledger_written", |_| Err(crate::Error::internal(
        "failpoint load::ledger_written"
    )));
    Ok(())
}
