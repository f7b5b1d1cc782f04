//! `importer plan` and `importer apply`: what a file would change, line by line, and loading exactly that.
//!
//! - here: `plan`, a dry run with its difference
//! - `apply`: a plan becomes a run, or is made anew
//! - `shown`: how much of a difference is shown; `lines`: the lines on a screen, in a file, in a document

mod apply;
mod lines;
mod shown;

use std::sync::Arc;

use importer_engine::Listener;
use importer_engine::plan::{self, Wanted};
use serde_json::json;

use crate::failure::Failure;
use crate::run::{self, Telling};
use crate::screen;
use crate::settings::Settings;

pub use apply::{Args as ApplyArgs, command as apply};
use shown::Shown;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
A plan is a dry run: core stays as it is. `importer apply` loads exactly what was planned, and refuses where core has
moved meanwhile. Values of sensitive fields are masked on the screen; --out holds them as they are.

Examples:
  importer plan --file people.csv
  importer plan --file people.csv --out changes.csv
  importer apply 12")]
#[group(skip)]
pub struct Args {
    #[command(flatten)]
    pub run: run::Args,
    #[command(flatten)]
    pub shown: Shown,
}

/// Runs `plan`.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let Args { run: mut asked, shown } = args;
    if let Some(path) = &shown.out {
        plan::require_writable(path)?;
    }
    if asked.set.is_some() {
        return Err(Failure::wrong(
            "a set is not planned as one: each of its lists is a run of its own",
            "`importer run --set FOLDER --dry-run` shows what all of them would do; each is a plan then, and `importer apply` loads them in their order; one that counts on an earlier one is planned anew first: `importer apply N --replan`",
        ));
    }
    asked.dry_run = true;
    asked.require_input(settings)?;
    let request = asked.request()?;
    importer_engine::warm_up();
    let (engine, inputs) = settings.open_for(&request).await?;
    let listener = run::listener(settings, asked.summary_json);
    let going = engine.run_opened(&request, inputs, Arc::clone(&listener) as Arc<dyn Listener>);
    let summary = run::heeded(&engine, going).await;
    listener.clear();
    let summary = summary?;
    let telling = Telling { json: false, strict: asked.strict, again: None, goes_on: false };
    if summary.status != "succeeded" {
        let from_pipe = asked.file.iter().any(|file| file == "-");
        let again = (!from_pipe).then(|| asked.without_dry_run().replacen("run", "plan", 1));
        let telling = Telling { json: asked.summary_json, again, ..telling };
        return run::tell(settings, &engine, &telling, &summary);
    }
    let stored = engine.get_run(summary.run_id).await?;
    if let Some(path) = &shown.out {
        lines::export(plan::of_plan(&engine, &stored, Wanted::default()).await?, path).await?;
    }
    let sample = plan::of_plan(&engine, &stored, shown.sample()).await?;
    if asked.summary_json {
        let diff = lines::document(sample, &shown).await?;
        screen::print_json(&json!({ "plan": summary.run_id, "summary": summary, "diff": diff }))?;
        return Ok(run::exit_code(&summary, asked.strict));
    }
    let code = run::tell(settings, &engine, &telling, &summary)?;
    screen::print(&lines::words("What would change", sample, &shown).await?)?;
    Ok(code)
}
