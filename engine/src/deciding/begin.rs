//! A decision as a run: its row in the store, its lease, what its steps work with, and its end. A run that broke off is taken up
//! again by the same request.

use std::sync::{Arc, OnceLock};

use serde_json::json;

use super::admit::Asked;
use crate::context::{RunContext, Settings, Trace};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::RunPaths;
use crate::progress::Silent;
use crate::run::{Pinned, take_lease};
use crate::session::{frugal, quick, session};
use crate::store::{
    AuditEntry, Fence, LedgerEntry, NewRun, Run, RunFilter, RunKind, RunLease, RunOutcome, RunStatus,
    Session, TableAnswers,
};

/// The member of a run's parameters that says what was asked.
const ASKED: &str = "deciding";

/// A decision under way.
pub struct Begun {
    pub cx: RunContext,
    lease: RunLease,
    dry_run: bool,
}

/// What a run was asked for, if it is one of these.
pub fn asked_of(run: &Run) -> Option<Asked> {
    serde_json::from_value(run.ingest_params_json.get(ASKED)?.clone()).ok()
}

/// The project's entity with a source of it.
fn pinned(engine: &Engine, entity: &str) -> Result<Pinned> {
    let source = engine.project.sources.values().find(|source| source.entity == entity);
    let source = source.ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("no source of the project gives {entity}"))
            .with_help("a merge is a run, and runs have a source: add one under sources/")
    })?;
    let (source, entity) =
        engine.project.source(&source.name).ok_or_else(|| Error::internal("a source without its entity"))?;
    Ok(Pinned::of(&engine.project, source, entity))
}

/// For a look, which has no run and writes nothing.
pub async fn look(engine: &Engine, entity: &str) -> Result<RunContext> {
    let now = engine.store.session().await?.now().await?;
    let pinned = pinned(engine, entity)?;
    engine.store.number_rows(&pinned.entity.loads, false).await?;
    context(engine, &pinned, (Fence::of_look(&engine.tenant, 0), 1), (now, true), None)
}

/// Begins a run, or goes on with one that was asked for the same and broke off. A dry one writes like any other, and takes it
/// back before anybody sees it.
pub async fn begin(
    engine: &Engine,
    entity: &str,
    asked: &Asked,
    actor: Option<&str>,
    dry_run: bool,
) -> Result<Begun> {
    engine.lake.bind(&engine.store.store_info().await?.store_id).await?;
    let pinned = pinned(engine, entity)?;
    engine.store.number_rows(&pinned.entity.loads, false).await?;
    let now = engine.store.session().await?.now().await?;
    let former = if dry_run { None } else { unfinished(engine, entity, asked).await? };
    let id = match former {
        Some(run) => run,
        None => create(engine, &pinned, asked, (now, actor), dry_run).await?,
    };
    let lease = take_lease(engine, id).await?;
    let attempt = engine.store.set_run_status(&lease.fence(), RunStatus::Running, actor).await?;
    let attempt = i32::try_from(attempt).unwrap_or(i32::MAX);
    let cx = context(engine, &pinned, (lease.fence(), attempt), (now, false), actor)?;
    Ok(Begun { cx, lease, dry_run })
}

/// A run of the same request that nobody works on and that did not come to its end.
pub async fn unfinished(engine: &Engine, entity: &str, asked: &Asked) -> Result<Option<i64>> {
    for status in [RunStatus::Running, RunStatus::Pending] {
        let filter = RunFilter {
            kind: Some(RunKind::Remediation),
            status: Some(status),
            limit: Some(1_000),
            ..RunFilter::default()
        };
        for run in engine.runs(&filter).await? {
            if run.entity == entity
                && asked_of(&run).as_ref() == Some(asked)
                && !engine.store.lease_is_held(&engine.tenant, run.id).await?
            {
                return Ok(Some(run.id));
            }
        }
    }
    Ok(None)
}

async fn create(
    engine: &Engine,
    pinned: &Pinned,
    asked: &Asked,
    (now, actor): (i64, Option<&str>),
    dry_run: bool,
) -> Result<i64> {
    crate::run::pin(engine, &pinned.bundle).await?;
    Ok(engine
        .store
        .create_run(&NewRun {
            tenant: engine.tenant.clone(),
            kind: if dry_run { RunKind::DryRun } else { RunKind::Remediation },
            entity: pinned.entity.name.clone(),
            source: pinned.source.name.clone(),
            external_system: None,
            dry_run,
            policy: None,
            mode: None,
            mapping_version: None,
            project_hash: Some(pinned.bundle.hash.clone()),
            plan_run_id: None,
            parent_run_id: None,
            ingest_params_json: json!({ (ASKED): asked, "landed_at": now }),
            triggered_by: Some(actor.unwrap_or(&engine.actor).to_owned()),
            min_id: engine.lake.highest_run().await? + 1,
        })
        .await?)
}

