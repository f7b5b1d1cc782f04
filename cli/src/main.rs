//! `importer`: the command line.
//!
//! | where | what |
//! | --- | --- |
//! | [`args`] | verbs as clap sees them; [`globals`]: the options of every verb |
//! | [`allocator`] | where memory comes from |
//! | [`settings`] | flags, environment, `importer.toml`, defaults: where things are |
//! | [`failure`] | how a command ends badly: one shape on stderr, one JSON document when asked for, an exit code |
//! | [`screen`] | tables, numbers, cells made safe for a terminal, Arrow as text |
//! | [`run`], [`plan`], [`resume`], [`rollback`], [`stop`], [`preview`], [`runs`], [`show`], [`why`], [`matching`], [`violations`], [`suggestions`], [`deciding`], [`remedy`], [`audit`], [`sql`], [`explain`], [`db`], [`project`], [`doctor`] | one verb each, or two |
//!
//! Results go to stdout and nothing else does; progress, logs and errors go to stderr, through [`screen`], which survives
//! a reader that has gone.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod allocator;
mod args;
mod audit;
mod db;
mod deciding;
mod doctor;
#[cfg(test)]
#[path = "../tests/it/documents.rs"]
mod documents;
mod explain;
mod failure;
mod globals;
mod list_format;
mod logging;
mod matching;
mod plan;
mod preview;
mod project;
mod remedy;
mod resume;
mod rollback;
mod run;
mod runs;
mod screen;
mod set;
mod settings;
mod show;
mod sql;
mod stop;
mod suggestions;
mod violations;
mod why;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use args::{Cli, Command};
use failure::Failure;
use settings::Settings;

/// DataFusion plans recursively; a debug build needs room for it on every thread.
const STACK: usize = 8 << 20;

fn main() -> ExitCode {
    let matches = match Cli::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return ExitCode::from(failure::usage(&error)),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(failure::usage(&error)),
    };
    logging::start(cli.global.quiet, cli.global.verbose);
    let json = cli.command.wants_json();
    let runtime =
        match tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build() {
            Ok(runtime) => runtime,
            Err(error) => {
                return ExitCode::from(
                    Failure::failed(format!("no threads can be started: {error}")).report(json),
                );
            }
        };
    let restated = settings::restated(&matches, &cli.global);
    let code = runtime.block_on(Box::pin(async {
        let code = match dispatch(cli, restated).await {
            Ok(code) => code,
            Err(failure) => failure.report(json),
        };
        end_at_latest(code);
        settings::close_stores().await;
        code
    }));
    allocator::keep_to_the_end();
    // Nobody waits for threads that are still at work; one that waits for standard input would not end.
    runtime.shutdown_background();
    ExitCode::from(code)
}

/// Ends the process when its threads keep it from ending: a function that is at work on many rows cannot be stopped, and where
/// all threads of the runtime are in one, nothing that waits for them ends.
fn end_at_latest(code: u8) {
    let end = move || {
        std::thread::sleep(settings::CLOSING * 2);
        std::process::exit(code.into());
    };
    if let Err(error) = std::thread::Builder::new().name("importer-end".to_owned()).spawn(end) {
        screen::say(&format!("warning: the end of the process is not watched: {error}"));
    }
}

async fn dispatch(cli: Cli, restated: String) -> Result<u8, Failure> {
    let settings = Settings::read(&cli.global, restated)?;
    let done = verb(&settings, cli.command).await;
    done.map_err(|failure| failure.in_store(&settings.options.store))
}

async fn verb(settings: &Settings, command: Command) -> Result<u8, Failure> {
    match command {
        Command::Run(args) => match args.set.clone() {
            Some(folder) => Box::pin(set::command(settings, &args, &folder)).await,
            None => Box::pin(run::command(settings, *args)).await,
        },
        Command::Plan(args) => Box::pin(plan::command(settings, *args)).await,
        Command::Apply(args) => Box::pin(plan::apply(settings, args)).await,
        Command::Resume(args) => Box::pin(resume::resume(settings, args)).await,
        Command::Retry(args) => Box::pin(resume::retry(settings, args)).await,
        Command::Rollback(args) => Box::pin(rollback::command(settings, args)).await,
        Command::Pause(args) => Box::pin(stop::pause(settings, args)).await,
        Command::Cancel(args) => Box::pin(stop::cancel(settings, args)).await,
        Command::Preview(args) => preview::command(settings, *args),
        Command::Runs(args) => Box::pin(runs::command(settings, args)).await,
        Command::Show(args) => Box::pin(show::command(settings, args)).await,
        Command::Why(args) => Box::pin(why::command(settings, args)).await,
        Command::Match(command) => Box::pin(matching::command(settings, command)).await,
        Command::Violations(args) => Box::pin(violations::command(settings, args)).await,
        Command::Audit(args) => Box::pin(audit::command(settings, args)).await,
        Command::Suggestions(args) => Box::pin(suggestions::command(settings, *args)).await,
        Command::Merge(args) => Box::pin(deciding::merge(settings, args)).await,
        Command::Unmerge(args) => Box::pin(deciding::unmerge(settings, args)).await,
        Command::Split(args) => Box::pin(deciding::split(settings, args)).await,
        Command::Reject(args) => Box::pin(deciding::reject(settings, args)).await,
        Command::Defer(args) => Box::pin(deciding::defer(settings, args)).await,
        Command::Remediate(args) => Box::pin(remedy::remediate(settings, args)).await,
        Command::Suppress(args) => Box::pin(remedy::suppress(settings, args)).await,
        Command::WontFix(args) => Box::pin(remedy::wont_fix(settings, args)).await,
        Command::Requeue(args) => Box::pin(remedy::requeue(settings, args)).await,
        Command::Sql(args) => Box::pin(sql::command(settings, args)).await,
        Command::Explain(args) => Box::pin(explain::command(settings, *args)).await,
        Command::Db(command) => Box::pin(db::command(settings, command)).await,
        Command::Project(command) => Box::pin(project::command(settings, command)).await,
        Command::Doctor(args) => Box::pin(doctor::command(settings, args)).await,
    }
}
