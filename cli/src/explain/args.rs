//! What can be asked of `importer explain`.

use crate::run::{Dialect, Headers};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Parameters ($landed_at, $external_system, $date_order …) are bound when a run starts, never pasted into the text.

Examples:
  importer explain
  importer explain --file people.csv --step stage
  importer explain 3                               what run 3 executed, with rows, time and memory
  importer explain 3 --step check

Memory is the resident memory of the whole process at its highest while a query or step ran. Where the system does not
tell it, there is none.")]
pub struct Args {
    /// Number of a run: show the SQL that it executed, with rows, time and memory
    #[arg(value_name = "RUN", conflicts_with_all = ["source", "file", "run"])]
    pub executed: Option<i64>,
    /// Source to compile for [default: the project's]
    #[arg(long, value_name = "NAME", conflicts_with = "run")]
    pub source: Option<String>,
    /// Compile for the header of this file
    #[arg(long, short, value_name = "FILE", conflicts_with = "run")]
    pub file: Option<String>,
    /// The same as RUN
    #[arg(long, value_name = "N")]
    pub run: Option<i64>,
    /// Only this step
    #[arg(long, value_name = "STEP", value_parser = ["land", "stage", "check", "match", "resolve", "load", "reconcile"])]
    pub step: Option<String>,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub headers: Headers,
    #[command(flatten)]
    pub dialect: Dialect,
}
