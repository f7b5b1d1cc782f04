//! Steps of a run, and the ledger of its chunks.

use super::fence::Fence;
use super::json::{json, json_text};
use super::session::Session;
use super::status::StepStatus;
use super::{Result, Statement, Store, StoreError, StoreErrorKind, retry, statement};

const STEP_UPSERT: Statement = statement!("step_upsert");
const STEP_LIST: Statement = statement!("step_list");
const LEDGER_INSERT: Statement = statement!("ledger_insert");
const LEDGER_LIST: Statement = statement!("ledger_list");

/// One step of one attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRecord {
    /// `land`, `stage`, `check`, `match`, `resolve`, `load` or `reconcile`.
    pub step: String,
    /// The run's attempt.
    pub attempt: i64,
    /// Where it stands.
    pub status: StepStatus,
    /// Rows that went in.
    pub rows_in: Option<i64>,
    /// Rows that came out.
    pub rows_out: Option<i64>,
    /// How long it took.
    pub duration_ms: Option<i64>,
    /// Whatever else is worth knowing; no cell values.
    pub detail_json: serde_json::Value,
}

/// One committed chunk of the load.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerEntry {
    /// The entity loaded.
    pub entity: String,
    /// Which resolution the chunk belongs to: 0, then one more each time moved rows were resolved again.
    pub round: i64,
    /// The chunk's number in its round.
    pub chunk: i64,
    /// The attempt that committed it.
    pub attempt: i64,
    /// The lease under which it was committed.
    pub lease_epoch: i64,
    /// Changes in it: applied and refused.
    pub changes: i64,
    /// Changes made.
    pub applied: i64,
    /// Changes refused because the target had moved.
    pub refused: i64,
    /// Counts per action and the like.
    pub detail_json: serde_json::Value,
}

impl Store {
    /// Writes a step down, or writes over what was written of the same attempt.
    pub async fn record_step(&self, fence: &Fence, step: &StepRecord) -> Result<()> {
        let params = [
            fence.tenant().into(),
            fence.run_id().into(),
            step.step.as_str().into(),
            step.attempt.into(),
            step.status.as_str().into(),
            step.rows_in.into(),
            step.rows_out.into(),
            step.duration_ms.into(),
            json_text(&step.detail_json).into(),
        ];
        retry::transient(|| async {
            let mut session = self.begin_fenced(fence).await?;
            session.run(&STEP_UPSERT, &params).await?;
            session.commit().await
        })
        .await
    }

    /// Steps of a run, in order.
    pub async fn list_steps(&self, tenant: &str, run_id: i64) -> Result<Vec<StepRecord>> {
        let mut session = self.session().await?;
        let rows = session.rows(&STEP_LIST, &[tenant.into(), run_id.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(StepRecord {
                    step: row.text(0)?.to_owned(),
                    attempt: row.int(1)?,
                    status: row.text(2)?.parse()?,
                    rows_in: row.opt_int(3)?,
                    rows_out: row.opt_int(4)?,
                    duration_ms: row.opt_int(5)?,
                    detail_json: json(row, 6)?.unwrap_or_default(),
                })
            })
            .collect()
    }

    /// Committed chunks of a run.
    pub async fn committed_chunks(&self, tenant: &str, run_id: i64) -> Result<Vec<LedgerEntry>> {
        let mut session = self.session().await?;
        let rows = session.rows(&LEDGER_LIST, &[tenant.into(), run_id.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(LedgerEntry {
                    entity: row.text(0)?.to_owned(),
                    round: row.int(1)?,
                    chunk: row.int(2)?,
                    attempt: row.int(3)?,
                    lease_epoch: row.int(4)?,
                    changes: row.int(5)?,
                    applied: row.int(6)?,
                    refused: row.int(7)?,
                    detail_json: json(row, 8)?.unwrap_or_default(),
                })
            })
            .collect()
    }
}

impl Session {
    /// Writes a chunk down in the chunk's own transaction. A chunk that is there already is a conflict: it was
    /// committed before, and everything done in this transaction must be rolled back.
    pub async fn insert_ledger(&mut self, fence: &Fence, entry: &LedgerEntry) -> Result<()> {
        self.fence(fence).await?;
        let params = [
            fence.tenant().into(),
            fence.run_id().into(),
            entry.entity.as_str().into(),
            entry.round.into(),
            entry.chunk.into(),
            entry.attempt.into(),
            entry.lease_epoch.into(),
            entry.changes.into(),
            entry.applied.into(),
            entry.refused.into(),
            json_text(&entry.detail_json).into(),
        ];
        match self.run(&LEDGER_INSERT, &params).await {
            Err(error) if error.kind() == StoreErrorKind::UniqueViolation => Err(StoreError::new(
                StoreErrorKind::Conflict,
                format!("chunk {} of round {} is committed already", entry.chunk, entry.round),
            )),
            other => other.map(|_| ()),
        }
    }
}
