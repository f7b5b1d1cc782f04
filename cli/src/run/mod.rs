//! `importer run`: files through all seven steps.
//!
//! - here: the verb and its exit code
//! - `request`: flags as a request of the engine
//! - `progress`: bars on a terminal, one line per step elsewhere
//! - `words`: what happened, for people
//! - `interrupt`: Ctrl-C

mod interrupt;
mod progress;
mod request;
mod words;

use std::sync::Arc;

use importer_engine::{Listener, RunSummary};

use crate::failure::{self, Failure};
use crate::screen;
use crate::settings::Settings;

pub use progress::listener;
pub use request::{Args, Dialect, Headers, actor};

/// Done, but rows were left out and `--strict` was given.
const LEFT_OUT: u8 = 3;

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let request = args.request()?;
    let engine = settings.open().await?;
    let listener = progress::listener(settings, args.summary_json);
    let run = engine.run(&request, Arc::clone(&listener) as Arc<dyn Listener>);
    let summary = tokio::select! {
        summary = run => summary,
        () = interrupt::asked() => {
            listener.clear();
            return interrupt::end(settings, &engine).await;
        }
    };
    listener.clear();
    let summary = summary?;
    if args.summary_json {
        screen::print_json(&summary)?;
        if let Some(error) = &summary.error {
            eprintln!("{}", failure::plain("RUN_FAILED", error, summary.help.as_deref()));
        }
    } else {
        screen::print(&words::of(settings, &engine, &args, &summary))?;
        if let Some(error) = &summary.error {
            eprintln!("\n{}", failure::plain("RUN_FAILED", error, summary.help.as_deref()));
        }
    }
    Ok(exit_code(&summary, args.strict))
}

fn exit_code(summary: &RunSummary, strict: bool) -> u8 {
    if summary.status != "succeeded" {
        return 1;
    }
    let left_out = words::counter(summary, "staging", "rows_rejected")
        + words::counter(summary, "dq", "rows_quarantined");
    if strict && left_out > 0 { LEFT_OUT } else { 0 }
}
