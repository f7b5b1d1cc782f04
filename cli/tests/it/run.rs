//! `importer run` on an embedded store.

use crate::harness::{Folder, golden};

#[test]
fn a_first_run_loads_every_row_and_says_so() {
    let folder = Folder::new();
    let said = folder.importer(&["run", "--file", &golden("volunteers_valid.csv")]);
    assert_eq!(said.code, 0, "{}", said.err);
    for wanted in [
        "Run 1 (volunteers from source csv): succeeded.",
        "25 records read: 25 landed, 0 rejected, 0 blank",
        "25 processed: 25 created",
        "sqlite://.importer/importer.db",
        "errors-1-volunteers_valid.csv",
        "importer show 1",
    ] {
        assert!(said.out.contains(wanted), "{wanted}\n{}", said.out);
    }
    // One line per step where there is no terminal.
    let steps: Vec<&str> = said.err.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(steps, ["land", "stage", "check", "match", "resolve", "load", "reconcile"]);
    assert!(folder.path(".importer/importer.db").exists() && folder.path(".importer/lake/landed").exists());
}

#[test]
fn all_of_the_store_is_in_its_file_when_a_run_is_over() {
    let folder = Folder::with_run();
    assert!(!folder.path(".importer/importer.db-wal").exists(), "the log was not taken into the file");
    let size = std::fs::metadata(folder.path(".importer/importer.db")).unwrap().len();
    assert!(size > 100_000, "{size} bytes are not the tables of a run");
}

#[test]
fn a_project_that_cannot_be_read_makes_no_store() {
    let folder = Folder::new();
    let said = folder.importer(&["run", "--project", "nowhere", "--file", &golden("volunteers_valid.csv")]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("nowhere"), "{}", said.err);
    assert!(!folder.path(".importer/importer.db").exists(), "a store without a project");
}

#[test]
fn the_summary_is_one_document_and_the_counts_add_up() {
    let folder = Folder::new();
    let summary = folder.summary(&["run", "--file", &golden("volunteers_valid.csv")]);
    assert_eq!(summary["run_id"], 1);
    assert_eq!(summary["status"], "succeeded");
    assert_eq!(summary["counts"]["staging"]["volunteers"]["rows_staged"], 25);
    assert_eq!(summary["counts"]["dq"]["volunteers"]["rows_validated"], 25);
    assert_eq!(summary["counts"]["core"]["volunteers"]["rows_created"], 25);
    assert_eq!(summary["steps"].as_array().unwrap().len(), 7);

    let again = folder.summary(&["run", "--file", &golden("volunteers_valid.csv")]);
    assert_eq!(again["run_id"], 2);
    let core = &again["counts"]["core"]["volunteers"];
    assert_eq!((&core["rows_created"], &core["rows_skipped_no_change"]), (&0.into(), &25.into()));
    assert_eq!(folder.rows("SELECT count(*) AS n FROM contacts")[0]["n"], 25);
}

#[test]
fn a_dry_run_proposes_the_real_one_and_leaves_core_alone() {
    let folder = Folder::new();
    let file = golden("volunteers_valid.csv");
    let said = folder.importer(&["run", "--dry-run", "--default-region", "DE", "--file", &file]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.starts_with("Dry run 1"), "{}", said.out);
    assert!(said.out.contains("25 processed (would be): 25 created"), "{}", said.out);
    assert!(said.out.contains(&format!("importer run --default-region DE --file {file}")), "{}", said.out);
    assert_eq!(folder.rows("SELECT count(*) AS n FROM contacts")[0]["n"], 0);
    assert_eq!(folder.rows("SELECT count(*) AS n FROM dry.changes WHERE action = 'created'")[0]["n"], 25);
}

#[test]
fn bad_rows_stop_a_run_unless_they_are_accepted() {
    let folder = Folder::new();
    let file = golden("volunteers_invalid.csv");
    let said = folder.importer(&["run", "--file", &file]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("error[TOO_MANY_BAD]") && said.err.contains("--accept-bad"), "{}", said.err);
    assert!(said.out.contains("importer violations --run 1"), "{}", said.out);

    let said = folder.importer(&["run", "--accept-bad", "--strict", "--json", "--file", &file]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert_eq!(said.json()["status"], "succeeded");
    let said = folder.importer(&["run", "--max-bad", "90%", "--json", "--file", &file]);
    assert_eq!(said.code, 0, "{}", said.err);
}

#[test]
fn examples_name_place_and_field_but_no_value() {
    let folder = Folder::new();
    let said = folder.importer(&["run", "--accept-bad", "--file", &golden("volunteers_invalid.csv")]);
    assert!(said.out.contains("volunteers_invalid.csv line 4, email"), "{}", said.out);
    for value in ["nina.sorensen.example.org", "call me", "last Tuesday"] {
        assert!(!said.out.contains(value) && !said.err.contains(value), "{value}");
    }
}

#[test]
fn standard_input_and_mapped_headers() {
    let folder = Folder::new();
    let text = "Given=Name;Surname;Contact\nAnna;Schmidt;anna@example.org\n";
    let args = [
        "run",
        "--json",
        "--file",
        "-",
        "--map",
        "Given=Name=first_name",
        "--map",
        "Surname=last_name",
        "--map",
        "Contact=email",
    ];
    let said = folder.with(&args, &[], text);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(folder.rows("SELECT first_name, email FROM contacts")[0]["first_name"], "Anna");
}

#[test]
fn several_files_make_one_run() {
    let folder = Folder::new();
    let (a, b) = (
        folder.write("a.csv", "first_name,last_name,email\nAnna,Schmidt,anna@example.org\n"),
        folder.write("b.csv", "Vorname;Nachname;E-Mail;Bemerkung\nBert;Braun;bert@example.org;nett\n"),
    );
    let said = folder.importer(&["run", "--file", &a, &b]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.contains("Columns that no field takes") && said.out.contains("Bemerkung"),
        "{}",
        said.out
    );
    assert!(!said.out.contains("nett"), "samples are masked: {}", said.out);
    assert_eq!(folder.rows("SELECT count(*) AS n FROM contacts")[0]["n"], 2);
    // The columns of both files stand side by side.
    let landed = folder.rows("SELECT first_name, \"Vorname\" FROM landed ORDER BY sequence_number");
    assert_eq!((&landed[0]["first_name"], &landed[0]["Vorname"]), (&"Anna".into(), &serde_json::Value::Null));
    assert_eq!(landed[1]["Vorname"], "Bert");
}
