//! `importer rollback` on an embedded store.

use crate::harness::{Folder, golden};

#[test]
fn a_run_is_looked_at_taken_back_and_brought_back() {
    let folder = Folder::with_run();
    let said = folder.importer(&["rollback", "1", "--dry-run"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    for wanted in ["nothing was changed", "created records removed", "25", "importer rollback 1"] {
        assert!(said.out.contains(wanted), "{wanted}\n{}", said.out);
    }
    assert_eq!(folder.rows("SELECT count(*) AS n FROM contacts")[0]["n"], 25);

    let said = folder.importer(&["rollback", "1"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("Run 2 rolled back run 1") && said.out.contains("rolled_back now"),
        "{}",
        said.out
    );
    assert_eq!(folder.rows("SELECT count(*) AS n FROM contacts")[0]["n"], 0);
    let runs = folder.importer(&["runs"]);
    assert!(runs.out.contains("rollback of 1") && runs.out.contains("rolled_back"), "{}", runs.out);
    assert!(folder.importer(&["show", "1"]).out.contains("Rollback: run 2"));
    assert!(folder.importer(&["show", "2"]).out.contains("created records removed"));
    assert_eq!(folder.importer(&["show", "2", "--json"]).json()["rollback"]["counts"]["removed"], 25);
    assert_eq!(
        folder.rows("SELECT count(*) AS n FROM changes WHERE run_id = 2 AND action = 'removed'")[0]["n"],
        25
    );

    let said = folder.importer(&["rollback", "1"]);
    assert_eq!(said.code, 1);
    assert!(
        said.err.contains("error[ROLLBACK_DONE]") && said.err.contains("importer rollback 2"),
        "{}",
        said.err
    );

    let report = folder.importer(&["rollback", "2", "--json"]).json();
    assert_eq!(
        (&report["counts"]["returned"], &report["status"]),
        (&25.into(), &"succeeded".into()),
        "{report}"
    );
    assert_eq!(folder.importer(&["show", "1", "--json"]).json()["status"], "succeeded");
}

#[test]
fn what_stays_is_listed_in_a_file() {
    let folder = Folder::with_run();
    let text = std::fs::read_to_string(golden("volunteers_valid.csv")).unwrap();
    let later = text
        .replace("New York,10012,US,Harbor Clinic,2025-03-01", "Albany,10012,US,Harbor Clinic,2025-04-01");
    let later = folder.write("later.csv", &later);
    assert_eq!(folder.summary(&["run", "--file", &later])["run_id"], 2);
    for args in
        [&["rollback", "1", "--dry-run", "--out", "stays.csv"][..], &["rollback", "1", "--out", "stays.csv"]]
    {
        let said = folder.importer(args);
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        assert!(said.out.contains("changed by run 2"), "{}", said.out);
        let lines = std::fs::read_to_string(folder.path("stays.csv")).unwrap();
        assert_eq!(lines.lines().count(), 2, "{lines}");
        assert!(lines.contains("changed_by_run,2,"), "{lines}");
    }
    assert_eq!(folder.rows("SELECT city FROM contacts")[0]["city"], "Albany");
    let said = folder.importer(&["rollback", "2", "--out", "nowhere/stays.csv"]);
    assert_eq!((said.code, said.err.contains("--out")), (2, true), "{}", said.err);
}

#[test]
fn bad_questions_get_an_answer_that_helps() {
    let folder = Folder::with_run();
    for (args, code, words) in [
        (&["rollback", "9"][..], 2, "the newest runs are 1"),
        (&["rollback", "1", "--field", "towns"], 2, "the fields are"),
        (&["rollback", "1", "--row", "99"], 2, "row 99"),
        (&["rollback", "1", "--rollback-days", "0"], 1, "can be rolled back for 0 days"),
        (&["rollback", "one"], 2, "one"),
    ] {
        let said = folder.importer(args);
        assert_eq!(said.code, code, "{args:?} {}{}", said.out, said.err);
        assert!(said.err.contains(words), "{args:?} {}", said.err);
    }
}
