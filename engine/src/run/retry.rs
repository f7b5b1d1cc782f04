//! Starting a run anew that failed, was given up or never began.
//!
//! As long as nothing of it is loaded it is read from its files again, which may have been mended meanwhile; with
//! chunks in core it goes on like a resumed one, for what is loaded came from what was landed.

use std::sync::Arc;

use super::begin::{At, Begun, context, number_rows, pinned, take_lease};
use super::leftovers::forget_from;
use super::params::RunParams;
use super::pipeline::execute;
use super::resume::{WRONG_STATE, entry, plan_taken};
use super::start::Start;
use super::summary::RunSummary;
use crate::context::{InputFile, RunContext, while_ours};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::RunPaths;
use crate::progress::{Listener, Step};
use crate::store::{Restart, Run, RunKind, RunLease, RunStatus};
use futures::FutureExt;

/// Starts a run in a new attempt.
pub async fn retry(
    engine: &Engine,
    run_id: i64,
    actor: Option<&str>,
    landed_at: i64,
    listener: Arc<dyn Listener>,
) -> Result<RunSummary> {
    engine.lake.bind(&engine.store.store_info().await?.store_id).await?;
    may_retry(&engine.get_run(run_id).await?)?;
    let lease = take_lease(engine, run_id).await?;
    match anew(engine, run_id, actor, landed_at, &lease, listener).await {
        Ok((cx, start)) => execute(engine, Begun { cx, lease, start }).boxed().await,
        Err(error) => {
            // Nothing was begun; the first error is the one to tell.
            let _ = lease.release().await;
            Err(error)
        }
    }
}

async fn anew(
    engine: &Engine,
    run_id: i64,
    actor: Option<&str>,
    landed_at: i64,
    lease: &RunLease,
    listener: Arc<dyn Listener>,
) -> Result<(RunContext, Start)> {
    let run = engine.get_run(run_id).await?;
    may_retry(&run)?;
    let fence = lease.fence();
    let mut params = RunParams::of(&run)?;
    let pinned = pinned(engine, &run).await?;
    number_rows(engine, &pinned.entity).await?;
    let committed = !engine.store.committed_chunks(&engine.tenant, run_id).await?.is_empty();
    // Rows that were landed otherwise cannot be landed again from here.
    let from_land = !committed && !params.inputs.is_empty() && run.plan_run_id.is_none();
    if from_land {
        params.inputs = params.inputs.iter().map(InputFile::now).collect::<Result<_>>()?;
        (params.landed_at, params.settings.landed_at) = (landed_at, landed_at);
        params.sign(&run.source, &run.entity, &pinned.bundle.hash)?;
        let paths = RunPaths::new(&engine.tenant, run_id, 0, run.dry_run);
        while_ours(&engine.store, &fence, forget_from(&engine.lake, &paths, Step::Land, 0)).await?;
        engine.store.forget_ids(&fence, 0).await?;
    }
    crate::plan::provide(engine, &run, fence.epoch()).await?;
    let rows = crate::remedy::kept_rows(engine, &run, &params).await?;
    let after = serde_json::json!({ "status": RunStatus::Pending, "from_land": from_land });
    let audit = entry("IMPORT_RUN_RETRIED", &run, actor, after);
    let document = params.document()?;
    if run.status != RunStatus::Pending {
        let how = Restart {
            to: RunStatus::Pending,
            params: Some(&document),
            forget_violations: from_land,
            audit: &audit,
        };
        engine.store.restart_run(&fence, &how).await.map_err(plan_taken)?;
    } else {
        engine.store.audit_of_run(&fence, &audit).await?;
    }
    let attempt = engine.store.set_run_status(&fence, RunStatus::Running, actor).await?;
    let actor = actor.map(str::to_owned).or(run.triggered_by);
    let at = At { attempt, fence, kind: run.kind, plan_run_id: run.plan_run_id, actor };
    let cx = context(engine, pinned, &params, at, listener)?;
    Ok((cx, Start::Again(Box::new(params), rows)))
}

fn may_retry(run: &Run) -> Result<()> {
    let id = run.id;
    let (message, help) = match run.status {
        _ if run.kind == RunKind::Rollback => (
            format!("run {id} is a rollback"),
            "repeat `importer rollback` of the run that it takes back".to_owned(),
        ),
        RunStatus::Failed | RunStatus::PartiallyFailed | RunStatus::Pending | RunStatus::Cancelled => {
            return Ok(());
        }
        RunStatus::Running | RunStatus::Paused | RunStatus::Queued => (
            format!("run {id} is {}; only failed, cancelled and pending runs are retried", run.status),
            format!("`importer resume {id}` goes on with it"),
        ),
        RunStatus::Succeeded | RunStatus::RolledBack => (
            format!("run {id} is {}; only failed, cancelled and pending runs are retried", run.status),
            "run its file again; rows that are loaded count as unchanged".to_owned(),
        ),
    };
    Err(Error::new(ErrorKind::Usage, message).with_help(help).with_code(WRONG_STATE))
}
