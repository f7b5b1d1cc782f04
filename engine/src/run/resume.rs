//! Taking up a run that was begun: interrupted, paused, failed, or stopped before its load.

use std::sync::Arc;

use futures::FutureExt;
use importer_plans::project::ImportMode;

use super::begin::{At, Begun, context, number_rows, pinned, take_lease};
use super::params::RunParams;
use super::pipeline::execute;
use super::prepare::share;
use super::start::Start;
use super::summary::RunSummary;
use crate::context::RunContext;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::Listener;
use crate::store::{
    AuditEntry, Restart, Run, RunFilter, RunKind, RunLease, RunStatus, StoreError, StoreErrorKind,
};

/// The code of a run whose status does not allow what was asked.
pub const WRONG_STATE: &str = "RUN_STATE";

/// What may differ from the attempt before.
#[derive(Debug, Clone, Default)]
pub struct ResumeOptions {
    /// Load the good rows however many are bad.
    pub accept_bad: bool,
    /// Share of bad rows above which the run stops before the load.
    pub max_bad: Option<f64>,
    /// Load what can be loaded of a run that takes all or nothing, and was stopped because something cannot.
    pub valid_only: bool,
    /// Who asked.
    pub actor: Option<String>,
}

/// Takes a run up where it stopped. Finished steps are not repeated and committed chunks are not loaded again.
pub async fn resume(
    engine: &Engine,
    run_id: i64,
    options: &ResumeOptions,
    listener: Arc<dyn Listener>,
) -> Result<RunSummary> {
    engine.lake.bind(&engine.store.store_info().await?.store_id).await?;
    may_resume(&engine.get_run(run_id).await?)?;
    let lease = take_lease(engine, run_id).await?;
    match again(engine, run_id, options, &lease, listener).await {
        Ok((cx, start)) => execute(engine, Begun { cx, lease, start }).boxed().await,
        Err(error) => {
            // Nothing was begun; the first error is the one to tell.
            let _ = lease.release().await;
            Err(error)
        }
    }
}

async fn again(
    engine: &Engine,
    run_id: i64,
    options: &ResumeOptions,
    lease: &RunLease,
    listener: Arc<dyn Listener>,
) -> Result<(RunContext, Start)> {
    // Somebody may have finished it between the first look and the lease.
    let run = engine.get_run(run_id).await?;
    may_resume(&run)?;
    let mut params = RunParams::of(&run)?;
    params.settings.accept_bad |= options.accept_bad;
    params.settings.max_bad = share(options.max_bad.unwrap_or(params.settings.max_bad))?;
    if options.valid_only {
        params.settings.mode = ImportMode::ValidOnly;
    }
    let pinned = pinned(engine, &run).await?;
    number_rows(engine, &pinned.entity).await?;
    crate::plan::provide(engine, &run, lease.fence().epoch()).await?;
    let rows = crate::remedy::kept_rows(engine, &run, &params).await?;
    let after = serde_json::json!({
        "status": RunStatus::Running,
        "accept_bad": params.settings.accept_bad,
        "max_bad": params.settings.max_bad,
        "mode": params.settings.mode.as_str(),
    });
    let audit = entry("IMPORT_RUN_RESUMED", &run, options.actor.as_deref().or(Some(&engine.actor)), after);
    let document = params.document()?;
    let how =
        Restart { to: RunStatus::Running, params: Some(&document), forget_violations: false, audit: &audit };
    let attempt = engine.store.restart_run(&lease.fence(), &how).await.map_err(plan_taken)?;
    let actor = options.actor.clone().or(run.triggered_by);
    let at = At { attempt, fence: lease.fence(), kind: run.kind, plan_run_id: run.plan_run_id, actor };
    let cx = context(engine, pinned, &params, at, listener)?;
    Ok((cx, Start::Again(Box::new(params), rows)))
}

/// What is written down when somebody does something to a run.
pub fn entry(action: &str, run: &Run, actor: Option<&str>, after: serde_json::Value) -> AuditEntry {
    AuditEntry {
        action: action.to_owned(),
        actor: actor.unwrap_or("operator").to_owned(),
        target_type: Some("import_run".to_owned()),
        target_id: Some(run.id.to_string()),
        run_id: Some(run.id),
        details_json: serde_json::json!({
            "before": { "status": run.status, "attempt": run.attempt },
            "after": after,
        }),
    }
}

/// Another run may apply the plan of this one meanwhile.
pub fn plan_taken(error: StoreError) -> Error {
    if error.kind() == StoreErrorKind::UniqueViolation {
        return Error::new(ErrorKind::Refused, "another run applies the same plan by now")
            .with_help("look at `importer runs`; a plan is applied once")
            .with_code(WRONG_STATE);
    }
    error.into()
}

/// Whether a run's status and kind allow that it goes on.
fn may_resume(run: &Run) -> Result<()> {
    let id = run.id;
    let (message, help) = match run.status {
        _ if run.kind == RunKind::Rollback => (
            format!("run {id} is a rollback"),
            "repeat `importer rollback` of the run that it takes back".to_owned(),
        ),
        RunStatus::Running | RunStatus::Paused | RunStatus::Failed | RunStatus::PartiallyFailed => {
            return Ok(());
        }
        RunStatus::Pending | RunStatus::Queued => {
            (format!("run {id} was never started"), format!("`importer retry {id}` starts it"))
        }
        RunStatus::Cancelled => {
            (format!("run {id} was cancelled"), format!("`importer retry {id}` starts it anew"))
        }
        RunStatus::Succeeded => (
            format!("run {id} has succeeded; there is nothing to go on with"),
            "run its file again if it changed; rows that are loaded count as unchanged".to_owned(),
        ),
        RunStatus::RolledBack => (
            format!("run {id} was rolled back"),
            "run its file again: it imports as if it were new".to_owned(),
        ),
    };
    Err(Error::new(ErrorKind::Usage, message).with_help(help).with_code(WRONG_STATE))
}

/// The interrupted run of the same request, newest first: its process is gone, or a person paused it.
pub async fn interrupted(engine: &Engine, source: &str, params: &RunParams) -> Result<Option<i64>> {
    let Some(signature) = params.signature.as_deref() else { return Ok(None) };
    for status in [RunStatus::Paused, RunStatus::Running] {
        let filter =
            RunFilter { status: Some(status), source: Some(source.to_owned()), ..RunFilter::default() };
        for run in engine.runs(&filter).await? {
            let same = run.ingest_params_json["signature"].as_str() == Some(signature);
            if same && !engine.store.lease_is_held(&engine.tenant, run.id).await? {
                return Ok(Some(run.id));
            }
        }
    }
    Ok(None)
}

/// Whether a run could not be taken up because somebody else was faster.
pub fn was_taken(error: &Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|e| e.downcast_ref::<StoreError>());
    error.code() == Some(WRONG_STATE) || cause.is_some_and(|e| e.kind() == StoreErrorKind::LeaseHeld)
}
