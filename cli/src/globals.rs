//! The options of every command.

use std::path::PathBuf;

use clap::builder::{StringValueParser, TypedValueParser};
use clap::{ArgAction, Args};

/// A path in the settings, which are text; one that is empty, as a variable may be, says nothing.
fn path() -> impl TypedValueParser<Value = PathBuf> {
    StringValueParser::new().map(PathBuf::from)
}

/// Where things are and what bounds them. Flags win over `IMPORTER_*`, then comes `importer.toml`, then the default.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Globals {
    /// Database: sqlite://FILE or postgres://… [default: sqlite://.importer/importer.db]
    #[arg(long, global = true, value_name = "URL", env = "IMPORTER_STORE", hide_env_values = true)]
    pub store: Option<String>,
    /// Folder of the data sets, or s3://BUCKET/FOLDER [default: .importer/lake]
    #[arg(long, global = true, value_name = "FOLDER", env = "IMPORTER_LAKE", hide_env_values = true)]
    pub lake: Option<String>,
    /// Whose data it is [default: default]
    #[arg(long, global = true, value_name = "NAME", env = "IMPORTER_TENANT", hide_env_values = true)]
    pub tenant: Option<String>,
    /// Project folder laid over the shipped project
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        env = "IMPORTER_PROJECT",
        hide_env_values = true,
        value_parser = path()
    )]
    pub project: Option<PathBuf>,
    /// Postgres schema of the core tables [default: public]
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "IMPORTER_CORE_SCHEMA",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub core_schema: Option<String>,
    /// Memory for queries, such as 1GiB [default: 768MiB]
    #[arg(
        long,
        global = true,
        value_name = "SIZE",
        env = "IMPORTER_MEMORY",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub memory: Option<String>,
    /// Partitions that work side by side [default: one per processor]
    #[arg(
        long,
        global = true,
        value_name = "N",
        env = "IMPORTER_PARTITIONS",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub partitions: Option<usize>,
    /// Rows per batch [default: 8192]
    #[arg(
        long,
        global = true,
        value_name = "N",
        env = "IMPORTER_BATCH_ROWS",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub batch_rows: Option<usize>,
    /// Changes per load transaction at most [default: 30000]
    #[arg(
        long,
        global = true,
        value_name = "N",
        env = "IMPORTER_CHUNK_ROWS",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub chunk_rows: Option<usize>,
    /// Days for which a run can be rolled back [default: 30]
    #[arg(
        long,
        global = true,
        value_name = "N",
        env = "IMPORTER_ROLLBACK_DAYS",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub rollback_days: Option<u32>,
    /// Settings file [default: importer.toml in the current folder, if there is one]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "IMPORTER_CONFIG",
        hide_env_values = true,
        value_parser = path(),
        hide_short_help = true
    )]
    pub config: Option<PathBuf>,
    /// Say less on stderr
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Say more on stderr; twice for more
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// No progress bars, one line per step
    #[arg(long, global = true)]
    pub no_progress: bool,
}
