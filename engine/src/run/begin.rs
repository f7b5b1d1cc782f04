//! The beginning of a run: its project pinned, its row in the store, its lease taken; or its row found, and the lease
//! taken from a process that is gone.

use std::sync::{Arc, OnceLock};

use importer_plans::project::{Bundle, Entity, Project};

use super::params::RunParams;
use super::prepare::{Pinned, Prepared};
use super::start::Start;
use crate::context::{RunContext, Trace};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::RunPaths;
use crate::progress::Listener;
use crate::session::{frugal, quick, session};
use crate::store::{
    Fence, LeaseOptions, NewRun, Run, RunKind, RunLease, RunStatus, StoreErrorKind, TableAnswers,
};

/// A run that has begun.
pub struct Begun {
    pub cx: RunContext,
    pub lease: RunLease,
    pub start: Start,
}

/// Writes the run down, pins its project and takes its lease.
pub async fn begin(engine: &Engine, prepared: Prepared, listener: Arc<dyn Listener>) -> Result<Begun> {
    if engine.lake.bind(&engine.store.store_info().await?.store_id).await? && engine.has_runs().await? {
        listener.warn(&format!(
            "the lake {} is new, and this store knows runs: what they left lies in another lake, and cannot be looked at, applied or rolled back from here",
            engine.lake.display(&object_store::path::Path::default())
        ));
    }
    let Prepared { kind, plan_run_id, parent_run_id, pinned, params, actor, start } = prepared;
    crate::project_check::require_tables(&pinned.entity, &engine.store, &engine.tenant).await?;
    number_rows(engine, &pinned.entity).await?;
    let bundle = &pinned.bundle;
    pin(engine, bundle).await?;
    let mapping = pinned.entity.mappings.get(&pinned.source.mapping);
    let settings = &params.settings;
    let run_id = engine
        .store
        .create_run(&NewRun {
            tenant: engine.tenant.clone(),
            kind,
            entity: pinned.entity.name.clone(),
            source: pinned.source.name.clone(),
            external_system: Some(settings.external_system.clone()),
            dry_run: settings.dry_run,
            policy: Some(settings.policy.as_str().to_owned()),
            mode: Some(settings.mode.as_str().to_owned()),
            mapping_version: mapping.map(|m| format!("{}/{}@{}", pinned.entity.name, m.name, m.version)),
            project_hash: Some(bundle.hash.clone()),
            plan_run_id,
            parent_run_id,
            ingest_params_json: params.document()?,
            triggered_by: actor.clone(),
            min_id: engine.lake.highest_run().await? + 1,
        })
        .await?;
    listener.begun(run_id);
    let (lease, attempt) = take_up(engine, run_id, actor.as_deref()).await?;
    fail::fail_point!("run::begun", |_| Err(Error::internal("failpoint run::begun")));
    let at = At { attempt, fence: lease.fence(), kind, plan_run_id, actor };
    Ok(Begun { cx: context(engine, pinned, &params, at, listener)?, lease, start })
}

/// Gives numbers to rows of tables whose keys are none, those of entities that this one names among them.
pub async fn number_rows(engine: &Engine, entity: &Entity) -> Result<()> {
    let named =
        entity.references().filter_map(|(_, _, reference)| engine.project.entities.get(&reference.to));
    for entity in named.chain([entity]) {
        engine.store.number_rows(&entity.loads, false).await.map_err(|error| match error.kind() {
            StoreErrorKind::Permission => Error::from(error).with_help(
                "`importer db upgrade` as a role that may make views prepares the tables of the project",
            ),
            _ => Error::from(error),
        })?;
    }
    Ok(())
}

/// Writes the bundle of a project down. One that is there is believed only if it is what its name says: what was cut short
/// or altered since is put right, for all runs of this project go back to it.
pub async fn pin(engine: &Engine, bundle: &Bundle) -> Result<()> {
    let path = crate::lake::project_bundle(&bundle.hash);
    if engine.lake.create(&path, bundle.json.clone().into()).await?
        || engine.lake.read(&path).await? == bundle.json.as_bytes()
    {
        return Ok(());
    }
    tracing::warn!(
        "{} was not what was written; it is put right from the project of now, which is the same",
        engine.lake.display(&path)
    );
    engine.lake.replace(&path, bundle.json.clone().into()).await
}

