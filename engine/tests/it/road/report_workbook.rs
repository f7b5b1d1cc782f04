//! The error report of a workbook is a workbook: it goes out marked and noted, is mended cell by cell, and comes back.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use calamine::{Reader, Xlsx};
use importer_engine::RunSummary;
use importer_engine::request::RunRequest;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::ground::{Ground, adds_up, core, count, number, succeeded};
use super::people::people;
use crate::store::harness::{TestStore, on_both};

const HEADER: [&str; 8] =
    ["external_id", "Vorname", "Nachname", "E-Mail", "Mobil", "Geburtsdatum", "PLZ", "=Notiz"];
const ADDED: [&str; 5] = ["_row", "_line", "_rule", "_message", "_hint"];

/// A good row, one with a bad address, one with a bad address and a bad number; and what a spreadsheet would run.
const PEOPLE: [[&str; 8]; 3] = [
    ["N-1", "Anna", "Schmidt", "anna@example.org", "+49 30 901820", "1990-04-23", "53111", "good"],
    ["N-2", "Bert", "Braun", "no address", "+49 30 901821", "1991-05-01", "01067", "=1+1"],
    ["N-3", "Cora", "Claus", "also none", "call me", "1992-06-01", "01099", "'quoted"],
];

/// The list as people keep it: a title above the header, dates as dates, postal codes as text.
fn list(ground: &Ground, name: &str, notiz: &str) -> PathBuf {
    let mut book = Workbook::new();
    book.add_worksheet()
        .set_name("Hinweise")
        .expect("a name")
        .write_string(0, 0, "call Bert")
        .expect("a cell");
    let sheet = book.add_worksheet().set_name("Mitglieder").expect("a name");
    let date = Format::new().set_num_format("dd.mm.yyyy");
    sheet.write_string(0, 0, "Unsere Mitglieder").expect("a cell");
    for (column, header) in (0..).zip(HEADER) {
        sheet.write_string(2, column, header).expect("a cell");
    }
    for (row, cells) in (3..).zip(PEOPLE) {
        for (column, cell) in (0..).zip(cells) {
            if column == 5 {
                let day = ExcelDateTime::parse_from_str(cell).expect("a date");
                sheet.write_datetime_with_format(row, column, &day, &date).expect("a cell");
            } else {
                sheet.write_string(row, column, cell).expect("a cell");
            }
        }
    }
    if !notiz.is_empty() {
        sheet.write_string(4, 7, notiz).expect("a cell");
    }
    let path = ground.folder().join(name);
    book.save(&path).expect("the workbook is written");
    path
}

fn open(path: &Path) -> Xlsx<std::io::BufReader<std::fs::File>> {
    calamine::open_workbook(path).expect("a workbook")
}

/// The rows of the sheet of a report, with its header.
fn sheet(path: &Path) -> Vec<Vec<String>> {
    let range = open(path).worksheet_range("Mitglieder").expect("the sheet has the name of its file's");
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

/// The notes of a report, by cell.
fn notes(path: &Path) -> BTreeMap<String, String> {
    let file = std::fs::File::open(path).expect("the report");
    let mut zip = zip::ZipArchive::new(file).expect("a workbook");
    let mut xml = String::new();
    zip.by_name("xl/comments1.xml").expect("notes").read_to_string(&mut xml).expect("text");
    let attribute = |note: &str| note.split('"').next().unwrap_or_default().to_owned();
    xml.split("<comment ref=\"").skip(1).map(|note| (attribute(note), note.to_owned())).collect()
}

/// Places of coloured cells, rows and columns from 0.
fn marked(path: &Path) -> Vec<(u32, u32)> {
    let styles = open(path).worksheet_style("Mitglieder").expect("styles");
    let is_marked = |place: &(u32, u32)| {
        let fill = styles.get(*place).and_then(|style| style.fill.as_ref());
        fill.is_some_and(|fill| fill.get_color().is_some())
    };
    (0..10).flat_map(|row| (0..13).map(move |column| (row, column))).filter(is_marked).collect()
}

/// The report as somebody saves it, with some cells changed.
fn mended(ground: &Ground, rows: &[Vec<String>], edits: &[(u32, u16, &str)]) -> PathBuf {
    let mut book = Workbook::new();
    let page = book.add_worksheet().set_name("Mitglieder").expect("a name");
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            page.write_string(row, column, cell).expect("a cell");
        }
    }
    for (row, column, text) in edits {
        page.write_string(*row, *column, *text).expect("a cell");
    }
    let path = ground.folder().join("mended.xlsx");
    book.save(&path).expect("the workbook is written");
    path
}

async fn imported(ground: &Ground, path: PathBuf) -> RunSummary {
    let mut request = RunRequest::files([path]);
    request.accept_bad = true;
    request.external_system = Some("crm".to_owned());
    succeeded(ground.run(&request).await)
}

