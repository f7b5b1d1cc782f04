//! The error report: what was refused, in the columns and the format of its own file, with the reasons beside it.
//! Fixed and sent again, it imports as it is: the added columns are known to the header matching, and an apostrophe that stands
//! in front of a cell for the sake of a spreadsheet is taken off again by the import.
//!
//! Every run writes one report per input file, clean or not. What the format of a file has no room for goes into a CSV beside
//! its report, and is told.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | which files are reported on together, and their rows |
//! | `rows` | findings become rows, each once with all its reasons; which cells are marked |
//! | `put` | reports go into the lake |

mod put;
mod rows;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int32Type;
use futures::StreamExt;
use importer_plans::compile::ident;

use super::alike::{Alike, alike, rows_of_files};
use super::land::{Landed, LandedFile};
use super::stage::raw_table;
use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::tables;
pub use put::Reports;
use rows::{REASONS, Report, kept_columns};

/// Writes the reports of all files.
pub async fn write_reports(cx: &RunContext, landed: &Landed) -> Result<Reports> {
    fail::fail_point!("run::before_report", |_| Err(Error::internal("failpoint run::before_report")));
    let rows = rows_of_files(landed);
    let mut written = BTreeMap::new();
    for files in alike(landed) {
        let table = raw_table(files.first().number);
        for batch in batches(&files.files) {
            match batch {
                [file] => {
                    written.insert(file.number, write_report(cx, &table, file).await?);
                }
                several => {
                    let own = |number: i32| rows.iter().find(|(file, ..)| *file == number);
                    let first =
                        several.first().and_then(|file| own(file.number)).map_or(0, |(_, first, _)| *first);
                    let last =
                        several.last().and_then(|file| own(file.number)).map_or(-1, |(.., last)| *last);
                    written.extend(write_together(cx, several, first..=last).await?);
                }
            }
        }
    }
    let mut all = Reports::default();
    for Reports { paths, told } in written.into_values() {
        all.paths.extend(paths);
        all.told.extend(told);
    }
    Ok(all)
}

/// Lines of a file that are sorted at a time: the refused among them fit into memory, however large the file is.
const WINDOW: usize = 500_000;
/// Files, and lines of them, whose refused rows are read by one query: thousands of small files do not mean thousands of
/// queries over all of them.
const FILES_TOGETHER: usize = 500;
const LINES_TOGETHER: u64 = 50_000;

/// Files that are reported on together.
fn batches<'f, 'a>(files: &'f [&'a LandedFile]) -> Vec<&'f [&'a LandedFile]> {
    let mut batches = Vec::new();
    let (mut from, mut lines) = (0, 0_u64);
    for (n, file) in files.iter().enumerate() {
        let own = file.counts.records.saturating_add(file.counts.rejected);
        if n > from && (n - from >= FILES_TOGETHER || lines.saturating_add(own) > LINES_TOGETHER) {
            batches.push(&files[from..n]);
            (from, lines) = (n, 0);
        }
        lines = lines.saturating_add(own);
    }
    batches.push(&files[from..]);
    batches
}

/// The last line of a file that has a record or a reject.
async fn last_line(cx: &RunContext, table: &str, file: &LandedFile) -> Result<i64> {
    let sql = format!(
        "SELECT coalesce(max(line), 0) AS n FROM (SELECT max(line_number) AS line FROM {} UNION ALL SELECT max(line_number) FROM rejects WHERE file_number = {})",
        ident(table),
        file.number
    );
    Ok(i64::try_from(cx.count(&sql).await?).unwrap_or(i64::MAX))
}

/// The table of files that are reported on together.
const REPORTED: &str = "landed_reported";

/// The report of a file that has its table for itself.
async fn write_report(cx: &RunContext, table: &str, file: &LandedFile) -> Result<Reports> {
    let mut report = Report::begin(file)?;
    let path = cx.paths.report(&report.name());
    let mut pieces = cx.lake.upload(&path);
    let last = last_line(cx, table, file).await?;
    for first in (0..=last).step_by(WINDOW) {
        let end = first.saturating_add_unsigned(WINDOW as u64);
        let rows = format!("l.line_number >= {first} AND l.line_number < {end}");
        let rejects =
            format!("r.file_number = {} AND r.line_number >= {first} AND r.line_number < {end}", file.number);
        let sql = report_sql(file, table, &rows, &rejects);
        let mut stream = cx.plan(&sql).await?.execute_stream().await?;
        while let Some(batch) = stream.next().await {
            report.add(&batch?)?;
            pieces.write(&report.ready()?);
            pieces.send().await?;
        }
    }
    put::rest(cx, report, pieces, path).await
}

