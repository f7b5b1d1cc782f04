//! Error reports: what is written is read back, as it was.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use calamine::{Reader, Xlsx};
use importer_connectors::csv::Dialect;
use importer_connectors::report::{
    CELL_UNITS, Mark, ReportColumns, ReportFormat, ReportRow, ReportWriter, SHEET_COLUMNS,
};
use importer_connectors::source::{Confidence, Description, Evidence, Unit};
use proptest::prelude::*;

use super::xlsx_support;

const ADDED: [&str; 2] = ["_rule", "_message"];

fn guard(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\'']) { format!("'{text}").into() } else { text.into() }
}

fn restored(text: &str) -> &str {
    text.strip_prefix('\'').unwrap_or(text)
}

fn columns(own: &[&str]) -> ReportColumns {
    ReportColumns {
        own: own.iter().map(|name| (*name).to_owned()).collect(),
        added: ADDED.map(str::to_owned).to_vec(),
    }
}

fn workbook() -> ReportFormat {
    ReportFormat::Workbook { sheet: "Mitglieder".to_owned() }
}

fn begin(format: ReportFormat, own: &[&str]) -> Box<dyn ReportWriter> {
    format.begin(columns(own), guard).expect("a report")
}

fn mark(cell: usize, note: &str) -> Mark {
    Mark { cell, note: note.to_owned() }
}

/// The report, and what stands beside it with how many rows.
fn finished(report: Box<dyn ReportWriter>) -> (Vec<u8>, Option<(u64, String)>) {
    let mut written = report.finish().expect("a report");
    let mut bytes = Vec::new();
    written.rest.read_to_end(&mut bytes).expect("a report");
    let beside = written.beside.map(|mut beside| {
        let mut text = String::new();
        beside.content.read_to_string(&mut text).expect("text");
        (beside.rows, text)
    });
    (bytes, beside)
}

/// A part of a workbook as text.
fn part(bytes: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a workbook");
    let mut text = String::new();
    zip.by_name(name).expect("a part").read_to_string(&mut text).expect("text");
    text
}

#[test]
fn a_workbook_reads_back_with_its_marks() {
    let names = ["Nr", "=Name", "'Mail", "PLZ", "Tag"];
    let rows: [[Option<&str>; 5]; 3] = [
        [Some("1"), Some("=1+1"), Some("no mail"), Some("01067"), Some("2024-01-31")],
        [Some("2"), Some("+49 30 1"), None, Some("'quoted"), Some("@home")],
        [Some("1e5"), Some("-5"), Some(" a\r\nb\t\u{1}"), Some("_x000D_"), Some("TRUE")],
    ];
    let mut report = begin(workbook(), &names);
    let added = [Some("MAIL"), Some("=not an address")];
    let marks = [
        vec![mark(2, "MAIL\nnot an address\nwrite one")],
        vec![mark(2, "MAIL\nthere is none"), mark(5, "ROW\nas a whole")],
        vec![],
    ];
    for (own, marks) in rows.iter().zip(&marks) {
        report.write(&ReportRow { own, raw: None, added: &added, marks }).expect("a row");
        assert!(report.ready().expect("bytes").is_empty());
    }
    let (bytes, beside) = finished(report);
    assert!(beside.is_none());
    let sheet = xlsx_support::read_with(&bytes, &xlsx_support::knowing(&["nr", "_rule", "_message"]));
    let read: Vec<&str> = sheet.headers.original.iter().map(|name| restored(name)).collect();
    assert_eq!(read, [&names[..], &ADDED].concat());
    assert_eq!(sheet.name, "book.xlsx");
    let (own, told): (Vec<_>, Vec<_>) = sheet.rows.iter().map(|row| row.split_at(names.len())).unzip();
    let cells: Vec<Vec<Option<&str>>> =
        own.iter().map(|row| row.iter().map(|cell| cell.as_deref().map(restored)).collect()).collect();
    assert_eq!(cells, rows);
    assert!(told.iter().all(|row| row.iter().map(Option::as_deref).eq(added)), "{told:?}");
    assert_eq!(sheet.lines, [2, 3, 4]);
    assert!(sheet.findings.is_empty() && sheet.notes.is_empty(), "{:?} {:?}", sheet.findings, sheet.notes);

    let xml = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(!xml.contains("<f>") && !xml.contains("<v>"), "strings alone: {xml}");
    let notes = part(&bytes, "xl/comments1.xml");
    for (place, text) in [("C2", "not an address\nwrite one"), ("C3", "there is none"), ("F3", "as a whole")]
    {
        let at = notes.find(&format!("ref=\"{place}\"")).unwrap_or_else(|| panic!("{place}: {notes}"));
        assert!(notes[at..].split("</comment>").next().is_some_and(|note| note.contains(text)), "{notes}");
    }
    assert_eq!(notes.matches("<comment ").count(), 3);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(&bytes[..])).expect("a workbook");
    let styles = book.worksheet_style("Mitglieder").expect("the sheet has its name");
    let coloured: Vec<(u32, u32)> = (0..4)
        .flat_map(|row| (0..7).map(move |column| (row, column)))
        .filter(|place| {
            let fill = styles.get(*place).and_then(|style| style.fill.as_ref());
            fill.is_some_and(|fill| fill.get_color().is_some())
        })
        .collect();
    assert_eq!(coloured, [(1, 2), (2, 2), (2, 5)]);
    let text = styles.get((1, 3)).and_then(|style| style.number_format.as_ref()).expect("a format");
    assert_eq!(text.format_code, "@", "what is typed stays as it is typed");
}

