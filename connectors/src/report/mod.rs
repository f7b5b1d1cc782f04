//! Error reports: the rows that a run holds back, written out again in their file's own format, so that whoever made the file
//! mends them in the program that it was made with.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | [`ReportWriter`], what it is given and what it leaves; [`ReportFormat`]: which writer a source asks for |
//! | `text` | delimited text, in the dialect of the file |
//! | `workbook` | workbooks, with marks and notes |
//!
//! Rows have the columns of the file in their order, and behind them those of the report.

mod text;
mod workbook;

use std::borrow::Cow;
use std::io::{self, Read};

use crate::csv::Dialect;
use crate::source::Description;
use text::TextReport;
use workbook::WorkbookReport;

/// UTF-16 units of a cell of a workbook.
pub const CELL_UNITS: usize = 32_767;
/// Columns of a sheet.
pub const SHEET_COLUMNS: usize = 16_384;
/// Rows of a sheet, its header included.
pub const SHEET_ROWS: u32 = 1_048_576;

/// Puts an apostrophe before a text that a spreadsheet program would run, or that begins with one. Whoever reads a report
/// takes exactly one leading apostrophe off each cell.
pub type Guard = fn(&str) -> Cow<'_, str>;

/// In what a report is written.
#[derive(Debug, Clone, PartialEq)]
pub enum ReportFormat {
    /// Delimited text.
    Text(Dialect),
    /// A workbook (XLSX) with one sheet of this name.
    Workbook { sheet: String },
}

impl ReportFormat {
    /// The format of a source: its dialect where it is delimited text, a workbook where it is a sheet, and plain CSV in UTF-8
    /// for everything else.
    #[must_use]
    pub fn of(description: &Description) -> Self {
        if description.connector == crate::xlsx::NAME {
            let sheet = description.why("sheet").map_or_else(String::new, |e| e.value.clone());
            return Self::Workbook { sheet };
        }
        Self::Text(description.dialect.clone().unwrap_or_default())
    }

    /// The same, or plain CSV where a sheet has no room for the columns.
    #[must_use]
    pub fn fitting(self, columns: &ReportColumns) -> Self {
        match self {
            Self::Workbook { .. } if !workbook::has_room(columns) => Self::Text(workbook::plain()),
            fitting => fitting,
        }
    }

    /// The ending of a report's name.
    #[must_use]
    pub fn ending(&self) -> &'static str {
        match self {
            Self::Text(_) => "csv",
            Self::Workbook { .. } => "xlsx",
        }
    }

    /// Begins a report with its header.
    ///
    /// # Errors
    /// A workbook writes to a temporary file, which cannot be made or written.
    pub fn begin(self, columns: ReportColumns, guard: Guard) -> io::Result<Box<dyn ReportWriter>> {
        Ok(match self {
            Self::Text(dialect) => Box::new(TextReport::begin(&columns, dialect, guard)?),
            Self::Workbook { sheet } => Box::new(WorkbookReport::begin(columns, &sheet, guard)?),
        })
    }
}

/// The names of a report's columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportColumns {
    /// Those of the file, as they stand in it.
    pub own: Vec<String>,
    /// Those of the report, such as the reasons.
    pub added: Vec<String>,
}

/// One row of a report.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReportRow<'r> {
    /// The cells of the file's own columns.
    pub own: &'r [Option<&'r str>],
    /// A record that could not be read, in the bytes of its file; it stands as text in the first of `own`.
    pub raw: Option<&'r [u8]>,
    /// The cells of the report's columns.
    pub added: &'r [Option<&'r str>],
    /// What is wrong, cell by cell, in their order; each cell at most once.
    pub marks: &'r [Mark],
}

/// A cell that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Its place in the row, from 0; the report's columns follow those of the file.
    pub cell: usize,
    /// Why, and what to do.
    pub note: String,
}

/// Writes one report, row by row. Memory is bounded whatever the number of rows.
pub trait ReportWriter: Send {
    /// Takes a row. What the format has no room for goes beside the report, whole.
    ///
    /// # Errors
    /// The temporary file of the report cannot be written.
    fn write(&mut self, row: &ReportRow<'_>) -> io::Result<()>;

    /// The bytes that are ready, each once.
    ///
    /// # Errors
    /// They cannot be had.
    fn ready(&mut self) -> io::Result<Vec<u8>>;

    /// Ends the report. May take seconds of work.
    ///
    /// # Errors
    /// The temporary file of the report cannot be read or written.
    fn finish(self: Box<Self>) -> io::Result<Written>;
}

/// A report that is finished.
pub struct Written {
    /// The bytes behind those that were ready before.
    pub rest: Box<dyn Read + Send>,
    /// What found no room in it.
    pub beside: Option<Beside>,
}

/// Rows that found no room in their report, as CSV with the same columns.
pub struct Beside {
    pub rows: u64,
    pub content: Box<dyn Read + Send>,
}
