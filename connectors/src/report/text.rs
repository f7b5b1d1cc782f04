//! Reports as delimited text. Every cell that a spreadsheet program would run is guarded.

use std::borrow::Cow;
use std::io::{self, Cursor, Write};

use super::writer::{Guard, ReportColumns, ReportRow, ReportWriter, Written};
use crate::csv::CsvWriter;
use crate::dialect::Dialect;

/// A report in the dialect of its file.
pub(super) struct TextReport {
    writer: CsvWriter<Vec<u8>>,
    dialect: Dialect,
    guard: Guard,
}

impl TextReport {
    pub(super) fn begin(columns: &ReportColumns, dialect: Dialect, guard: Guard) -> io::Result<Self> {
        let mut writer = CsvWriter::new(Vec::new(), &dialect);
        write_header(&mut writer, columns, guard)?;
        Ok(Self { writer, dialect, guard })
    }
}

impl ReportWriter for TextReport {
    fn write(&mut self, row: &ReportRow<'_>) -> io::Result<()> {
        write_row(&mut self.writer, row, self.guard)
    }

    /// The writer goes on with an empty buffer, and without a second byte order mark.
    fn ready(&mut self) -> io::Result<Vec<u8>> {
        self.dialect.bom = false;
        let next = CsvWriter::new(Vec::new(), &self.dialect);
        std::mem::replace(&mut self.writer, next).finish()
    }

    fn finish(mut self: Box<Self>) -> io::Result<Written> {
        Ok(Written { rest: Box::new(Cursor::new(self.ready()?)), beside: None })
    }
}

pub(super) fn write_header<W: Write>(
    writer: &mut CsvWriter<W>,
    columns: &ReportColumns,
    guard: Guard,
) -> io::Result<()> {
    let own: Vec<Cow<'_, str>> = columns.own.iter().map(|name| guard(name)).collect();
    let added = columns.added.iter().map(String::as_str);
    writer.write_record(own.iter().map(AsRef::as_ref).chain(added).map(Some))
}

/// The columns of the report hold codes, numbers and sentences of ours.
pub(super) fn write_row<W: Write>(
    writer: &mut CsvWriter<W>,
    row: &ReportRow<'_>,
    guard: Guard,
) -> io::Result<()> {
    let safe: Vec<Option<Cow<'_, str>>> = row.own.iter().map(|cell| cell.map(guard)).collect();
    let own = safe.iter().map(Option::as_deref);
    let added = row.added.iter().copied();
    match row.raw {
        // The text form may have lost bytes that the encoding does not have; the guard stands in front of it.
        Some(raw) => {
            let guarded = matches!(safe.first(), Some(Some(Cow::Owned(_))));
            writer.write_with_raw(raw, guarded.then_some('\''), own.skip(1).chain(added))
        }
        None => writer.write_record(own.chain(added)),
    }
}
