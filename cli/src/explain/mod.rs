//! `importer explain`: the SQL of every step, compiled for a source and a header, or as it was run.
//!
//! - here: the verb; `args`: what can be asked; `shown`: queries as they are shown; `compiled`: what would run; `executed`: what did run, from the manifests of a run

mod args;
mod compiled;
mod executed;
mod shown;

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::screen;
use crate::settings::Settings;

pub use args::Args;
use shown::{Figures, StepSql};

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
