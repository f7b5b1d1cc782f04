//! `importer apply`: a plan becomes a run; with `--replan` it is made anew and compared instead.

use std::sync::Arc;

use importer_engine::plan::{self, ApplyOptions, Wanted};
use importer_engine::{Engine, Listener, RunSummary};
use serde_json::json;

use super::lines;
use super::shown::Shown;
use crate::failure::Failure;
use crate::run::{self, Telling};
use crate::screen;
use crate::settings::{self, Settings};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
A plan is applied once, and only as it is: where core has moved since, nothing is loaded and the lines that no longer
fit are listed.

Examples:
  importer apply 12
  importer apply 12 --out moved.csv
  importer apply 12 --replan")]
#[group(skip)]
pub struct Args {
    /// Number of the dry run
    pub run: i64,
    /// Make the plan anew from the rows that it landed, and show what is different; nothing is loaded
    #[arg(long)]
    pub replan: bool,
    /// Load the plan although the project has changed since
    #[arg(long, conflicts_with = "replan")]
    pub accept_project: bool,
    #[command(flatten)]
    pub shown: Shown,
    /// One JSON document on stdout
    #[arg(long, visible_alias = "summary-json")]
    pub json: bool,
}

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    if let Some(path) = &args.shown.out {
        plan::require_writable(path)?;
    }
    let engine = settings.open_existing().await?;
    if args.replan { replan(settings, &engine, &args).await } else { apply(settings, &engine, &args).await }
}

async fn apply(settings: &Settings, engine: &Engine, args: &Args) -> Result<u8, Failure> {
    let options = ApplyOptions { accept_project: args.accept_project, actor: settings::actor() };
    let listener = run::listener(settings, args.json);
    let going = engine.apply(args.run, &options, Arc::clone(&listener) as Arc<dyn Listener>);
    let summary = run::heeded(engine, going).await;
    listener.clear();
    let summary = summary?;
    let stored = engine.get_run(summary.run_id).await?;
    let failed = summary.status != "succeeded";
    let moved = if failed { plan::moved_of(engine, &stored, args.shown.sample()).await? } else { None };
    if let (Some(path), true) = (&args.shown.out, moved.is_some())
        && let Some(all) = plan::moved_of(engine, &stored, Wanted::default()).await?
    {
        lines::export(all, path).await?;
    }
    if args.json {
        let mut document = serde_json::to_value(&summary)?;
        document["plan_run_id"] = json!(args.run);
        if let Some(moved) = moved {
            document["moved"] = lines::document(moved, &args.shown).await?;
        }
        screen::print_json(&document)?;
        return Ok(run::told(true, false, &summary));
    }
    if let Some(moved) = moved {
        screen::print(&lines::words("What has moved since the plan was made", moved, &args.shown).await?)?;
        screen::print("\n")?;
    }
    run::tell(
        settings,
        engine,
        &Telling { json: false, strict: false, again: None, goes_on: false },
        &summary,
    )
}

async fn replan(settings: &Settings, engine: &Engine, args: &Args) -> Result<u8, Failure> {
    let listener = run::listener(settings, args.json);
    let actor = settings::actor();
    let going = engine.replan(args.run, actor.as_deref(), Arc::clone(&listener) as Arc<dyn Listener>);
    let summary = run::heeded(engine, going).await;
    listener.clear();
    let summary: RunSummary = summary?;
    let telling = Telling { json: args.json, strict: false, again: None, goes_on: false };
    if summary.status != "succeeded" {
        return run::tell(settings, engine, &telling, &summary);
    }
    let (old, new) = (engine.get_run(args.run).await?, engine.get_run(summary.run_id).await?);
    if let Some(path) = &args.shown.out {
        lines::export(plan::between(engine, &old, &new, Wanted::default()).await?, path).await?;
    }
    let sample = plan::between(engine, &old, &new, args.shown.sample()).await?;
    if args.json {
        let diff = lines::document(sample, &args.shown).await?;
        screen::print_json(&json!({ "plan": new.id, "of": old.id, "summary": summary, "diff": diff }))?;
        return Ok(0);
    }
    let code = run::tell(settings, engine, &telling, &summary)?;
    let title = format!("What is different from plan {}", old.id);
    screen::print(&lines::words(&title, sample, &args.shown).await?)?;
    Ok(code)
}
