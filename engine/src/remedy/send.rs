//! Batches on their way: one run for each entity, source and way of reading among the rows, begun only when nothing is
//! wrong with any of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::Int64Type;
use importer_plans::project::{DateOrder, DuplicatePolicy, Entity, ImportMode, NumberFormat, Source};
use serde::Serialize;

use super::batch::{Batch, listed};
use super::collect::Collected;
use super::edit::EditedRow;
use super::kept::keep;
use super::origin::{Origin, Origins};
use super::request::RequeueRequest;
use super::select::{Selection, close_replaced};
use crate::context::Settings;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Manifest, RunPaths};
use crate::progress::Listener;
use crate::run::{self, Pinned, Prepared, RunParams, RunSummary, Start};
use crate::steps::land::Landed;
use crate::store::{Place, RunKind, Severity};
use crate::tables;

const PASSING: &str = include_str!("../../../sql/steps/remedy/passing.sql");
/// Rows whose open findings are told one by one.
const TOLD: usize = 1_000;

/// Where a row comes from, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowPlace {
    pub run_id: i64,
    pub file: String,
    pub line: i64,
    /// Its number in that run; a record that could not be read had none.
    pub row: Option<i64>,
}

/// A finding that holds a row still.
#[derive(Debug, Clone, Serialize)]
pub struct StillOpen {
    pub violation: i64,
    #[serde(flatten)]
    pub place: RowPlace,
    pub rule_code: String,
    pub field: String,
    pub message: String,
}

/// What became of one batch.
#[derive(Debug, Clone, Serialize)]
pub struct Remedied {
    /// Rows in it.
    pub rows: u64,
    /// Rows that left quarantine, or would.
    pub promoted: u64,
    /// Rows that are held still.
    pub held: u64,
    /// Rows among the promoted that wait for a person to say who they are.
    pub review: u64,
    /// Findings that no longer occur.
    pub fixed: u64,
    /// What holds edited rows still: the first rows.
    pub open: Vec<StillOpen>,
    /// Rows that would pass, of a dry run: the first ones.
    pub passing: Vec<RowPlace>,
    /// The run.
    pub summary: RunSummary,
}

/// What a requeue did.
#[derive(Debug, Clone, Serialize)]
pub struct Requeued {
    pub dry_run: bool,
    /// Held rows that were looked at and went.
    pub rows: u64,
    /// Held rows that a newer row has replaced; they are closed.
    pub superseded: u64,
    /// Records that could not be read and that nobody has mended; they stay.
    pub unreadable: u64,
    /// Rows that were given up; they stay.
    pub given_up: u64,
    /// One run for each entity, source and way of reading.
    pub runs: Vec<Remedied>,
}

/// Rows that may share a run.
type Kind = (String, String, DuplicatePolicy, DateOrder, Option<NumberFormat>);

fn kind_of(origin: &Origin) -> Kind {
    let settings = &origin.params.settings;
    (
        origin.run.entity.clone(),
        origin.run.source.clone(),
        settings.policy,
        settings.date_order,
        settings.number_format,
    )
}

/// Sends edited rows.
pub async fn edited(
    engine: &Engine,
    collected: Collected,
    actor: Option<&str>,
    listener: Arc<dyn Listener>,
) -> Result<Vec<Remedied>> {
    let mut batches: BTreeMap<Kind, (BTreeMap<i64, Origin>, Vec<EditedRow>)> = BTreeMap::new();
    for row in collected.rows {
        let origin = collected
            .origins
            .known(row.place.run_id)
            .ok_or_else(|| Error::internal("an edited row has no origin"))?;
        let (origins, rows) = batches.entry(kind_of(origin)).or_default();
        origins.entry(origin.run.id).or_insert_with(|| origin.clone());
        rows.push(row);
    }
    for (origins, _) in batches.values() {
        if let Some(origin) = origins.values().next() {
            belongs(engine, origin)?;
        }
    }
    let mut done = Vec::new();
    for (origins, rows) in batches.into_values() {
        let context = crate::session::session(&engine.limits, &engine.lake)?;
        let (held, edits) = listed(&context, &rows)?;
        let origins: Vec<Origin> = origins.into_values().collect();
        let kept = keep(engine, &origins, held, edits).await?;
        let batch = Batch { origins: origins.clone(), kept };
        let count = rows.len() as u64;
        let mut remedied = go(engine, batch, count, false, actor, Arc::clone(&listener)).await?;
        remedied.open = still_open(engine, &rows, &origins).await?;
        done.push(remedied);
    }
    Ok(done)
}

