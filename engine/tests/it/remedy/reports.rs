//! Edited reports: cells come back as they were, edits become remediations, one run for all of them.

use std::path::PathBuf;

use importer_engine::remedy::{Edits, Remedied};
use importer_engine::store::Table;

use super::ground::{PEOPLE, by_name, findings, imported, remediate};
use crate::road::ground::{Ground, adds_up, count, named, whole};
use crate::store::harness::{TestStore, on_both};

/// A report as `importer violations --format csv` writes it, as rows to be edited.
pub struct Sheet {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    /// The findings of one run, with the cells of its only file.
    pub async fn of(ground: &Ground, run: i64, file: &str) -> Self {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file.as_bytes());
        let own: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
        let landed: Vec<Vec<String>> = reader
            .records()
            .map(|r| r.expect("a row").iter().map(str::to_owned).collect::<Vec<_>>())
            .filter(|r| r.len() == own.len())
            .collect();
        let id = ground.store().store_info().await.expect("a store").store_id;
        let sql = format!(
            "SELECT id, rule_code, field, coalesce(original_value, ''), coalesce(sequence_number, 0) FROM {{dq_violations}} WHERE run_id = {run} ORDER BY id"
        );
        let mut session = ground.store().session().await.expect("a session");
        let found = session.fetch(&named(ground.store(), &sql), &[]).await.expect("findings");
        let fixed = ["violation", "run_id", "rule_code", "field", "original_value", "store"];
        let header =
            fixed.iter().map(|c| (*c).to_owned()).chain(own.iter().map(|c| format!("row.{c}"))).collect();
        let rows = found
            .iter()
            .map(|f| {
                let text = |n: usize| f.text(n).expect("text").to_owned();
                let row = usize::try_from(f.int(4).expect("a number")).expect("a row");
                let cells = match row {
                    0 => vec![String::new(); own.len()],
                    n => landed[n - 1].clone(),
                };
                [
                    vec![f.int(0).expect("an id").to_string(), run.to_string(), text(1), text(2), text(3)],
                    vec![id.chars().take(8).collect()],
                    cells,
                ]
                .concat()
                .iter()
                .map(|cell| importer_sql::functions::spreadsheet_safe_str(cell).into_owned())
                .collect()
            })
            .collect();
        Self { header, rows }
    }

    /// Changes one cell of the first line of a rule and row.
    pub fn edit(&mut self, line: usize, column: &str, value: &str) -> &mut Self {
        let at = self.header.iter().position(|h| h == column).unwrap_or_else(|| panic!("no column {column}"));
        self.rows[line][at] = value.to_owned();
        self
    }

    pub fn write(&self, ground: &Ground, name: &str, delimiter: u8) -> PathBuf {
        let path = ground.folder().join(name);
        let mut out = csv::WriterBuilder::new().delimiter(delimiter).from_path(&path).expect("a file");
        out.write_record(&self.header).expect("the header");
        for row in &self.rows {
            out.write_record(row).expect("a row");
        }
        out.flush().expect("the file is written");
        path
    }
}

async fn send(ground: &Ground, path: PathBuf) -> Vec<Remedied> {
    remediate(ground, Edits::Report(path)).await.unwrap_or_else(|e| panic!("{e} {:?}", e.help()))
}

