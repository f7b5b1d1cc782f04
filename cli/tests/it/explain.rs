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
    let said = folder.importer(&["explain", "1"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("===== load") && said.out.contains("1 chunk committed"), "{}", said.out);
    assert!(said.out.contains("25 rows in, 25 rows out"), "{}", said.out);
    let figures = &check["figures"];
    assert_eq!((&figures["rows_in"], &figures["rows_out"]), (&25.into(), &25.into()));
    assert!(figures["duration_ms"].is_u64());
    if cfg!(target_os = "linux") {
        let steps = steps["steps"].as_array().unwrap();
        assert!(
            steps.iter().all(|s| s["figures"]["peak_memory_bytes"].as_u64().is_some_and(|b| b > 1 << 20)),
            "{steps:#?}"
        );
        let queries = check["queries"].as_array().unwrap();
        assert!(
            queries
                .iter()
                .all(|q| q["figures"]["peak_memory_bytes"].as_u64() <= figures["peak_memory_bytes"].as_u64())
        );
    }
    assert_eq!(folder.importer(&["explain", "1", "--source", "csv"]).code, 2);
    assert_eq!(folder.importer(&["explain", "9"]).code, 2);
    let said = folder.importer(&["explain", "--source", "cvs"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("--source csv"), "{}", said.err);
}