#[test]
fn what_a_cell_has_no_room_for_goes_beside() {
    let mut report = begin(workbook(), &["Nr", "Notiz"]);
    let (fits, long) = ("y".repeat(CELL_UNITS - 1), "é\"".repeat(CELL_UNITS));
    let added = [Some("R"), Some("why")];
    for notiz in [fits.as_str(), &long, "short"] {
        let own = [Some("=7"), Some(notiz)];
        report.write(&ReportRow { own: &own, raw: Some(b"[]"), added: &added, marks: &[] }).expect("a row");
    }
    let (bytes, beside) = finished(report);
    let sheet = xlsx_support::read(&bytes);
    assert_eq!(sheet.cells(), [["=7", &fits, "R", "why"], ["=7", "short", "R", "why"]]);
    let (rows, text) = beside.expect("a row does not fit");
    assert_eq!(rows, 1);
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(csv.headers().expect("a header"), vec!["Nr", "Notiz", "_rule", "_message"]);
    let record = csv.records().next().expect("a row").expect("a row");
    assert_eq!(record, vec!["'=7", &long, "R", "why"], "whole, and guarded as in any CSV");
}

#[test]
fn what_a_sheet_has_no_room_for_is_csv() {
    let names: Vec<String> = (0..SHEET_COLUMNS - ADDED.len()).map(|n| format!("c{n}")).collect();
    let added = ADDED.map(str::to_owned).to_vec();
    let mut columns = ReportColumns { own: names, added };
    assert_eq!(workbook().fitting(&columns), workbook());
    columns.own.push("one more".to_owned());
    assert_eq!(workbook().fitting(&columns).ending(), "csv");
    columns.own = vec!["x".repeat(CELL_UNITS)];
    assert_eq!(workbook().fitting(&columns).ending(), "csv");
}

#[test]
fn notes_have_an_end_that_is_told() {
    let mut report = begin(workbook(), &["Nr"]);
    let marks = [mark(0, "R\nwrong"), mark(1, "S\nwrong too")];
    for n in 0..3000 {
        let number = n.to_string();
        let row = ReportRow {
            own: &[Some(&number)],
            raw: None,
            added: &[Some("R; S"), Some("wrong")],
            marks: &marks,
        };
        report.write(&row).expect("a row");
    }
    let (bytes, _) = finished(report);
    let notes = part(&bytes, "xl/comments1.xml");
    assert_eq!(notes.matches("<comment ").count(), 5001, "the header has one about it");
    let first = notes.split("</comment>").next().expect("a note");
    assert!(first.contains("ref=\"B1\"") && first.contains("Not every marked cell"), "{first}");
    assert_eq!(xlsx_support::read(&bytes).rows.len(), 3000);
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let make = || {
        let mut report = begin(workbook(), &["Nr"]);
        let marks = [mark(0, "R\nwrong")];
        let row = ReportRow { own: &[Some("1")], raw: None, added: &[None, None], marks: &marks };
        report.write(&row).expect("a row");
        finished(report).0
    };
    assert_eq!(make(), make());
}

#[test]
fn text_is_written_in_its_dialect() {
    let dialect = crate::support::read("a;b\r\n1;2\r\n").dialect;
    let mut report = begin(ReportFormat::Text(dialect), &["=a", "b"]);
    let row = |own, raw| ReportRow { own, raw, added: &[Some("R"), None], marks: &[] };
    report.write(&row(&[Some("+1"), Some("x;y")], None)).expect("a row");
    let mut bytes = report.ready().expect("bytes");
    report.write(&row(&[Some("=raw"), None], Some(b"=\xE9"))).expect("a row");
    bytes.extend(finished(report).0);
    assert_eq!(bytes, b"'=a;b;_rule;_message\r\n'+1;\"x;y\";R;\r\n\"'=\xE9\";;R;\r\n");
}

#[test]
fn sources_ask_for_their_format() {
    let mut sheet = Description::new("xlsx", Unit::Row);
    sheet.evidence.push(Evidence::new("sheet", "Mitglieder", Confidence::High, "the only one"));
    assert_eq!(ReportFormat::of(&sheet), workbook());
    let json = Description::new("json", Unit::Record);
    assert_eq!(ReportFormat::of(&json), ReportFormat::Text(Dialect::default()));
    let text = Description {
        dialect: Some(Dialect { delimiter: b';', ..Dialect::default() }),
        ..Description::new("csv", Unit::Line)
    };
    assert!(matches!(ReportFormat::of(&text), ReportFormat::Text(dialect) if dialect.delimiter == b';'));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_cells_come_back(rows in proptest::collection::vec(proptest::collection::vec("['=+@0-]{0,2}[ -~éß\n\r\t\u{0}-\u{1f}\u{ff1d}]{0,8}|_x00[0-9]{2}_", 2), 1..8)) {
        let mut report = begin(workbook(), &["Nr", "Text"]);
        for row in &rows {
            let own: Vec<Option<&str>> = row.iter().map(|cell| Some(cell.as_str())).collect();
            report.write(&ReportRow { own: &own, raw: None, added: &[Some("R"), Some("why")], marks: &[] }).expect("a row");
        }
        let request = xlsx_support::knowing(&["nr", "text", "_rule", "_message"]);
        let sheet = xlsx_support::read_with(&finished(report).0, &request);
        let back: Vec<Vec<Option<&str>>> =
            sheet.rows.iter().map(|row| row[..2].iter().map(|cell| cell.as_deref().map(restored)).collect()).collect();
        let wanted: Vec<Vec<Option<&str>>> =
            rows.iter().map(|row| row.iter().map(|cell| Some(cell.as_str()).filter(|cell| !cell.is_empty())).collect()).collect();
        prop_assert_eq!(back, wanted);
    }
}
