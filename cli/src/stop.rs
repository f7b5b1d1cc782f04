//! `importer pause` and `importer cancel`: a run stops, to be resumed or for good.

use importer_engine::Stopping;
use serde_json::json;

use crate::failure::Failure;
use crate::screen;
use crate::settings::{self, Settings};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Number of the run
    pub run: i64,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

/// Runs `pause`.
pub async fn pause(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let engine = settings.open_existing().await?;
    let stopping = engine.pause(args.run, settings::actor().as_deref()).await?;
    tell(settings, &args, &stopping, "paused", "resume")
}

/// Runs `cancel`.
pub async fn cancel(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let engine = settings.open_existing().await?;
    let stopping = engine.cancel(args.run, settings::actor().as_deref()).await?;
    tell(settings, &args, &stopping, "cancelled", "retry")
}

fn tell(
    settings: &Settings,
    args: &Args,
    stopping: &Stopping,
    what: &str,
    back: &str,
) -> Result<u8, Failure> {
    let run = args.run;
    if args.json {
        let (state, owner) = match stopping {
            Stopping::Asked { owner } => ("asked", Some(owner)),
            Stopping::Stopped => (what, None),
        };
        screen::print_json(&json!({ "run_id": run, "state": state, "owner": owner }))?;
        return Ok(0);
    }
    let text = match stopping {
        Stopping::Asked { owner } => format!(
            "{owner} works on run {run} and was asked to stop; the run is {what} at the end of its step or chunk.\n\nNext\n  {}\n",
            settings.command(&format!("show {run}"))
        ),
        Stopping::Stopped => format!(
            "Run {run} is {what}; nobody was working on it.\n\nNext\n  {}\n",
            settings.command(&format!("{back} {run}"))
        ),
    };
    screen::print(&text)?;
    Ok(0)
}
