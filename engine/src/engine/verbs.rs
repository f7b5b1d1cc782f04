//! What can be asked of an engine about runs: begun, gone on with, begun anew, applied, stopped.

use std::sync::Arc;

use super::opened::{Engine, EngineOptions, OpenError};
use crate::deciding;
use crate::error::Result;
use crate::plan::{self, ApplyOptions};
use crate::progress::Listener;
use crate::request::RunRequest;
use crate::run::{self, OpenedInputs, ResumeOptions, RunSummary, Stopping};

impl Engine {
    /// [`Engine::open`], and the inputs of a request are opened while a server is connected to.
    pub async fn open_for(
        options: EngineOptions,
        request: &RunRequest,
    ) -> std::result::Result<(Self, OpenedInputs), OpenError> {
        let batch_rows = options.limits.batch_rows;
        Self::open_with(options, |project| OpenedInputs::of(project, request, batch_rows)).await
    }

    /// Runs a request from land to reconcile. Errors mean that no run was made; a run that failed says so itself. When a
    /// run of the very same request was interrupted, that one goes on.
    pub async fn run(&self, request: &RunRequest, listener: Arc<dyn Listener>) -> Result<RunSummary> {
        let inputs = OpenedInputs::of(&self.project, request, self.limits.batch_rows);
        self.run_opened(request, inputs, listener).await
    }

    /// [`Engine::run`] of inputs that [`Engine::open_for`] has opened.
    pub async fn run_opened(
        &self,
        request: &RunRequest,
        inputs: OpenedInputs,
        listener: Arc<dyn Listener>,
    ) -> Result<RunSummary> {
        Box::pin(self.run_new(request, inputs, listener)).await
    }

    /// Of a folder or a pattern those files that are new; imported files are put away behind it.
    async fn run_new(
        &self,
        request: &RunRequest,
        inputs: OpenedInputs,
        listener: Arc<dyn Listener>,
    ) -> Result<RunSummary> {
        let landed_at = chrono::Utc::now().timestamp_micros();
        let request = &run::completed(&self.project, request)?;
        let inputs = run::from_watermark(self, request, inputs).await;
        let (source, entity) = run::choose(&self.project, request)?;
        let after = request.after.unwrap_or(source.after);
        let (request, inputs) = if request.only_new {
            let new = run::only_new(self, request, (source, entity), listener.as_ref()).await?;
            (&request.only(&new), inputs.only(&new))
        } else {
            (request, inputs)
        };
        let mut summary =
            Box::pin(self.run_prepared(request, inputs, landed_at, Arc::clone(&listener))).await?;
        run::put_away(&mut summary, &request.inputs, after, listener.as_ref());
        Ok(summary)
    }

    /// Goes on with a run of the same input that was interrupted, or begins one.
    async fn run_prepared(
        &self,
        request: &RunRequest,
        inputs: OpenedInputs,
        landed_at: i64,
        listener: Arc<dyn Listener>,
    ) -> Result<RunSummary> {
        run::require_plans(&self.lake, &self.store, &self.tenant, &request.plans, request.dry_run).await?;
        let prepared = run::prepare(self, request, inputs, landed_at)?;
        let source = &prepared.pinned.source.name;
        if let Some(run) = run::interrupted(self, source, &prepared.params).await? {
            listener
                .warn(&format!("run {run} of the same input was interrupted; it goes on where it stopped"));
            let options = ResumeOptions { actor: request.triggered_by.clone(), ..ResumeOptions::default() };
            match Box::pin(self.resume(run, &options, Arc::clone(&listener))).await {
                Err(error) if run::was_taken(&error) => {}
                other => return other,
            }
        }
        Box::pin(run::run(self, prepared, listener)).await
    }

    /// Goes on with a run that was interrupted, paused, or failed.
    pub async fn resume(
        &self,
        run: i64,
        options: &ResumeOptions,
        listener: Arc<dyn Listener>,
    ) -> Result<RunSummary> {
        self.is_no_decision(run).await?;
        Box::pin(run::resume(self, run, options, listener)).await
    }

    /// Starts a run anew that failed, was given up or never began: from its files, as long as nothing is loaded.
    pub async fn retry(
        &self,
        run: i64,
        actor: Option<&str>,
        listener: Arc<dyn Listener>,
    ) -> Result<RunSummary> {
        let landed_at = chrono::Utc::now().timestamp_micros();
        self.is_no_decision(run).await?;
        Box::pin(run::retry(self, run, actor, landed_at, listener)).await
    }

    /// A decision of a person has nothing to be resumed from: it is made again.
    async fn is_no_decision(&self, run: i64) -> Result<()> {
        deciding::again(&self.get_run(run).await?).map_or(Ok(()), Err)
    }

    /// Loads exactly what a dry run planned, as a new run.
    pub async fn apply(
        &self,
        plan: i64,
        options: &ApplyOptions,
        listener: Arc<dyn Listener>,
    ) -> Result<RunSummary> {
        let now = chrono::Utc::now().timestamp_micros();
        Box::pin(plan::apply(self, plan, options, now, listener)).await
    }

    /// Makes a plan anew, from the rows that the old one landed.
    pub async fn replan(
        &self,
        plan: i64,
        actor: Option<&str>,
        listener: Arc<dyn Listener>,
    ) -> Result<RunSummary> {
        Box::pin(plan::replan(self, plan, actor, listener)).await
    }

    /// Makes a run stop, to be resumed.
    pub async fn pause(&self, run: i64, actor: Option<&str>) -> Result<Stopping> {
        run::pause(self, run, actor).await
    }

    /// Gives a run up of which nothing is loaded.
    pub async fn cancel(&self, run: i64, actor: Option<&str>) -> Result<Stopping> {
        run::cancel(self, run, actor).await
    }
}
