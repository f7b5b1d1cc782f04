//! An edited error report: what `importer violations --format csv` or `xlsx` wrote, after people and spreadsheet programs have had
//! it. Only its shape is looked at here; what a line means is decided by [`super::collect`].
//!
//! One line is one finding. The columns of [`COLUMNS`] name it; the cells of its row follow, each under
//! [`ROW_PREFIX`] and the header of the row's own file.

use std::path::Path;

use datafusion::arrow::array::{Array, AsArray, StringArray};
use datafusion::arrow::datatypes::DataType;
use importer_connectors::csv::{CsvOptions, CsvReader, Ragged};
use importer_connectors::source::SourceError;
use importer_sql::functions::spreadsheet_restore_str;

use crate::error::{Error, ErrorKind, Result};
use crate::steps::land::source_error;

/// What a line is told by.
pub const COLUMNS: [&str; 6] = ["violation", "run_id", "rule_code", "field", "original_value", "store"];
/// Before the headers of the row's own file.
pub const ROW_PREFIX: &str = "row.";
/// Characters of a store's number that a report carries.
pub const STORE_LENGTH: usize = 8;

/// One line of a report; cells are restored, and a blank cell is nothing.
#[derive(Debug, Clone)]
pub struct ReportLine {
    /// Where it stands in the report.
    pub line: i64,
    pub violation: Option<String>,
    pub run_id: Option<String>,
    pub rule_code: Option<String>,
    pub original_value: Option<String>,
    pub store: Option<String>,
    /// The cells of the row, in the order of [`Report::row_columns`].
    pub cells: Vec<Option<String>>,
}

/// A report that is being read.
pub struct Report {
    pub name: String,
    /// The columns of the rows' own files.
    pub row_columns: Vec<String>,
    source: Source,
    /// Where the columns of [`COLUMNS`] stand.
    places: [usize; COLUMNS.len()],
    row_places: Vec<usize>,
}

/// Where the lines come from.
enum Source {
    Text(Box<CsvReader>),
    Sheet(std::vec::IntoIter<(i64, Vec<Option<String>>)>),
}

/// Lines of a sheet that are handed on at a time.
const LINES: usize = 8192;

/// What cannot be read of a report: line and reason.
pub type Unread = Vec<(i64, String)>;

impl Report {
    /// Opens a report and finds its columns.
    pub fn open(path: &Path) -> Result<Self> {
        let (name, headers, source) = open_source(path)?;
        let headers: Vec<&str> = headers.iter().map(|h| restored_header(h)).collect();
        let find = |name: &str| headers.iter().position(|h| h.eq_ignore_ascii_case(name));
        let found = COLUMNS.map(find);
        let missing: Vec<&str> =
            COLUMNS.iter().zip(&found).filter(|(_, at)| at.is_none()).map(|(name, _)| *name).collect();
        if !missing.is_empty() {
            return Err(not_a_report(&name, &headers, &missing));
        }
        let (row_places, row_columns) = headers
            .iter()
            .enumerate()
            .filter_map(|(n, h)| Some((n, h.strip_prefix(ROW_PREFIX)?.to_owned())))
            .unzip();
        Ok(Self { places: found.map(Option::unwrap_or_default), row_columns, row_places, name, source })
    }

    /// The next lines, and those that cannot be read.
    pub fn next(&mut self) -> Result<Option<(Vec<ReportLine>, Unread)>> {
        match &mut self.source {
            Source::Sheet(lines) => {
                let taken: Vec<_> = lines.take(LINES).collect();
                let told = taken.iter().map(|(line, cells)| {
                    let cell = |column: usize| cells.get(column).and_then(Option::as_deref);
                    line_of(&self.places, &self.row_places, *line, &cell)
                });
                let told: Vec<ReportLine> = told.collect();
                Ok((!told.is_empty()).then_some((told, Vec::new())))
            }
            Source::Text(reader) => {
                let Some(batch) = reader.next_batch().map_err(|e| source_error(e.into()))? else {
                    return Ok(None);
                };
                let columns: Vec<StringArray> = batch
                    .records
                    .columns()
                    .iter()
                    .map(|c| {
                        let text = datafusion::arrow::compute::cast(c, &DataType::Utf8)?;
                        Ok(text.as_string::<i32>().clone())
                    })
                    .collect::<Result<_>>()?;
                let lines = (0..batch.records.num_rows())
                    .map(|row| {
                        let cell = |column: usize| {
                            columns.get(column).filter(|c| c.is_valid(row)).map(|c| c.value(row))
                        };
                        line_of(&self.places, &self.row_places, batch.line_numbers.value(row), &cell)
                    })
                    .collect();
                let unread = batch.rejects.iter().map(|r| (r.line_number, r.reason.clone())).collect();
                Ok(Some((lines, unread)))
            }
        }
    }
}

fn line_of<'a>(
    places: &[usize; COLUMNS.len()],
    row_places: &[usize],
    line: i64,
    raw: &dyn Fn(usize) -> Option<&'a str>,
) -> ReportLine {
    let cell = |column: usize| {
        let text = raw(column).filter(|text| !text.trim().is_empty());
        text.map(|text| spreadsheet_restore_str(text).to_owned())
    };
    let &[violation, run_id, rule_code, _, original_value, store] = places;
    ReportLine {
        line,
        violation: cell(violation),
        run_id: cell(run_id),
        rule_code: cell(rule_code),
        original_value: cell(original_value),
        store: cell(store),
        cells: row_places.iter().map(|&column| cell(column)).collect(),
    }
}

/// Name, headers and lines of a report, by the ending of its name.
fn open_source(path: &Path) -> Result<(String, Vec<String>, Source)> {
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    match ending.as_str() {
        "xlsx" | "xlsm" => {
            let sheets = super::workbook::read(path)?;
            Ok((path.display().to_string(), sheets.headers, Source::Sheet(sheets.lines.into_iter())))
        }
        "xls" | "xlsb" | "ods" => Err(Error::new(
            ErrorKind::Usage,
            format!("{}: workbooks of this kind cannot be read back", path.display()),
        )
        .with_help("in the spreadsheet program, save it as .xlsx, or the sheet as CSV (UTF-8)")),
        _ => {
            // Some programs leave out blank cells at the end of a line.
            let options =
                CsvOptions { ragged: Some(Ragged::Pad), header: Some(true), ..CsvOptions::default() };
            let (name, file) = crate::steps::land::opened(path)?;
            let reader = CsvReader::open(Box::new(file), &name, &options)
                .map_err(|e| source_error(SourceError::from(e)))?;
            let headers = reader.headers().original.clone();
            Ok((name, headers, Source::Text(Box::new(reader))))
        }
    }
}

fn restored_header(header: &str) -> &str {
    spreadsheet_restore_str(header.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}'))
}

fn not_a_report(name: &str, headers: &[&str], missing: &[&str]) -> Error {
    let has = |wanted: &str| headers.iter().any(|h| h.eq_ignore_ascii_case(wanted));
    if has("_row") && has("_rule") {
        return Error::new(
            ErrorKind::Usage,
            format!("{name}: this is the error report that a run left; it is imported like any file"),
        )
        .with_help(
            "mend it and run `importer run --file` with it, or export findings to mend with `importer violations --format csv --out FILE`",
        );
    }
    Error::new(ErrorKind::Usage, format!("{name}: columns are missing: {}", missing.join(", "))).with_help(
        "keep all columns of the exported report: `importer violations --format csv --out FILE` writes it again",
    )
}