/// Sends held rows as they are, under the project as it is.
pub async fn held(
    engine: &Engine,
    request: &RequeueRequest,
    listener: Arc<dyn Listener>,
) -> Result<Requeued> {
    let mut origins = Origins::default();
    let mut batches: BTreeMap<Kind, Vec<Origin>> = BTreeMap::new();
    let per_rule = engine.project.settings.defaults.max_violations_per_rule;
    for run_id in engine.store.runs_with_held_rows(&engine.tenant, request.run, per_rule).await? {
        match origins.get(engine, run_id).await {
            Ok(origin) => batches.entry(kind_of(origin)).or_default().push(origin.clone()),
            // Asked for by its number, a run that cannot be taken on is an error; among others it is left out.
            Err(error) if request.run.is_some() => return Err(error),
            Err(error) if matches!(error.kind(), ErrorKind::Usage | ErrorKind::Lake) => {
                listener.warn(&format!("left out: {error}"));
            }
            Err(error) => return Err(error),
        }
    }
    for origins in batches.values() {
        if let Some(origin) = origins.first() {
            belongs(engine, origin)?;
        }
    }
    let mut done = Requeued {
        dry_run: request.dry_run,
        rows: 0,
        superseded: 0,
        unreadable: 0,
        given_up: 0,
        runs: Vec::new(),
    };
    for ((entity, ..), origins) in batches {
        let selection = Selection::of(engine, &origins, &entity, request.rule.as_deref()).await?;
        done.rows += selection.rows;
        done.superseded += selection.replaced.len() as u64;
        done.unreadable += selection.unreadable;
        done.given_up += selection.given_up;
        if !request.dry_run {
            let actor = request.actor.as_deref().unwrap_or("operator");
            close_replaced(engine, actor, &selection.replaced).await?;
        }
        if selection.rows == 0 {
            continue;
        }
        let (held, edits) = selection.frames().await?;
        let kept = keep(engine, &origins, held, edits).await?;
        let batch = Batch { origins, kept };
        let actor = request.actor.as_deref();
        done.runs
            .push(go(engine, batch, selection.rows, request.dry_run, actor, Arc::clone(&listener)).await?);
    }
    Ok(done)
}

/// The source and entity of a batch in the project as it is.
fn belongs<'e>(engine: &'e Engine, origin: &Origin) -> Result<(&'e Source, &'e Entity)> {
    let gone = |what: &str, name: &str| {
        Error::new(
            ErrorKind::Usage,
            format!("the project has no {what} {name}, which run {} is of", origin.run.id),
        )
        .with_help("name the project that the run was made with: --project")
    };
    let (source, _) =
        engine.project.source(&origin.run.source).ok_or_else(|| gone("source", &origin.run.source))?;
    let entity =
        engine.project.entities.get(&origin.run.entity).ok_or_else(|| gone("entity", &origin.run.entity))?;
    Ok((source, entity))
}

