//! Rows of a workbook, mended in a workbook: an edited report of findings goes, and the error report of a run is told apart.

use std::path::{Path, PathBuf};

use importer_engine::remedy::Edits;
use importer_engine::request::RunRequest;
use rust_xlsxwriter::Workbook;

use super::ground::{by_name, findings, remediate};
use super::reports::Sheet;
use crate::road::ground::{Ground, adds_up, succeeded, whole};
use crate::store::harness::{TestStore, on_both};

const PEOPLE: &str = "\
external_id,Vorname,Nachname,E-Mail,PLZ,Notiz
N-1,Anna,Schmidt,anna@example.org,53111,good
N-2,Bert,Braun,no address,01067,=1+1
N-3,Cora,Claus,also none,01099,'quoted
";

/// A workbook with one sheet of texts.
fn book(ground: &Ground, name: &str, rows: &[Vec<String>]) -> PathBuf {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            page.write_string(row, column, cell).expect("a cell");
        }
    }
    let path = ground.folder().join(name);
    book.save(&path).expect("the workbook is written");
    path
}

async fn an_edited_workbook_goes(test: &TestStore) {
    let ground = Ground::new(test).await;
    let rows: Vec<Vec<String>> =
        PEOPLE.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    let mut request = RunRequest::files([book(&ground, "people.xlsx", &rows)]);
    request.accept_bad = true;
    request.external_system = Some("crm".to_owned());
    let first = succeeded(ground.run(&request).await);

    // The error report of the run is a workbook too, and it is imported.
    let report = Path::new(&first.reports[0]).to_owned();
    assert!(report.ends_with("errors-1-people.xlsx"), "{report:?}");
    let error = remediate(&ground, Edits::Report(report)).await.expect_err("it is no report of findings");
    assert!(error.to_string().contains("it is imported like any file"), "{error}");

    let mut sheet = Sheet::of(&ground, first.run_id, PEOPLE).await;
    assert_eq!(sheet.rows.len(), 2, "{:?}", sheet.rows);
    sheet.edit(0, "row.E-Mail", "bert@example.org").edit(1, "original_value", "cora@example.org");
    let lines = [vec![sheet.header.clone()], sheet.rows.clone()].concat();
    let done = remediate(&ground, Edits::Report(book(&ground, "findings.xlsx", &lines))).await;
    let done = done.unwrap_or_else(|e| panic!("{e} {:?}", e.help()));
    assert_eq!(done.len(), 1, "one run for the batch");
    adds_up(&done[0].summary);
    assert_eq!((done[0].rows, done[0].promoted, done[0].held), (2, 2, 0), "{:?}", done[0]);
    whole(ground.store()).await;
    let core = by_name(ground.store()).await;
    assert_eq!(core.len(), 3);
    assert_eq!(core["Braun"]["postal_code"], "01067");
    assert_eq!(core["Claus"]["email"], "cora@example.org");
    assert!(findings(ground.store(), first.run_id).await.iter().all(|f| f.contains("fixed remediated")));
    // Rows that go again are reported on in the format of their first file.
    assert!(done[0].summary.reports[0].ends_with(".xlsx"), "{:?}", done[0].summary.reports);
}

on_both!(an_edited_workbook_goes);
