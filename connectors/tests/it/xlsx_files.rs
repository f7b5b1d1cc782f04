//! Workbooks as files: other formats, damage, limits, slow streams.

use std::io::{Cursor, Write};

use importer_connectors::connector::{ANY, Connector, Input, Request, open, recognise};
use importer_connectors::xlsx::Xlsx;

use rust_xlsxwriter::{Chart, ChartType, Workbook};

use super::support::Drip;
use super::xlsx_formats::{ODS, TABLE, ods, xls};
use super::xlsx_support::{
    RELATIONS, Sheet, book, raw, read, read_all, read_with, refused, rows, sheet, table, to_end, try_read,
    words, write_table, zip,
};

const SMALL: &[&[&str]] = &[&["id", "name"], &["1", "Ann"]];

#[test]
fn recognised_by_content() {
    let bytes = table(SMALL);
    let (connector, why) = recognise(&mut Input::bytes("x.csv", bytes.clone())).unwrap();
    assert_eq!((connector.name(), why.value.as_str()), ("xlsx", "XLSX"));
    let mut sources = open(ANY, Input::bytes("x.csv", bytes), &Request::default()).unwrap();
    assert_eq!(to_end(sources[0].as_mut(), 8192).unwrap().cells(), [["1", "Ann"]]);
    let (connector, why) = recognise(&mut Input::bytes("x", ods(TABLE))).unwrap();
    assert_eq!((connector.name(), why.value.as_str()), ("xlsx", "ODS"));
    let (connector, _) = recognise(&mut Input::bytes("x", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1....")).unwrap();
    assert_eq!(connector.name(), "xlsx");
    let other = zip(&[("data.csv", "a,b\n1,2\n")]);
    assert_eq!(recognise(&mut Input::bytes("x", other)).unwrap().0.name(), "archive");
    for head in [b"PK\x03\x04".as_slice(), b"", b"PK", &[0x50, 0x4B, 3, 4, 255, 255, 255, 255, 255, 255]] {
        assert!(Xlsx.recognise(head).is_none());
    }
}

#[test]
fn a_slow_stream() {
    let data = table(SMALL);
    let drip = Drip { data, at: 0, step: 3 };
    let mut sources = Xlsx.open(Input::stream("book.xlsx", drip), &Request::default()).unwrap();
    assert_eq!(to_end(sources[0].as_mut(), 8192).unwrap().cells(), [["1", "Ann"]]);
}

#[test]
fn other_files_under_this_name() {
    let other: [(&[u8], &str); 5] = [
        (b"", "book.xlsx is no spreadsheet but an empty file"),
        (b"id,name\n1,Ann\n", "book.xlsx is no spreadsheet but a file of another format"),
        (&zip(&[("a.txt", "x")]), "book.xlsx is no spreadsheet but a ZIP file without a workbook in it"),
        (&zip(&[("word/document.xml", "<x/>")]), "book.xlsx is no spreadsheet but a text document (DOCX)"),
        (
            &zip(&[("mimetype", "application/vnd.oasis.opendocument.text")]),
            "book.xlsx is no spreadsheet but a text document",
        ),
    ];
    for (bytes, message) in other {
        assert_eq!(refused(bytes, &Request::default()), ("XLSX_NOT_A_WORKBOOK", message.to_owned()));
    }
}

#[test]
fn cut_off_at_any_place() {
    let bytes = table(SMALL);
    for end in (8..bytes.len() - 1).step_by(97).chain([bytes.len() - 1]) {
        assert_eq!(refused(&bytes[..end], &Request::default()).0, "XLSX_DAMAGED", "{end}");
    }
}

#[test]
fn bytes_that_changed_never_panic() {
    let bytes = table(SMALL);
    for at in (0..bytes.len()).step_by(41) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        if let Err(e) = try_read(&damaged, &Request::default()) {
            assert!(e.code().starts_with("XLSX_") || e.code() == "FILE_TOO_LARGE", "{e}");
        }
    }
}

/// Text with one byte changed, at every place and in several ways.
fn changed(text: &str) -> impl Iterator<Item = String> {
    (0..text.len()).step_by(3).flat_map(move |at| {
        ["<", ">", "\"", "9", "&", ""]
            .into_iter()
            .map(move |to| format!("{}{to}{}", &text[..at], &text[at + 1..]))
    })
}

#[track_caller]
pub fn never_stops_badly(bytes: &[u8]) {
    if let Err(e) = try_read(bytes, &Request::default()) {
        assert!(e.code().starts_with("XLSX_") || e.code() == "FILE_TOO_LARGE", "{} {e}", e.code());
    }
}

#[test]
fn xml_that_changed_never_panics() {
    let sheet = concat!(
        r#"<worksheet><dimension ref="A1:B3"/><cols><col min="1" max="2" hidden="1"/></cols><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>"#,
        r#"<row r="2" hidden="1"><c r="A2" s="0"><f>1</f><v>2</v></c><c r="B2" t="e"><v>#N/A</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells></worksheet>"#
    );
    let strings = r#"<sst uniqueCount="1"><si><r><t xml:space="preserve">a</t></r></si></sst>"#;
    for sheet in changed(sheet) {
        never_stops_badly(&raw(&sheet, strings));
    }
    for strings in changed(strings) {
        never_stops_badly(&raw(sheet, &strings));
    }
    for tables in changed(TABLE) {
        never_stops_badly(&ods(&tables));
    }
}

#[test]
fn damaged_parts() {
    for sheet in [
        "<worksheet><sheetData><row><c><v>1</v></c>",
        "<worksheet><sheetData><row r=\"0\"><c r=\"A0\"><v>1</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c r=\"ZZZZ1\"><v>1</v></c></row></sheetData></worksheet>",
        "<worksheet></worksheet>",
        "no XML",
        "</worksheet>",
        "",
    ] {
        let (code, message) = refused(&raw(sheet, "<sst/>"), &Request::default());
        assert_eq!(code, "XLSX_DAMAGED", "{sheet}");
        assert!(message.starts_with("book.xlsx!S is damaged: "), "{message}");
    }
    let cell = "<worksheet><sheetData><row><c t=\"s\"><v>0</v></c></row></sheetData></worksheet>";
    assert_eq!(refused(&raw(cell, "<sst><si><t>x"), &Request::default()).0, "XLSX_DAMAGED");
    let empty = zip(&[("xl/workbook.xml", "<workbook/>")]);
    assert_eq!(refused(&empty, &Request::default()).0, "XLSX_DAMAGED");
}

#[test]
fn workbooks_without_rows() {
    let none = zip(&[
        ("_rels/.rels", RELATIONS),
        ("xl/workbook.xml", "<workbook><sheets/></workbook>"),
        ("xl/_rels/workbook.xml.rels", "<Relationships/>"),
    ]);
    assert_eq!(refused(&none, &Request::default()).0, "XLSX_NO_SHEETS");
    assert_eq!(refused(&sheet(|_| ()), &Request::default()).0, "XLSX_EMPTY");
    let charts = zip(&[
        ("_rels/.rels", RELATIONS),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"C\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"x/chartsheet\" Target=\"chartsheets/sheet1.xml\"/></Relationships>",
        ),
        ("xl/chartsheets/sheet1.xml", "<chartsheet/>"),
    ]);
    assert_eq!(refused(&charts, &Request::default()).0, "XLSX_NO_SHEETS");
    let (code, message) = refused(&charts, &words([("sheet", "1")]));
    assert_eq!(code, "XLSX_SHEET_UNKNOWN");
    assert!(message.ends_with("is a chart or macro without rows"), "{message}");
    let both = book(|workbook| {
        add_chart(workbook);
        write_table(workbook.add_worksheet(), SMALL);
    });
    assert_eq!(read(&both).cells(), [["1", "Ann"]]);
    assert_eq!(read_with(&both, &words([("sheet", "2")])).cells(), [["1", "Ann"]]);
}

