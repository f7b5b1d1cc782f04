//! Error reports: the rows that a run holds back, written out again in their file's own format, so that whoever made the file
//! mends them in the program that it was made with.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | [`ReportFormat`]: which writer a source asks for |
//! | `writer` | [`ReportWriter`], what it is given and what it leaves |
//! | `text` | delimited text, in the dialect of the file |
//! | `workbook` | workbooks, with marks and notes |
//!
//! Rows have the columns of the file in their order, and behind them those of the report.

mod text;
mod workbook;
mod writer;

use std::io;

use crate::dialect::Dialect;
use crate::source::Description;
use text::TextReport;
use workbook::WorkbookReport;

pub use workbook::{CELL_UNITS, SHEET_COLUMNS, SHEET_ROWS};
pub use writer::{Beside, Guard, Mark, ReportColumns, ReportRow, ReportWriter, Written};

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
            let sheet = description.evidence.why("sheet").map_or_else(String::new, |e| e.value.clone());
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
