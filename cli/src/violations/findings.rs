//! The findings of a run or of the backlog, row by row.

use std::collections::HashMap;

use importer_engine::Engine;
use importer_engine::catalogue::{self, Answer};
use importer_engine::lake::{Manifest, RunPaths};
use importer_engine::remedy::STORE_LENGTH;
use importer_engine::store::Run;

use super::args::Args;
use super::query::{self, COLUMNS, RowColumns};
use crate::failure::Failure;
use crate::list_format::Format;
use crate::screen::TextRows;

/// The column behind them in a report: which store it is of.
const STORE: &str = "store";
/// Where the file's number stands until its name takes its place.
const FILE: usize = 5;
/// The findings of one run, row by row.
pub struct Findings {
    answer: Answer,
    pub files: HashMap<String, String>,
    query: String,
    columns: RowColumns,
    /// The beginning of the store's number, in a report that may be edited.
    store: Option<String>,
}

impl Findings {
    /// Those of one run.
    pub async fn open(engine: &Engine, run: &Run, args: &Args, most: Option<u64>) -> Result<Self, Failure> {
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
                let texts = TextRows::new(&batch)?;
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
    pub async fn of_all_runs(engine: &Engine, args: &Args, most: Option<u64>) -> Result<Self, Failure> {
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
        let texts = TextRows::new(&batch)?;
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
        let texts = TextRows::new(&batch)?;
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
