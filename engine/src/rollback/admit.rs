//! May this run be rolled back, and what exactly? Everything that can be refused is refused here, before anything is
//! written.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;
use importer_plans::compile::Shape;
use importer_plans::compile::undo::{Narrow, Undone, field_names};
use importer_plans::project::{Bundle, DuplicatePolicy, Entity, ImportMode, Project, Source};
use serde_json::json;

use super::blocks::{Reference, references};
use super::report::RollbackRequest;
use super::taken::Taken;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Manifest, RunPaths, project_bundle};
use crate::progress::Listener;
use crate::run::{RunContext, Settings, Trace};
use crate::session::session;
use crate::store::{LeaseOptions, NewRun, Run, RunFilter, RunKind, RunLease, RunStatus, StoreErrorKind};

/// A rollback that may begin.
pub struct Admitted {
    pub run: Run,
    entity: Arc<Entity>,
    source: Source,
    shape: Shape,
    pub undone: Undone,
    pub taken: Taken,
    pub narrow: Narrow,
    pub row: Option<i64>,
    /// When the run wrote what it wrote, microseconds since 1970 UTC.
    pub written_at: i64,
    /// Foreign keys of tables of others.
    pub references: Vec<Reference>,
    /// A rollback of this run that broke off.
    unfinished: Option<Run>,
    /// The store's clock.
    now: i64,
    chunk_rows: usize,
}

impl Admitted {
    /// All of the run is meant.
    pub fn is_whole(&self) -> bool {
        self.row.is_none() && self.narrow.field.is_none()
    }
}

fn refused(code: &'static str, message: String, help: impl Into<String>) -> Error {
    Error::new(ErrorKind::Refused, message).with_code(code).with_help(help)
}

/// Looks at everything.
pub async fn admit(engine: &Engine, request: &RollbackRequest) -> Result<Admitted> {
    engine.lake.bind(&engine.store.store_info().await?.store_id).await?;
    let run = known(engine, request.run).await?;
    let now = engine.store.session().await?.now().await?;
    state(engine, &run).await?;
    retention(engine, &run, now)?;
    let unfinished = unfinished(engine, &run, request).await?;
    let (entity, source) = pinned(engine, &run).await?;
    let shape = Shape::of(&entity);
    let narrow = Narrow { field: request.field.clone() };
    field(&shape, &narrow)?;
    let chunk_rows = unfinished
        .as_ref()
        .and_then(|r| r.ingest_params_json["chunk_rows"].as_u64())
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(engine.chunk_rows);
    let store = &engine.store;
    let mut taken =
        Taken::of(store, &engine.lake, &engine.tenant, &run, &shape.core_table, chunk_rows).await?;
    let landed_at = run.ingest_params_json["landed_at"].as_i64();
    let written_at = landed_at.or(run.started_at).unwrap_or(now);
    let undone = match run.kind {
        RunKind::Rollback => Undone::Rollback,
        _ => Undone::Import { run_id: run.id, landed_at: written_at },
    };
    if taken.is_empty() && run.kind != RunKind::Rollback {
        return Err(refused(
            "ROLLBACK_NOTHING",
            format!("run {} changed no core row: there is nothing to roll back", run.id),
            format!("look at it with `importer show {}`", run.id),
        ));
    }
    let mut admitted = Admitted {
        entity,
        source,
        shape,
        undone,
        taken: Taken::default(),
        narrow,
        row: request.row,
        written_at,
        references: Vec::new(),
        unfinished,
        now,
        chunk_rows,
        run,
    };
    let identity = Identity::dry(&admitted);
    let cx = bare_context(engine, &admitted, &identity, Arc::new(crate::progress::Silent))?;
    described(&cx, &taken).await?;
    if let Some(row) = request.row {
        taken.leads = Some(leads(&cx, &admitted.run, row).await?);
    }
    admitted.references = references(&cx).await?;
    admitted.taken = taken;
    Ok(admitted)
}

async fn known(engine: &Engine, id: i64) -> Result<Run> {
    match engine.store.get_run(&engine.tenant, id).await {
        Ok(run) => Ok(run),
        Err(error) if error.kind() == StoreErrorKind::NotFound => {
            let newest = engine
                .runs(&RunFilter { dry_run: Some(false), limit: Some(5), ..Default::default() })
                .await?;
            let ids: Vec<String> = newest.iter().map(|r| r.id.to_string()).collect();
            let help = if ids.is_empty() {
                format!("tenant {} has no run yet", engine.tenant)
            } else {
                format!("the newest runs are {}; `importer runs` lists all", ids.join(", "))
            };
            Err(Error::from(error).with_help(help))
        }
        Err(error) => Err(error.into()),
    }
}

