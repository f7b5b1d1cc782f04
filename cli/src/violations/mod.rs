//! `importer violations`: what rules refused or pointed out, and what could not be read. The lake has all of it; the
//! status of each finding comes from the store, where there is one.
//!
//! - here: the verb and its query
//! - `out`: where the rows go: terminal, CSV, JSON; `xlsx`: a workbook

mod out;
mod xlsx;

use std::collections::HashMap;
use std::path::PathBuf;

use importer_engine::Engine;
use importer_engine::catalogue::{self, Answer};
use importer_engine::lake::{Manifest, RunPaths};
use importer_engine::store::{Run, RunFilter};
use importer_plans::compile::literal;

use crate::audit::exported;
use crate::failure::Failure;
use crate::settings::Settings;

/// The columns of every format.
pub const COLUMNS: [&str; 12] = [
    "run_id",
    "rule_code",
    "severity",
    "status",
    "file",
    "line",
    "row",
    "field",
    "original_value",
    "normalised_value",
    "message",
    "hint",
];
/// Where the file's number stands until its name takes its place.
const FILE: usize = 4;
/// Rows on a terminal, when nothing else is asked for.
const ON_SCREEN: u64 = 50;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
CSV and XLSX are safe to open in a spreadsheet: cells that begin like a formula get a leading apostrophe.

Examples:
  importer violations
  importer violations --run 3 --rule VOL_EMAIL_FORMAT
  importer violations --run 3 --out findings.xlsx")]
pub struct Args {
    /// Number of the run [default: the newest]
    #[arg(long, value_name = "N")]
    pub run: Option<i64>,
    /// Only this rule
    #[arg(long, value_name = "CODE")]
    pub rule: Option<String>,
    /// Only this severity
    #[arg(long, value_name = "SEVERITY", value_parser = ["error", "warn", "info"])]
    pub severity: Option<String>,
    /// How to write it [default: by the ending of --out, else table]
    #[arg(long, value_name = "FORMAT", value_parser = ["table", "csv", "xlsx", "json"])]
    pub format: Option<String>,
    /// File to write instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Most findings to show [default: 50 in a table, all elsewhere]
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
}

/// How the findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Table,
    Csv,
    Xlsx,
    Json,
}

impl Args {
    fn chosen(&self) -> Format {
        let ending = self.out.as_ref().and_then(|path| path.extension()).and_then(|e| e.to_str());
        match self.format.as_deref().or(ending) {
            Some("csv") => Format::Csv,
            Some("xlsx") => Format::Xlsx,
            Some("json") => Format::Json,
            _ => Format::Table,
        }
    }

    /// Whether JSON goes to stdout.
    pub fn is_json(&self) -> bool {
        self.chosen() == Format::Json && self.out.is_none()
    }

    /// What the audit is told of an export.
    fn described(&self, format: Format) -> serde_json::Value {
        serde_json::json!({
            "format": format!("{format:?}").to_lowercase(),
            "out": self.out.as_ref().map(|path| path.display().to_string()),
            "rule": self.rule,
            "severity": self.severity,
        })
    }

    fn most(&self) -> Option<u64> {
        self.limit.or((self.chosen() == Format::Table && self.out.is_none()).then_some(ON_SCREEN))
    }
}

/// The findings of one run, row by row.
pub struct Findings {
    answer: Answer,
    files: HashMap<String, String>,
    query: String,
}

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let format = args.chosen();
    if format == Format::Xlsx && args.out.is_none() {
        return Err(Failure::wrong("a workbook needs a name", "write for example --out findings.xlsx"));
    }
    let engine = settings.open_existing().await?;
    let run = chosen_run(&engine, args.run).await?;
    let most = args.most();
    let findings = Findings::open(&engine, &run, &args, most).await?;
    if format != Format::Table || args.out.is_some() {
        exported(&engine, "VIOLATIONS_EXPORTED", Some(run.id), args.described(format)).await?;
    }
    match (format, &args.out) {
        (Format::Xlsx, Some(path)) => xlsx::write(findings, path).await?,
        (Format::Table, None) => out::table(findings, settings, &run, most).await?,
        (format, path) => out::write(findings, format, path.as_deref()).await?,
    }
    if let Some(path) = &args.out {
        eprintln!("written: {}", path.display());
    }
    Ok(0)
}

