//! What can be asked of an engine about rollbacks, and the way of one from its beginning to its end.

use std::sync::Arc;

use super::admit::{self, admit};
use super::admitted::Admitted;
use super::begin::{Begun, begin};
use super::context::{Identity, context};
use super::outcome::Outcome;
use super::piece::take_back;
use super::report::{RollbackReport, RollbackRequest};
use super::taken::Piece;
use super::{aside, end, kept};
use crate::context::RunContext;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::lake::RunPaths;
use crate::progress::{Listener, Step};
use crate::steps::statistics;
use crate::store::{Run, RunStatus, StoreError, StoreErrorKind};

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
            let begun = begin(self, &admitted, request, listener).await?;
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
    let cx = context(engine, admitted, &Identity::dry(admitted), listener).await?;
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
async fn undo(admitted: &Admitted, begun: &Begun) -> Result<RollbackReport> {
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
    end::record(begun, &step).await?;
    report.milliseconds = step.milliseconds;
    report.status = RunStatus::Succeeded.as_str().to_owned();
    Ok(report)
}

/// A row that somebody touches between our look and our write makes the piece fail as a whole; then we look again.
async fn patiently(cx: &RunContext, admitted: &Admitted, piece: &Piece) -> Result<Outcome> {
    let mut attempt = 1;
    loop {
        match take_back(cx, admitted, piece, false).await {
            Err(error) if attempt < ATTEMPTS && moved(&error) => attempt += 1,
            other => return other.map_err(|e| e.context(format!("chunk {}", piece.place().1))),
        }
    }
}

fn moved(error: &Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|e| e.downcast_ref::<StoreError>());
    cause.is_some_and(|e| {
        matches!(
            e.kind(),
            StoreErrorKind::Conflict | StoreErrorKind::Deadlock | StoreErrorKind::Serialization
        )
    })
}
