//! `runs`, `show`, `doctor`, `db`.

use crate::harness::Folder;

#[test]
fn runs_are_listed_and_filtered() {
    let folder = Folder::with_run();
    let said = folder.importer(&["runs"]);
    assert!(said.out.contains("succeeded") && said.out.contains("normal"), "{}", said.out);
    let list = |args: &[&str]| {
        folder.importer(&[&["runs", "--json"], args].concat()).json()["runs"].as_array().unwrap().clone()
    };
    assert_eq!(list(&[])[0]["rows_created"], 25);
    assert_eq!(list(&["--status", "failed"]).len(), 0);
    assert_eq!(list(&["--kind", "normal", "--source", "csv", "--days", "7"]).len(), 1);
    let said = folder.importer(&["runs", "--status", "fine"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("succeeded"), "{}", said.err);
}

#[test]
fn a_run_is_shown_in_full() {
    let folder = Folder::with_run();
    let said = folder.importer(&["show", "1"]);
    for wanted in
        ["Run 1: succeeded", "volunteers_valid.csv", "rows_created", "reconcile", "importer explain --run 1"]
    {
        assert!(said.out.contains(wanted), "{wanted}\n{}", said.out);
    }
    let shown = folder.importer(&["show", "1", "--json"]).json();
    assert_eq!(shown["counts"]["core"]["volunteers"]["rows_created"], 25);
    assert_eq!(shown["steps"].as_array().unwrap().len(), 7);
    assert_eq!(shown["summary"]["run_id"], 1);
    let said = folder.importer(&["show", "7", "--json"]);
    assert_eq!((said.code, &said.json()["error"]["code"]), (2, &"NOT_FOUND".into()));
}

#[test]
fn a_doctor_looks_and_changes_nothing() {
    let folder = Folder::new();
    let said = folder.importer(&["doctor"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("the first run makes it"), "{}", said.out);
    assert!(!folder.path(".importer").exists());

    let folder = Folder::with_run();
    let looks = folder.importer(&["doctor", "--json"]).json();
    assert_eq!(looks["ok"], true, "{looks}");
    let named = |what: &str| {
        looks["checks"].as_array().unwrap().iter().any(|c| c["what"] == what && c["verdict"] == "ok")
    };
    assert!(["project", "store", "tables", "lake", "binding"].into_iter().all(named), "{looks}");

    let said = folder.importer(&["doctor", "--store", "sqlite://other.db"]);
    assert_eq!(said.code, 0, "a store that is not there yet is no failure: {}", said.out);
    let said = folder.importer(&["doctor", "--store", "postgres://nobody@127.0.0.1:1/nothing"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("FAIL"), "{}", said.out);
}

#[test]
fn migrations_go_up_and_down() {
    let folder = Folder::new();
    let said = folder.importer(&["db", "upgrade"]);
    assert!(said.out.contains("0001"), "{}", said.out);
    assert!(folder.importer(&["db", "upgrade"]).out.contains("up to date"));
    let status = folder.importer(&["db", "status", "--json"]).json();
    assert!(status["migrations"].as_array().unwrap().iter().all(|m| m["applied_at"].is_string()));

    let said = folder.importer(&["db", "downgrade", "--to", "0"]);
    assert_eq!(said.code, 2, "data would be lost, so it asks");
    assert!(said.err.contains("--yes"), "{}", said.err);
    assert_eq!(folder.importer(&["db", "downgrade", "--to", "0", "--yes"]).code, 0);
    assert!(folder.importer(&["db", "status"]).out.contains("importer db upgrade"));
}
