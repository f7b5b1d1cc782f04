//! rollback: takes back what a run did to core, as a run of its own.
//!
//! - [`admit`]: may this run be rolled back, and what exactly; everything that can be refused is refused here
//! - [`begin`](mod@begin): as which run it works, what its pieces work with, both leases
//! - [`taken`]: the changes of the run, piece by piece, with their core ids and without those it was refused
//! - [`found`]: what the store holds of their core rows now, asked by keys
//! - [`piece`]: one piece in one transaction: lock, look, judge, write, ledger
//! - [`patch`]: provenance of rows that others wrote to since, mended field by field
//! - [`write`](mod@write): deletes, updates and rows that come back
//! - [`kept`]: what stays, with the reason, who and when
//! - [`aside`]: suggestions and findings of the run
//! - [`end`]: statuses, audit, summary
//! - [`report`]: what a rollback tells
//!
//! What is decided about rows is SQL (`importer_plans::compile::undo`). The data set `changes` of a rollback is what it
//! did, in the same form as that of an import, so that a rollback is rolled back by the same code.

mod admit;
mod aside;
mod begin;
mod blocks;
mod end;
mod found;
mod kept;
mod patch;
mod piece;
mod report;
mod taken;
mod write;

use std::sync::Arc;

pub use report::{KeptRow, RollbackCounts, RollbackReport, RollbackRequest};

use self::admit::{Admitted, admit};
use self::piece::{Outcome, take_back};
use crate::engine::Engine;
use crate::error::Result;
use crate::lake::RunPaths;
use crate::progress::{Listener, Step};
use crate::steps::statistics;
use crate::store::{Run, RunStatus, StoreErrorKind};

/// How often a piece is tried again when somebody changes its rows under our hands.
const ATTEMPTS: u32 = 3;

impl Engine {
    /// Rolls a run back, or says what that would do.
    pub async fn rollback(
        &self,
        request: &RollbackRequest,
        listener: Arc<dyn Listener>,
    ) -> Result<RollbackReport> {
        Box::pin(self.roll_back(request, listener)).await
    }

    async fn roll_back(
        &self,
        request: &RollbackRequest,
        listener: Arc<dyn Listener>,
    ) -> Result<RollbackReport> {
        let since = std::time::Instant::now();
        let admitted = admit(self, request).await?;
        let mut report = if request.dry_run {
            look(self, &admitted, listener).await?
        } else {
            let begun = begin::begin(self, &admitted, request, listener).await?;
            let outcome = undo(&admitted, &begun).await;
            let report = end::finish(self, &admitted, &begun, outcome).await;
            begun.release().await;
            report?
        };
        report.milliseconds = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(report)
    }
}

impl Engine {
    /// The rollbacks of a run, oldest first.
    pub async fn rollbacks_of(&self, run: i64) -> Result<Vec<Run>> {
        admit::rollbacks(self, run).await
    }

    /// Rollbacks that broke off: the run that each takes back is in part as before.
    pub async fn unfinished_rollbacks(&self) -> Result<Vec<Run>> {
        let mut unfinished = Vec::new();
        for rollback in admit::all_rollbacks(self).await? {
            if !admit::is_over(&rollback)
                && !self.store.lease_is_held(&self.tenant, rollback.id).await?
                && !self.store.committed_chunks(&self.tenant, rollback.id).await?.is_empty()
            {
                unfinished.push(rollback);
            }
        }
        Ok(unfinished)
    }

    /// What a rollback told at its end; nothing of one that was killed.
    pub async fn rollback_report(&self, run: &Run) -> Result<Option<RollbackReport>> {
        let attempt = i32::try_from(run.attempt).unwrap_or(i32::MAX);
        let path = RunPaths::new(&self.tenant, run.id, attempt, false).manifest("rollback");
        match self.lake.read_if_exists(&path).await? {
            Some(bytes) => Ok(Some(self.lake.parsed(&path, &bytes)?)),
            None => Ok(None),
        }
    }
}

/// What a rollback would do. No row of core is locked or written: only the list of what would stay, and the numbers of a numbered
/// table where some are missing.
async fn look(engine: &Engine, admitted: &Admitted, listener: Arc<dyn Listener>) -> Result<RollbackReport> {
    let cx = begin::context(engine, admitted, &begin::Identity::dry(admitted), listener).await?;
    kept::remove_former(&cx).await?;
    statistics::gather(&cx).await?;
    let progress = cx.progress(Step::Load, Some(admitted.taken.rows()));
    let mut reader = admitted.taken.open(&cx);
    let mut report = RollbackReport::of(admitted, None);
    while let Some(piece) = reader.next().await? {
        let rows = piece.rows() as u64;
        let outcome = take_back(&cx, admitted, &piece, true).await?;
        report.add(&outcome)?;
        progress.advance(rows);
    }
    report.aside = aside::count(&cx, admitted).await?;
    report.kept_files = kept::place(&cx, report.counts.kept);
    progress.finish(admitted.taken.rows(), report.counts.rows(), report.note());
    Ok(report)
}

/// Takes back piece by piece; what the ledger has already is not done again.
async fn undo(admitted: &Admitted, begun: &begin::Begun) -> Result<RollbackReport> {
    let cx = &begun.cx;
    let done = cx.store.committed_chunks(&cx.tenant, cx.run_id).await?;
    statistics::gather(cx).await?;
    let progress = cx.progress(Step::Load, Some(admitted.taken.rows()));
    let mut reader = admitted.taken.open(cx);
    let mut report = RollbackReport::of(admitted, Some(cx.run_id));
    while let Some(piece) = reader.next().await? {
        let rows = piece.rows() as u64;
        let known = done.iter().find(|e| (e.round, e.chunk) == piece.place());
        let outcome = match known {
            Some(entry) => Outcome::of_ledger(entry)?,
            None => {
                cx.heed().await?;
                patiently(cx, admitted, &piece).await?
            }
        };
        report.add(&outcome)?;
        progress.advance(rows);
    }
    report.aside = aside::set_aside(begun, admitted, &report).await?;
    report.kept_files = kept::place(cx, report.counts.kept);
    let step = progress.finish(admitted.taken.rows(), report.counts.rows(), report.note());
    end::record(cx, &step).await?;
    report.milliseconds = step.milliseconds;
    report.status = RunStatus::Succeeded.as_str().to_owned();
    Ok(report)
}

/// A row that somebody touches between our look and our write makes the piece fail as a whole; then we look again.
async fn patiently(
    cx: &crate::run::RunContext,
    admitted: &Admitted,
    piece: &taken::Piece,
) -> Result<Outcome> {
    let mut attempt = 1;
    loop {
        match take_back(cx, admitted, piece, false).await {
            Err(error) if attempt < ATTEMPTS && moved(&error) => attempt += 1,
            other => return other.map_err(|e| e.context(format!("chunk {}", piece.place().1))),
        }
    }
}

fn moved(error: &crate::error::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|e| e.downcast_ref::<crate::store::StoreError>());
    cause.is_some_and(|e| {
        matches!(
            e.kind(),
            StoreErrorKind::Conflict | StoreErrorKind::Deadlock | StoreErrorKind::Serialization
        )
    })
}
