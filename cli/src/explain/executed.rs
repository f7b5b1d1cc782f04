//! What did run: every manifest keeps the SQL of its step with rows, time and memory; the database knows the steps.

use importer_engine::lake::{Manifest, RunPaths};
use importer_engine::store::{Run, StepRecord};
use importer_engine::{Engine, Step, TraceEntry};
use importer_plans::compile::Shape;

use super::compiled::loads;
use super::shown::{Figures, Shown, StepSql};
use crate::failure::Failure;
use crate::screen;
use crate::settings::Settings;

/// The steps of a run, as far as it came.
pub async fn steps(settings: &Settings, run: i64) -> Result<Vec<StepSql>, Failure> {
    let engine = settings.open_existing().await?;
    let run = engine.get_run(run).await?;
    let records = engine.store.list_steps(&engine.tenant, run.id).await?;
    let attempt = i32::try_from(run.attempt).unwrap_or(i32::MAX);
    let paths = RunPaths::new(&engine.tenant, run.id, attempt, run.dry_run);
    let mut steps = Vec::new();
    for step in Step::ALL {
        let manifest = Manifest::read(&engine.lake, &paths, step.name()).await?;
        // The last attempt that came to the step.
        let record = records.iter().rev().find(|r| r.step == step.name());
        if manifest.is_none() && record.is_none() {
            continue;
        }
        let mut note = manifest.as_ref().map(given).unwrap_or_default();
        let mut queries: Vec<Shown> = manifest.as_ref().map(executed).unwrap_or_default();
        // Rows that moved under the run went through match, resolve and load again.
        for round in 1.. {
            let name = format!("{}-{round}", step.name());
            let Some(again) = Manifest::read(&engine.lake, &paths, &name).await? else { break };
            let named =
                |query: Shown| Shown { name: format!("round {}: {}", round + 1, query.name), ..query };
            queries.extend(executed(&again).into_iter().map(named));
        }
        if step == Step::Load {
            (note, queries) = load(&engine, &run).await?;
        }
        steps.push(StepSql { step, note, figures: record.map(figures), queries });
    }
    if steps.is_empty() {
        return Err(Failure::wrong(
            format!("run {} left no finished step", run.id),
            "it stopped before the end of land; `importer explain --file …` shows what would run",
        ));
    }
    Ok(steps)
}

fn given(manifest: &Manifest) -> String {
    let rows: u64 = manifest.data_sets.values().map(|set| set.rows()).sum();
    let sets: Vec<&str> = manifest.data_sets.keys().map(String::as_str).collect();
    if sets.is_empty() {
        return String::new();
    }
    format!("gave {} ({})", sets.join(", "), screen::counted(rows, "row", "rows"))
}

fn executed(manifest: &Manifest) -> Vec<Shown> {
    let entries: Vec<TraceEntry> =
        serde_json::from_value(manifest.facts["queries"].clone()).unwrap_or_default();
    entries
        .into_iter()
        .map(|entry| {
            let figures = Figures {
                rows_in: None,
                rows_out: Some(entry.rows),
                duration_ms: Some(entry.milliseconds),
                peak_memory_bytes: entry.peak_memory_bytes,
            };
            Shown { name: entry.name, remark: figures.words(), sql: entry.sql, figures: Some(figures) }
        })
        .collect()
}

fn figures(record: &StepRecord) -> Figures {
    let number = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
    Figures {
        rows_in: number(record.rows_in),
        rows_out: number(record.rows_out),
        duration_ms: number(record.duration_ms),
        peak_memory_bytes: record.detail_json["peak_memory_bytes"].as_u64(),
    }
}

/// The load files of the project that was pinned to the run; they ran once per chunk.
async fn load(engine: &Engine, run: &Run) -> Result<(String, Vec<Shown>), Failure> {
    let chunks = engine.store.committed_chunks(&engine.tenant, run.id).await?;
    let sum = |of: fn(&importer_engine::store::LedgerEntry) -> i64| {
        screen::count(u64::try_from(chunks.iter().map(of).sum::<i64>()).unwrap_or_default())
    };
    let note = format!(
        "{} committed, {} changes applied, {} refused; the statements below ran once per chunk, each chunk in one transaction",
        screen::counted(chunks.len() as u64, "chunk", "chunks"),
        sum(|c| c.applied),
        sum(|c| c.refused)
    );
    // A run that was pinned to no project loaded nothing by its files.
    if run.project_hash.is_none() {
        return Ok((note, Vec::new()));
    }
    let project = engine.pinned_project(run).await?;
    let Some(entity) = project.entities.get(&run.entity) else { return Ok((note, Vec::new())) };
    let queries = loads(entity, &Shape::of(entity))
        .into_iter()
        .map(|q| Shown { name: q.name, remark: "per chunk".to_owned(), sql: q.sql, figures: None })
        .collect();
    Ok((note, queries))
}
