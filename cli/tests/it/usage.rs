//! Help, and what happens to requests that cannot be followed.

use crate::harness::{Folder, golden};

#[test]
fn help_says_what_it_is_and_shows_three_commands_first() {
    let said = Folder::new().importer(&["--help"]);
    assert_eq!(said.code, 0);
    let first: Vec<&str> = said.out.lines().take(6).collect();
    insta::assert_snapshot!(first.join("\n"), @r"
    Importer brings records that other people made into your organisation's tables: every good row once, every bad row
    kept with its reason, every duplicate resolved.

      importer preview people.csv                     what is in this file, and how would it be read?
      importer plan --file people.csv                 everything but the load: what would change?
      importer run --file people.csv                  land, stage, check, match, resolve, load, reconcile
    ");
}

#[test]
fn wrong_usage_ends_with_2() {
    let folder = Folder::new();
    for args in [&["rum"][..], &["run"], &["run", "--file", "a.csv", "--policy", "maybe"], &["show", "x"]] {
        let said = folder.importer(args);
        assert_eq!(said.code, 2, "{args:?}");
        assert!(said.out.is_empty() && !said.err.is_empty(), "{args:?}");
    }
    assert!(!folder.path(".importer").exists());
}

#[test]
fn a_missing_file_leaves_no_run() {
    let folder = Folder::new();
    let said = folder.importer(&["run", "--file", "nobody.csv"]);
    assert_eq!(said.code, 2);
    assert!(said.err.starts_with("error[USAGE]: nobody.csv: there is no such file"), "{}", said.err);
    assert!(said.err.contains("= help:"), "{}", said.err);
    assert_eq!(folder.importer(&["runs", "--json"]).json()["runs"].as_array().unwrap().len(), 0);
}

#[test]
fn with_json_an_error_is_one_document() {
    let folder = Folder::new();
    let said = folder.importer(&["run", "--file", "nobody.csv", "--json"]);
    assert_eq!(said.code, 2);
    let error = &said.json()["error"];
    assert_eq!(error["code"], "USAGE");
    assert!(error["message"].as_str().unwrap().contains("nobody.csv") && error["help"].is_string());
    assert!(said.err.starts_with("error[USAGE]"), "{}", said.err);

    let said = folder.importer(&["run", "--json"]);
    assert_eq!((said.code, &said.json()["error"]["code"]), (2, &"USAGE".into()));
    let said = folder.importer(&["resume", "--json"]);
    let error = &said.json()["error"];
    assert_eq!(error["arguments"], serde_json::json!(["<RUN>"]), "{error}");
    assert!(error["message"].as_str().unwrap().ends_with("were not provided: <RUN>"), "{error}");
}

#[test]
fn a_missing_header_names_the_nearest_and_the_way_out() {
    let folder = Folder::new();
    let said = folder.importer(&["run", "--file", &golden("missing_header/rows.csv")]);
    assert_eq!(said.code, 2);
    assert!(said.err.starts_with("error[HDR0001]"), "{}", said.err);
    assert!(said.err.contains("--map"), "{}", said.err);
    assert_eq!(folder.importer(&["runs", "--json"]).json()["runs"].as_array().unwrap().len(), 0);
}

#[test]
fn files_that_are_no_tables_are_named_as_what_they_are() {
    let folder = Folder::new();
    for (file, code) in [
        ("empty.csv", "CSV_FILE_EMPTY"),
        ("binary.csv", "CSV_FILE_BINARY"),
        ("zip_in_disguise.csv", "CSV_FILE_OTHER_FORMAT"),
    ] {
        let said = folder.importer(&["run", "--json", "--file", &golden(&format!("not_a_table/{file}"))]);
        assert_ne!(said.code, 0, "{file}");
        assert_eq!(said.json()["error"]["code"], code, "{file}");
    }
}

#[test]
fn questions_make_no_store() {
    let folder = Folder::new();
    for args in [&["runs"][..], &["show", "1"], &["violations"], &["sql", "SELECT 1"], &["db", "status"]] {
        let said = folder.importer(args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        assert!(said.err.contains("there is no store"), "{args:?}: {}", said.err);
    }
    assert!(!folder.path(".importer").exists());
}