/// Only a run that wrote something, and that nobody works on, can be rolled back.
async fn state(engine: &Engine, run: &Run) -> Result<()> {
    let show = format!("look at it with `importer show {}`", run.id);
    if run.dry_run || run.kind == RunKind::DryRun {
        return Err(refused(
            "ROLLBACK_NOTHING",
            format!("run {} is a dry run: it changed nothing", run.id),
            "roll back the run that loaded the data; `importer runs` lists them",
        ));
    }
    if engine.store.lease_is_held(&engine.tenant, run.id).await? {
        let owner = run.lease_owner.as_deref().unwrap_or("another process");
        let (what, help) = match rollbacks(engine, run).await?.iter().find(|r| r.status == RunStatus::Running)
        {
            Some(rollback) => (
                format!("run {} is being rolled back by run {} ({owner})", run.id, rollback.id),
                format!("wait for it; look at it with `importer show {}`", rollback.id),
            ),
            None => (
                format!("run {} is at work ({owner})", run.id),
                "wait until it has ended, or stop it, and roll it back then".to_owned(),
            ),
        };
        return Err(refused("ROLLBACK_LIVE", what, help));
    }
    match run.status {
        RunStatus::RolledBack => {
            let by =
                rollbacks(engine, run).await?.into_iter().rev().find(|r| r.status == RunStatus::Succeeded);
            let (who, help) = match by {
                Some(by) => (
                    format!(" by run {}", by.id),
                    format!("`importer rollback {}` takes that rollback back", by.id),
                ),
                None => (String::new(), show),
            };
            Err(refused("ROLLBACK_DONE", format!("run {} is rolled back already{who}", run.id), help))
        }
        RunStatus::Pending | RunStatus::Queued => Err(refused(
            "ROLLBACK_NOTHING",
            format!("run {} is {}: it changed nothing", run.id, run.status),
            show,
        )),
        _ => {
            let chunks = engine.store.committed_chunks(&engine.tenant, run.id).await?;
            if chunks.is_empty() {
                return Err(refused(
                    "ROLLBACK_NOTHING",
                    format!("run {} ({}) loaded nothing: there is nothing to roll back", run.id, run.status),
                    show,
                ));
            }
            Ok(())
        }
    }
}

const DAY: i64 = 24 * 3600 * 1_000_000;

fn retention(engine: &Engine, run: &Run, now: i64) -> Result<()> {
    let ended = run.finished_at.or(run.started_at).or(run.created_at).unwrap_or(now);
    let days = i64::from(engine.rollback_days);
    if now.saturating_sub(ended) <= days.saturating_mul(DAY) {
        return Ok(());
    }
    Err(refused(
        "ROLLBACK_RETENTION",
        format!(
            "run {} ended {} days ago; runs can be rolled back for {days} days",
            run.id,
            now.saturating_sub(ended) / DAY
        ),
        "give more days with --rollback-days if the lake still has the changes of the run; what others changed since is kept in any case",
    ))
}

/// Rollbacks of a run, oldest first.
async fn rollbacks(engine: &Engine, run: &Run) -> Result<Vec<Run>> {
    let filter = RunFilter { kind: Some(RunKind::Rollback), limit: Some(i64::MAX), ..Default::default() };
    let mut found: Vec<Run> =
        engine.runs(&filter).await?.into_iter().filter(|r| r.parent_run_id == Some(run.id)).collect();
    found.sort_by_key(|r| r.id);
    Ok(found)
}

/// A rollback of this run that did not come to its end is gone on with, and nothing else is begun before.
async fn unfinished(engine: &Engine, run: &Run, request: &RollbackRequest) -> Result<Option<Run>> {
    for rollback in rollbacks(engine, run).await? {
        if matches!(rollback.status, RunStatus::Succeeded | RunStatus::RolledBack | RunStatus::Cancelled) {
            continue;
        }
        if engine.store.committed_chunks(&engine.tenant, rollback.id).await?.is_empty()
            && rollback.status.is_final()
        {
            continue;
        }
        let params = &rollback.ingest_params_json;
        let (row, field) = (params["row"].as_i64(), params["field"].as_str());
        if row == request.row && field == request.field.as_deref() {
            return Ok(Some(rollback));
        }
        let mut words = format!("importer rollback {}", run.id);
        if let Some(row) = row {
            words.push_str(&format!(" --row {row}"));
        }
        if let Some(field) = field {
            words.push_str(&format!(" --field {field}"));
        }
        return Err(refused(
            "ROLLBACK_UNFINISHED",
            format!("another rollback of run {} broke off (run {})", run.id, rollback.id),
            format!("finish it first: `{words}`"),
        ));
    }
    Ok(None)
}

