//! `importer explain`: compiled, and as it was run.

use crate::harness::{Folder, golden};

#[test]
fn every_step_is_shown_without_a_store() {
    let folder = Folder::new();
    let said = folder.importer(&["explain"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for step in ["land", "stage", "check", "match", "resolve", "load", "reconcile"] {
        assert!(said.out.contains(&format!("-- ===== {step} =====")), "{step}");
    }
    assert!(said.out.contains("FROM landed") && said.out.contains("$external_system"));
    assert!(!folder.path(".importer").exists());
}

#[test]
fn the_header_of_a_file_is_compiled_in() {
    let folder = Folder::new();
    let said =
        folder.importer(&["explain", "--step", "stage", "--file", &golden("localised_headers/de.csv")]);
    assert!(said.out.contains("l.\"Vorname\" AS \"first_name\""), "{}", said.out);
    assert!(!said.out.contains("===== check"), "{}", said.out);
}

#[test]
fn a_run_shows_what_it_executed() {
    let folder = Folder::with_run();
    let steps = folder.importer(&["explain", "--run", "1", "--json"]).json();
    let check = steps["steps"].as_array().unwrap().iter().find(|s| s["step"] == "check").unwrap().clone();
    let names: Vec<&str> =
        check["queries"].as_array().unwrap().iter().filter_map(|q| q["name"].as_str()).collect();
    assert!(names.contains(&"dq_violations"), "{names:?}");
    let said = folder.importer(&["explain", "--source", "cvs"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("--source csv"), "{}", said.err);
}
