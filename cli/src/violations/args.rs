//! What can be asked of `importer violations`.

use std::path::PathBuf;

use crate::list_format::Format;

/// Rows on a terminal, when nothing else is asked for.
const ON_SCREEN: u64 = 50;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
CSV and XLSX are safe to open in a spreadsheet: cells that begin like a formula get a leading apostrophe. They also have
the cells of each row (row.<header>): edited and saved as CSV, they go back with `importer remediate --from`.

Examples:
  importer violations
  importer violations --run 3 --rule VOL_EMAIL_FORMAT --status open
  importer violations --run 3 --out findings.xlsx
  importer violations --all-runs --rule VOL_PHONE_E164")]
pub struct Args {
    /// Number of the run [default: the newest]
    #[arg(long, value_name = "N")]
    pub run: Option<i64>,
    /// The backlog: what holds rows back still, over all runs [with --severity or --status: those findings instead]
    #[arg(long, conflicts_with = "run")]
    pub all_runs: bool,
    /// Only this rule
    #[arg(long, value_name = "CODE")]
    pub rule: Option<String>,
    /// Only this severity
    #[arg(long, value_name = "SEVERITY", value_parser = ["error", "warn", "info"])]
    pub severity: Option<String>,
    /// Only this status
    #[arg(long, value_name = "STATUS", value_parser = ["open", "fixed", "suppressed", "wont_fix"])]
    pub status: Option<String>,
    /// How to write it [default: by the ending of --out, else table]
    #[arg(long, value_name = "FORMAT", value_parser = ["table", "csv", "xlsx", "json"])]
    pub format: Option<String>,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// File to write instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Most findings to show [default: 50 in a table, all elsewhere]
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
}

impl Args {
    /// How it is written.
    pub fn chosen(&self) -> Format {
        Format::chosen(self.json, self.format.as_deref(), self.out.as_deref())
    }

    /// Whether JSON goes to stdout.
    pub fn is_json(&self) -> bool {
        self.chosen() == Format::Json && self.out.is_none()
    }

    /// What the audit is told of an export.
    pub fn described(&self, format: Format) -> serde_json::Value {
        serde_json::json!({
            "format": format!("{format:?}").to_lowercase(),
            "out": self.out.as_ref().map(|path| path.display().to_string()),
            "rule": self.rule,
            "severity": self.severity,
        })
    }

    /// How many findings are shown.
    pub fn most(&self) -> Option<u64> {
        self.limit.or((self.chosen() == Format::Table && self.out.is_none()).then_some(ON_SCREEN))
    }
}
