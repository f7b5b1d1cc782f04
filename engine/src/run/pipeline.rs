//! The seven steps in order. A failure leaves a run that says what happened; nothing is half-visible in core.

use std::sync::Arc;

use futures::FutureExt;

use super::attempt::{Attempt, tell_findings};
use super::begin::{Begun, begin};
use super::finish::unmapped;
use super::plans::plans_of;
use super::prepare::Prepared;
use super::start::Start;
use super::summary::RunSummary;
use super::tasks::{Check, Land, Reconcile, Stage};
use super::warnings;
use crate::engine::Engine;
use crate::error::Result;
use crate::progress::Listener;
use crate::steps::land::Landed;
use crate::steps::resolve::final_counts;
use crate::store::RunStatus;

/// Runs what was prepared to its end. The summary says how it went; an error means that no run was made.
pub async fn run(engine: &Engine, prepared: Prepared, listener: Arc<dyn Listener>) -> Result<RunSummary> {
    let begun = begin(engine, prepared, listener).await?;
    execute(engine, begun).boxed().await
}

/// Runs the steps of a run that has begun, writes down how it ended and gives the lease back.
pub async fn execute(engine: &Engine, begun: Begun) -> Result<RunSummary> {
    let Begun { cx, lease, start } = begun;
    let fresh = !matches!(start, Start::Again(..));
    let kept = start.kept().cloned();
    let summary = match Attempt::new(&cx, fresh).await {
        Ok(mut attempt) => {
            let outcome = Box::pin(attempt.run(start)).await;
            attempt.finish(engine, outcome).await
        }
        Err(error) => Err(error),
    };
    if let (Ok(summary), Some(kept)) = (&summary, &kept)
        && summary.status == RunStatus::Succeeded.as_str()
    {
        crate::remedy::forget(&cx.lake, kept).await;
    }
    // The run is written down; a lease that cannot be given back ends with its connection.
    if let Err(error) = lease.release().await {
        tracing::warn!(run_id = cx.run_id, "the lease was not given back: {error}");
    }
    summary
}

/// The files that a run reads, or whose rows it has from another run.
fn file_names(start: &Start) -> Vec<String> {
    match start {
        Start::Files(files) => files.iter().map(|file| file.name.clone()).collect(),
        Start::Again(params, _) => params.inputs.iter().map(|input| input.input().name()).collect(),
        Start::Rows(_) => Vec::new(),
    }
}

impl Attempt<'_> {
    /// Runs all steps; whatever happens, what was finished is written down afterwards.
    async fn run(&mut self, start: Start) -> Result<()> {
        let ran = Box::pin(self.steps(start)).await;
        let persisted = self.executor.persisted().await;
        ran.and(persisted)
    }

    async fn steps(&mut self, start: Start) -> Result<()> {
        let cx = self.cx;
        if cx.paths.attempt() == 1 {
            cx.audit_started(&file_names(&start)).await?;
        }
        let landed = self.executor.run(Land { start }).await?.output;
        self.parts.landed = Some(landed.clone());
        self.unmapped = unmapped(cx, &landed).await?;
        let is_committed = self.executor.committed.is_some();
        let plans = plans_of(cx).await?;
        let staged = self.executor.run(Stage { landed: &landed, plans: &plans, is_committed }).await?.output;
        let checked = self.executor.run(Check { landed: &landed, staged: &staged }).await?;
        self.parts.checked = Some(checked.output);
        if checked.restored && cx.plan_run_id.is_some() {
            warnings::of_namespaces(cx, &mut self.executor.told, false).await?;
        }
        if !is_committed && let Err(stopped) = self.breaker() {
            tell_findings(cx).await?;
            return Err(stopped);
        }
        let last_round = Box::pin(self.rounds(&landed)).await?;
        self.reconcile(&landed, last_round).await
    }

    async fn reconcile(&mut self, landed: &Landed, last_round: u32) -> Result<()> {
        let written = if self.loaded {
            let core = final_counts(self.cx, last_round, self.parts.refused > 0).await?;
            let written = core.written();
            self.parts.core = Some(core);
            Some((written, last_round))
        } else {
            None
        };
        let reconciled = self.executor.run(Reconcile { landed, written }).await?.output;
        self.parts.reconciled = Some(reconciled);
        Ok(())
    }
}
