//! Which rows are meant.

use importer_engine::training::RowsOf;

use crate::settings::Settings;

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
    pub(super) fn rows(&self) -> RowsOf {
        RowsOf { entity: self.entity.clone(), runs: self.runs.clone() }
    }
}

/// The runs that were looked at, in words.
pub(super) fn of_runs(runs: &[i64]) -> String {
    let numbers: Vec<String> = runs.iter().map(i64::to_string).collect();
    format!("{} {}", if runs.len() == 1 { "run" } else { "runs" }, numbers.join(", "))
}

/// A project whose model no longer belongs to match.yml, or is named and not there yet, is what these verbs are for.
pub(super) fn untrained(settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    settings.options.untrained = true;
    settings
}
