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

#[test]
fn a_json_file_without_records_is_told_as_such() {
    let folder = Folder::new();
    for (text, wanted) in [
        ("[]", "the file holds no records"),
        ("{}", "the one record of the file has no named values"),
        ("[[\"first_name\",\"last_name\"],[\"Ann\",\"Lee\"]]", "has named values"),
    ] {
        let file = folder.write("list.json", text);
        for connector in ["file", "json"] {
            let said = folder.importer(&["run", "--connector", connector, "--file", &file]);
            assert_eq!(said.code, 1, "{text}: {}", said.err);
            assert!(
                said.err.starts_with("error[INPUT]") && said.err.contains(wanted),
                "{text}: {}",
                said.err
            );
            assert!(!said.err.contains("--no-header"), "{text}: {}", said.err);
        }
    }
    let people = "{\"first_name\":\"Ann\",\"last_name\":\"Lee\",\"email\":\"ann@example.org\"}";
    let file = folder.write("list.json", &format!("{people},\n{people}"));
    let said = folder.importer(&["run", "--connector", "file", "--file", &file]);
    assert!(said.code == 1 && said.err.contains("error[JSON_DAMAGED]"), "{}", said.err);
    for text in [format!("[{people},]"), format!("[\n{people},\n]\n")] {
        let file = folder.write("list.json", &text);
        let said = folder.importer(&["run", "--connector", "file", "--file", &file]);
        assert!(said.code == 0 && said.out.contains("JSON_TRAILING_COMMA"), "{}{}", said.out, said.err);
    }
}

#[test]
fn an_inbox_that_was_emptied_has_nothing_new() {
    let folder = Folder::new();
    let list = "external_id,first_name,last_name,email\nP-1,Ann,Lee,ann@example.org\n";
    folder.write("inbox/list.csv", list);
    let run = ["run", "--file", "inbox", "--after", "move"];
    assert_eq!(folder.importer(&run).code, 0);
    for again in [&run[..], &["run", "--file", "inbox/*.csv"], &["run", "--set", "inbox"]] {
        let said = folder.importer(again);
        assert_eq!(said.code, 0, "{again:?}: {}", said.err);
        assert!(said.err.contains("there is no new file"), "{again:?}: {}", said.err);
    }
    std::fs::create_dir(folder.path("other")).unwrap();
    for wrong in ["inbox/*.xlsx", "other"] {
        let said = folder.importer(&["run", "--file", wrong]);
        assert!(said.code == 2 && said.err.contains("error[NO_FILES]"), "{wrong}: {}", said.err);
    }
}

#[test]
fn a_damaged_file_of_the_lake_is_no_wrong_query() {
    let folder = Folder::with_run();
    let parts = std::fs::read_dir(folder.path(".importer/lake/links/tenant=default/run_id=1")).unwrap();
    for part in parts.map(|part| part.unwrap().path()) {
        let whole = std::fs::read(&part).unwrap();
        std::fs::write(&part, &whole[..whole.len() / 2]).unwrap();
    }
    let said = folder.importer(&["sql", "SELECT * FROM links"]);
    assert!(said.code == 1 && said.err.contains("error[LAKE_DAMAGED]"), "{}: {}", said.code, said.err);
}

#[test]
fn where_every_row_is_bad_nothing_good_is_offered() {
    let folder = Folder::new();
    let file = folder.write("list.csv", "first_name,last_name,email\nAnn,Lee\nBob\n");
    let said = folder.importer(&["run", "--file", &file]);
    assert!(said.code == 1 && said.err.contains("error[TOO_MANY_BAD]"), "{}", said.err);
    assert!(said.out.contains("no record could be read: all 2 were rejected"), "{}", said.out);
    assert!(
        !said.out.contains("--accept-bad") && !said.err.contains("--accept-bad"),
        "{}{}",
        said.out,
        said.err
    );
    assert!(said.err.contains("no good row"), "{}", said.err);
}
