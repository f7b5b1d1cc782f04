//! What writes a report: the rows that it is given, and what it leaves.

use std::borrow::Cow;
use std::io::{self, Read};

/// Puts an apostrophe before a text that a spreadsheet program would run, or that begins with one. Whoever reads a report
/// takes exactly one leading apostrophe off each cell.
pub type Guard = fn(&str) -> Cow<'_, str>;

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
