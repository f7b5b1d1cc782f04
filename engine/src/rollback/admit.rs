//! May this run be rolled back, and what exactly? Everything that can be refused is refused here, before anything is
//! written.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use importer_plans::compile::Shape;
use importer_plans::compile::undo::{Narrow, Undone, field_names};

use super::admitted::{Admitted, refused};
use super::blocks::{Foreign, foreign};
use super::context::{Identity, bare_context};
use super::report::RollbackRequest;
use super::taken::Taken;
use crate::context::RunContext;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::Manifest;
use crate::progress::Step;
use crate::run::{manifest_name, pinned};
use crate::store::{MergeFilter, Run, RunFilter, RunKind, RunStatus, StoreErrorKind};
use crate::tables;

/// Looks at everything.
pub async fn admit(engine: &Engine, request: &RollbackRequest) -> Result<Admitted> {
    engine.lake.bind(&engine.store.store_info().await?.store_id).await?;
    let run = known(engine, request.run).await?;
    let now = engine.store.session().await?.now().await?;
    no_merge(engine, &run).await?;
    state(engine, &run).await?;
    retention(engine, &run, now)?;
    let unfinished = unfinished(engine, &run, request).await?;
    let pinned = pinned(engine, &run).await?;
    let shape = &pinned.shape;
    let narrow = Narrow { field: request.field.clone() };
    field(shape, &narrow)?;
    let chunk_rows = unfinished
        .as_ref()
        .and_then(|r| r.ingest_params_json["chunk_rows"].as_u64())
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(engine.chunk_rows);
    let store = &engine.store;
    let mut taken = Taken::of(store, &engine.lake, &engine.tenant, &run, chunk_rows).await?;
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
        pinned,
        undone,
        taken: Taken::default(),
        narrow,
        row: request.row,
        written_at,
        foreign: Foreign::default(),
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
    admitted.foreign = foreign(&cx).await?;
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

/// A merge keeps what it takes to part the two, and its own verb tells whose everything is since.
async fn no_merge(engine: &Engine, run: &Run) -> Result<()> {
    let filter = MergeFilter { run: Some(run.id), ..MergeFilter::default() };
    let merges = engine.store.merges(&engine.tenant, &filter).await?;
    let standing: Vec<String> = merges.iter().filter(|m| m.stands()).map(|m| m.id.to_string()).collect();
    let Some(last) = standing.last() else { return Ok(()) };
    Err(refused(
        "ROLLBACK_MERGE",
        format!("run {} merged rows of core: merge {}", run.id, standing.join(", ")),
        format!("`importer unmerge {last}` takes a merge back"),
    ))
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
        let (what, help) =
            match rollbacks(engine, run.id).await?.iter().find(|r| r.status == RunStatus::Running) {
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
                rollbacks(engine, run.id).await?.into_iter().rev().find(|r| r.status == RunStatus::Succeeded);
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

/// All rollbacks of the tenant, oldest first.
pub async fn all_rollbacks(engine: &Engine) -> Result<Vec<Run>> {
    let filter = RunFilter { kind: Some(RunKind::Rollback), limit: Some(i64::MAX), ..Default::default() };
    let mut found = engine.runs(&filter).await?;
    found.sort_by_key(|r| r.id);
    Ok(found)
}

/// Rollbacks of a run, oldest first.
pub async fn rollbacks(engine: &Engine, run: i64) -> Result<Vec<Run>> {
    Ok(all_rollbacks(engine).await?.into_iter().filter(|r| r.parent_run_id == Some(run)).collect())
}

/// Whether nothing of a rollback is left to be done.
pub fn is_over(rollback: &Run) -> bool {
    matches!(rollback.status, RunStatus::Succeeded | RunStatus::RolledBack | RunStatus::Cancelled)
}

/// A rollback of this run that did not come to its end is gone on with, and nothing else is begun before.
async fn unfinished(engine: &Engine, run: &Run, request: &RollbackRequest) -> Result<Option<Run>> {
    for rollback in rollbacks(engine, run.id).await? {
        if is_over(&rollback) {
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

/// The rows that share the core row of an incoming row: one of them leads its change. A row that moved was decided
/// again in a later round.
async fn leads(cx: &RunContext, run: &Run, row: i64) -> Result<HashSet<i64>> {
    let unknown = |why: String| {
        Error::new(ErrorKind::Usage, why).with_help(format!(
            "rows are sequence numbers: importer sql \"SELECT sequence_number, outcome FROM links WHERE run_id = {}\"",
            run.id
        ))
    };
    if run.kind == RunKind::Rollback {
        return Ok(HashSet::from([row]));
    }
    let (mut leads, mut outcome) = (HashSet::new(), None);
    for round in 0.. {
        let Some(manifest) = Manifest::read(&cx.lake, &cx.paths, &manifest_name(Step::Match, round)).await?
        else {
            break;
        };
        let links = manifest.data_set("links")?;
        links.verify(&cx.lake).await?;
        tables::register_files(&cx.session, "row_links", links).await?;
        let sql = format!(
            "SELECT o.sequence_number, m.outcome FROM row_links m JOIN row_links o ON m.sequence_number = {row} AND (o.sequence_number = {row} OR o.core_id = m.core_id OR o.cluster_id = m.cluster_id) WHERE m.sequence_number = {row}"
        );
        let (_, batches) = tables::collect_compact(cx.plan(&sql).await?).await?;
        for batch in &batches {
            leads.extend(batch.column(0).as_primitive::<Int64Type>().iter().flatten());
            let words = datafusion::arrow::compute::cast(batch.column(1), &DataType::Utf8)?;
            outcome = words.as_string::<i32>().iter().flatten().next().map(str::to_owned).or(outcome);
        }
    }
    match outcome.as_deref() {
        None => Err(unknown(format!("run {} loaded no row {row}", run.id))),
        Some("unchanged" | "review" | "not_found" | "skipped_duplicate") => Err(unknown(format!(
            "row {row} of run {} changed nothing ({})",
            run.id,
            outcome.unwrap_or_default()
        ))),
        Some(_) => Ok(leads),
    }
}