async fn an_edited_report_goes_as_one_run(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    // Lines: 0 e-mail of 2, 1 e-mail of 3, 2 phone of 3, 3 name of 4, 4 the record that could not be read.
    let mut sheet = Sheet::of(&ground, first.run_id, PEOPLE).await;
    let order: Vec<String> = sheet.rows.iter().map(|r| r[2].clone()).collect();
    let at = |rule: &str, nth: usize| {
        order.iter().enumerate().filter(|(_, r)| *r == rule).map(|(n, _)| n).nth(nth).expect("a line")
    };
    let (bert, cora_mail, cora_phone, dora, emil) = (
        at("VOL_EMAIL_FORMAT", 0),
        at("VOL_EMAIL_FORMAT", 1),
        at("VOL_PHONE_E164", 0),
        at("VOL_NAME_REQUIRED", 0),
        at("CSV_TOO_FEW_FIELDS", 0),
    );
    sheet
        .edit(bert, "row.E-Mail", "bert@example.org")
        .edit(cora_mail, "original_value", "cora@example.org")
        .edit(cora_phone, "row.Mobil", "'+49 30 901822")
        .edit(dora, "row.Nachname", "Dorn")
        .edit(emil, "row.external_id", "N-5")
        .edit(emil, "row.Vorname", "Emil")
        .edit(emil, "row.Nachname", "Erle")
        .edit(emil, "row.E-Mail", "emil@example.org");
    // A spreadsheet program of another country has saved it.
    let done = send(&ground, sheet.write(&ground, "edited.csv", b';')).await;
    assert_eq!(done.len(), 1, "one run for the batch");
    let run = &done[0];
    adds_up(&run.summary);
    assert_eq!((run.rows, run.promoted, run.held), (4, 4, 0), "{run:?}");
    whole(ground.store()).await;
    let core = by_name(ground.store()).await;
    assert_eq!(core.len(), 5);
    assert_eq!(
        (core["Claus"]["email"].as_str(), core["Claus"]["phone"].as_str()),
        ("cora@example.org", "+4930901822")
    );
    assert_eq!(core["Erle"]["links"], "crm:N-5", "a record that could not be read is one now");
    assert!(findings(ground.store(), first.run_id).await.iter().all(|f| f.contains("fixed remediated")));
    assert_eq!(
        count(ground.store(), "SELECT count(*) FROM {audit} WHERE action = 'ROW_REMEDIATED'").await,
        4
    );
    let promotions = format!(
        "SELECT count(*) FROM {} WHERE promoted_at IS NOT NULL",
        Table::control("row_promotions").sql(ground.store().dialect())
    );
    assert_eq!(count(ground.store(), &promotions).await, 4);

    // Cells that a spreadsheet would run, or that look guarded already, are in the lake as they were in the file.
    let sql = format!(
        "SELECT edited_payload_json FROM {{dq_violations}} WHERE run_id = {} ORDER BY id",
        first.run_id
    );
    let payloads = super::ground::texts(ground.store(), &sql).await;
    assert!(payloads[bert].contains("\"=1+1\""), "{payloads:?}");
    assert!(payloads[cora_mail].contains("\"'quoted\""), "{payloads:?}");
}

async fn a_record_that_is_mended_badly_is_held_as_a_row(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let mut sheet = Sheet::of(&ground, first.run_id, PEOPLE).await;
    let emil = sheet.rows.iter().position(|r| r[2] == "CSV_TOO_FEW_FIELDS").expect("a line");
    sheet.edit(emil, "row.Vorname", "Emil").edit(emil, "row.Nachname", "Erle").edit(
        emil,
        "row.E-Mail",
        "not one",
    );
    let done = send(&ground, sheet.write(&ground, "edited.csv", b',')).await;
    assert_eq!((done[0].promoted, done[0].held, done[0].fixed), (0, 1, 1), "{done:?}");
    assert_eq!((done[0].open[0].rule_code.as_str(), done[0].open[0].place.line), ("VOL_EMAIL_FORMAT", 6));
    let found = findings(ground.store(), first.run_id).await;
    assert!(found.contains(&"CSV_TOO_FEW_FIELDS  -6 fixed remediated".to_owned()), "{found:?}");
    assert!(found.contains(&"VOL_EMAIL_FORMAT email -6 open -".to_owned()), "{found:?}");
    // The rest of what was filled in is kept.
    let id = done[0].open[0].violation;
    let done = super::ground::set(&ground, id, &[("E-Mail", "emil@example.org")]).await.expect("it goes");
    assert_eq!(done.promoted, 1, "{done:?}");
    assert_eq!(by_name(ground.store()).await["Erle"]["first_name"], "Emil");
}

async fn rows_of_several_runs_share_a_run(test: &TestStore) {
    let ground = Ground::new(test).await;
    let one = "external_id,first_name,last_name,email\nA-1,Ada,Amsel,not one\n";
    let two = "Mitgliedsnummer;Name;Mail;Telefon\nB-1;Bea Buche;not one;+49 30 901830\n";
    let (first, second) = (imported(&ground, "one.csv", one).await, imported(&ground, "two.csv", two).await);
    let mut sheet = Sheet::of(&ground, first.run_id, one).await;
    let mut other = Sheet::of(&ground, second.run_id, &two.replace(';', ",")).await;
    sheet.edit(0, "row.email", "ada@example.org");
    other.edit(0, "original_value", "bea@example.org");
    // Both in one file: each row has the columns of its own file only.
    let (width, extra) = (sheet.header.len(), other.header[6..].to_vec());
    sheet.header.extend(extra);
    sheet.rows[0].resize(sheet.header.len(), String::new());
    let mut row = other.rows[0].clone();
    let cells = row.split_off(6);
    row.resize(width, String::new());
    row.extend(cells);
    sheet.rows.push(row);
    let done = send(&ground, sheet.write(&ground, "both.csv", b',')).await;
    assert_eq!((done.len(), done[0].rows, done[0].promoted), (1, 2, 2), "{done:?}");
    let core = by_name(ground.store()).await;
    assert_eq!(core["Buche"]["phone"], "+4930901830", "each row is mapped as its own file is");
    assert_eq!(core["Amsel"]["email"], "ada@example.org");
}

on_both!(
    an_edited_report_goes_as_one_run,
    a_record_that_is_mended_badly_is_held_as_a_row,
    rows_of_several_runs_share_a_run,
);
