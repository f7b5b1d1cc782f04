//! `importer resume` and `importer retry`: a run that was begun goes on, or is started anew.

use std::sync::Arc;

use importer_engine::{Listener, ResumeOptions};

use crate::failure::Failure;
use crate::run::{self, Telling};
use crate::settings::{self, Settings};

#[derive(Debug, clap::Args)]
pub struct ResumeArgs {
    /// Number of the run
    pub run: i64,
    /// Load the good rows however many are bad
    #[arg(long)]
    pub accept_bad: bool,
    /// Stop before the load above this share of bad rows: 0.2 or 20%
    #[arg(long, value_name = "SHARE", value_parser = run::share)]
    pub max_bad: Option<f64>,
    /// Load the good rows of a run that takes all or nothing
    #[arg(long, value_name = "MODE", value_parser = ["valid_only"])]
    pub mode: Option<String>,
    /// One JSON document on stdout
    #[arg(long, alias = "json")]
    pub summary_json: bool,
    /// Exit code 3 when rows were left out
    #[arg(long)]
    pub strict: bool,
}

/// Runs `resume`.
pub async fn resume(settings: &Settings, args: ResumeArgs) -> Result<u8, Failure> {
    let engine = settings.open_existing().await?;
    let options = ResumeOptions {
        accept_bad: args.accept_bad,
        max_bad: args.max_bad,
        valid_only: args.mode.is_some(),
        actor: settings::actor(),
    };
    let listener = run::listener(settings, args.summary_json);
    let going = engine.resume(args.run, &options, Arc::clone(&listener) as Arc<dyn Listener>);
    let summary = run::heeded(&engine, going).await;
    listener.clear();
    let telling = Telling { json: args.summary_json, strict: args.strict, again: None, goes_on: false };
    run::tell(settings, &engine, &telling, &summary?)
}

#[derive(Debug, clap::Args)]
pub struct RetryArgs {
    /// Number of the run
    #[arg(required_unless_present = "run_id")]
    pub run: Option<i64>,
    /// The same as a flag
    #[arg(long, value_name = "N", conflicts_with = "run", hide = true)]
    pub run_id: Option<i64>,
    /// One JSON document on stdout
    #[arg(long, alias = "json")]
    pub summary_json: bool,
    /// Exit code 3 when rows were left out
    #[arg(long)]
    pub strict: bool,
}

/// Runs `retry`.
pub async fn retry(settings: &Settings, args: RetryArgs) -> Result<u8, Failure> {
    let number = args
        .run
        .or(args.run_id)
        .ok_or_else(|| Failure::wrong("no run was named", "write its number: importer retry 12"))?;
    let engine = settings.open_existing().await?;
    let actor = settings::actor();
    let listener = run::listener(settings, args.summary_json);
    let going = engine.retry(number, actor.as_deref(), Arc::clone(&listener) as Arc<dyn Listener>);
    let summary = run::heeded(&engine, going).await;
    listener.clear();
    let telling = Telling { json: args.summary_json, strict: args.strict, again: None, goes_on: false };
    run::tell(settings, &engine, &telling, &summary?)
}