async fn open_findings(ground: &Ground) -> i64 {
    let sql = "SELECT count(*) FROM {dq_violations} WHERE status = 'open' AND severity = 'error'";
    count(ground.store(), sql).await
}

async fn a_workbook_comes_back_as_one(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, list(&ground, "Mitglieder 2024.xlsx", "")).await;
    adds_up(&first);
    assert_eq!(number(&first.counts, "dq", "rows_quarantined"), 2, "{:?}", first.rules);
    assert_eq!(open_findings(&ground).await, 3, "{:?}", first.rules);
    assert_eq!(first.reports.len(), 1, "{:?}", first.reports);
    let report = Path::new(&first.reports[0]);
    assert!(report.ends_with("errors-1-Mitglieder_2024.xlsx"), "{report:?}");

    let rows = sheet(report);
    assert_eq!(rows[0], [&HEADER[..], &ADDED].concat(), "the file's own header, where it began");
    let cells: Vec<&[String]> = rows[1..].iter().map(|row| &row[..HEADER.len()]).collect();
    let mut wanted = PEOPLE[1..].to_vec();
    wanted[1][7] = "''quoted";
    assert_eq!(cells, wanted, "the rows that were refused, texts and dates as they were landed");
    assert_eq!(rows[1][8..11], ["2", "5", "VOL_EMAIL_FORMAT"]);
    assert!(rows[2][10].contains("VOL_PHONE_E164") && rows[2][10].contains("VOL_EMAIL_FORMAT"), "{rows:?}");
    assert_eq!(marked(report), [(1, 3), (2, 3), (2, 4)], "the cells that are wrong");
    let notes = notes(report);
    assert_eq!(notes.keys().collect::<Vec<_>>(), ["D2", "D3", "E3"]);
    assert!(notes["D2"].contains("VOL_EMAIL_FORMAT"), "{notes:?}");
    assert!(notes["E3"].contains("VOL_PHONE_E164"), "{notes:?}");
    let hint = &rows[1][12];
    assert!(!hint.is_empty() && notes["D2"].contains(hint.split('&').next().unwrap_or(hint)), "{notes:?}");

    let edits = [(1, 3, "bert@example.org"), (2, 3, "cora@example.org"), (2, 4, "+49 30 901822")];
    let second = imported(&ground, mended(&ground, &rows, &edits)).await;
    adds_up(&second);
    assert_eq!(number(&second.counts, "dq", "rows_quarantined"), 0, "{:?}", second.rules);
    assert_eq!(core(&second, "rows_created"), 2);
    assert_eq!(open_findings(&ground).await, 0, "the newer rows close what was open about the older ones");
    let strangers: Vec<_> = second.unmapped.iter().filter(|u| u.column.starts_with('_')).collect();
    assert!(strangers.is_empty(), "the report's own columns are known: {strangers:?}");
    let loaded: BTreeMap<String, BTreeMap<String, String>> =
        people(ground.store()).await.into_iter().map(|p| (p["last_name"].clone(), p)).collect();
    assert_eq!(loaded.len(), 3);
    assert_eq!(loaded["Braun"]["postal_code"], "01067", "leading zeros are kept");
    assert_eq!(loaded["Claus"]["phone"], "+4930901822");
    let clean = sheet(Path::new(&second.reports[0]));
    assert_eq!(clean, [[&HEADER[..], &ADDED].concat()], "a clean file leaves a report with a header alone");
}

/// A row that a workbook has no room for stands whole in a CSV beside it, and that is told.
async fn what_has_no_room_is_told(test: &TestStore) {
    let ground = Ground::new(test).await;
    // As long as a cell may be, and the report needs room for an apostrophe.
    let long = format!("'{}", "x".repeat(32_766));
    let first = imported(&ground, list(&ground, "people.xlsx", &long)).await;
    let names: Vec<&str> = first.reports.iter().filter_map(|r| Path::new(r).file_name()?.to_str()).collect();
    assert_eq!(names, ["errors-1-people.xlsx", "errors-1-people-rest.csv"]);
    let rows = sheet(Path::new(&first.reports[0]));
    assert_eq!(rows.len(), 2, "Cora alone: {rows:?}");
    let mut rest = csv::Reader::from_path(&first.reports[1]).expect("the rest");
    assert_eq!(rest.headers().expect("a header").get(7), Some("'=Notiz"));
    let row = rest.records().next().expect("a row").expect("a row");
    assert_eq!((&row[0], &row[7], &row[10]), ("N-2", format!("'{long}").as_str(), "VOL_EMAIL_FORMAT"));
    let told = |warning: &&String| warning.contains("errors-1-people-rest.csv");
    assert_eq!(first.warnings.iter().filter(told).count(), 1, "{:?}", first.warnings);
}

on_both!(a_workbook_comes_back_as_one, what_has_no_room_is_told);
