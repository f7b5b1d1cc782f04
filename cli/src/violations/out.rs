//! Findings on a terminal, as CSV, as JSON.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use importer_engine::store::Run;
use serde_json::{Map, Value};

use super::{COLUMNS, Findings, Format};
use crate::failure::Failure;
use crate::screen::{self, Csv, Json, Table, short};
use crate::settings::Settings;

/// What a table shows: the message says what the values say, and both would not fit.
const SHOWN: [usize; 7] = [1, 2, 4, 5, 7, 8, 10];

/// A table of the first findings.
pub async fn table(mut findings: Findings, settings: &Settings, run: &Run, most: Option<u64>) -> Result<(), Failure> {
    let mut table = Table::new(SHOWN.map(|c| COLUMNS[c])).right(&[3]);
    let most = most.unwrap_or(u64::MAX);
    let (mut shown, mut more) = (0, false);
    while let Some(rows) = findings.next().await? {
        for row in rows {
            if shown == most {
                more = true;
                break;
            }
            table.row(SHOWN.map(|c| short(row[c].as_deref().unwrap_or_default(), if c == 10 { 90 } else { 36 })));
            shown += 1;
        }
    }
    if shown == 0 {
        return screen::print(&format!("Run {} ({}) has no findings that fit.\n", run.id, run.status));
    }
    screen::print(&table.text())?;
    let all = settings.command(&format!("violations --run {} --out findings.xlsx", run.id));
    let more = if more { format!("The first {}; more with --limit. ", screen::count(shown)) } else { String::new() };
    screen::print(&format!("\n{more}All of it with every column: {all}\n"))
}

/// All findings into a file or to stdout.
pub async fn write(findings: Findings, format: Format, path: Option<&Path>) -> Result<(), Failure> {
    match path {
        Some(path) => {
            let file = File::create(path).map_err(|e| {
                Failure::wrong(format!("{} cannot be written: {e}", path.display()), "check the folder of --out")
            })?;
            written(findings, format, BufWriter::new(file)).await
        }
        None => written(findings, format, BufWriter::new(std::io::stdout())).await,
    }
}

async fn written<W: Write>(mut findings: Findings, format: Format, out: W) -> Result<(), Failure> {
    if format == Format::Json {
        let mut json = Json::new(out)?;
        while let Some(rows) = findings.next().await? {
            for row in rows {
                json.row(&object(row))?;
            }
        }
        return json.finish();
    }
    let mut csv = Csv::new(out, COLUMNS)?;
    while let Some(rows) = findings.next().await? {
        for row in rows {
            csv.row(row.iter().map(|cell| cell.as_deref().unwrap_or_default()))?;
        }
    }
    csv.finish()
}

fn object(row: Vec<Option<String>>) -> Value {
    let mut object = Map::new();
    for (name, cell) in COLUMNS.into_iter().zip(row) {
        let number = matches!(name, "run_id" | "line" | "row");
        let value = match cell {
            None => Value::Null,
            Some(text) if number => text.parse::<i64>().map_or(Value::String(text), Value::from),
            Some(text) => Value::String(text),
        };
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}
