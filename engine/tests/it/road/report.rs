//! The error report goes out, is repaired cell by cell as its own columns say, and comes back.

use std::collections::BTreeMap;
use std::path::Path;

use importer_engine::RunSummary;
use importer_engine::request::RunRequest;

use super::ground::{Ground, adds_up, core, core_counts, golden, number, succeeded};
use super::people::people;
use crate::store::harness::{TestStore, on_both};

const OWN: [&str; 5] = ["_row", "_line", "_rule", "_message", "_hint"];

/// Cells that a spreadsheet program would run, and cells that look as if we had guarded them already.
const RISKY: [&str; 8] =
    ["=1+1", "+12", "-5", "@home", "'quoted", "\u{ff1d}wide", "=SUM(1,2)", "plain; really"];

/// Rows in another dialect, all of them refused for their e-mail address.
fn risky_file() -> String {
    let mut out =
        csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    out.write_record(["Mitgliedsnummer", "Vorname", "Nachname", "E-Mail", "Arbeitgeber", "Notiz"])
        .expect("the header");
    for (n, cell) in RISKY.iter().enumerate() {
        let id = format!("R-{n}");
        out.write_record([
            id.as_str(),
            "Rita",
            &format!("Risk{}", char::from(b'a' + n as u8)),
            "no address",
            *cell,
            cell,
        ])
        .expect("a row");
    }
    String::from_utf8(out.into_inner().expect("bytes")).expect("text")
}

type Rows = (Vec<String>, Vec<BTreeMap<String, String>>);

fn read(report: &Path, delimiter: u8) -> Rows {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_path(report).expect("the report");
    let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let rows = reader
        .records()
        .map(|r| header.iter().cloned().zip(r.expect("a row").iter().map(str::to_owned)).collect());
    let rows = rows.collect();
    (header, rows)
}

/// Repairs what the report says is wrong, and nothing else.
fn repair(row: &mut BTreeMap<String, String>, headers: &BTreeMap<&str, &str>) {
    let (rules, messages) = (row["_rule"].clone(), row["_message"].clone());
    for rule in rules.split("; ") {
        let (field, value) = match rule {
            "VOL_CONTACT_REQUIRED" | "VOL_EMAIL_FORMAT" => {
                ("email", format!("repaired{}@example.org", row["_row"]))
            }
            "VOL_PHONE_E164" => (
                "phone",
                format!("+1 917 555 {:04}", 100 + row["_row"].parse::<u64>().expect("a row number")),
            ),
            "VOL_NAME_REQUIRED" => ("last_name", "Repaired".to_owned()),
            "VOL_SOURCE_UPDATED_AT" => ("source_updated_at", "2025-04-02T00:00:00Z".to_owned()),
            "VOL_DELETE_KEY" => ("external_id", "V-2001".to_owned()),
            "STG_CAST" => ("is_deleted", "no".to_owned()),
            other => panic!("nobody said how to repair {other}: {row:?}"),
        };
        if rule != "VOL_CONTACT_REQUIRED" {
            assert!(messages.contains(&format!("{field}: ")), "{rule} names its field: {messages}");
        }
        row.insert(headers.get(field).copied().unwrap_or(field).to_owned(), value);
    }
}

fn write(path: &Path, delimiter: u8, (header, rows): &Rows) {
    let mut out = csv::WriterBuilder::new().delimiter(delimiter).from_path(path).expect("a file");
    out.write_record(header).expect("the header");
    for row in rows {
        out.write_record(header.iter().map(|h| &row[h])).expect("a row");
    }
    out.flush().expect("the file is written");
}

fn bad(summary: &RunSummary) -> (u64, u64) {
    (number(&summary.counts, "staging", "rows_rejected"), number(&summary.counts, "dq", "rows_quarantined"))
}

