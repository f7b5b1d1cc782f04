//! The beginning of a rollback: its row in the store and both leases.

use std::sync::Arc;

use serde_json::json;

use super::admitted::{Admitted, refused};
use super::context::{Identity, context};
use super::report::RollbackRequest;
use crate::context::RunContext;
use crate::engine::Engine;
use crate::error::Result;
use crate::progress::Listener;
use crate::run::take_lease;
use crate::store::{Fence, NewRun, RunKind, RunLease, RunStatus, StoreError, StoreErrorKind};

/// A rollback under way: its own run, and both leases.
pub struct Begun {
    pub cx: RunContext,
    own: RunLease,
    undone: RunLease,
}

impl Begun {
    /// By which it writes of itself, whoever has the run that it takes back by now: it ends as what it is.
    pub fn own_fence(&self) -> Fence {
        self.own.fence()
    }

    /// Gives both leases back. What was done is written down; a lease that cannot be given back ends with its
    /// connection.
    pub async fn release(self) {
        for lease in [self.own, self.undone] {
            if let Err(error) = lease.release().await {
                tracing::warn!(run_id = self.cx.run_id, "the lease was not given back: {error}");
            }
        }
    }
}

/// Takes the lease of the run, so that nobody resumes it meanwhile, and makes the rollback's run or takes it up again.
pub async fn begin(
    engine: &Engine,
    admitted: &Admitted,
    request: &RollbackRequest,
    listener: Arc<dyn Listener>,
) -> Result<Begun> {
    let undone = take_lease(engine, admitted.run.id).await.map_err(|error| {
        let cause = std::error::Error::source(&error).and_then(|e| e.downcast_ref::<StoreError>());
        if cause.is_some_and(|e| e.kind() == StoreErrorKind::LeaseHeld) {
            return refused(
                "ROLLBACK_LIVE",
                error.to_string(),
                "wait until it has ended; two rollbacks of one run cannot work side by side",
            );
        }
        error
    })?;
    let begun = take_up(engine, admitted, request, &undone, listener).await;
    match begun {
        Ok((cx, own)) => Ok(Begun { cx, own, undone }),
        Err(error) => {
            // The first error is the one to tell.
            let _ = undone.release().await;
            Err(error)
        }
    }
}

async fn take_up(
    engine: &Engine,
    admitted: &Admitted,
    request: &RollbackRequest,
    undone: &RunLease,
    listener: Arc<dyn Listener>,
) -> Result<(RunContext, RunLease)> {
    let (store, tenant, run) = (&engine.store, &engine.tenant, &admitted.run);
    let now = store.get_run(tenant, run.id).await?;
    if now.status != run.status {
        return Err(refused(
            "ROLLBACK_LIVE",
            format!("run {} became {} meanwhile", run.id, now.status),
            format!("look at it with `importer show {}`", run.id),
        ));
    }
    let actor = request.triggered_by.as_deref();
    let (id, at) = match &admitted.unfinished {
        Some(rollback) => {
            let at = rollback.ingest_params_json["landed_at"].as_i64().unwrap_or(admitted.now);
            (rollback.id, at)
        }
        None => (create(engine, admitted, request).await?, admitted.now),
    };
    let lease = take_lease(engine, id).await?;
    let attempt = store.set_run_status(&lease.fence(), RunStatus::Running, actor).await?;
    let identity = Identity {
        // Whoever resumes the run that is taken back must not meet a rollback that goes on.
        fence: lease.fence().over(&undone.fence()),
        attempt: i32::try_from(attempt).unwrap_or(i32::MAX),
        dry: false,
        at,
        actor: request.triggered_by.clone().unwrap_or_else(|| "operator".to_owned()),
    };
    match context(engine, admitted, &identity, listener).await {
        Ok(cx) => Ok((cx, lease)),
        Err(error) => {
            // Nothing was taken back: the run ends as it began. The first error is the one to tell.
            let _ = store.set_run_status(&lease.fence(), RunStatus::Failed, actor).await;
            let _ = lease.release().await;
            Err(error)
        }
    }
}

async fn create(engine: &Engine, admitted: &Admitted, request: &RollbackRequest) -> Result<i64> {
    let run = &admitted.run;
    let id = engine
        .store
        .create_run(&NewRun {
            tenant: engine.tenant.clone(),
            kind: RunKind::Rollback,
            entity: run.entity.clone(),
            source: run.source.clone(),
            external_system: run.external_system.clone(),
            dry_run: false,
            policy: None,
            mode: None,
            mapping_version: run.mapping_version.clone(),
            project_hash: run.project_hash.clone(),
            plan_run_id: None,
            parent_run_id: Some(run.id),
            ingest_params_json: json!({
                "rollback_of": run.id,
                "row": request.row,
                "field": request.field,
                "former_status": run.status,
                "chunk_rows": admitted.chunk_rows,
                "landed_at": admitted.now,
            }),
            triggered_by: request.triggered_by.clone(),
            min_id: engine.lake.highest_run().await? + 1,
        })
        .await?;
    Ok(id)
}
