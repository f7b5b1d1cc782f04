//! `importer violations`: what rules refused or pointed out, and what could not be read. The lake has all of it; the
//! status of each finding comes from the store, where there is one.
//!
//! - here: the verb; `query`: its query
//! - `out`: where the rows go: terminal, CSV, JSON; `xlsx`: a workbook

mod out;
mod query;
mod xlsx;

use std::collections::HashMap;
use std::path::PathBuf;

use importer_engine::Engine;
use importer_engine::catalogue::{self, Answer};
use importer_engine::lake::{Manifest, RunPaths};
use importer_engine::remedy::STORE_LENGTH;
use importer_engine::store::{Run, RunFilter};

use query::RowColumns;

use crate::audit::exported;
use crate::failure::Failure;
use crate::screen;
use crate::settings::Settings;

/// The columns of every format.
pub const COLUMNS: [&str; 13] = [
    "violation",
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
/// The column behind them in a report: which store it is of.
const STORE: &str = "store";
/// Where the file's number stands until its name takes its place.
const FILE: usize = 5;
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
        if self.json {
            return Format::Json;
        }
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
    columns: RowColumns,
    /// The beginning of the store's number, in a report that may be edited.
    store: Option<String>,
}

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let format = args.chosen();
    if format == Format::Xlsx && args.out.is_none() {
        return Err(Failure::wrong("a workbook needs a name", "write for example --out findings.xlsx"));
    }
    let engine = settings.open_existing().await?;
    let run = if args.all_runs { None } else { Some(chosen_run(&engine, args.run).await?) };
    let most = args.most();
    let findings = match &run {
        Some(run) => Findings::open(&engine, run, &args, most).await?,
        None => Findings::of_all_runs(&engine, &args, most).await?,
    };
    if format != Format::Table || args.out.is_some() {
        let id = run.as_ref().map(|run| run.id);
        exported(&engine, "VIOLATIONS_EXPORTED", id, args.described(format)).await?;
    }
    match (format, &args.out) {
        (Format::Xlsx, Some(path)) => xlsx::write(findings, path).await?,
        (Format::Table, None) => out::table(findings, settings, run.as_ref(), most).await?,
        (format, path) => out::write(findings, format, path.as_deref()).await?,
    }
    if let Some(path) = &args.out {
        screen::say(&format!("written: {}", path.display()));
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
        // What is meant to be edited has the rows beside the findings; a dry run's rows cannot be mended.
        let is_report = matches!(args.chosen(), Format::Csv | Format::Xlsx) && !run.dry_run;
        let (files, landed) = files_of(engine, run).await?;
        let mut columns = RowColumns::default();
        let mut store = None;
        if is_report {
            columns.landed = landed;
            store = Some(engine.store.store_info().await?.store_id.chars().take(STORE_LENGTH).collect());
            let sql = query::edits_sql(run);
            let mut edits =
                catalogue::query(&context, &sql, None).await.map_err(|e| Failure::query(e, "query", &sql))?;
            while let Some(batch) = edits.next().await.map_err(|e| Failure::query(e, "query", &sql))? {
                let texts = crate::screen::TextRows::new(&batch)?;
                for row in 0..batch.num_rows() {
                    columns.add(&texts.cell(row, 0)?.unwrap_or_default());
                }
            }
        }
        let query = query::findings_sql(run, args, most, &columns, is_report);
        let answer =
            catalogue::query(&context, &query, None).await.map_err(|e| Failure::query(e, "query", &query))?;
        Ok(Self { answer, files, query, columns, store })
    }

    /// The backlog. The store has it, at most so many findings of each rule and run.
    async fn of_all_runs(engine: &Engine, args: &Args, most: Option<u64>) -> Result<Self, Failure> {
        let context = catalogue::open(engine).await?;
        let (mut columns, mut runs, mut store) = (RowColumns::default(), Vec::new(), None);
        if matches!(args.chosen(), Format::Csv | Format::Xlsx) {
            store = Some(engine.store.store_info().await?.store_id.chars().take(STORE_LENGTH).collect());
            let sql = query::backlog_parts_sql(args);
            let parts =
                catalogue::query(&context, &sql, None).await.map_err(|e| Failure::query(e, "query", &sql))?;
            let parts = backlog_parts(parts, &sql).await?;
            for (run, _) in &parts {
                if runs.last() != Some(run) {
                    runs.push(*run);
                    let (_, landed) = files_of(engine, &engine.get_run(*run).await?).await?;
                    let new: Vec<String> =
                        landed.into_iter().filter(|c| !columns.landed.contains(c)).collect();
                    columns.landed.extend(new);
                }
            }
            parts.iter().for_each(|(_, edits)| columns.add(edits));
        }
        let query = query::backlog_sql(args, most, &columns, &runs);
        let answer =
            catalogue::query(&context, &query, None).await.map_err(|e| Failure::query(e, "query", &query))?;
        Ok(Self { answer, files: HashMap::new(), query, columns, store })
    }

    /// The headers of a report, or of a list.
    pub fn headers(&self) -> Vec<String> {
        let own = COLUMNS.iter().copied().chain(self.store.as_ref().map(|_| STORE)).map(str::to_owned);
        own.chain(self.columns.headers()).collect()
    }

    /// The next rows, in the order of the headers.
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
            cells.extend(self.store.iter().cloned().map(Some));
            let edits = texts.cell(row, query::EDITS)?;
            let edits: serde_json::Value =
                edits.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
            for (n, name) in self.columns.names().enumerate() {
                let landed = match n < self.columns.landed.len() {
                    true => texts.cell(row, query::EDITS + 1 + n)?,
                    false => None,
                };
                // What somebody has edited stands as it was left.
                cells.push(match edits.get(name) {
                    Some(edited) => edited.as_str().map(str::to_owned),
                    None => landed,
                });
            }
            rows.push(cells);
        }
        Ok(Some(rows))
    }
}

/// The runs of the backlog in their order, each with the edits of its rows.
async fn backlog_parts(mut answer: Answer, sql: &str) -> Result<Vec<(i64, String)>, Failure> {
    let mut parts = Vec::new();
    while let Some(batch) = answer.next().await.map_err(|e| Failure::query(e, "query", sql))? {
        let texts = crate::screen::TextRows::new(&batch)?;
        for row in 0..batch.num_rows() {
            let run = texts.cell(row, 0)?.and_then(|run| run.parse().ok());
            let edits = texts.cell(row, 1)?.unwrap_or_default();
            parts.extend(run.map(|run| (run, edits)));
        }
    }
    Ok(parts)
}

/// The files of a run, from what land left: names by number, and the columns of all of them.
async fn files_of(engine: &Engine, run: &Run) -> Result<(HashMap<String, String>, Vec<String>), Failure> {
    let attempt = i32::try_from(run.attempt).unwrap_or(i32::MAX);
    let paths = RunPaths::new(&engine.tenant, run.id, attempt, run.dry_run);
    let Some(manifest) = Manifest::read(&engine.lake, &paths, "land").await? else {
        return Ok((HashMap::new(), Vec::new()));
    };
    let files = manifest.facts["facts"]["files"].as_array().cloned().unwrap_or_default();
    let mut columns: Vec<String> = Vec::new();
    for name in files.iter().flat_map(|f| f["columns"].as_array().into_iter().flatten()) {
        if let Some(name) = name.as_str().filter(|name| !columns.iter().any(|c| c == name)) {
            columns.push(name.to_owned());
        }
    }
    let names = files
        .iter()
        .filter_map(|file| Some((file["number"].as_i64()?.to_string(), file["name"].as_str()?.to_owned())))
        .collect();
    Ok((names, columns))
}