/// The reports of files that are read alike, whose rows are these. Only their own part files are looked at: all of those that
/// share a table may be thousands.
async fn write_together(
    cx: &RunContext,
    files: &[&LandedFile],
    rows: RangeInclusive<i64>,
) -> Result<Vec<(i32, Reports)>> {
    let Some(first) = files.first() else { return Ok(Vec::new()) };
    let own = Alike { files: files.to_vec() };
    tables::register_landed(&cx.session, REPORTED, &own.data_set(), &first.typed).await?;
    let numbers: Vec<String> = files.iter().map(|file| file.number.to_string()).collect();
    let rows = format!("l.sequence_number >= {} AND l.sequence_number <= {}", rows.start(), rows.end());
    let rejects = format!("r.file_number IN ({})", numbers.join(", "));
    let own = kept_columns(first).len();
    let mut stream = cx.plan(&report_sql(first, REPORTED, &rows, &rejects)).await?.execute_stream().await?;
    let mut waiting = files.iter().copied();
    let mut written = Vec::with_capacity(files.len());
    let mut current: Option<(&LandedFile, Report)> = None;
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        for (number, part) in by_file(&batch, own + REASONS)? {
            while current.as_ref().is_none_or(|(file, _)| file.number != number) {
                if let Some((file, report)) = current.take() {
                    written.push((file.number, put::whole(cx, report).await?));
                }
                let next = waiting.next().ok_or_else(|| Error::internal("a refused row is of no file"))?;
                current = Some((next, Report::begin(next)?));
            }
            if let Some((_, report)) = &mut current {
                report.add(&part)?;
            }
        }
    }
    if let Some((file, report)) = current {
        written.push((file.number, put::whole(cx, report).await?));
    }
    for file in waiting {
        written.push((file.number, put::whole(cx, Report::begin(file)?).await?));
    }
    Ok(written)
}

/// The rows of a batch, file by file, in their order.
fn by_file(batch: &RecordBatch, column: usize) -> Result<Vec<(i32, RecordBatch)>> {
    let numbers = batch
        .columns()
        .get(column)
        .and_then(|numbers| numbers.as_primitive_opt::<Int32Type>())
        .ok_or_else(|| Error::internal("the refused rows have an unexpected shape"))?;
    let mut parts = Vec::new();
    let mut from = 0;
    for row in 1..=batch.num_rows() {
        if row == batch.num_rows() || numbers.value(row) != numbers.value(from) {
            parts.push((numbers.value(from), batch.slice(from, row - from)));
            from = row;
        }
    }
    Ok(parts)
}

/// Refused rows and rejects, in the order of their lines. A reject stands raw in the first column: nobody can say
/// which of its parts belongs to which column, and sent again unchanged it is refused again.
fn report_sql(file: &LandedFile, table: &str, rows: &str, rejects: &str) -> String {
    let table = ident(table);
    let names: Vec<String> =
        kept_columns(file).iter().filter_map(|&c| file.columns.get(c)).map(|c| ident(c)).collect();
    // Every column gets a name of ours: a file may have a column `_row`, or any other.
    let cells: String = names.iter().enumerate().map(|(n, c)| format!("l.{c} AS cell_{n}, ")).collect();
    let raw: String = (0..names.len())
        .map(|n| {
            let value = if n == 0 { "raw_text(r.raw, r.encoding)" } else { "CAST(NULL AS VARCHAR)" };
            format!("{value} AS cell_{n}, ")
        })
        .collect();
    format!(
        "SELECT * FROM (\n  SELECT {cells}CAST(l.sequence_number AS VARCHAR) AS own_row, l.line_number AS own_line, v.rule_code AS own_rule,\n         coalesce(concat(v.field, ': '), '') || v.message AS own_message, v.hint AS own_hint, v.field AS own_field, v.file_number AS own_file, CAST(NULL AS BYTEA) AS own_raw\n  FROM {table} l\n  JOIN dq_violations v ON v.sequence_number = l.sequence_number\n  WHERE v.severity = 'error' AND v.mode = 'enforce' AND {rows}\n  UNION ALL\n  SELECT {raw}CAST(NULL AS VARCHAR), r.line_number, r.code, r.reason, r.hint, CAST(NULL AS VARCHAR), r.file_number, r.raw\n  FROM rejects r WHERE {rejects}\n) ORDER BY own_file, own_line, own_rule, own_field"
    )
}

/// Whether the tables that a report reads are there; a run that stops before check has none.
pub fn can_report(cx: &RunContext) -> bool {
    ["dq_violations", "rejects"].iter().all(|t| cx.session.table_exist(*t).unwrap_or(false))
}