/// The project as it was when the run was made.
async fn pinned(engine: &Engine, run: &Run) -> Result<(Arc<Entity>, Source)> {
    let lost = |what: String| {
        Error::new(ErrorKind::Lake, format!("run {} cannot be rolled back: {what}", run.id))
            .with_code("ROLLBACK_CHANGES")
            .with_help("restore the folder _projects of the lake from a backup")
    };
    let hash = run.project_hash.as_deref().ok_or_else(|| lost("it has no pinned project".to_owned()))?;
    let path = project_bundle(hash);
    let bytes = engine
        .lake
        .read_if_exists(&path)
        .await?
        .ok_or_else(|| lost(format!("{} is missing", engine.lake.display(&path))))?;
    let json = std::str::from_utf8(&bytes)
        .ok()
        .filter(|json| Bundle::hash_of(json) == hash)
        .ok_or_else(|| lost(format!("{} is damaged", engine.lake.display(&path))))?;
    let project = Project::from_bundle(json).map_err(|e| lost(format!("its project cannot be read: {e}")))?;
    let entity = project
        .entities
        .get(&run.entity)
        .ok_or_else(|| lost(format!("its project has no entity {}", run.entity)))?;
    let (source, _) = project
        .source(&run.source)
        .ok_or_else(|| lost(format!("its project has no source {}", run.source)))?;
    Ok((Arc::new(entity.clone()), source.clone()))
}

fn field(shape: &Shape, narrow: &Narrow) -> Result<()> {
    let Some(wanted) = &narrow.field else { return Ok(()) };
    let known = field_names(shape);
    if known.contains(wanted) {
        return Ok(());
    }
    let near = crate::catalogue::nearest(wanted, known.iter().map(String::as_str));
    let near = near.map(|n| format!("did you mean {n}? ")).unwrap_or_default();
    Err(Error::new(ErrorKind::Usage, format!("{} has no field {wanted}", shape.entity))
        .with_help(format!("{near}the fields are: {}", known.join(", "))))
}

/// Runs of an earlier version did not keep what a rollback needs.
async fn described(cx: &RunContext, taken: &Taken) -> Result<()> {
    let mut pieces = taken.open(cx);
    let Some(piece) = pieces.next().await? else { return Ok(()) };
    if piece.changes.column_by_name("before_provenance").is_some() {
        return Ok(());
    }
    Err(refused(
        "ROLLBACK_CHANGES",
        format!(
            "run {} was made by an earlier version, whose changes do not tell all that was there",
            cx.run_id
        ),
        "only runs of this version can be rolled back",
    ))
}

const ROW_LINK: &str = "SELECT outcome, core_id, cluster_id FROM row_links WHERE sequence_number = ";

/// The rows that share the core row of an incoming row: one of them leads its change.
async fn leads(cx: &RunContext, run: &Run, row: i64) -> Result<HashSet<i64>> {
    let unknown = |why: String| {
        Error::new(ErrorKind::Usage, why).with_help(format!(
            "rows are sequence numbers: SELECT sequence_number, outcome FROM links WHERE run_id = {}",
            run.id
        ))
    };
    if run.kind == RunKind::Rollback {
        return Ok(HashSet::from([row]));
    }
    let manifest = Manifest::read(&cx.lake, &cx.paths, "match")
        .await?
        .ok_or_else(|| unknown(format!("run {} has no links", run.id)))?;
    crate::tables::register_files(&cx.session, "row_links", manifest.data_set("links")?).await?;
    let (_, batches) = crate::tables::collect_compact(cx.plan(&format!("{ROW_LINK}{row}")).await?).await?;
    let Some(batch) = batches.iter().find(|b| b.num_rows() > 0) else {
        return Err(unknown(format!("run {} has no loaded row {row}", run.id)));
    };
    let outcome =
        datafusion::arrow::compute::cast(batch.column(0), &datafusion::arrow::datatypes::DataType::Utf8)?;
    let outcome = outcome.as_string::<i32>().value(0).to_owned();
    if matches!(outcome.as_str(), "unchanged" | "review" | "not_found" | "skipped_duplicate") {
        return Err(unknown(format!("row {row} of run {} changed nothing ({outcome})", run.id)));
    }
    let sql = format!(
        "SELECT o.sequence_number FROM row_links o JOIN row_links m ON m.sequence_number = {row} WHERE o.sequence_number = {row} OR o.core_id = m.core_id OR o.cluster_id = m.cluster_id"
    );
    let (_, batches) = crate::tables::collect_compact(cx.plan(&sql).await?).await?;
    Ok(batches
        .iter()
        .flat_map(|b| b.column(0).as_primitive::<Int64Type>().iter().flatten().collect::<Vec<_>>())
        .collect())
}

