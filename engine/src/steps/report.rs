//! The error report: what was refused, in the columns and the dialect of its own file, with the reasons beside it.
//! Fixed and sent again, it imports as it is: the added columns are known to the header matching, and cells that a
//! spreadsheet would take for formulas carry an apostrophe that the import takes off again.
//!
//! Every run writes one report per input file, clean or not.

use std::io::Write;
use std::ops::Range;

use datafusion::arrow::array::{Array, AsArray, RecordBatch, StringArray};
use futures::StreamExt;
use importer_connectors::csv::{CsvWriter, Dialect};
use importer_plans::compile::ident;
use importer_plans::header::REPORT_COLUMNS;
use importer_sql::functions::spreadsheet_safe_str;
use object_store::ObjectStoreExt;
use object_store::WriteMultipart;

use super::land::{Landed, LandedFile};
use crate::error::{Error, ErrorKind, Result};
use crate::run::RunContext;

/// Writes the reports of all files and gives their paths.
pub async fn write_reports(cx: &RunContext, landed: &Landed) -> Result<Vec<String>> {
    let mut written = Vec::new();
    fail::fail_point!("run::before_report", |_| Err(Error::internal("failpoint run::before_report")));
    for file in &landed.files {
        written.push(write_report(cx, file).await?);
    }
    Ok(written)
}

/// Lines of a file that are sorted at a time: the refused among them fit into memory, however large the file is.
const WINDOW: usize = 500_000;

/// The last line of a file that has a record or a reject.
async fn last_line(cx: &RunContext, file: &LandedFile) -> Result<i64> {
    let sql = format!(
        "SELECT coalesce(max(line), 0) AS n FROM (SELECT max(line_number) AS line FROM {} UNION ALL SELECT max(line_number) FROM rejects WHERE file_number = {})",
        ident(&format!("landed_{}", file.number)),
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

async fn write_report(cx: &RunContext, file: &LandedFile) -> Result<String> {
    let path = cx.paths.report(&report_name(file));
    let dialect = file.style.dialect();
    let upload = cx.lake.object_store().put_multipart(&path).await?;
    let mut sink = WriteMultipart::new(upload);
    let mut writer = CsvWriter::new(Vec::new(), &dialect);
    let kept = kept_columns(file);
    let header: Vec<&str> =
        kept.iter().map(|&c| file.headers.get(c).map_or("", String::as_str)).chain(REPORT_COLUMNS).collect();
    writer.write_record(header.iter().map(|h| Some(*h))).map_err(failed)?;
    let mut rows = ReportRows { own: kept.len(), waiting: None };
    let last = last_line(cx, file).await?;
    for first in (0..=last).step_by(WINDOW) {
        let lines = first..first.saturating_add_unsigned(WINDOW as u64);
        let mut stream = cx.plan(&report_sql(file, &kept, &lines)).await?.execute_stream().await?;
        while let Some(batch) = stream.next().await {
            rows.add(&mut writer, &batch?)?;
            sink.write(&take_bytes(&mut writer, &dialect)?);
        }
    }
    rows.write(&mut writer)?;
    sink.write(&take_bytes(&mut writer, &dialect)?);
    sink.finish().await?;
    cx.lake.sync(&path).await?;
    Ok(cx.lake.display(&path))
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

/// What the writer has so far; it goes on with an empty buffer, and without a second byte order mark.
fn take_bytes(writer: &mut CsvWriter<Vec<u8>>, dialect: &Dialect) -> Result<Vec<u8>> {
    let mut next = dialect.clone();
    next.bom = false;
    let full = std::mem::replace(writer, CsvWriter::new(Vec::new(), &next));
    full.finish().map_err(failed)
}

fn failed(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Lake, format!("the error report cannot be written: {error}")).with_source(error)
}

/// Refused rows and rejects of some lines, in their order. A reject stands raw in the first column: nobody can say
/// which of its parts belongs to which column, and sent again unchanged it is refused again.
fn report_sql(file: &LandedFile, kept: &[usize], lines: &Range<i64>) -> String {
    let table = ident(&format!("landed_{}", file.number));
    let names: Vec<String> = kept.iter().filter_map(|&c| file.columns.get(c)).map(|c| ident(c)).collect();
    let cells: String = names.iter().map(|c| format!("l.{c}, ")).collect();
    let raw: String = names
        .iter()
        .enumerate()
        .map(|(n, c)| {
            let value = if n == 0 { "raw_text(r.raw, r.encoding)" } else { "CAST(NULL AS VARCHAR)" };
            format!("{value} AS {c}, ")
        })
        .collect();
    format!(
        "SELECT * FROM (\n  SELECT {cells}CAST(l.sequence_number AS VARCHAR) AS _row, l.line_number AS _line, v.rule_code AS _rule,\n         coalesce(concat(v.field, ': '), '') || v.message AS _message, v.hint AS _hint, v.field AS _field, CAST(NULL AS BYTEA) AS _raw\n  FROM {table} l\n  JOIN dq_violations v ON v.sequence_number = l.sequence_number\n  WHERE v.severity = 'error' AND v.mode = 'enforce' AND l.line_number >= {first} AND l.line_number < {end}\n  UNION ALL\n  SELECT {raw}CAST(NULL AS VARCHAR), r.line_number, r.code, r.reason, r.hint, CAST(NULL AS VARCHAR), r.raw\n  FROM rejects r WHERE r.file_number = {number} AND r.line_number >= {first} AND r.line_number < {end}\n) ORDER BY _line, _rule, _field",
        number = file.number,
        first = lines.start,
        end = lines.end,
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
