//! Reports as workbooks: one sheet, all cells text, what is wrong marked by a colour and explained in a note.
//!
//! Cells are strings, so nothing is run and no zero is lost; their format is Text, so that what a person types into them stays
//! as it was typed. An apostrophe at the beginning gets a second one, for one is taken off when a report is read, whatever
//! program has saved it as what meanwhile; nothing else is guarded.
//!
//! Rows go to a temporary file as they come. Notes stay in memory until the end, so there are so many at most; the reasons stand
//! in the report's own columns as well.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, IgnoreError, Note, Workbook, Worksheet, XlsxError,
};

use super::text;
use super::writer::{Beside, Guard, ReportColumns, ReportRow, ReportWriter, Written};
use crate::csv::CsvWriter;
use crate::dialect::Dialect;

/// UTF-16 units of a cell of a workbook.
pub const CELL_UNITS: usize = 32_767;
/// Columns of a sheet.
pub const SHEET_COLUMNS: usize = 16_384;
/// Rows of a sheet, its header included.
pub const SHEET_ROWS: u32 = 1_048_576;

/// Notes of a workbook; spreadsheet programs get slow with many, and each takes some kilobytes while it is written.
const NOTES: usize = 5000;
/// Characters of a note.
const NOTE_LENGTH: usize = 1000;
/// Characters of a sheet's name.
const NAME_LENGTH: usize = 31;
/// Widths of the columns, in characters.
const OWN_WIDTH: f64 = 20.0;
const ADDED_WIDTH: f64 = 30.0;
/// Behind a cell that is wrong: yellow.
const MARKED: u32 = 0x00FF_EB9C;

/// What stands in the header's note where not all marks have one.
const MANY_MARKS: &str = "Not every marked cell has a note: there are more than a workbook bears. The reasons of every row stand in these columns.";

/// A report under way.
pub(super) struct WorkbookReport {
    book: Workbook,
    columns: ReportColumns,
    guard: Guard,
    marked: Format,
    /// The row that is written next, from 0.
    row: u32,
    notes: usize,
    beside: Option<Overflow>,
}

/// The rows that find no room in the sheet.
struct Overflow {
    writer: CsvWriter<BufWriter<File>>,
    rows: u64,
}

/// How text is written that stands in for a sheet: spreadsheet programs know UTF-8 by its mark alone.
pub(super) fn plain() -> Dialect {
    Dialect { bom: true, ..Dialect::default() }
}

/// Whether a sheet can have these columns.
pub(super) fn has_room(columns: &ReportColumns) -> bool {
    columns.own.len() + columns.added.len() <= SHEET_COLUMNS
        // One unit for an apostrophe.
        && columns.own.iter().all(|name| units(name) < CELL_UNITS)
}

impl WorkbookReport {
    pub(super) fn begin(columns: ReportColumns, sheet: &str, guard: Guard) -> io::Result<Self> {
        let text = Format::new().set_num_format("@");
        let marked = text.clone().set_background_color(MARKED);
        let mut book = Workbook::new();
        caught(|| {
            // The same rows give the same bytes.
            let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
            book.set_properties(&DocProperties::new().set_creation_datetime(&made));
            let page = book.add_worksheet_with_constant_memory()?;
            page.set_name(sheet_name(sheet))?;
            page.set_freeze_panes(1, 0)?;
            write_header(page, &columns, &text, guard)
        })?;
        Ok(Self { book, columns, guard, marked, row: 1, notes: 0, beside: None })
    }

