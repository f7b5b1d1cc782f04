//! Pausing and cancelling. A run at work is asked through the store, and looks at the borders of its steps and chunks;
//! a run that nobody works on is changed at once.

use super::begin::take_lease;
use super::leftovers::sweep;
use super::resume::{WRONG_STATE, entry};
use crate::context::while_ours;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::RunPaths;
use crate::store::{Restart, Run, RunStatus, StopRequest};

/// What became of the wish that a run stop.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopping {
    /// The process that works on the run was asked.
    Asked {
        /// Its host and number.
        owner: String,
    },
    /// Nobody worked on it; it has stopped.
    Stopped,
}

/// Makes a run stop, to be resumed.
pub async fn pause(engine: &Engine, run_id: i64, actor: Option<&str>) -> Result<Stopping> {
    let run = engine.get_run(run_id).await?;
    match run.status {
        RunStatus::Running => {}
        RunStatus::Paused => {
            return Err(wrong_state(format!("run {run_id} is paused already"))
                .with_help(format!("`importer resume {run_id}` goes on with it")));
        }
        other => {
            return Err(wrong_state(format!("run {run_id} is {other}; only a run at work can be paused"))
                .with_help(format!("look at it with `importer show {run_id}`")));
        }
    }
    if engine.store.lease_is_held(&engine.tenant, run_id).await? {
        return ask(engine, &run, StopRequest::Pause, actor).await;
    }
    at_once(engine, run_id, RunStatus::Paused, "IMPORT_RUN_PAUSED", actor).await
}

/// Gives a run up. Only as long as nothing of it is loaded.
pub async fn cancel(engine: &Engine, run_id: i64, actor: Option<&str>) -> Result<Stopping> {
    let run = engine.get_run(run_id).await?;
    if matches!(run.status, RunStatus::Succeeded | RunStatus::Cancelled | RunStatus::RolledBack) {
        return Err(wrong_state(format!("run {run_id} is {}; there is nothing to give up", run.status))
            .with_help(format!("look at it with `importer show {run_id}`")));
    }
    require_nothing_loaded(engine, run_id).await?;
    if run.status == RunStatus::Running && engine.store.lease_is_held(&engine.tenant, run_id).await? {
        return ask(engine, &run, StopRequest::Cancel, actor).await;
    }
    at_once(engine, run_id, RunStatus::Cancelled, "IMPORT_RUN_CANCELLED", actor).await
}

async fn require_nothing_loaded(engine: &Engine, run_id: i64) -> Result<()> {
    match engine.store.committed_chunks(&engine.tenant, run_id).await?.len() {
        0 => Ok(()),
        chunks => Err(Error::new(
            ErrorKind::Refused,
            format!("{chunks} chunks of run {run_id} are loaded, so it cannot be cancelled"),
        )
        .with_help(format!(
            "`importer resume {run_id}` goes on with it, `importer rollback {run_id}` takes it back"
        ))
        .with_code(WRONG_STATE)),
    }
}

async fn ask(engine: &Engine, run: &Run, what: StopRequest, actor: Option<&str>) -> Result<Stopping> {
    let action = match what {
        StopRequest::Pause => "IMPORT_RUN_PAUSE_REQUESTED",
        StopRequest::Cancel => "IMPORT_RUN_CANCEL_REQUESTED",
    };
    let audit = entry(action, run, actor, serde_json::json!({ "stop_requested": what }));
    if engine.store.request_stop(&engine.tenant, run.id, what, &audit).await? {
        let owner = run.lease_owner.clone().unwrap_or_else(|| "the process at work".to_owned());
        return Ok(Stopping::Asked { owner });
    }
    Err(wrong_state(format!("run {} has just come to its end", run.id))
        .with_help(format!("look at it with `importer show {}`", run.id)))
}

/// Changes a run that nobody works on.
async fn at_once(
    engine: &Engine,
    run_id: i64,
    to: RunStatus,
    action: &str,
    actor: Option<&str>,
) -> Result<Stopping> {
    let lease = take_lease(engine, run_id).await?;
    let changed = async {
        let run = engine.get_run(run_id).await?;
        if to == RunStatus::Cancelled {
            require_nothing_loaded(engine, run_id).await?;
        }
        let audit = entry(action, &run, actor, serde_json::json!({ "status": to }));
        let how = Restart { to, params: None, forget_violations: false, audit: &audit };
        engine.store.restart_run(&lease.fence(), &how).await?;
        if to == RunStatus::Cancelled {
            let paths = RunPaths::new(&engine.tenant, run_id, 0, run.dry_run);
            let swept = sweep(&engine.lake, &paths, &run.entity, true);
            while_ours(&engine.store, &lease.fence(), swept).await?;
        }
        Ok(Stopping::Stopped)
    };
    let changed = changed.await;
    lease.release().await?;
    changed
}

fn wrong_state(message: String) -> Error {
    Error::new(ErrorKind::Usage, message).with_code(WRONG_STATE)
}
