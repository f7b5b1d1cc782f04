//! What did run: every manifest keeps the SQL of its step with rows and time.

use importer_engine::lake::{Manifest, RunPaths};
use importer_engine::{Step, TraceEntry};

use super::{Shown, StepSql};
use crate::failure::Failure;
use crate::screen;
use crate::settings::Settings;

/// The steps of a run that left a manifest.
pub async fn steps(settings: &Settings, run: i64) -> Result<Vec<StepSql>, Failure> {
    let engine = settings.open_existing().await?;
    let run = engine.get_run(run).await?;
    let attempt = i32::try_from(run.attempt).unwrap_or(i32::MAX);
    let paths = RunPaths::new(&engine.tenant, run.id, attempt, run.dry_run);
    let mut steps = Vec::new();
    for step in Step::ALL {
        let Some(manifest) = Manifest::read(&engine.lake, &paths, step.name()).await? else { continue };
        let queries: Vec<TraceEntry> =
            serde_json::from_value(manifest.facts["queries"].clone()).unwrap_or_default();
        let rows: u64 = manifest.data_sets.values().map(|set| set.rows()).sum();
        let sets: Vec<&str> = manifest.data_sets.keys().map(String::as_str).collect();
        steps.push(StepSql {
            step,
            note: format!("gave {} ({})", sets.join(", "), screen::counted(rows, "row", "rows")),
            queries: queries.into_iter().map(shown).collect(),
        });
    }
    if steps.is_empty() {
        return Err(Failure::wrong(
            format!("run {} left no finished step", run.id),
            "it stopped before the end of land; `importer explain --file …` shows what would run",
        ));
    }
    Ok(steps)
}

fn shown(entry: TraceEntry) -> Shown {
    let rows = screen::counted(entry.rows, "row", "rows");
    let remark = format!("{rows}, {}", screen::duration(entry.milliseconds));
    Shown { name: entry.name, remark, sql: entry.sql }
}
