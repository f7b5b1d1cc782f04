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
  importer explain 3                               what run 3 executed, with rows, time and memory
  importer explain 3 --step check

Memory is the resident memory of the whole process at its highest while a query or step ran. Where the system does not
tell it, there is none.")]
pub struct Args {
    /// Number of a run: show the SQL that it executed, with rows, time and memory
    #[arg(value_name = "RUN", conflicts_with_all = ["source", "file", "run"])]
    pub executed: Option<i64>,
    /// Source to compile for [default: the project's]
    #[arg(long, value_name = "NAME", conflicts_with = "run")]
    pub source: Option<String>,
    /// Compile for the header of this file
    #[arg(long, short, value_name = "FILE", conflicts_with = "run")]
    pub file: Option<String>,
    /// The same as RUN
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
    /// What the step took, where it was executed.
    pub figures: Option<Figures>,
    pub queries: Vec<Shown>,
}

/// Rows, time and memory of what was executed.
pub struct Figures {
    pub rows_in: Option<u64>,
    pub rows_out: Option<u64>,
    pub duration_ms: Option<u64>,
    pub peak_memory_bytes: Option<u64>,
}

impl Figures {
    /// As people read them.
    pub fn words(&self) -> String {
        let rows = |n: u64| screen::counted(n, "row", "rows");
        [
            self.rows_in.map(|n| format!("{} in", rows(n))),
            self.rows_out.map(|n| if self.rows_in.is_some() { format!("{} out", rows(n)) } else { rows(n) }),
            self.duration_ms.map(screen::duration),
            self.peak_memory_bytes.map(|bytes| format!("{} at most", screen::bytes(bytes))),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
    }

    fn document(&self) -> Value {
        json!({
            "rows_in": self.rows_in,
            "rows_out": self.rows_out,
            "duration_ms": self.duration_ms,
            "peak_memory_bytes": self.peak_memory_bytes,
        })
    }
}

/// One query as it is shown.
pub struct Shown {
    pub name: String,
    /// Where its rows go, or what it gave.
    pub remark: String,
    pub sql: String,
    pub figures: Option<Figures>,
}

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let mut steps = match args.executed.or(args.run) {
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
    let queries: Vec<Value> = step
        .queries
        .iter()
        .map(|q| {
            let figures = q.figures.as_ref().map(Figures::document);
            json!({"name": q.name, "remark": q.remark, "figures": figures, "sql": q.sql})
        })
        .collect();
    let figures = step.figures.as_ref().map(Figures::document);
    json!({ "step": step.step.name(), "note": step.note, "figures": figures, "queries": queries })
}

/// SQL with comments, so that it can be pasted.
fn text(step: &StepSql) -> String {
    let mut text = format!("-- ===== {} =====\n", step.step.name());
    if let Some(figures) = &step.figures {
        text.push_str(&format!("-- {}\n", figures.words()));
    }
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