/// One batch, one run.
async fn go(
    engine: &Engine,
    batch: Batch,
    rows: u64,
    dry_run: bool,
    actor: Option<&str>,
    listener: Arc<dyn Listener>,
) -> Result<Remedied> {
    let newest = batch.origins.last().ok_or_else(|| Error::internal("a batch without origin"))?;
    let (source, entity) = belongs(engine, newest)?;
    let pinned = Pinned::of(&engine.project, source, entity);
    let settings = Settings {
        dry_run,
        atomic: false,
        accept_bad: true,
        mode: ImportMode::ValidOnly,
        partitions: engine.limits.partitions,
        chunk_rows: engine.chunk_rows,
        chunks_in_pairs: true,
        landed_at: chrono::Utc::now().timestamp_micros(),
        loaded_at: None,
        ..newest.params.settings.clone()
    };
    let prepared = Prepared {
        kind: if dry_run { RunKind::DryRun } else { RunKind::Remediation },
        plan_run_id: None,
        parent_run_id: (batch.origins.len() == 1).then_some(newest.run.id),
        pinned,
        params: RunParams { rows: Some(batch.kept.clone()), ..RunParams::new(settings, &[]) },
        actor: actor.map(str::to_owned),
        start: Start::Rows(Box::new(batch)),
    };
    let summary = Box::pin(run::run(engine, prepared, listener)).await?;
    let figure =
        |stage: &str, name: &str| summary.metrics[stage][&summary.entity][name].as_u64().unwrap_or(0);
    let (promoted, fixed) = match dry_run {
        true => (figure("dq", "rows_validated"), 0),
        false => {
            let (promoted, fixed) = engine.store.remedy_result(&engine.tenant, summary.run_id).await?;
            (u64::try_from(promoted).unwrap_or(0), u64::try_from(fixed).unwrap_or(0))
        }
    };
    Ok(Remedied {
        rows,
        promoted,
        held: rows.saturating_sub(promoted),
        review: figure("core", "rows_review"),
        fixed,
        open: Vec::new(),
        passing: if dry_run { passing(engine, &summary).await? } else { Vec::new() },
        summary,
    })
}

/// What still holds edited rows.
async fn still_open(engine: &Engine, rows: &[EditedRow], origins: &[Origin]) -> Result<Vec<StillOpen>> {
    let places: Vec<Place> = rows.iter().take(TOLD).map(|r| r.place).collect();
    let taken = engine.store.rows_taken(&engine.tenant, &places).await?;
    let found = engine.store.violations_of_rows(&engine.tenant, &places).await?;
    Ok(found
        .into_iter()
        .filter(|v| v.status == "open" && v.severity == Severity::Error)
        .filter(|v| !taken.iter().any(|t| t.place == v.place))
        .map(|v| StillOpen {
            violation: v.id,
            place: row_place(origins, v.place, v.sequence_number),
            rule_code: v.rule_code,
            field: v.field,
            message: v.message,
        })
        .collect())
}

fn row_place(origins: &[Origin], place: Place, row: Option<i64>) -> RowPlace {
    let file = origins.iter().find(|o| o.run.id == place.run_id).and_then(|o| o.file(place.file_number));
    RowPlace {
        run_id: place.run_id,
        file: file.map(|f| f.name.clone()).unwrap_or_default(),
        line: place.line_number,
        row,
    }
}

/// Who would pass, from what a dry run left in the lake.
async fn passing(engine: &Engine, summary: &RunSummary) -> Result<Vec<RowPlace>> {
    let paths = RunPaths::new(&engine.tenant, summary.run_id, 1, true);
    let Some(check) = Manifest::read(&engine.lake, &paths, "check").await? else { return Ok(Vec::new()) };
    let Some(land) = Manifest::read(&engine.lake, &paths, "land").await? else { return Ok(Vec::new()) };
    let landed: Landed = land.read_facts()?;
    let Some(origins) = &landed.origins else { return Ok(Vec::new()) };
    let context = crate::session::session(&engine.limits, &engine.lake)?;
    tables::register_files(&context, "origins", origins).await?;
    tables::register_files(&context, "dq_violations", check.data_set("dq_violations")?).await?;
    let mut known = Origins::default();
    let mut rows = Vec::new();
    for batch in context.sql(PASSING).await?.collect().await? {
        let numbers = |n: usize| batch.column(n).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let place = Place {
                run_id: numbers(0).value(row),
                file_number: numbers(1).value(row),
                line_number: numbers(2).value(row),
            };
            let origin = known.get(engine, place.run_id).await?;
            let number = numbers(3).is_valid(row).then(|| numbers(3).value(row));
            rows.push(row_place(std::slice::from_ref(origin), place, number));
        }
    }
    Ok(rows)
}
