//! `importer explain`: the SQL of every step, compiled for a source and a header, or as it was run.
//!
//! - here: the verb; `compiled`: what would run; `executed`: what did run, from the manifests of a run

mod compiled;
mod executed;

use importer_engine::Step;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::run::{Dialect, Headers};
use crate::screen;
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Parameters ($landed_at, $external_system, $date_order …) are bound when a run starts, never pasted into the text.

Examples:
  importer explain
  importer explain --file people.csv --step stage
  importer explain --run 3 --step check")]
pub struct Args {
    /// Source to compile for [default: the project's]
    #[arg(long, value_name = "NAME", conflicts_with = "run")]
    pub source: Option<String>,
    /// Compile for the header of this file
    #[arg(long, short, value_name = "FILE", conflicts_with = "run")]
    pub file: Option<String>,
    /// Show the SQL that a run executed, with rows and time
    #[arg(long, value_name = "N")]
    pub run: Option<i64>,
    /// Only this step
    #[arg(long, value_name = "STEP", value_parser = ["land", "stage", "check", "match", "resolve", "load", "reconcile"])]
    pub step: Option<String>,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub headers: Headers,
    #[command(flatten)]
    pub dialect: Dialect,
}

/// The SQL of one step.
pub struct StepSql {
    pub step: Step,
    /// What the step does beside its SQL.
    pub note: String,
    pub queries: Vec<Shown>,
}

/// One query as it is shown.
pub struct Shown {
    pub name: String,
    /// Where its rows go, or what it gave.
    pub remark: String,
    pub sql: String,
}

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let mut steps = match args.run {
        Some(run) => executed::steps(settings, run).await?,
        None => compiled::steps(settings, &args)?,
    };
    if let Some(wanted) = &args.step {
        steps.retain(|s| s.step.name() == wanted);
    }
    if args.json {
        screen::print_json(&json!({ "steps": steps.iter().map(document).collect::<Vec<_>>() }))?;
    } else {
        screen::print(&steps.iter().map(text).collect::<String>())?;
    }
    Ok(0)
}

fn document(step: &StepSql) -> Value {
    let queries: Vec<Value> =
        step.queries.iter().map(|q| json!({"name": q.name, "remark": q.remark, "sql": q.sql})).collect();
    json!({ "step": step.step.name(), "note": step.note, "queries": queries })
}

/// SQL with comments, so that it can be pasted.
fn text(step: &StepSql) -> String {
    let mut text = format!("-- ===== {} =====\n", step.step.name());
    for line in step.note.lines() {
        text.push_str(&format!("-- {line}\n"));
    }
    for query in &step.queries {
        text.push_str(&format!(
            "\n-- {} ({})\n{};\n",
            query.name,
            query.remark,
            query.sql.trim().trim_end_matches(';')
        ));
    }
    text.push('\n');
    text
}