fn add_chart(workbook: &mut Workbook) {
    let mut chart = Chart::new(ChartType::Line);
    chart.add_series().set_values("=Sheet1!$A$1:$A$2");
    workbook.add_chartsheet().insert_chart(0, 0, &chart).unwrap();
}

#[test]
fn passwords() {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/EncryptedPackage").unwrap().write_all(b"secret").unwrap();
    let bytes = file.into_inner().into_inner();
    assert_eq!(refused(&bytes, &Request::default()).0, "XLSX_PASSWORD");
    let manifest = r#"<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"#;
    let bytes = zip(&[("mimetype", ODS), ("META-INF/manifest.xml", manifest), ("content.xml", "\u{1}\u{2}")]);
    assert_eq!(refused(&bytes, &Request::default()).0, "XLSX_PASSWORD");
    let bytes = xls(&[(0x002F, vec![1, 0, 0, 0])], &[]);
    assert_eq!(refused(&bytes, &Request::default()).0, "XLSX_PASSWORD");
}

#[test]
fn bombs() {
    let blanks = " ".repeat(8 << 20);
    let small = words([("max_unpacked_bytes", "1000000")]);
    let bytes = rows(&format!("<row><c><v>1</v></c></row>{blanks}"));
    assert_eq!(refused(&bytes, &small).0, "FILE_TOO_LARGE");
    // The ZIP says that its parts are small.
    let mut lying = bytes.clone();
    for at in memchr::memmem::find_iter(&bytes, b"PK\x01\x02") {
        lying[at + 24..at + 28].copy_from_slice(&10_u32.to_le_bytes());
    }
    for at in memchr::memmem::find_iter(&bytes, b"PK\x03\x04") {
        lying[at + 22..at + 26].copy_from_slice(&10_u32.to_le_bytes());
    }
    assert!(["FILE_TOO_LARGE", "XLSX_DAMAGED"].contains(&refused(&lying, &small).0));
    // Room for more strings than there are.
    let cell = "<worksheet><sheetData><row><c t=\"s\"><v>0</v></c></row></sheetData></worksheet>";
    let many = raw(cell, r#"<sst uniqueCount="99999999999999"><si><t>x</t></si></sst>"#);
    assert_eq!(refused(&many, &Request::default()).0, "XLSX_TOO_LARGE");
    // A sheet that says it is the largest that there can be.
    let wide = "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData></worksheet>";
    let sheet = read(&raw(wide, "<sst/>"));
    assert_eq!((sheet.names().len(), sheet.counts.lines), (1, 1_048_576));
}

#[test]
fn one_string_in_a_whole_row() {
    let long = "x".repeat(6 << 20);
    let cells = "<c t=\"s\"><v>0</v></c>".repeat(40);
    let head = r#"<row><c t="str"><v>id</v></c><c t="str"><v>b</v></c></row>"#;
    let sheet = format!(
        "<worksheet><sheetData>{head}<row>{cells}</row><row><c><v>7</v></c></row></sheetData></worksheet>"
    );
    let bytes = raw(&sheet, &format!("<sst><si><t>{long}</t></si></sst>"));
    let sheet: Sheet = read_all(&bytes, &Request::default()).remove(0);
    assert_eq!(sheet.rejected(), [(2, "XLSX_ROW_TOO_LONG")]);
    assert_eq!(sheet.rows.len(), 1);
}