/// Takes the lease of a new run and sets it to work. A run that cannot start must not stay pending for ever: it has failed,
/// unless somebody else has it by now. The first error is the one to tell.
async fn take_up(engine: &Engine, run_id: i64, actor: Option<&str>) -> Result<(RunLease, i64)> {
    let failed = async |fence: &Fence| {
        let _ = engine.store.set_run_status(fence, RunStatus::Failed, actor).await;
    };
    let lease = match take_lease(engine, run_id).await {
        Ok(lease) => lease,
        Err(error) => {
            failed(&Fence::of_new(&engine.tenant, run_id)).await;
            return Err(error);
        }
    };
    match engine.store.set_run_status(&lease.fence(), RunStatus::Running, actor).await {
        Ok(attempt) => Ok((lease, attempt)),
        Err(error) => {
            failed(&lease.fence()).await;
            Err(error.into())
        }
    }
}

/// Takes the lease of a run for this process.
pub async fn take_lease(engine: &Engine, run_id: i64) -> Result<RunLease> {
    let owner = format!("{}:{}", host_name(), std::process::id());
    Ok(engine.store.acquire_lease(&engine.tenant, run_id, &owner, LeaseOptions::default()).await?)
}

/// Which run at which attempt.
pub struct At {
    pub fence: Fence,
    pub attempt: i64,
    pub kind: RunKind,
    pub plan_run_id: Option<i64>,
    pub actor: Option<String>,
}

/// What every step gets.
pub fn context(
    engine: &Engine,
    pinned: Pinned,
    params: &RunParams,
    at: At,
    listener: Arc<dyn Listener>,
) -> Result<RunContext> {
    let attempt = i32::try_from(at.attempt).unwrap_or(i32::MAX);
    let mut settings = params.settings.clone();
    settings.partitions = engine.limits.partitions;
    let session = session(&engine.limits, &engine.lake)?;
    Ok(RunContext {
        quick: quick(&session),
        frugal: frugal(&session),
        session,
        lake: engine.lake.clone().for_run(engine.limits.held),
        store: Arc::clone(&engine.store),
        paths: RunPaths::new(&engine.tenant, at.fence.run_id(), attempt, settings.dry_run),
        tenant: engine.tenant.clone(),
        run_id: at.fence.run_id(),
        fence: at.fence,
        entity: pinned.entity,
        source: pinned.source,
        shape: pinned.shape,
        settings,
        max_violations: pinned.max_violations,
        max_query_time: pinned.max_query_time,
        kind: at.kind,
        plan_run_id: at.plan_run_id,
        table_answers: TableAnswers::default(),
        plans: params.plans.clone(),
        actor: at.actor.unwrap_or_else(|| engine.actor.clone()),
        default_namespace: params.default_namespace,
        suggestions: params.suggestions.clone(),
        inputs: params.inputs.clone(),
        stop: engine.stop.clone(),
        listener,
        trace: Trace::default(),
        limits: engine.limits.clone(),
        landed_rows: OnceLock::new(),
        policy: OnceLock::new(),
    })
}

/// The project that a run was pinned to, as it was then.
pub async fn pinned(engine: &Engine, run: &Run) -> Result<Pinned> {
    let project = pinned_project(engine, run).await?;
    let gone = |what: &str, name: &str| {
        Error::internal(format!("the project of run {} has no {what} {name}", run.id))
    };
    let (source, _) = project.source(&run.source).ok_or_else(|| gone("source", &run.source))?;
    let entity = project.entities.get(&run.entity).ok_or_else(|| gone("entity", &run.entity))?;
    Ok(Pinned::of(&project, source, entity))
}

/// Reads the bundle of a run, and believes it only if it is what its name says.
pub async fn pinned_project(engine: &Engine, run: &Run) -> Result<Project> {
    let hash = run.project_hash.as_deref().ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("run {} is pinned to no project", run.id))
            .with_help("run its file again")
            .with_code("RUN_PARAMS")
    })?;
    let path = crate::lake::project_bundle(hash);
    let damaged = |how: &str| engine.lake.damaged(&path, how);
    let bytes = engine.lake.read_if_exists(&path).await?.ok_or_else(|| damaged("is missing"))?;
    let json = std::str::from_utf8(&bytes).map_err(|_| damaged("is not what was written"))?;
    if Bundle::hash_of(json) != hash {
        return Err(damaged("is not what was written"));
    }
    Project::from_bundle(json).map_err(|errors| {
        Error::new(ErrorKind::Project, format!("the project of run {} cannot be read: {errors}", run.id))
            .with_help("it was pinned by another version of Importer; run the file again")
    })
}

fn host_name() -> String {
    std::env::var("HOSTNAME").unwrap_or_else(|_| "localhost".to_owned())
}