/// As which run a rollback works.
pub struct Identity {
    run_id: i64,
    epoch: i64,
    attempt: i32,
    dry: bool,
    at: i64,
    actor: String,
}

impl Identity {
    /// A look works under the number of the run that it looks at, apart from real runs.
    pub fn dry(admitted: &Admitted) -> Self {
        Self {
            run_id: admitted.run.id,
            epoch: 0,
            attempt: 1,
            dry: true,
            at: admitted.now,
            actor: "operator".to_owned(),
        }
    }
}

/// What the pieces work with.
pub async fn context(
    engine: &Engine,
    admitted: &Admitted,
    identity: &Identity,
    listener: Arc<dyn Listener>,
) -> Result<RunContext> {
    let cx = bare_context(engine, admitted, identity, listener)?;
    super::kept::register_later_runs(&cx, admitted).await?;
    Ok(cx)
}

fn bare_context(
    engine: &Engine,
    admitted: &Admitted,
    identity: &Identity,
    listener: Arc<dyn Listener>,
) -> Result<RunContext> {
    Ok(RunContext {
        session: session(&engine.limits, &engine.lake)?,
        lake: engine.lake.clone(),
        store: Arc::clone(&engine.store),
        paths: RunPaths::new(&engine.tenant, identity.run_id, identity.attempt, identity.dry),
        tenant: engine.tenant.clone(),
        run_id: identity.run_id,
        epoch: identity.epoch,
        entity: Arc::clone(&admitted.entity),
        source: admitted.source.clone(),
        shape: admitted.shape.clone(),
        settings: Settings {
            dry_run: identity.dry,
            atomic: false,
            accept_bad: false,
            max_bad: 0.0,
            policy: DuplicatePolicy::Upsert,
            mode: ImportMode::ValidOnly,
            external_system: admitted.run.external_system.clone().unwrap_or_default(),
            default_region: None,
            date_order: String::new(),
            time_zone: String::new(),
            partitions: engine.limits.partitions,
            chunk_rows: admitted.chunk_rows,
            landed_at: identity.at,
        },
        max_violations: 0,
        actor: identity.actor.clone(),
        listener,
        trace: Trace::default(),
    })
}

/// A rollback under way: its own run, and both leases.
pub struct Begun {
    pub cx: RunContext,
    own: RunLease,
    undone: RunLease,
}

impl Begun {
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
    let (store, tenant, run) = (&engine.store, &engine.tenant, &admitted.run);
    let owner = format!(
        "{}:{}",
        std::env::var("HOSTNAME").unwrap_or_else(|_| "localhost".to_owned()),
        std::process::id()
    );
    let undone = match store.acquire_lease(tenant, run.id, &owner, LeaseOptions::default()).await {
        Ok(lease) => lease,
        Err(error) if error.kind() == StoreErrorKind::LeaseHeld => {
            return Err(refused(
                "ROLLBACK_LIVE",
                format!("{error}"),
                "wait until it has ended; two rollbacks of one run cannot work side by side",
            ));
        }
        Err(error) => return Err(error.into()),
    };
    let begun = take_up(engine, admitted, request, listener, &owner).await;
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
    listener: Arc<dyn Listener>,
    owner: &str,
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
    let lease = store.acquire_lease(tenant, id, owner, LeaseOptions::default()).await?;
    let attempt = store.set_run_status(tenant, id, RunStatus::Running, actor).await?;
    let identity = Identity {
        run_id: id,
        epoch: lease.epoch(),
        attempt: i32::try_from(attempt).unwrap_or(i32::MAX),
        dry: false,
        at,
        actor: request.triggered_by.clone().unwrap_or_else(|| "operator".to_owned()),
    };
    match context(engine, admitted, &identity, listener).await {
        Ok(cx) => Ok((cx, lease)),
        Err(error) => {
            // Nothing was taken back: the run ends as it began. The first error is the one to tell.
            let _ = store.set_run_status(tenant, id, RunStatus::Failed, actor).await;
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
