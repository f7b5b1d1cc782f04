//! Findings in the order of their lines become one report row per refused row, with all its reasons, and the cells that they
//! are about are marked.

use std::collections::{BTreeMap, HashMap};

use datafusion::arrow::array::{Array, AsArray, BinaryArray, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use importer_connectors::report::{Mark, ReportColumns, ReportFormat, ReportRow, ReportWriter, Written};
use importer_plans::header::REPORT_COLUMNS;
use importer_sql::functions::spreadsheet_safe_str;

use crate::error::{Error, ErrorKind, Result};
use crate::steps::land::LandedFile;

/// Columns of a refused row beside the cells of its file: its place, and its reasons.
pub(super) const REASONS: usize = 6;

/// An error report that is sent again does not keep the columns of the one before.
pub(super) fn kept_columns(file: &LandedFile) -> Vec<usize> {
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

/// A report under way.
pub(super) struct Report {
    writer: Box<dyn ReportWriter>,
    stem: String,
    ending: &'static str,
    rows: Rows,
}

impl Report {
    pub(super) fn begin(file: &LandedFile) -> Result<Self> {
        let kept = kept_columns(file);
        let format = file.style.report_format();
        let is_sheet = matches!(format, ReportFormat::Workbook { .. });
        let own = kept.iter().map(|&c| {
            let name = file.headers.get(c).map_or("", String::as_str);
            // A column of a sheet without a name and without cells would be none.
            let named = if is_sheet && name.trim().is_empty() { file.columns.get(c) } else { None };
            named.cloned().unwrap_or_else(|| name.to_owned())
        });
        let columns = ReportColumns { own: own.collect(), added: REPORT_COLUMNS.map(str::to_owned).to_vec() };
        let format = format.fitting(&columns);
        Ok(Self {
            stem: stem(file),
            ending: format.ending(),
            writer: format.begin(columns, spreadsheet_safe_str).map_err(failed)?,
            rows: Rows { own: kept.len(), places: places(file, &kept), waiting: None },
        })
    }

    /// The name of its file.
    pub(super) fn name(&self) -> String {
        format!("{}.{}", self.stem, self.ending)
    }

    /// The name of the file with what finds no room in it.
    pub(super) fn name_beside(&self) -> String {
        format!("{}-rest.csv", self.stem)
    }

    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows.add(self.writer.as_mut(), batch)
    }

    /// What is ready to go into the lake.
    pub(super) fn ready(&mut self) -> Result<Vec<u8>> {
        self.writer.ready().map_err(failed)
    }

    /// The rest, with the row that waits. A large workbook takes seconds.
    pub(super) async fn finish(mut self) -> Result<Written> {
        self.rows.write(self.writer.as_mut())?;
        let writer = self.writer;
        tokio::task::spawn_blocking(move || writer.finish()).await?.map_err(failed)
    }
}

pub(super) fn failed(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Lake, format!("the error report cannot be written: {error}")).with_source(error)
}

/// The name of a report without its ending: that of its file, which may be any, made safe for a path.
fn stem(file: &LandedFile) -> String {
    let safe: String = file
        .name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' })
        .take(80)
        .collect();
    let unpacked = safe.trim_end_matches(".gz").trim_end_matches(".zst");
    let bare = [".csv", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"]
        .iter()
        .find_map(|ending| unpacked.strip_suffix(ending))
        .unwrap_or(unpacked)
        .trim_matches('.');
    format!("errors-{}-{}", file.number, if bare.is_empty() { "file" } else { bare })
}

/// Where the cells of each field stand in a report's row.
fn places(file: &LandedFile, kept: &[usize]) -> HashMap<String, Vec<usize>> {
    let place =
        |column: &String| kept.iter().position(|&c| file.columns.get(c).is_some_and(|name| name == column));
    let of = |columns: &[String]| columns.iter().filter_map(place).collect();
    file.assignments.iter().map(|(field, columns)| (field.clone(), of(columns))).collect()
}

/// Collects the reasons of rows.
struct Rows {
    /// How many cells are the file's own.
    own: usize,
    places: HashMap<String, Vec<usize>>,
    waiting: Option<Waiting>,
}

/// A row whose reasons may go on.
struct Waiting {
    row: Option<String>,
    line: Option<String>,
    cells: Vec<Option<String>>,
    /// A record that could not be read, byte by byte as it stands in its file.
    raw: Option<Vec<u8>>,
    findings: Vec<Finding>,
}

struct Finding {
    rule: Option<String>,
    message: Option<String>,
    hint: Option<String>,
    field: Option<String>,
}

impl Rows {
    fn add(&mut self, writer: &mut dyn ReportWriter, batch: &RecordBatch) -> Result<()> {
        let (raw, columns) = columns_of(batch)?;
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
                    findings: Vec::new(),
                });
            }
            if let Some(waiting) = &mut self.waiting {
                let reason = |n: usize| text(self.own + 2 + n, row);
                let (rule, message, hint, field) = (reason(0), reason(1), reason(2), reason(3));
                waiting.findings.push(Finding { rule, message, hint, field });
            }
        }
        Ok(())
    }

    /// Writes the row that waits.
    fn write(&mut self, writer: &mut dyn ReportWriter) -> Result<()> {
        let Some(waiting) = self.waiting.take() else { return Ok(()) };
        let marks = self.marks(&waiting);
        let joined = |of: &dyn Fn(&Finding) -> Option<&str>| {
            let texts: Vec<&str> = waiting.findings.iter().filter_map(of).collect();
            (!texts.is_empty()).then(|| texts.join("; "))
        };
        let reasons = [
            joined(&|f| f.rule.as_deref()),
            joined(&|f| f.message.as_deref()),
            joined(&|f| f.hint.as_deref()),
        ];
        let [rule, message, hint] = &reasons;
        let own: Vec<Option<&str>> = waiting.cells.iter().map(Option::as_deref).collect();
        let added = [&waiting.row, &waiting.line, rule, message, hint].map(Option::as_deref);
        let row = ReportRow { own: &own, raw: waiting.raw.as_deref(), added: &added, marks: &marks };
        writer.write(&row).map_err(failed)
    }

    /// The cells that the reasons are about, each once. What is about no single cell stands at the rule.
    fn marks(&self, waiting: &Waiting) -> Vec<Mark> {
        let mut notes: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for finding in &waiting.findings {
            let parts = [&finding.rule, &finding.message, &finding.hint];
            let note: Vec<&str> = parts.into_iter().filter_map(Option::as_deref).collect();
            notes.entry(self.cell_of(finding, waiting)).or_default().push(note.join("\n"));
        }
        notes.into_iter().map(|(cell, notes)| Mark { cell, note: notes.join("\n\n") }).collect()
    }

    fn cell_of(&self, finding: &Finding, waiting: &Waiting) -> usize {
        // A record that could not be read stands in the first cell.
        if waiting.raw.is_some() && self.own > 0 {
            return 0;
        }
        let places = finding.field.as_ref().and_then(|field| self.places.get(field));
        let places = places.map_or(&[][..], Vec::as_slice);
        // Of several columns of one field, the first that is not empty gives the value.
        let filled = |place: &&usize| {
            waiting.cells.get(**place).is_some_and(|cell| cell.as_ref().is_some_and(|c| !c.trim().is_empty()))
        };
        places.iter().find(filled).or_else(|| places.first()).copied().unwrap_or(self.own + RULE)
    }
}

