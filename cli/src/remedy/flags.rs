//! The flags of `remediate`, `requeue`, `suppress` and `wont-fix`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
The row goes from stage to load again, as a run of its own. Values set here outrank those of every later import.
Exit codes: 0 all rows passed, 1 failed, 2 nothing was changed because something is wrong, 3 rows are held still.

Examples:
  importer remediate 12 --set email=anna@example.org --set \"Mobil Nr.=+49 30 901820\"
  importer violations --run 3 --status open --out findings.csv     edit, save as CSV, then:
  importer remediate --from findings.csv
  importer remediate --stats --days 7")]
pub struct RemediateArgs {
    /// Number of a finding whose row is mended; `importer violations` shows it
    #[arg(value_name = "VIOLATION")]
    pub violation: Option<i64>,
    /// Give a cell of the row a value, by contract field or by the header of its file; an empty value empties it
    #[arg(long, value_name = "FIELD=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,
    /// Edited report: what `violations --out` wrote, CSV or workbook (.xlsx)
    #[arg(long, value_name = "FILE", conflicts_with = "violation")]
    pub from: Option<PathBuf>,
    /// Figures instead: success rate, most edited fields, most resolved rules
    #[arg(long)]
    pub stats: bool,
    /// Days that the figures look back
    #[arg(long, value_name = "N", default_value_t = 30, requires = "stats")]
    pub days: i64,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Rows that pass are loaded; rows that a newer row of the same record has replaced are closed and never loaded.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 rows are held still (not with --dry-run).

Examples:
  importer requeue --rule VOL_PHONE_E164 --dry-run
  importer requeue --run 3
  importer requeue --all")]
pub struct RequeueArgs {
    /// Only rows that this rule holds
    #[arg(long, value_name = "CODE")]
    pub rule: Option<String>,
    /// Only rows of this run
    #[arg(long, value_name = "N")]
    pub run: Option<i64>,
    /// All held rows
    #[arg(long, conflicts_with_all = ["rule", "run"])]
    pub all: bool,
    /// Say who would pass, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
suppress: the row is right; the finding holds it back no longer, and the next requeue may load it.
wont-fix: nobody will mend the row; it stays out, and no requeue takes it on. An edit does.

Examples:
  importer suppress 12 13 --reason \"confirmed by phone\"
  importer suppress --rule VOL_PHONE_E164 --run 3 --reason \"extension numbers\" --dry-run
  importer wont-fix --rule CSV_TOO_FEW_FIELDS --reason \"test rows of the vendor\"")]
pub struct DecideArgs {
    /// Numbers of findings
    #[arg(value_name = "VIOLATION")]
    pub violations: Vec<i64>,
    /// All open findings of this rule
    #[arg(long, value_name = "CODE")]
    pub rule: Option<String>,
    /// All open findings of this run
    #[arg(long, value_name = "N")]
    pub run: Option<i64>,
    /// All open findings of this severity
    #[arg(long, value_name = "SEVERITY", value_parser = ["error", "warn", "info"])]
    pub severity: Option<String>,
    /// Why; it is kept with the findings and in the audit
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Only count
    #[arg(long)]
    pub dry_run: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

/// Split at the first `=`: a value may hold more of them. A header that holds one is named by its field.
fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("write FIELD=VALUE, for example email=anna@example.org; FIELD= empties it".to_owned()),
    }
}
