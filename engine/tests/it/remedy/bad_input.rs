//! Requests that cannot be followed: each is told with its lines and what to do, and nothing is changed.

use std::path::PathBuf;

use importer_engine::Error;
use importer_engine::remedy::Edits;

use super::ground::{PEOPLE, imported, remediate, set, untouched, violation};
use super::reports::Sheet;
use crate::road::ground::Ground;
use crate::store::harness::{TestStore, on_both};

async fn refused(ground: &Ground, path: PathBuf) -> Error {
    let before = untouched(ground.store()).await;
    let error = remediate(ground, Edits::Report(path)).await.expect_err("it cannot be followed");
    assert_eq!(untouched(ground.store()).await, before, "{error}");
    assert_eq!(error.kind().exit_code(), 2, "{error}");
    assert!(error.help().is_some(), "{error}");
    error
}

async fn names_and_numbers_that_are_not_there(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let before = untouched(ground.store()).await;
    let id = violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", 2).await;
    let error = set(&ground, 9_999, &[("email", "x@example.org")]).await.expect_err("no such finding");
    assert!(error.to_string().contains("there is no violation 9999"), "{error}");
    let error = set(&ground, id, &[("e_mail_adress", "x@example.org")]).await.expect_err("no such field");
    let help = error.help().unwrap_or_default();
    assert!(help.contains("fields:") && help.contains("E-Mail") && help.contains("last_name"), "{help}");
    let error = set(&ground, id, &[]).await.expect_err("nothing to set");
    assert!(error.help().is_some_and(|h| h.contains("--set")), "{error}");
    let error = set(&ground, id, &[("email", "a@example.org"), ("E-Mail", "b@example.org")])
        .await
        .expect_err("two values");
    assert!(error.to_string().contains("set twice"), "{error}");
    let error = set(&ground, id, &[("email", "no address")]).await.expect_err("no edit");
    assert!(error.to_string().contains("says so already"), "{error}");
    assert_eq!(untouched(ground.store()).await, before);
}

async fn a_loaded_row_is_not_sent_again(test: &TestStore) {
    let ground = Ground::new(test).await;
    let text = "external_id,first_name,last_name,email\nW-1,Wim,Wolf,wim@gmial.com\n";
    let first = imported(&ground, "people.csv", text).await;
    let id = violation(ground.store(), first.run_id, "VOL_EMAIL_TYPO", 1).await;
    let before = untouched(ground.store()).await;
    let error = set(&ground, id, &[("email", "wim@gmail.com")]).await.expect_err("it is loaded");
    assert!(error.to_string().contains("the row is loaded"), "{error}");
    assert!(error.help().is_some());
    assert_eq!(untouched(ground.store()).await, before);
}

async fn every_bad_line_is_told_and_nothing_is_changed(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let fresh = || Sheet::of(&ground, first.run_id, PEOPLE);

    // One good line among bad ones does not go either.
    let mut sheet = fresh().await;
    sheet.edit(0, "row.E-Mail", "bert@example.org");
    sheet.edit(1, "violation", "4711").edit(2, "rule_code", "VOL_OTHER").edit(3, "store", "00000000");
    let error = refused(&ground, sheet.write(&ground, "bad.csv", b',')).await;
    let said = error.to_string();
    assert!(said.contains("3 lines cannot be used, and nothing was changed"), "{said}");
    for (line, what) in [(3, "there is no violation 4711"), (4, "says otherwise"), (5, "of another store")] {
        assert!(said.contains(&format!("line {line}: ")) && said.contains(what), "{line} {what}: {said}");
    }

    let mut sheet = fresh().await;
    let at = sheet.header.iter().position(|h| h == "store").expect("a column");
    sheet.header.remove(at);
    for row in &mut sheet.rows {
        row.remove(at);
    }
    let error = refused(&ground, sheet.write(&ground, "cut.csv", b',')).await;
    assert!(error.to_string().contains("columns are missing: store"), "{error}");

    let error = refused(&ground, fresh().await.write(&ground, "same.csv", b',')).await;
    assert!(error.to_string().contains("no cell differs"), "{error}");

    let report = PathBuf::from(&first.report);
    let error = refused(&ground, report).await;
    assert!(error.help().is_some_and(|h| h.contains("importer run --file")), "{error} {:?}", error.help());

    let error = refused(&ground, ground.file("book.xlsx", b"PK\x03\x04")).await;
    assert!(error.help().is_some_and(|h| h.contains("CSV (UTF-8)")), "{error}");
    let error = refused(&ground, ground.folder().join("nobody.csv")).await;
    assert!(error.to_string().contains("no such file"), "{error}");
}