    fn put(&mut self, row: &ReportRow<'_>) -> io::Result<()> {
        let Self { book, guard, marked, notes, .. } = self;
        let at = self.row;
        caught(|| {
            let page = book.worksheet_from_index(0)?;
            let mut marks = row.marks.iter().peekable();
            let own = row.own.iter().map(|cell| cell.map(|text| kept(text, *guard)));
            let added = row.added.iter().map(|cell| cell.map(Cow::Borrowed));
            for (place, cell) in own.chain(added).enumerate() {
                let mark = marks.next_if(|mark| mark.cell == place);
                let column = column(place);
                let text = cell.as_deref().unwrap_or_default();
                match mark {
                    Some(_) => page.write_string_with_format(at, column, text, marked)?,
                    None => page.write_string(at, column, text)?,
                };
                let Some(mark) = mark else { continue };
                if *notes < NOTES {
                    page.insert_note(at, column, &note(&mark.note))?;
                }
                *notes += 1;
            }
            Ok(())
        })?;
        self.row += 1;
        Ok(())
    }

    fn put_beside(&mut self, row: &ReportRow<'_>) -> io::Result<()> {
        let beside = match &mut self.beside {
            Some(beside) => beside,
            none => {
                let out = BufWriter::new(tempfile::tempfile()?);
                let mut writer = CsvWriter::new(out, &plain());
                text::write_header(&mut writer, &self.columns, self.guard)?;
                none.insert(Overflow { writer, rows: 0 })
            }
        };
        beside.rows += 1;
        // The text of a record that could not be read goes as it is, for its bytes are those of a workbook.
        text::write_row(&mut beside.writer, &ReportRow { raw: None, ..*row }, self.guard)
    }

    /// What can only be said once all rows are there.
    fn end(&mut self) -> io::Result<()> {
        let (own, all) = (self.columns.own.len(), self.columns.own.len() + self.columns.added.len());
        let (last_row, many) = (self.row.saturating_sub(1), self.notes > NOTES);
        let book = &mut self.book;
        caught(|| {
            let page = book.worksheet_from_index(0)?;
            if let Some(last) = all.checked_sub(1) {
                page.autofilter(0, 0, last_row, column(last))?;
                if last_row > 0 {
                    page.ignore_error_range(1, 0, last_row, column(last), IgnoreError::NumberStoredAsText)?;
                }
            }
            if many {
                page.insert_note(0, column(own), &note(MANY_MARKS))?;
            }
            Ok(())
        })
    }
}

impl ReportWriter for WorkbookReport {
    fn write(&mut self, row: &ReportRow<'_>) -> io::Result<()> {
        let cells = row.own.iter().chain(row.added).flatten();
        // One unit for an apostrophe.
        if self.row < SHEET_ROWS && cells.into_iter().all(|text| units(text) < CELL_UNITS) {
            self.put(row)
        } else {
            self.put_beside(row)
        }
    }

    /// A workbook is there as a whole or not at all.
    fn ready(&mut self) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn finish(mut self: Box<Self>) -> io::Result<Written> {
        self.end()?;
        let mut out = BufWriter::new(tempfile::tempfile()?);
        let book = &mut self.book;
        caught(|| book.save_to_writer(&mut out))?;
        let beside = match self.beside {
            Some(Overflow { writer, rows }) => {
                Some(Beside { rows, content: Box::new(rewound(writer.finish()?)?) })
            }
            None => None,
        };
        Ok(Written { rest: Box::new(rewound(out)?), beside })
    }
}

fn write_header(
    page: &mut Worksheet,
    columns: &ReportColumns,
    text: &Format,
    guard: Guard,
) -> Result<(), XlsxError> {
    let bold = text.clone().set_bold();
    let own = columns.own.iter().map(|name| (kept(name, guard), OWN_WIDTH));
    let added = columns.added.iter().map(|name| (Cow::Borrowed(name.as_str()), ADDED_WIDTH));
    for (place, (name, width)) in own.chain(added).enumerate() {
        let column = column(place);
        page.set_column_width(column, width)?;
        page.set_column_format(column, text)?;
        page.write_string_with_format(0, column, name, &bold)?;
    }
    Ok(())
}

/// A text that gives itself again when one leading apostrophe is taken off.
fn kept(text: &str, guard: Guard) -> Cow<'_, str> {
    if text.starts_with('\'') { guard(text) } else { Cow::Borrowed(text) }
}

