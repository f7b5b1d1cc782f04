//! `importer match`: what rules that compare by likeness make of rows, and what can be learned from them.
//!
//! - here: the verb; `analyze`, `train`: one verb each; `rows`: which rows are meant

mod analyze;
mod rows;
mod train;

use crate::failure::Failure;
use crate::settings::Settings;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Show which records the blocking rules bring together: keys, blocks, pairs, rule by rule
    Analyze(analyze::Args),
    /// Learn from rows what the levels of match.yml weigh
    Train(train::Args),
}

impl Command {
    /// Whether JSON goes to stdout.
    pub fn is_json(&self) -> bool {
        match self {
            Self::Analyze(args) => args.json,
            Self::Train(args) => args.json,
        }
    }
}

/// Runs the verb.
pub async fn command(settings: &Settings, command: Command) -> Result<u8, Failure> {
    match command {
        Command::Analyze(args) => analyze::command(settings, args).await,
        Command::Train(args) => train::command(settings, args).await,
    }
}
