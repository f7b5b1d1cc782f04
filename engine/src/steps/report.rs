//! The error report: what was refused, in the columns and the dialect of its own file, with the reasons beside it.
//! Fixed and sent again, it imports as it is: the added columns are known to the header matching, and cells that a
//! spreadsheet would take for formulas carry an apostrophe that the import takes off again.
//!
//! Every run writes one report per input file, clean or not.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::RangeInclusive;

use datafusion::arrow::array::{Array, AsArray, RecordBatch, StringArray};
use datafusion::arrow::datatypes::Int32Type;
use futures::StreamExt;
use importer_connectors::csv::{CsvWriter, Dialect};
use importer_plans::compile::ident;
use importer_plans::header::REPORT_COLUMNS;
use importer_sql::functions::spreadsheet_safe_str;
use object_store::ObjectStoreExt;
use object_store::WriteMultipart;

use super::alike::{Alike, alike, rows_of_files};
use super::land::{Landed, LandedFile};
use super::stage::raw_table;
use crate::error::{Error, ErrorKind, Result};
use crate::run::RunContext;
use crate::tables;

/// Writes the reports of all files and gives their paths.
pub async fn write_reports(cx: &RunContext, landed: &Landed) -> Result<Vec<String>> {
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
    Ok(written.into_values().collect())
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
    Ok(i64::try_from(super::check::count(cx, &sql).await?).unwrap_or(i64::MAX))
}

/// The name of a report: that of its file, which may be any, made safe for a path.
fn report_name(file: &LandedFile) -> String {
    let stem: String = file
        .name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' })
        .take(80)
        .collect();
    let stem =
        stem.trim_end_matches(".gz").trim_end_matches(".zst").trim_end_matches(".csv").trim_matches('.');
    format!("errors-{}-{}.csv", file.number, if stem.is_empty() { "file" } else { stem })
}

/// The table of files that are reported on together.
const REPORTED: &str = "landed_reported";

/// The report of a file that has its table for itself.
async fn write_report(cx: &RunContext, table: &str, file: &LandedFile) -> Result<String> {
    let path = cx.paths.report(&report_name(file));
    let upload = cx.lake.object_store().put_multipart(&path).await?;
    let mut sink = WriteMultipart::new(upload);
    let mut report = Report::new(file)?;
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
            sink.write(&report.take_bytes()?);
        }
    }
    sink.write(&report.finish()?);
    sink.finish().await?;
    cx.lake.sync(&path).await?;
    Ok(cx.lake.display(&path))
}

/// The reports of files that are read alike, whose rows are these. Only their own part files are looked at: all of those that
/// share a table may be thousands.
async fn write_together(
    cx: &RunContext,
    files: &[&LandedFile],
    rows: RangeInclusive<i64>,
) -> Result<Vec<(i32, String)>> {
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
                    written.push((file.number, put(cx, file, report).await?));
                }
                let next = waiting.next().ok_or_else(|| Error::internal("a refused row is of no file"))?;
                current = Some((next, Report::new(next)?));
            }
            if let Some((_, report)) = &mut current {
                report.add(&part)?;
            }
        }
    }
    if let Some((file, report)) = current {
        written.push((file.number, put(cx, file, report).await?));
    }
    for file in waiting {
        written.push((file.number, put(cx, file, Report::new(file)?).await?));
    }
    Ok(written)
}

/// Writes a finished report. It is durable before what is written down next.
async fn put(cx: &RunContext, file: &LandedFile, report: Report) -> Result<String> {
    let path = cx.paths.report(&report_name(file));
    cx.lake.object_store().put(&path, report.finish()?.into()).await?;
    cx.lake.sync_data(&path).await?;
    Ok(cx.lake.display(&path))
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

/// A report under way.
struct Report {
    writer: CsvWriter<Vec<u8>>,
    dialect: Dialect,
    rows: ReportRows,
}

impl Report {
    fn new(file: &LandedFile) -> Result<Self> {
        let dialect = file.style.dialect();
        let mut writer = CsvWriter::new(Vec::new(), &dialect);
        let kept = kept_columns(file);
        let names =
            kept.iter().map(|&c| spreadsheet_safe_str(file.headers.get(c).map_or("", String::as_str)));
        let names: Vec<_> = names.chain(REPORT_COLUMNS.map(Cow::Borrowed)).collect();
        writer.write_record(names.iter().map(|name| Some(name.as_ref()))).map_err(failed)?;
        Ok(Self { writer, dialect, rows: ReportRows { own: kept.len(), waiting: None } })
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows.add(&mut self.writer, batch)
    }

    /// What the writer has so far; it goes on with an empty buffer, and without a second byte order mark.
    fn take_bytes(&mut self) -> Result<Vec<u8>> {
        let mut next = self.dialect.clone();
        next.bom = false;
        let full = std::mem::replace(&mut self.writer, CsvWriter::new(Vec::new(), &next));
        full.finish().map_err(failed)
    }

    /// The rest, with the row that waits.
    fn finish(mut self) -> Result<Vec<u8>> {
        self.rows.write(&mut self.writer)?;
        self.take_bytes()
    }
}

/// An error report that is sent again does not keep the columns of the one before.
fn kept_columns(file: &LandedFile) -> Vec<usize> {
    (0..file.columns.len())
        .filter(|&c| {
            !file.is_error_report
                || file
                    .headers
                    .get(c)
                    .is_none_or(|h| !REPORT_COLUMNS.contains(&h.trim().to_lowercase().as_str()))
        })
        .collect()
}

fn failed(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Lake, format!("the error report cannot be written: {error}")).with_source(error)
}

