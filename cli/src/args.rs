//! Flags and verbs as clap sees them. What a verb takes stands in its own module.

use clap::{Parser, Subcommand};

use crate::globals::Globals;

/// What `importer --help` begins with.
const ABOUT: &str = "\
Importer brings records that other people made into your organisation's tables: every good row once, every bad row
kept with its reason, every duplicate resolved.

  importer preview people.csv                     what is in this file, and how would it be read?
  importer plan --file people.csv                 everything but the load: what would change?
  importer run --file people.csv                  land, stage, check, match, resolve, load, reconcile";

#[derive(Debug, Parser)]
#[command(name = "importer", version, about = ABOUT, max_term_width = 110)]
pub struct Cli {
    #[command(flatten)]
    pub global: Globals,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Import files: all seven steps
    Run(Box<crate::run::Args>),
    /// Show how a file is read: dialect, header, mapping, rows, rejects
    Preview(Box<crate::preview::Args>),
    /// Show what files would change, line by line; core stays as it is
    Plan(Box<crate::plan::Args>),
    /// Load exactly what a plan says, or make it anew
    Apply(crate::plan::ApplyArgs),
    /// Go on with a run that was interrupted, paused or stopped before its load
    Resume(crate::resume::ResumeArgs),
    /// Start a failed, cancelled or pending run anew
    Retry(crate::resume::RetryArgs),
    /// Take a run back: what it created goes, what it changed is as before
    Rollback(crate::rollback::Args),
    /// Make a run stop after its chunk, to be resumed
    Pause(crate::stop::Args),
    /// Give a run up of which nothing is loaded
    Cancel(crate::stop::Args),
    /// List runs, newest first
    Runs(crate::runs::Args),
    /// Show one run: counts, steps, timings, warnings, report
    Show(crate::show::Args),
    /// Tell the life of one record: file, values, rules, match, winners, core
    Why(crate::why::Args),
    /// Look at rules that compare by likeness, and train them
    #[command(subcommand)]
    Match(crate::matching::Command),
    /// Show what rules refused or pointed out, as table, CSV, XLSX or JSON
    Violations(crate::violations::Args),
    /// List or export who did what
    Audit(crate::audit::Args),
    /// List rows that may be one person, and accept many at once
    Suggestions(Box<crate::suggestions::Args>),
    /// Make two rows of core one
    Merge(crate::deciding::MergeArgs),
    /// Take a merge back: two rows again, also after later imports
    Unmerge(crate::deciding::UnmergeArgs),
    /// Give records of a row a row of their own
    Split(crate::deciding::SplitArgs),
    /// Say of suggestions that they are two people
    Reject(crate::deciding::RejectArgs),
    /// Put suggestions off
    Defer(crate::deciding::DeferArgs),
    /// Mend held rows, one by one or from an edited report, and run them again
    Remediate(crate::remedy::RemediateArgs),
    /// Say of findings that the row is right: they hold it back no longer
    Suppress(crate::remedy::DecideArgs),
    /// Say of findings that nobody will mend the row: it stays out
    WontFix(crate::remedy::DecideArgs),
    /// Run held rows again, under the project as it is now
    Requeue(crate::remedy::RequeueArgs),
    /// Ask lake and database with one SQL query, read-only
    Sql(crate::sql::Args),
    /// Show the compiled SQL of every step
    Explain(Box<crate::explain::Args>),
    /// Make, change or look at the database's tables
    #[command(subcommand)]
    Db(crate::db::Command),
    /// Work on a project folder
    #[command(subcommand)]
    Project(crate::project::Command),
    /// Check store, lake, project and machine
    Doctor(crate::doctor::Args),
}

impl Command {
    /// Whether the answer, and so an error too, is one JSON document on stdout.
    pub fn wants_json(&self) -> bool {
        match self {
            Self::Run(args) => args.summary_json,
            Self::Plan(args) => args.run.summary_json,
            Self::Apply(args) => args.json,
            Self::Resume(args) => args.summary_json,
            Self::Retry(args) => args.summary_json,
            Self::Rollback(args) => args.json,
            Self::Pause(args) | Self::Cancel(args) => args.json,
            Self::Preview(args) => args.json,
            Self::Runs(args) => args.json,
            Self::Show(args) => args.json,
            Self::Why(args) => args.is_json(),
            Self::Match(command) => command.is_json(),
            Self::Violations(args) => args.is_json(),
            Self::Audit(args) => args.is_json(),
            Self::Suggestions(args) => args.is_json(),
            Self::Merge(args) => args.json,
            Self::Unmerge(args) => args.json,
            Self::Split(args) => args.json,
            Self::Reject(args) => args.json,
            Self::Defer(args) => args.json,
            Self::Remediate(args) => args.json,
            Self::Suppress(args) | Self::WontFix(args) => args.json,
            Self::Requeue(args) => args.json,
            Self::Sql(args) => args.is_json(),
            Self::Explain(args) => args.json,
            Self::Db(command) => command.is_json(),
            Self::Project(command) => command.is_json(),
            Self::Doctor(args) => args.json,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;
    use clap::{CommandFactory, Parser};

    use super::Cli;

    /// Two flags of one verb with one letter stop a debug build when somebody types that verb.
    #[test]
    fn flags_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_readme_guides_and_help_show_can_be_typed() {
        let (mut commands, mut mentions, mut wrong) = (0, 0, Vec::new());
        for shown in crate::documents::commands() {
            *(if shown.is_mention { &mut mentions } else { &mut commands }) += 1;
            let Err(error) = Cli::try_parse_from(&shown.words) else { continue };
            // A sentence names a verb, or a flag without its value; in both cases there must be such a one.
            let unfinished = [
                ErrorKind::MissingRequiredArgument,
                ErrorKind::MissingSubcommand,
                ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
            ];
            let without_value = error.kind() == ErrorKind::InvalidValue
                && shown.words.last().is_some_and(|w| w.starts_with("--"));
            if !(shown.is_mention && (unfinished.contains(&error.kind()) || without_value)) {
                wrong.push(format!("{}: {}\n{error}", shown.place, shown.words.join(" ")));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(commands >= 100 && mentions >= 50, "{commands} commands and {mentions} mentions were found");
    }
}
