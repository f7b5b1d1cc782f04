//! `importer audit`: who did what, listed and exported.

use crate::harness::{Folder, golden};

#[test]
fn actions_are_listed_with_who_and_what() {
    let folder = Folder::with_run();
    let said = folder.importer(&["audit"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for wanted in
        ["IMPORT_RUN_STARTED", "IMPORT_RUN_FINISHED", "NAMESPACE_SEEN", "STORE_UPGRADED", "volunteerhub"]
    {
        assert!(said.out.contains(wanted), "{wanted}\n{}", said.out);
    }
    let rows = |args: &[&str]| {
        let said = folder.importer(&[&["audit", "--format", "json"], args].concat());
        assert_eq!(said.code, 0, "{}", said.err);
        said.json().as_array().unwrap().clone()
    };
    let of_run = rows(&["--run", "1"]);
    let actions: Vec<&str> = of_run.iter().filter_map(|r| r["action"].as_str()).collect();
    assert_eq!(actions, ["IMPORT_RUN_FINISHED", "NAMESPACE_SEEN", "IMPORT_RUN_STARTED"]);
    assert_eq!(of_run[2]["details"]["files"][0], "volunteers_valid.csv");
    assert!(of_run.iter().all(|r| r["actor"].as_str().is_some_and(|a| !a.is_empty())));
    assert_eq!(rows(&["--target", "namespace:volunteerhub"]).len(), 1);
    assert_eq!(rows(&["--target", "import_run"]).len(), 2);
    assert_eq!(rows(&["--since", "2999-01-01"]).len(), 0);
    assert_eq!(rows(&["--action", "IMPORT_RUN_STARTED", "--days", "1"]).len(), 1);
    let first = rows(&["--limit", "2"]);
    let before = first[1]["id"].to_string();
    let next = rows(&["--limit", "2", "--before", &before]);
    assert!(next[0]["id"].as_i64() < first[1]["id"].as_i64());
    let said = folder.importer(&["audit", "--limit", "2"]);
    assert!(said.out.contains("importer audit --limit 2 --before"), "{}", said.out);
}

#[test]
fn exports_are_safe_and_audited() {
    let folder = Folder::with_run();
    let out = folder.path("audit.csv").display().to_string();
    let said = folder.importer(&["audit", "--out", &out]);
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{}", said.err);
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.starts_with("id,created_at,actor,action,target_type,target_id,run_id,details\n"), "{text}");
    assert!(text.contains("IMPORT_RUN_STARTED"), "{text}");
    let said = folder.importer(&["violations", "--run", "1", "--format", "csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let newest = folder.importer(&["audit", "--format", "json", "--limit", "2"]).json();
    assert_eq!(newest[0]["action"], "VIOLATIONS_EXPORTED");
    assert_eq!((&newest[0]["run_id"], &newest[0]["details"]["format"]), (&1.into(), &"csv".into()));
    assert_eq!(newest[1]["action"], "AUDIT_EXPORTED");
    assert_eq!(newest[1]["details"]["out"], out.as_str());

    // A name that a spreadsheet would run is written as text.
    let file = folder.write("=cmd.csv", &std::fs::read_to_string(golden("volunteers_valid.csv")).unwrap());
    folder.summary(&["run", "--external-system", "=HYPERLINK(1)", "--file", &file]);
    let target = ["audit", "--format", "csv", "--target", "namespace:=HYPERLINK(1)"];
    let said = folder.importer(&target);
    assert!(!said.out.contains(",=HYPERLINK"), "{}", said.out);
}

#[test]
fn words_that_nobody_used_are_answered_with_those_that_were() {
    let folder = Folder::with_run();
    let said = folder.importer(&["audit", "--action", "IMPORT_RUN_STRATED"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("Did you mean IMPORT_RUN_STARTED?"), "{}", said.out);
    for wrong in [
        &["audit", "--since", "yesterday"][..],
        &["audit", "--run", "9"],
        &["audit", "--days", "1", "--since", "2026-01-01"],
        &["audit", "--out", "audit.txt"],
        &["audit", "--format", "table", "--out", "x.csv"],
    ] {
        assert_eq!(folder.importer(wrong).code, 2, "{wrong:?}");
    }
    let said = Folder::new().importer(&["audit", "--format", "json"]);
    assert_eq!((said.code, &said.json()["error"]["code"]), (2, &"USAGE".into()));
}

#[test]
fn a_changed_project_is_named_with_its_files() {
    let folder = Folder::new();
    let file = golden("volunteers_valid.csv");
    folder.summary(&["run", "--file", &file]);
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../sql/project/sources/csv.yml");
    let text = format!("{}\n# stricter from now on\n", std::fs::read_to_string(shipped).unwrap());
    folder.write("project/sources/csv.yml", &text);
    let project = folder.path("project").display().to_string();
    folder.summary(&["run", "--project", &project, "--file", &file]);
    let found = folder.importer(&["audit", "--action", "PROJECT_CHANGED", "--format", "json"]).json();
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["details"]["changed"], serde_json::json!(["sources/csv.yml"]));
    assert_eq!(found[0]["run_id"], 2);
}
