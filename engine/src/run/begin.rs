//! The beginning of a run: its project pinned, its row in the store, its lease taken.

use std::sync::Arc;

use super::prepare::Prepared;
use super::{RunContext, Settings, Trace};
use crate::engine::Engine;
use crate::error::Result;
use crate::lake::RunPaths;
use crate::progress::Listener;
use crate::request::{Input, RunRequest};
use crate::session::session;
use crate::steps::land::OpenedFile;
use crate::store::{LeaseOptions, NewRun, RunKind, RunLease, RunStatus};

/// A run that has begun.
pub struct Begun {
    pub cx: RunContext,
    pub lease: RunLease,
    pub files: Vec<OpenedFile>,
    /// Nobody named the namespace of the external ids.
    pub default_namespace: bool,
    /// The pinned project.
    pub project_hash: String,
}

/// Writes the run down, pins its project and takes its lease.
pub async fn begin(
    engine: &Engine,
    request: &RunRequest,
    prepared: Prepared,
    listener: Arc<dyn Listener>,
) -> Result<Begun> {
    let Prepared { entity, source, shape, settings, files, namespace_is_default } = prepared;
    let bundle = engine.project.bundle();
    engine.lake.create(&crate::lake::project_bundle(&bundle.hash), bundle.json.clone().into()).await?;
    let mapping = entity.mappings.get(&source.mapping);
    let run_id = engine
        .store
        .create_run(&NewRun {
            tenant: engine.tenant.clone(),
            kind: if settings.dry_run { RunKind::DryRun } else { RunKind::Normal },
            entity: entity.name.clone(),
            source: source.name.clone(),
            external_system: Some(settings.external_system.clone()),
            dry_run: settings.dry_run,
            policy: Some(settings.policy.as_str().to_owned()),
            mode: Some(settings.mode.as_str().to_owned()),
            mapping_version: mapping.map(|m| format!("{}/{}@{}", entity.name, m.name, m.version)),
            project_hash: Some(bundle.hash.clone()),
            plan_run_id: None,
            parent_run_id: None,
            ingest_params_json: ingest_params(request, &settings),
            triggered_by: request.triggered_by.clone().or_else(|| Some(engine.actor.clone())),
            min_id: engine.lake.highest_run().await? + 1,
        })
        .await?;
    let owner = format!("{}:{}", host_name(), std::process::id());
    let (lease, attempt) = match take_up(engine, run_id, &owner, request).await {
        Ok(taken) => taken,
        Err(error) => {
            // The run cannot start; it must not stay pending for ever either. The first error is the one to tell.
            let actor = request.triggered_by.as_deref();
            let _ = engine.store.set_run_status(&engine.tenant, run_id, RunStatus::Failed, actor).await;
            return Err(error);
        }
    };
    let attempt = i32::try_from(attempt).unwrap_or(i32::MAX);
    let cx = RunContext {
        session: session(&engine.limits, &engine.lake)?,
        lake: engine.lake.clone(),
        store: Arc::clone(&engine.store),
        paths: RunPaths::new(&engine.tenant, run_id, attempt, settings.dry_run),
        tenant: engine.tenant.clone(),
        run_id,
        epoch: lease.epoch(),
        entity,
        source,
        shape,
        settings,
        max_violations: engine.project.settings.defaults.max_violations_per_rule,
        actor: request.triggered_by.clone().unwrap_or_else(|| engine.actor.clone()),
        listener,
        trace: Trace::default(),
    };
    Ok(Begun { cx, lease, files, default_namespace: namespace_is_default, project_hash: bundle.hash })
}

async fn take_up(engine: &Engine, run_id: i64, owner: &str, request: &RunRequest) -> Result<(RunLease, i64)> {
    let lease = engine.store.acquire_lease(&engine.tenant, run_id, owner, LeaseOptions::default()).await?;
    let actor = request.triggered_by.as_deref();
    let attempt = engine.store.set_run_status(&engine.tenant, run_id, RunStatus::Running, actor).await?;
    Ok((lease, attempt))
}

fn ingest_params(request: &RunRequest, settings: &Settings) -> serde_json::Value {
    let inputs: Vec<String> = request
        .inputs
        .iter()
        .map(|i| match i {
            Input::File(path) => {
                std::path::absolute(path).unwrap_or_else(|_| path.clone()).display().to_string()
            }
            Input::Stdin => "-".to_owned(),
        })
        .collect();
    serde_json::json!({
        "file_path": inputs.first(),
        "file_paths": inputs,
        "source_system": settings.external_system,
        "dry_run": settings.dry_run,
        "keep_file": false,
        "landed_at": settings.landed_at,
        "default_region": settings.default_region,
        "date_order": settings.date_order,
        "time_zone": settings.time_zone,
    })
}

fn host_name() -> String {
    std::env::var("HOSTNAME").unwrap_or_else(|_| "localhost".to_owned())
}
