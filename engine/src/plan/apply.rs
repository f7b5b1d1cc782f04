//! Applying a plan: a new run gets the data sets of the dry run under its own paths, with manifests of its own, and
//! goes on at the load. Nothing is computed again; the load refuses where core has moved.

use std::sync::Arc;

use futures::FutureExt;
use importer_plans::project::Rule;

use super::copied::{PLANNED, copy, manifests, paths_of};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Manifest, RunPaths};
use crate::progress::{Listener, Step};
use crate::run::{Begun, Pinned, Prepared, RunParams, RunSummary, Start, begin, execute, pinned};
use crate::store::{Run, RunKind, RunStatus, StoreError, StoreErrorKind};

/// What a person allows when a plan is applied.
#[derive(Debug, Clone, Default)]
pub struct ApplyOptions {
    /// Load the plan although the project has changed since; it is loaded as it was planned.
    pub accept_project: bool,
    /// Who asked.
    pub actor: Option<String>,
}

/// Loads exactly what a dry run planned, as a new run.
pub async fn apply(
    engine: &Engine,
    plan: i64,
    options: &ApplyOptions,
    now: i64,
    listener: Arc<dyn Listener>,
) -> Result<RunSummary> {
    engine.lake.bind(&engine.store.store_info().await?.store_id).await?;
    let run = engine.get_run(plan).await?;
    require_plan(&run)?;
    let pinned = pinned(engine, &run).await?;
    if pinned.bundle.hash != engine.project.bundle().hash && !options.accept_project {
        return Err(Error::new(
            ErrorKind::Refused,
            format!("the project has changed since plan {plan} was made"),
        )
        .with_help(format!(
            "`importer apply {plan} --replan` plans with the project of now; --accept-project loads what was planned then"
        ))
        .with_code("PLAN_PROJECT"));
    }
    require_unapplied(engine, plan).await?;
    let manifests = manifests(engine, &run, &PLANNED).await?;
    let mut params = RunParams::of(&run)?;
    params.dry_run = false;
    params.settings.dry_run = false;
    params.settings.loaded_at = Some(now);
    (params.signature, params.rows) = (None, None);
    let prepared = Prepared {
        kind: RunKind::Normal,
        plan_run_id: Some(plan),
        parent_run_id: None,
        pinned,
        start: Start::Again(Box::new(params.clone()), None),
        params,
        actor: options.actor.clone(),
    };
    let begun = match begin(engine, prepared, listener).await {
        Ok(begun) => begun,
        Err(error) if is_taken(&error) => {
            require_unapplied(engine, plan).await?;
            return Err(error);
        }
        Err(error) => return Err(error),
    };
    Box::pin(take_over(engine, begun, &paths_of(engine, &run), &manifests)).await
}

/// Makes the plan anew, from the rows that the old one landed, with the project and the core of now.
pub async fn replan(
    engine: &Engine,
    plan: i64,
    actor: Option<&str>,
    listener: Arc<dyn Listener>,
) -> Result<RunSummary> {
    engine.lake.bind(&engine.store.store_info().await?.store_id).await?;
    let run = engine.get_run(plan).await?;
    require_plan(&run)?;
    let old = pinned(engine, &run).await?;
    let (source, entity) = (engine.project.source(&run.source), engine.project.entities.get(&run.entity));
    let ((source, _), entity) = source.zip(entity).ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("the project has no source {} any more", run.source))
            .with_help("run the file with the source that took its place")
            .with_code("PLAN_PROJECT")
    })?;
    let pinned = Pinned::of(&engine.project, source, entity);
    // What was staged and checked depends on the landed rows and the project alone, unless the store was asked.
    let asked =
        pinned.entity.references().next().is_some() || pinned.entity.rules.iter().any(Rule::reads_core);
    let same = old.bundle.hash == pinned.bundle.hash && !asked;
    let kept: &[Step] = if same { &PLANNED[..3] } else { &PLANNED[..1] };
    let manifests = manifests(engine, &run, kept).await?;
    let mut params = RunParams::of(&run)?;
    (params.signature, params.rows) = (None, None);
    let prepared = Prepared {
        kind: RunKind::DryRun,
        plan_run_id: None,
        parent_run_id: Some(plan),
        pinned,
        start: Start::Again(Box::new(params.clone()), None),
        params,
        actor: actor.map(str::to_owned),
    };
    let begun = begin(engine, prepared, listener).await?;
    Box::pin(take_over(engine, begun, &paths_of(engine, &run), &manifests)).await
}

/// Copies what was planned under the paths of a run that has begun, and runs the rest.
async fn take_over(
    engine: &Engine,
    begun: Begun,
    from: &RunPaths,
    manifests: &[Manifest],
) -> Result<RunSummary> {
    let copied = async {
        for manifest in manifests {
            let cx = &begun.cx;
            copy(&cx.lake, from, &cx.paths, &cx.entity.name, manifest, cx.fence.epoch()).await?;
        }
        Ok::<_, Error>(())
    };
    match copied.await {
        Ok(()) => execute(engine, begun).boxed().await,
        Err(error) => {
            // The run cannot go on; it must not stay at work for ever. The first error is the one to tell.
            let _ = engine.store.set_run_status(&begun.cx.fence, RunStatus::Failed, None).await;
            let _ = begun.lease.release().await;
            Err(error)
        }
    }
}

fn require_plan(run: &Run) -> Result<()> {
    let id = run.id;
    let (message, help) = match (run.kind, run.status) {
        (RunKind::DryRun, RunStatus::Succeeded) => return Ok(()),
        (RunKind::DryRun, RunStatus::Failed | RunStatus::PartiallyFailed) => (
            format!("plan {id} was not finished: {}", run.error_summary.as_deref().unwrap_or("it failed")),
            format!("`importer resume {id}` finishes it, with --accept-bad where bad rows stopped it; then apply it"),
        ),
        (RunKind::DryRun, RunStatus::Running | RunStatus::Paused) => (
            format!("plan {id} is {}; it is not finished", run.status),
            format!("wait for it, or finish it with `importer resume {id}`; then apply it"),
        ),
        (RunKind::DryRun, status) => (
            format!("plan {id} is {status}; it was never finished"),
            format!("`importer retry {id}` starts it anew; then apply it"),
        ),
        (kind, _) => (
            format!("run {id} is no plan: it is of kind {kind}"),
            "make a plan with `importer plan --file …`; `importer runs --kind dry_run` lists those that are there".to_owned(),
        ),
    };
    Err(Error::new(ErrorKind::Usage, message).with_help(help).with_code("PLAN_STATE"))
}

/// A plan is applied once. The authority is a unique index; this says which run it was.
async fn require_unapplied(engine: &Engine, plan: i64) -> Result<()> {
    let Some(other) = engine.store.run_of_plan(&engine.tenant, plan).await? else { return Ok(()) };
    let help = match other.status {
        RunStatus::Succeeded => {
            format!("look at it with `importer show {}`; a plan is applied once", other.id)
        }
        RunStatus::RolledBack => "it was rolled back; make a new plan with --replan".to_owned(),
        _ => format!("`importer resume {}` goes on with it, if nobody works on it", other.id),
    };
    Err(Error::new(
        ErrorKind::Refused,
        format!("plan {plan} is applied by run {}, which is {}", other.id, other.status),
    )
    .with_help(help)
    .with_code("PLAN_APPLIED"))
}

fn is_taken(error: &Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|e| e.downcast_ref::<StoreError>());
    cause.is_some_and(|e| e.kind() == StoreErrorKind::UniqueViolation)
}
