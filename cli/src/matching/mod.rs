//! `importer match`: what rules that compare by likeness make of rows, and what can be learned from them.
//!
//! - here: the verb, and which rows are meant; `analyze`, `train`: one verb each

mod analyze;
mod train;

use importer_engine::training::RowsOf;

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

/// Rows that runs have staged.
#[derive(Debug, Clone, clap::Args)]
pub struct RowArgs {
    /// A run or a dry run whose rows are looked at; several may be named [default: the newest]
    #[arg(long = "run", value_name = "N")]
    pub runs: Vec<i64>,
    /// Entity, such as volunteers [default: that of the run]
    #[arg(long, value_name = "NAME")]
    pub entity: Option<String>,
}

impl RowArgs {
    fn rows(&self) -> RowsOf {
        RowsOf { entity: self.entity.clone(), runs: self.runs.clone() }
    }
}

/// Runs the verb.
pub async fn command(settings: &Settings, command: Command) -> Result<u8, Failure> {
    match command {
        Command::Analyze(args) => analyze::command(settings, args).await,
        Command::Train(args) => train::command(settings, args).await,
    }
}

/// The runs that were looked at, in words.
fn of_runs(runs: &[i64]) -> String {
    let numbers: Vec<String> = runs.iter().map(i64::to_string).collect();
    format!("{} {}", if runs.len() == 1 { "run" } else { "runs" }, numbers.join(", "))
}
