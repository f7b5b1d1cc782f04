//! Findings on a terminal, as CSV, as JSON.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use importer_engine::store::Run;
use serde_json::{Map, Value};

use super::findings::Findings;
use super::query::COLUMNS;
use crate::failure::Failure;
use crate::list_format::Format;
use crate::screen::{self, Csv, Json, Sheet, short};
use crate::settings::Settings;

/// Columns of a table: number, line, rule, severity, status, field, original value; the file where there are several.
const SHOWN: [usize; 7] = [0, 6, 2, 3, 4, 8, 9];
/// Those of them that are numbers.
const NUMBERS: [usize; 3] = [0, 1, 6];
const FILE: usize = 5;
const RUN: usize = 1;
/// Columns of the sentences, which stand once per rule below the table.
const RULE: usize = 2;
const MESSAGE: usize = 11;
const HINT: usize = 12;
/// Characters of a cell.
const CELL: usize = 26;

/// A table of the first findings, and what they mean.
pub async fn table(
    mut findings: Findings,
    settings: &Settings,
    run: Option<&Run>,
    most: Option<u64>,
) -> Result<(), Failure> {
    let (number, rest) = SHOWN.split_at(1);
    let columns: Vec<usize> = match run {
        None => [number, &[RUN, FILE], rest].concat(),
        Some(_) if findings.files.len() > 1 => [number, &[FILE], rest].concat(),
        Some(_) => SHOWN.to_vec(),
    };
    let right = columns.iter().enumerate().filter(|(_, c)| NUMBERS.contains(c)).map(|(n, _)| n).collect();
    let headers = columns.iter().map(|&c| COLUMNS[c].to_owned()).collect();
    let mut sheet = Sheet::new(headers, right, true);
    // A rule may say several things; each stands once.
    let mut meanings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let most = most.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let mut more = false;
    while let Some(rows) = findings.next().await? {
        for row in rows {
            if sheet.len() == most {
                more = true;
                break;
            }
            let text = |c: usize| row[c].as_deref().unwrap_or_default();
            sheet.row(columns.iter().map(|&c| short(text(c), CELL)).collect());
            let meaning = format!("{}. {}", text(MESSAGE).trim_end_matches('.'), text(HINT));
            let known = meanings.entry(text(RULE).to_owned()).or_default();
            if !known.contains(&meaning) {
                known.push(meaning);
            }
        }
    }
    if meanings.is_empty() {
        return screen::print(&match run {
            Some(run) => format!("Run {} ({}) has no findings that fit.\n", run.id, run.status),
            None => "No run has findings that fit.\n".to_owned(),
        });
    }
    let shown = screen::count(sheet.len() as u64);
    let mut text = sheet.take();
    text.push_str("\nWhat they mean\n");
    for (rule, meanings) in &meanings {
        text.push_str(&format!("  {rule}\n"));
        meanings.iter().for_each(|meaning| text.push_str(&screen::paragraph(meaning, 6)));
    }
    let all = settings.command(&match run {
        Some(run) => format!("violations --run {} --out findings.xlsx", run.id),
        None => "violations --all-runs --out findings.xlsx".to_owned(),
    });
    let more = if more { format!("The first {shown}; more with --limit. ") } else { String::new() };
    text.push_str(&format!("\n{more}All of it, with every column: {all}\n"));
    if run.is_none_or(|run| !run.dry_run) {
        let one = settings.command("remediate <violation> --set field=value");
        let many = settings.command("remediate --from findings.csv");
        text.push_str(&format!(
            "Mend a row: {one}; or many at once, in the edited report saved as CSV: {many}\n"
        ));
    }
    screen::print(&text)
}

/// All findings into a file or to stdout.
pub async fn write(findings: Findings, format: Format, path: Option<&Path>) -> Result<(), Failure> {
    match path {
        Some(path) => {
            let file = File::create(path).map_err(|e| {
                Failure::wrong(
                    format!("{} cannot be written: {e}", path.display()),
                    "check the folder of --out",
                )
            })?;
            written(findings, format, BufWriter::new(file)).await
        }
        None => written(findings, format, BufWriter::new(std::io::stdout())).await,
    }
}

async fn written<W: Write>(mut findings: Findings, format: Format, out: W) -> Result<(), Failure> {
    if format == Format::Json {
        let mut json = Json::new(out);
        let written = objects(&mut findings, &mut json).await;
        return json.end(written);
    }
    let mut csv = Csv::new(out, findings.headers())?;
    while let Some(rows) = findings.next().await? {
        for row in rows {
            csv.row(row.iter().map(|cell| cell.as_deref().unwrap_or_default()))?;
        }
    }
    csv.finish()
}

async fn objects<W: Write>(findings: &mut Findings, json: &mut Json<W>) -> Result<(), Failure> {
    while let Some(rows) = findings.next().await? {
        for row in rows {
            json.row(&object(row))?;
        }
    }
    Ok(())
}

fn object(row: Vec<Option<String>>) -> Value {
    let mut object = Map::new();
    for (name, cell) in COLUMNS.into_iter().zip(row) {
        let number = matches!(name, "violation" | "run_id" | "line" | "row");
        let value = match cell {
            None => Value::Null,
            Some(text) if number => text.parse::<i64>().map_or(Value::String(text), Value::from),
            Some(text) => Value::String(text),
        };
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}
