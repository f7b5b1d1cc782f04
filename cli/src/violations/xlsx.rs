//! Findings as a workbook. Cells are text, never formulas or numbers; memory stays flat, for rows go to the file as
//! they come.

use std::path::Path;

use importer_engine::remedy::WORKBOOK_CELL;
use importer_sql::functions::spreadsheet_safe_str;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::findings::Findings;
use crate::failure::Failure;

/// Rows of a sheet, its header included.
const SHEET_ROWS: u32 = 1_048_576;
/// Widths of the columns, in characters.
const WIDTHS: [f64; 14] = [10.0, 8.0, 26.0, 10.0, 10.0, 28.0, 8.0, 8.0, 20.0, 32.0, 32.0, 60.0, 60.0, 10.0];
/// Width of the cells of the row itself.
const OWN_WIDTH: f64 = 24.0;

/// Writes the workbook; what does not fit on one sheet goes on on the next.
pub async fn write(mut findings: Findings, path: &Path) -> Result<(), Failure> {
    let mut book = Workbook::new();
    let headers = findings.headers();
    let (mut sheets, mut row) = (0, SHEET_ROWS);
    while let Some(rows) = findings.next().await? {
        for cells in rows {
            if row >= SHEET_ROWS {
                finish(&mut book, &headers, sheets, row).map_err(failed)?;
                sheets += 1;
                begin(&mut book, &headers, sheets).map_err(failed)?;
                row = 1;
            }
            let sheet = book.worksheet_from_index(sheets - 1).map_err(failed)?;
            write_row(sheet, row, &cells).map_err(failed)?;
            row += 1;
        }
    }
    if sheets == 0 {
        begin(&mut book, &headers, 1).map_err(failed)?;
        (sheets, row) = (1, 1);
    }
    finish(&mut book, &headers, sheets, row).map_err(failed)?;
    book.save(path).map_err(failed)
}

fn begin(book: &mut Workbook, headers: &[String], number: usize) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(if number == 1 { "violations".to_owned() } else { format!("violations {number}") })?;
    let widths = WIDTHS.into_iter().chain(std::iter::repeat(OWN_WIDTH));
    for (column, (name, width)) in (0..).zip(headers.iter().zip(widths)) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, spreadsheet_safe_str(name), &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// The filter covers what was written.
fn finish(book: &mut Workbook, headers: &[String], sheets: usize, rows: u32) -> Result<(), XlsxError> {
    if sheets > 0 {
        let last = u16::try_from(headers.len().saturating_sub(1)).unwrap_or(u16::MAX);
        book.worksheet_from_index(sheets - 1)?.autofilter(0, 0, rows.saturating_sub(1), last)?;
    }
    Ok(())
}

fn write_row(sheet: &mut Worksheet, row: u32, cells: &[Option<String>]) -> Result<(), XlsxError> {
    for (column, cell) in (0..).zip(cells) {
        if let Some(text) = cell.as_deref().filter(|text| !text.is_empty()) {
            sheet.write_string(row, column, fitting(&spreadsheet_safe_str(text)))?;
        }
    }
    Ok(())
}

/// Excel counts UTF-16 units.
fn fitting(text: &str) -> String {
    let mut units = 0;
    text.chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= WORKBOOK_CELL
        })
        .collect()
}

fn failed(error: XlsxError) -> Failure {
    Failure::failed(format!("the workbook cannot be written: {error}"))
}
