//! Kinds that are ZIP files: workbooks, and archives of other files.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::kind::{Kind, Names, by_name, no_words};
use super::table::{Cell, Meant};
use super::text;
use crate::xlsx_support;

pub const XLSX: Kind = Kind {
    name: "xlsx",
    connector: "xlsx",
    shown: "xlsx",
    word: "XLSX",
    names: Names::File,
    write: xlsx,
    words: no_words,
    rows: by_name,
    begun: None,
    leaves_out: &[],
};

/// An archive with one CSV in it.
pub const ARCHIVE: Kind =
    Kind { name: "archive", connector: "archive", shown: "csv", word: "ZIP", write: archive, ..XLSX };

/// Characters of a cell that spreadsheet programs write at most.
const LONGEST: usize = 32_767;

fn xlsx(meant: &Meant) -> Vec<u8> {
    let long = |cell: &Cell| matches!(cell, Cell::Text(text) if text.chars().count() > LONGEST);
    if meant.rows.iter().flatten().any(long) {
        return by_hand(meant);
    }
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let time = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    // Days from 1899-12-30 to 1970-01-01.
    let epoch = 25_569.0;
    xlsx_support::book(|workbook| {
        // A workbook says when it was made; two of the same table are to be the same.
        let made = ExcelDateTime::from_ymd(2024, 1, 31).expect("a day");
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
        let sheet = workbook.add_worksheet();
        for (column, name) in (0..).zip(&meant.header) {
            sheet.write_string(0, column, name).expect("a name");
        }
        for (row, cells) in (1..).zip(&meant.rows) {
            for (column, cell) in (0..).zip(cells) {
                let written = match cell {
                    Cell::Null => continue,
                    Cell::Text(text) => sheet.write_string(row, column, text),
                    Cell::Integer(n) => sheet.write_number(row, column, *n as f64),
                    Cell::Number(n) => sheet.write_number(row, column, *n),
                    Cell::Truth(is) => sheet.write_boolean(row, column, *is),
                    Cell::Date(days) => {
                        sheet.write_number_with_format(row, column, f64::from(*days) + epoch, &date)
                    }
                    Cell::Time(seconds) => {
                        let days = *seconds as f64 / 86_400.0 + epoch;
                        sheet.write_number_with_format(row, column, days, &time)
                    }
                };
                written.expect("a cell");
            }
        }
    })
}

/// A sheet of texts, of any length.
fn by_hand(meant: &Meant) -> Vec<u8> {
    let header: Vec<Cell> = meant.header.iter().map(|name| name.as_str().into()).collect();
    let mut rows = String::new();
    for (n, row) in (1..).zip(std::iter::once(&header).chain(&meant.rows)) {
        write!(rows, "<row r=\"{n}\">").expect("memory");
        for (column, cell) in ('A'..='Z').zip(row) {
            let text = cell.written();
            write!(rows, "<c r=\"{column}{n}\" t=\"inlineStr\"><is><t>{text}</t></is></c>").expect("memory");
        }
        rows.push_str("</row>");
    }
    xlsx_support::rows(&rows)
}

fn archive(meant: &Meant) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("people.csv", SimpleFileOptions::default()).expect("memory");
    zip.write_all(&text::csv(meant)).expect("memory");
    zip.finish().expect("memory").into_inner()
}