async fn two_edits_of_one_row_are_refused(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let mut sheet = Sheet::of(&ground, first.run_id, PEOPLE).await;
    let lines: Vec<usize> =
        (0..sheet.rows.len()).filter(|n| sheet.rows[*n].contains(&"Claus".to_owned())).collect();
    let (one, other) = (lines[0], lines[1]);
    sheet.edit(one, "row.E-Mail", "one@example.org").edit(other, "row.E-Mail", "other@example.org");
    let error = refused(&ground, sheet.write(&ground, "two.csv", b',')).await;
    assert!(error.to_string().contains("of the same row is set to another value in line"), "{error}");
    sheet.edit(other, "row.E-Mail", "also none");
    let email = if sheet.rows[one][2] == "VOL_EMAIL_FORMAT" { one } else { other };
    sheet.edit(email, "original_value", "third@example.org").edit(email, "row.E-Mail", "one@example.org");
    let error = refused(&ground, sheet.write(&ground, "three.csv", b',')).await;
    assert!(error.to_string().contains("edited twice"), "{error}");
}

async fn what_a_spreadsheet_broke_is_refused(test: &TestStore) {
    let ground = Ground::new(test).await;
    let text = "external_id,first_name,last_name,email,phone,birth_date,postal_code,source_updated_at\n\
                0042,Xena,Xaver,not one,+4930901840,1990-04-23,01067,2025-03-01T12:00:00Z\n\
                123456789012345678,Yves,York,not one,030 901841,1991-05-24,10115,2025-03-01\n";
    let first = imported(&ground, "people.csv", text).await;
    let broken = [
        (0, "row.external_id", "42", "the leading zeros are gone"),
        (0, "row.postal_code", "1067", "the leading zeros are gone"),
        (0, "row.birth_date", "32986", "serial number"),
        (0, "row.phone", "4.93E+11", "scientific notation"),
        (0, "row.phone", "4930901840", "the leading + is gone"),
        (1, "row.external_id", "1.23457E+17", "scientific notation"),
        (1, "row.external_id", "123456789012345000", "turned into zeros"),
        (1, "row.source_updated_at", "45717", "serial number"),
    ];
    for (line, column, cell, said) in broken {
        let mut sheet = Sheet::of(&ground, first.run_id, text).await;
        sheet.edit(line, "row.email", "good@example.org").edit(line, column, cell);
        let error = refused(&ground, sheet.write(&ground, "broken.csv", b',')).await;
        let wanted = format!("line {}: column {}: ", line + 2, column.trim_start_matches("row."));
        assert!(error.to_string().contains(&wanted) && error.to_string().contains(said), "{error}");
    }
    // Another notation of the same day is no edit, and does no harm.
    let mut sheet = Sheet::of(&ground, first.run_id, text).await;
    sheet.edit(0, "row.email", "xena@example.org").edit(0, "row.birth_date", "23.04.1990");
    let done =
        remediate(&ground, Edits::Report(sheet.write(&ground, "dates.csv", b';'))).await.expect("it goes");
    assert_eq!(done[0].promoted, 1, "{done:?}");
    let core = super::ground::by_name(ground.store()).await;
    assert_eq!(
        (core["Xaver"]["birth_date"].as_str(), core["Xaver"]["postal_code"].as_str()),
        ("1990-04-23", "01067")
    );
}

on_both!(
    names_and_numbers_that_are_not_there,
    a_loaded_row_is_not_sent_again,
    every_bad_line_is_told_and_nothing_is_changed,
    two_edits_of_one_row_are_refused,
    what_a_spreadsheet_broke_is_refused,
);