/// Columns of a refused row beside the cells of its file: its place, and its reasons.
const REASONS: usize = 6;

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

/// Violations in the order of their lines become one report line per row, with all its reasons.
struct ReportRows {
    /// How many cells are the file's own.
    own: usize,
    waiting: Option<Waiting>,
}

/// A row whose reasons may go on.
struct Waiting {
    row: Option<String>,
    line: Option<String>,
    cells: Vec<Option<String>>,
    /// A record that could not be read, byte by byte as it stands in its file.
    raw: Option<Vec<u8>>,
    /// Rules, messages and hints.
    reasons: [Vec<String>; 3],
}

impl ReportRows {
    fn add<W: Write>(&mut self, writer: &mut CsvWriter<W>, batch: &RecordBatch) -> Result<()> {
        let (raw, texts) =
            batch.columns().split_last().ok_or_else(|| Error::internal("a report has columns"))?;
        let raw = datafusion::arrow::compute::cast(raw, &datafusion::arrow::datatypes::DataType::Binary)?;
        let raw = raw.as_binary::<i32>();
        let columns: Vec<StringArray> = texts
            .iter()
            .map(|c| {
                Ok(datafusion::arrow::compute::cast(c, &datafusion::arrow::datatypes::DataType::Utf8)?
                    .as_string::<i32>()
                    .clone())
            })
            .collect::<Result<_>>()?;
        let text = |column: usize, row: usize| {
            columns.get(column).filter(|c| c.is_valid(row)).map(|c| c.value(row).to_owned())
        };
        for row in 0..batch.num_rows() {
            let number = text(self.own, row);
            if number.is_none() || self.waiting.as_ref().is_none_or(|w| w.row != number) {
                self.write(writer)?;
                self.waiting = Some(Waiting {
                    row: number,
                    line: text(self.own + 1, row),
                    cells: (0..self.own).map(|c| text(c, row)).collect(),
                    raw: raw.is_valid(row).then(|| raw.value(row).to_vec()),
                    reasons: Default::default(),
                });
            }
            if let Some(waiting) = &mut self.waiting {
                for (n, reasons) in waiting.reasons.iter_mut().enumerate() {
                    reasons.extend(text(self.own + 2 + n, row));
                }
            }
        }
        Ok(())
    }

    /// Writes the row that waits. Our own columns hold codes, numbers and sentences of ours.
    fn write<W: Write>(&mut self, writer: &mut CsvWriter<W>) -> Result<()> {
        let Some(Waiting { row, line, cells, raw, reasons }) = self.waiting.take() else { return Ok(()) };
        let reasons = reasons.map(|r| (!r.is_empty()).then(|| r.join("; ")));
        let safe: Vec<_> = cells.iter().map(|c| c.as_deref().map(spreadsheet_safe_str)).collect();
        let own = safe.iter().map(Option::as_deref);
        let ours = [row.as_deref(), line.as_deref()].into_iter().chain(reasons.iter().map(Option::as_deref));
        match raw {
            // The text form may have lost bytes that the encoding does not have; the guard stands in front of it.
            Some(raw) => {
                let guard = matches!(safe.first(), Some(Some(std::borrow::Cow::Owned(_))));
                writer.write_with_raw(&raw, guard.then_some('\''), own.skip(1).chain(ours)).map_err(failed)
            }
            None => writer.write_record(own.chain(ours)).map_err(failed),
        }
    }
}

/// Whether the tables that a report reads are there; a run that stops before check has none.
pub fn can_report(cx: &RunContext) -> bool {
    ["dq_violations", "rejects"].iter().all(|t| cx.session.table_exist(*t).unwrap_or(false))
}
