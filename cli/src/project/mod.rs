//! `importer project`: work on a project folder.

mod check;

use crate::failure::Failure;
use crate::settings::Settings;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Read every file, plan all SQL, run the project's own cases; needs neither store nor data
    Check(check::Args),
}

impl Command {
    /// Whether JSON goes to stdout.
    pub fn is_json(&self) -> bool {
        match self {
            Self::Check(args) => args.json,
        }
    }
}

/// Runs the verb.
pub async fn command(settings: &Settings, command: Command) -> Result<u8, Failure> {
    match command {
        Command::Check(args) => check::command(settings, args).await,
    }
}
