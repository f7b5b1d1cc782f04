//! `importer violations`: what rules refused or pointed out, and what could not be read. The lake has all of it; the
//! status of each finding comes from the store, where there is one.
//!
//! - here: the verb; `args`: what can be asked of it
//! - `findings`: the findings row by row; `query`: their query
//! - `out`: where the rows go: terminal, CSV, JSON; `xlsx`: a workbook

mod args;
mod findings;
mod out;
mod query;
mod xlsx;

use importer_engine::Engine;
use importer_engine::store::{Run, RunFilter};

use crate::audit::exported;
use crate::failure::Failure;
use crate::list_format::Format;
use crate::screen;
use crate::settings::Settings;

pub use args::Args;
use findings::Findings;

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let format = args.chosen();
    if format == Format::Xlsx && args.out.is_none() {
        return Err(Failure::wrong("a workbook needs a name", "write for example --out findings.xlsx"));
    }
    let engine = settings.open_existing().await?;
    let run = if args.all_runs { None } else { Some(chosen_run(&engine, args.run).await?) };
    let most = args.most();
    let findings = match &run {
        Some(run) => Findings::open(&engine, run, &args, most).await?,
        None => Findings::of_all_runs(&engine, &args, most).await?,
    };
    if format != Format::Table || args.out.is_some() {
        let id = run.as_ref().map(|run| run.id);
        exported(&engine, "VIOLATIONS_EXPORTED", id, args.described(format)).await?;
    }
    match (format, &args.out) {
        (Format::Xlsx, Some(path)) => xlsx::write(findings, path).await?,
        (Format::Table, None) => out::table(findings, settings, run.as_ref(), most).await?,
        (format, path) => out::write(findings, format, path.as_deref()).await?,
    }
    if let Some(path) = &args.out {
        screen::say(&format!("written: {}", path.display()));
    }
    Ok(0)
}

async fn chosen_run(engine: &Engine, id: Option<i64>) -> Result<Run, Failure> {
    if let Some(id) = id {
        return Ok(engine.get_run(id).await?);
    }
    let newest = engine.runs(&RunFilter { limit: Some(1), ..RunFilter::default() }).await?;
    newest
        .into_iter()
        .next()
        .ok_or_else(|| Failure::wrong("there is no run yet", "import a file: importer run --file people.csv"))
}