async fn chosen_run(engine: &Engine, id: Option<i64>) -> Result<Run, Failure> {
    if let Some(id) = id {
        return Ok(engine.get_run(id).await?);
    }
    let newest = engine.runs(&RunFilter { limit: Some(1), ..RunFilter::default() }).await?;
    newest
        .into_iter()
        .next()
        .ok_or_else(|| Failure::wrong("there is no run yet", "import a file: importer run --file people.csv"))
}

impl Findings {
    async fn open(engine: &Engine, run: &Run, args: &Args, most: Option<u64>) -> Result<Self, Failure> {
        let context = catalogue::open(engine).await?;
        let query = sql(run, args, most);
        let answer =
            catalogue::query(&context, &query, None).await.map_err(|e| Failure::query(e, "query", &query))?;
        Ok(Self { answer, files: file_names(engine, run).await?, query })
    }

    /// The next rows, in the order of [`COLUMNS`].
    pub async fn next(&mut self) -> Result<Option<Vec<Vec<Option<String>>>>, Failure> {
        let batch = self.answer.next().await.map_err(|e| Failure::query(e, "query", &self.query))?;
        let Some(batch) = batch else { return Ok(None) };
        let texts = crate::screen::TextRows::new(&batch)?;
        let mut rows = Vec::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            let mut cells: Vec<Option<String>> =
                (0..COLUMNS.len()).map(|column| texts.cell(row, column)).collect::<Result<_, _>>()?;
            let number = cells[FILE].take().unwrap_or_default();
            cells[FILE] = Some(self.files.get(&number).cloned().unwrap_or(number));
            rows.push(cells);
        }
        Ok(Some(rows))
    }
}

fn sql(run: &Run, args: &Args, most: Option<u64>) -> String {
    let lake = if run.dry_run { "dry.dq_violations" } else { "dq_violations" };
    let mut place = format!("v.run_id = {}", run.id);
    for (column, value) in [("rule_code", &args.rule), ("severity", &args.severity)] {
        if let Some(value) = value {
            place.push_str(&format!(" AND v.{column} = {}", literal(value)));
        }
    }
    // One more than shown tells that there are more.
    let limit = most.map_or(String::new(), |most| format!("\nLIMIT {}", most.saturating_add(1)));
    format!(
        "SELECT v.run_id, v.rule_code, v.severity, coalesce(s.status, 'open') AS status, v.file_number, v.line_number, v.sequence_number,\n       v.field, v.original_value, v.normalised_value, v.message, v.hint\nFROM {lake} v\nLEFT JOIN (\n  SELECT rule_code, coalesce(sequence_number, -1) AS place, file_number, line_number, coalesce(field, '') AS field, status\n  FROM store.dq_violations\n  WHERE run_id = {run}\n) s ON s.rule_code = v.rule_code AND s.place = coalesce(v.sequence_number, -1)\n   AND s.file_number = v.file_number AND s.line_number = v.line_number AND s.field = coalesce(v.field, '')\nWHERE {place}\nORDER BY v.file_number, v.line_number, v.rule_code, v.field{limit}",
        run = run.id
    )
}

/// Names of the run's files by number, from what land left.
async fn file_names(engine: &Engine, run: &Run) -> Result<HashMap<String, String>, Failure> {
    let attempt = i32::try_from(run.attempt).unwrap_or(i32::MAX);
    let paths = RunPaths::new(&engine.tenant, run.id, attempt, run.dry_run);
    let Some(manifest) = Manifest::read(&engine.lake, &paths, "land").await? else {
        return Ok(HashMap::new());
    };
    let files = manifest.facts["facts"]["files"].as_array().cloned().unwrap_or_default();
    Ok(files
        .iter()
        .filter_map(|file| Some((file["number"].as_i64()?.to_string(), file["name"].as_str()?.to_owned())))
        .collect())
}