fn context(
    engine: &Engine,
    pinned: &Pinned,
    (fence, attempt): (Fence, i32),
    (now, dry_run): (i64, bool),
    actor: Option<&str>,
) -> Result<RunContext> {
    let session = session(&engine.limits, &engine.lake)?;
    let settings = Settings { dry_run, ..Settings::of(&pinned.source, engine, now) };
    Ok(RunContext {
        quick: quick(&session),
        frugal: frugal(&session),
        session,
        lake: engine.lake.clone(),
        store: Arc::clone(&engine.store),
        paths: RunPaths::new(&engine.tenant, fence.run_id(), attempt, dry_run),
        tenant: engine.tenant.clone(),
        run_id: fence.run_id(),
        fence,
        entity: Arc::clone(&pinned.entity),
        source: pinned.source.clone(),
        shape: pinned.shape.clone(),
        settings,
        max_violations: pinned.max_violations,
        max_query_time: pinned.max_query_time,
        kind: RunKind::Remediation,
        plan_run_id: None,
        table_answers: TableAnswers::default(),
        plans: Vec::new(),
        actor: actor.unwrap_or(&engine.actor).to_owned(),
        default_namespace: false,
        suggestions: Vec::new(),
        inputs: Vec::new(),
        stop: engine.stop.clone(),
        listener: Arc::new(Silent),
        trace: Trace::default(),
        limits: engine.limits.clone(),
        landed_rows: OnceLock::new(),
        policy: OnceLock::new(),
    })
}

impl Begun {
    /// What a former attempt has committed, if it came so far: the detail of its ledger row.
    pub async fn done(&self) -> Result<Option<serde_json::Value>> {
        let chunks = self.cx.store.committed_chunks(&self.cx.tenant, self.cx.run_id).await?;
        Ok(chunks.into_iter().next().map(|entry| entry.detail_json))
    }

    /// Ends the run: its status, figures and the audit. Nothing of a decision is there in part.
    pub async fn finish(self, counts: serde_json::Value, error: Option<&Error>) -> Result<()> {
        let cx = &self.cx;
        let status = if error.is_some() { RunStatus::Failed } else { RunStatus::Succeeded };
        let counts = json!({ "decided": { (cx.entity.name.as_str()): counts } });
        let ended = RunOutcome {
            status,
            files_json: json!([]),
            inputs_json: json!([]),
            watermarks_json: json!([]),
            rules_json: json!([]),
            counts_json: counts.clone(),
            metrics_json: counts,
            timings_json: json!({}),
            anomaly_flags_json: json!([]),
            error_summary: error.map(ToString::to_string),
            max_source_updated_at: None,
            report_url: None,
        };
        let entry = AuditEntry {
            action: "IMPORT_RUN_FINISHED".to_owned(),
            actor: cx.actor.clone(),
            target_type: Some("import_run".to_owned()),
            target_id: Some(cx.run_id.to_string()),
            run_id: Some(cx.run_id),
            details_json: json!({ "status": status, "dry_run": self.dry_run }),
        };
        let written = cx.store.finish_run(&self.lease.fence(), &ended, &entry).await;
        if let Err(error) = self.lease.release().await {
            tracing::warn!(run_id = self.cx.run_id, "the lease was not given back: {error}");
        }
        Ok(written?)
    }
}

/// Ends the run of a decision, whatever became of it.
pub async fn ended<T: serde::de::DeserializeOwned>(
    begun: Begun,
    outcome: Result<T>,
    counts: impl Fn(&T) -> serde_json::Value,
) -> Result<T> {
    // Whether a commit was heard of or not: what it wrote down is there.
    let outcome = match (outcome, begun.done().await) {
        (Err(_), Ok(Some(done))) => Ok(serde_json::from_value(done)?),
        (outcome, _) => outcome,
    };
    let figures = outcome.as_ref().map_or_else(|_| json!({}), counts);
    let finished = begun.finish(figures, outcome.as_ref().err()).await;
    // The first error is the one to tell.
    let report = outcome?;
    finished?;
    Ok(report)
}

/// Writes the ledger row of a decision, in its transaction.
pub async fn ledger(
    cx: &RunContext,
    session: &mut Session,
    chunk: i64,
    (changes, detail): (i64, serde_json::Value),
) -> Result<()> {
    let entry = LedgerEntry {
        entity: cx.entity.name.clone(),
        round: 0,
        chunk,
        attempt: i64::from(cx.paths.attempt()),
        lease_epoch: cx.fence.epoch(),
        changes,
        applied: changes,
        refused: 0,
        detail_json: detail,
    };
    Ok(session.insert_ledger(&cx.fence, &entry).await?)
}

/// How a decision that broke off is gone on with; nothing for other runs.
pub fn again(run: &Run) -> Option<Error> {
    let words = match asked_of(run)? {
        Asked::Merge { winner, loser, .. } => {
            format!("importer merge {winner} {loser} --entity {}", run.entity)
        }
        Asked::Unmerge { merge, .. } => format!("importer unmerge {merge}"),
        Asked::Accept { .. } => "importer suggestions accept".to_owned(),
        Asked::Split { row, links } => {
            let links: String = links.iter().map(|(system, id)| format!(" --link {system}:{id}")).collect();
            format!("importer split {row}{links} --entity {}", run.entity)
        }
    };
    let message =
        format!("run {} is a decision of a person: it is gone on with by deciding the same again", run.id);
    Some(Error::new(ErrorKind::Usage, message).with_help(format!("`{words}`")).with_code("RUN_PARAMS"))
}