/// [`has_room`] has seen that there are no more than a sheet has.
fn column(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

/// Spreadsheet programs count UTF-16 units.
fn units(text: &str) -> usize {
    if text.len() < CELL_UNITS { text.len() } else { text.encode_utf16().count() }
}

/// A note of about the size of its text.
fn note(text: &str) -> Note {
    let text: Cow<'_, str> = match text.char_indices().nth(NOTE_LENGTH) {
        Some((end, _)) => format!("{}… (the rest stands in the last columns)", &text[..end]).into(),
        None => text.into(),
    };
    let lines: usize = text.lines().map(|line| 1 + line.chars().count() / 45).sum();
    let height = u32::try_from(lines.saturating_mul(15)).unwrap_or(u32::MAX).clamp(45, 400) + 15;
    Note::new(text).add_author_prefix(false).set_width(300).set_height(height)
}

/// The name of a sheet, made one that XLSX can have: other formats have longer ones.
fn sheet_name(name: &str) -> String {
    let allowed = |c: char| if matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\') { '_' } else { c };
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= NAME_LENGTH
    };
    let name: String = name.chars().map(allowed).take_while(fits).collect();
    let name = name.trim_matches('\'');
    if name.trim().is_empty() { "errors".to_owned() } else { name.to_owned() }
}

/// The writer of workbooks panics where its temporary file cannot be written; that is an error like any other.
fn caught<T>(work: impl FnOnce() -> Result<T, XlsxError>) -> io::Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(io::Error::other),
        Err(_) => Err(io::Error::other(
            "the temporary file of a workbook cannot be written; is there room in the folder of temporary files?",
        )),
    }
}

fn rewound(out: BufWriter<File>) -> io::Result<File> {
    let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.flush()?;
    file.rewind()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::io::Read;

    use super::super::{ReportColumns, ReportRow, ReportWriter, SHEET_ROWS};
    use super::{NAME_LENGTH, WorkbookReport, note, sheet_name, units};

    #[test]
    fn rows_behind_the_last_one_go_beside() {
        let columns = ReportColumns { own: vec!["a".to_owned()], added: vec!["_rule".to_owned()] };
        let mut report = WorkbookReport::begin(columns, "S", |text| Cow::Borrowed(text)).expect("a report");
        report.row = SHEET_ROWS - 1;
        for cell in ["last", "beside", "beside too"] {
            let row = ReportRow { own: &[Some(cell)], added: &[Some("R")], ..ReportRow::default() };
            report.write(&row).expect("a row");
        }
        let written = Box::new(report).finish().expect("a report");
        let mut beside = written.beside.expect("two rows do not fit");
        let mut text = String::new();
        beside.content.read_to_string(&mut text).expect("text");
        assert_eq!((beside.rows, text.as_str()), (2, "\u{feff}a,_rule\nbeside,R\nbeside too,R\n"));
    }

    #[test]
    fn names_that_a_sheet_can_have() {
        assert_eq!(sheet_name("Mitglieder 2024"), "Mitglieder 2024");
        assert_eq!(sheet_name("a/b[c]:d*e?f\\g"), "a_b_c__d_e_f_g");
        assert_eq!(sheet_name(""), "errors");
        assert_eq!(sheet_name("''"), "errors");
        let long = sheet_name(&"\u{1f600}x".repeat(40));
        assert!((NAME_LENGTH - 1..=NAME_LENGTH).contains(&long.encode_utf16().count()), "{long}");
    }

    #[test]
    fn characters_are_counted_as_spreadsheets_do() {
        assert_eq!(units("é"), 2, "short texts by their bytes, which are no fewer");
        assert_eq!(units(&"é".repeat(32_766)), 32_766);
        assert_eq!(units(&"\u{1f600}".repeat(16_384)), 32_768);
    }

    #[test]
    fn long_notes_are_told_to_go_on() {
        let _ = note(&"ä".repeat(5000));
    }
}