/// Where the rule stands among the columns of a report.
const RULE: usize = 2;

/// The raw bytes of the rows of a batch, and everything else as text.
fn columns_of(batch: &RecordBatch) -> Result<(BinaryArray, Vec<StringArray>)> {
    let (raw, texts) = batch.columns().split_last().ok_or_else(|| Error::internal("a report has columns"))?;
    let raw = cast(raw, &DataType::Binary)?.as_binary::<i32>().clone();
    let texts = texts.iter().map(|c| Ok(cast(c, &DataType::Utf8)?.as_string::<i32>().clone()));
    Ok((raw, texts.collect::<Result<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::land::FileStyle;

    fn file(name: &str) -> LandedFile {
        LandedFile {
            name: name.to_owned(),
            number: 3,
            headers: ["Nr", "Mail", "Mail 2"].map(str::to_owned).to_vec(),
            columns: ["Nr", "Mail", "Mail 2"].map(str::to_owned).to_vec(),
            assignments: vec![("email".to_owned(), vec!["Mail".to_owned(), "Mail 2".to_owned()])],
            unmapped: Vec::new(),
            doubted: Vec::new(),
            is_error_report: false,
            dialect: String::new(),
            typed: Vec::new(),
            unit: "row".to_owned(),
            style: FileStyle::default(),
            reading: None,
            counts: Default::default(),
            notes: Vec::new(),
            texts: Default::default(),
            progress: None,
            data_set: Default::default(),
        }
    }

    #[test]
    fn reports_are_called_like_their_files() {
        for (name, wanted) in [
            ("people.csv", "errors-3-people"),
            ("people.csv.gz", "errors-3-people"),
            ("Mitglieder 2024.xlsx", "errors-3-Mitglieder_2024"),
            ("book.xls!Team A", "errors-3-book.xls_Team_A"),
            ("people.parquet", "errors-3-people.parquet"),
            ("..", "errors-3-file"),
        ] {
            assert_eq!(stem(&file(name)), wanted);
        }
    }

    #[test]
    fn the_cell_that_gave_the_value_is_marked() {
        let rows = Rows { own: 3, places: places(&file("a.xlsx"), &[0, 1, 2]), waiting: None };
        let marked = |cells: [Option<&str>; 3], field: Option<&str>, raw: Option<Vec<u8>>| {
            let finding = Finding {
                rule: Some("R".to_owned()),
                message: Some("wrong".to_owned()),
                hint: Some("mend it".to_owned()),
                field: field.map(str::to_owned),
            };
            let cells = cells.map(|c| c.map(str::to_owned)).to_vec();
            let waiting = Waiting { row: None, line: None, cells, raw, findings: vec![finding] };
            let marks = rows.marks(&waiting);
            assert_eq!((marks.len(), marks[0].note.as_str()), (1, "R\nwrong\nmend it"));
            marks[0].cell
        };
        assert_eq!(marked([Some("1"), Some("x"), Some("y")], Some("email"), None), 1);
        assert_eq!(marked([Some("1"), Some(" "), Some("y")], Some("email"), None), 2);
        assert_eq!(marked([Some("1"), None, None], Some("email"), None), 1);
        assert_eq!(marked([Some("1"), None, None], Some("phone"), None), 3 + RULE);
        assert_eq!(marked([Some("1"), None, None], None, None), 3 + RULE);
        assert_eq!(marked([Some("[1]"), None, None], None, Some(vec![1])), 0);
    }
}
