//! `importer rollback`: takes a run back, or says what that would do.
//!
//! - here: the verb; `words`: what happened, for people; `kept`: the list of what stays, as a file

mod kept;
mod words;

use std::path::PathBuf;
use std::sync::Arc;

use importer_engine::Listener;
use importer_engine::rollback::{RollbackReport, RollbackRequest};

use crate::failure::{self, Failure};
use crate::run;
use crate::screen;
use crate::settings::{self, Settings};

pub use words::told;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Created records are removed, changed values go back to what they were, links and deletes too. What a later run, a
person or your application changed since stays, and is listed with who and when. A rollback is a run of its own:
rolling it back brings everything back under the same ids.

Examples:
  importer rollback 12 --dry-run                  what would happen?
  importer rollback 12 --dry-run --out stays.csv  and what would stay, all of it?
  importer rollback 12
  importer rollback 12 --row 4711 --field email   one value of one record")]
pub struct Args {
    /// Number of the run
    pub run: i64,
    /// Say what would happen and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Only the record that this incoming row went into: its sequence number
    #[arg(long, value_name = "N")]
    pub row: Option<i64>,
    /// Only this field of changed records
    #[arg(long, value_name = "FIELD")]
    pub field: Option<String>,
    /// CSV file for the list of all that stays
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let engine = settings.open_existing().await?;
    if let Some(path) = &args.out {
        kept::may_be_written(path)?;
    }
    let request = RollbackRequest {
        run: args.run,
        dry_run: args.dry_run,
        row: args.row,
        field: args.field.clone(),
        triggered_by: settings::actor(),
    };
    let listener = run::listener(settings, args.json);
    let going = engine.rollback(&request, Arc::clone(&listener) as Arc<dyn Listener>);
    let report = Box::pin(run::heeded(&engine, going)).await;
    listener.clear();
    let report = report?;
    if let Some(path) = &args.out {
        kept::write(&engine, &report, path).await?;
    }
    if args.json {
        screen::print_json(&report)?;
    } else {
        screen::print(&told(settings, &report))?;
    }
    if let Some(error) = &report.error {
        let gap = if args.json { "" } else { "\n" };
        screen::say(&format!("{gap}{}", failure::plain(code(&report), error, report.help.as_deref())));
    }
    Ok(match report.status.as_str() {
        "succeeded" | "dry_run" => 0,
        "paused" => run::INTERRUPTED,
        _ => 1,
    })
}

fn code(report: &RollbackReport) -> &'static str {
    if report.status == "paused" { "RUN_PAUSED" } else { "ROLLBACK_FAILED" }
}
