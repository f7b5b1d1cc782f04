//! `importer run`: files through all seven steps.
//!
//! - here: the verb and its exit code
//! - `request`: flags as a request of the engine
//! - `progress`: bars on a terminal, one line per step elsewhere
//! - `words`: what happened, for people
//! - `interrupt`: Ctrl-C and SIGTERM
//!
//! `resume` and `retry` tell the end of a run in the same way.

mod interrupt;
mod progress;
mod request;
mod words;

use std::sync::Arc;

use importer_engine::{Engine, Listener, NOTHING_NEW, RunSummary};

use crate::failure::{self, Failure};
use crate::screen;
use crate::settings::Settings;

pub use interrupt::{INTERRUPTED, heeded};
pub use progress::listener;
pub use request::{Args, Dialect, Headers, share};
pub use words::{Telling, go_on, unmapped};

/// Done, but rows were left out and `--strict` was given.
const LEFT_OUT: u8 = 3;

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    args.require_input(settings)?;
    let request = match args.request() {
        Err(Failure::Engine(error)) if error.code() == Some(NOTHING_NEW) => return Ok(nothing_new(&error)),
        request => request?,
    };
    crate::allocator::heed_input(args.file.iter().map(std::path::Path::new));
    importer_engine::warm_up();
    let (engine, inputs) = settings.open_for(&request).await?;
    let listener = listener(settings, args.summary_json);
    let run = engine.run_opened(&request, inputs, Arc::clone(&listener) as Arc<dyn Listener>);
    let summary = heeded(&engine, run).await;
    listener.clear();
    if let Err(error) = &summary
        && error.code() == Some(NOTHING_NEW)
    {
        return Ok(nothing_new(error));
    }
    let from_pipe = args.file.iter().any(|file| file == "-");
    let again = (!from_pipe).then(|| args.without_dry_run());
    tell(
        settings,
        &engine,
        &Telling { json: args.summary_json, strict: args.strict, again, goes_on: false },
        &summary?,
    )
}

/// Says that nothing is new, which is no failure.
pub fn nothing_new(error: &importer_engine::Error) -> u8 {
    screen::say(&format!("{error}\n"));
    0
}

/// Says how a run went, and gives the exit code.
pub fn tell(
    settings: &Settings,
    engine: &Engine,
    telling: &Telling,
    summary: &RunSummary,
) -> Result<u8, Failure> {
    if telling.json {
        screen::print_json(summary)?;
    } else {
        screen::print(&words::of(settings, engine, telling, summary))?;
    }
    Ok(told(telling.json, telling.strict, summary))
}

/// Says on stderr why a run stopped, and gives the exit code.
pub fn told(json: bool, strict: bool, summary: &RunSummary) -> u8 {
    if let Some(error) = &summary.error {
        let code = match (summary.status.as_str(), &summary.code) {
            ("paused", _) => "RUN_PAUSED",
            ("cancelled", _) => "RUN_CANCELLED",
            (_, Some(code)) => code,
            (_, None) => "RUN_FAILED",
        };
        let gap = if json { "" } else { "\n" };
        screen::say(&format!("{gap}{}", failure::plain(code, error, summary.help.as_deref())));
    }
    exit_code(summary, strict)
}

/// The exit code of a run.
pub fn exit_code(summary: &RunSummary, strict: bool) -> u8 {
    match summary.status.as_str() {
        "succeeded" => {}
        "paused" | "cancelled" => return INTERRUPTED,
        _ => return 1,
    }
    let left_out = words::counter(summary, "staging", "rows_rejected")
        + words::counter(summary, "dq", "rows_quarantined");
    if strict && left_out > 0 { LEFT_OUT } else { 0 }
}
