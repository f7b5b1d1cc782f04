//! What can be asked of `importer preview`.

use crate::run::{Dialect, Headers};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Shows the file's own values: it is your file on your terminal.

Examples:
  importer preview people.csv
  importer preview people.csv --delimiter semicolon --skip-lines 3
  importer preview --source crm
  importer preview people.csv --all --format csv > clean.csv")]
pub struct Args {
    /// File to look at; - is standard input; left out where the source names a table or a query of a database
    pub file: Option<String>,
    /// table, or csv: the rows as clean, comma-separated UTF-8 on stdout, everything else on stderr
    #[arg(long, default_value = "table", value_parser = ["table", "csv"])]
    pub format: String,
    /// Every row and every reject, not the first 20
    #[arg(long)]
    pub all: bool,
    /// Every column, not the first 20
    #[arg(long)]
    pub all_columns: bool,
    /// One JSON document on stdout
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// Source whose options and headers hold [default: the project's]
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Entity to match the header with [default: the source's]
    #[arg(long, value_name = "NAME")]
    pub entity: Option<String>,
    /// Take on the country, the order of dates and the format of numbers that the data speaks for, in the command below
    #[arg(long)]
    pub suggested: bool,
    #[command(flatten)]
    pub headers: Headers,
    #[command(flatten)]
    pub dialect: Dialect,
}