async fn a_repaired_report_loads(test: &TestStore) {
    let ground = Ground::new(test).await;
    let mut request =
        RunRequest::files([golden("volunteers_invalid.csv"), ground.file("risky.csv", risky_file())]);
    request.accept_bad = true;
    let first = succeeded(ground.run(&request).await);
    adds_up(&first);
    assert_eq!(bad(&first), (3, 8 + RISKY.len() as u64), "{:?}", first.rules);
    assert_eq!(first.reports.len(), 2, "one report per file: {:?}", first.reports);

    let (plain_report, risky_report) = (Path::new(&first.reports[0]), Path::new(&first.reports[1]));
    let mut plain = read(plain_report, b',');
    let mut risky = read(risky_report, b';');
    assert_eq!((plain.1.len(), risky.1.len()), (11, RISKY.len()));
    let bytes = std::fs::read_to_string(risky_report).expect("the report");
    assert_eq!(bytes.matches("\r\n").count(), RISKY.len() + 1, "the file's own line ends");
    for (header, own) in [(&plain.0, 12), (&risky.0, 6)] {
        assert_eq!(header[own..], OWN, "{header:?}");
    }
    for (row, cell) in risky.1.iter().zip(RISKY) {
        let guarded = if cell.starts_with("plain") { cell.to_owned() } else { format!("'{cell}") };
        assert_eq!(row["Arbeitgeber"], guarded, "{row:?}");
        assert_eq!(row["Notiz"], guarded, "columns that no field takes are guarded too");
    }
    let rejects: Vec<_> = plain.1.iter().filter(|r| r["_row"].is_empty()).cloned().collect();
    assert_eq!(
        rejects.iter().map(|r| r["_rule"].as_str()).collect::<Vec<_>>(),
        ["CSV_TOO_FEW_FIELDS", "CSV_TOO_MANY_FIELDS", "CSV_UNCLOSED_QUOTE"]
    );
    for reject in &rejects {
        assert!(
            reject["external_system"].starts_with("volunteerhub,V-20"),
            "raw in the first column: {reject:?}"
        );
        assert!(
            reject
                .iter()
                .all(|(name, cell)| name == "external_system" || name.starts_with('_') || cell.is_empty())
        );
    }

    for row in plain.1.iter_mut().filter(|r| !r["_row"].is_empty()) {
        repair(row, &BTreeMap::new());
    }
    for row in &mut risky.1 {
        repair(row, &BTreeMap::from([("email", "E-Mail")]));
    }
    let (plain_file, risky_file) =
        (ground.folder().join("plain again.csv"), ground.folder().join("risky again.csv"));
    write(&plain_file, b',', &plain);
    write(&risky_file, b';', &risky);
    let mut again = RunRequest::files([plain_file, risky_file]);
    again.accept_bad = true;
    let second = succeeded(ground.run(&again).await);
    adds_up(&second);
    let (rejected, quarantined) = bad(&second);
    assert_eq!(rejected + quarantined, 3, "the rejects are refused again, nothing else: {:?}", second.rules);
    assert_eq!(
        (core(&second, "rows_created"), core(&second, "rows_soft_deleted")),
        (7 + RISKY.len() as u64, 1),
        "{:?}",
        core_counts(&second)
    );
    let strangers: Vec<_> = second.unmapped.iter().filter(|u| u.column.starts_with('_')).collect();
    assert!(strangers.is_empty(), "the report's own columns are known: {strangers:?}");
    let employers: BTreeMap<String, String> = people(ground.store())
        .await
        .into_iter()
        .filter(|p| p["first_name"] == "Rita")
        .map(|mut p| (p.remove("last_name").unwrap_or_default(), p.remove("employer").unwrap_or_default()))
        .collect();
    assert_eq!(
        employers.values().collect::<Vec<_>>(),
        RISKY.iter().collect::<Vec<_>>(),
        "cells come back as they were"
    );
    let (header, left) = read(Path::new(&second.reports[0]), b',');
    assert_eq!(
        header.iter().filter(|h| h.starts_with('_')).count(),
        OWN.len(),
        "no second set of columns: {header:?}"
    );
    assert_eq!(left.len(), 3, "{left:?}");
    for (now, before) in left.iter().zip(&rejects) {
        assert_eq!(now["external_system"], before["external_system"], "a reject is kept as it was");
    }
}

on_both!(a_repaired_report_loads);
