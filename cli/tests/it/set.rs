//! `importer run --set`: lists that belong together.

use crate::harness::Folder;

const PEOPLE: &str = "Volunteer ID,First name,Last name,Email\nV-1,Anna,Schmidt,anna@example.org\nV-2,Ben,Moss,ben@example.org\n";
const EVENTS: &str = "Event ID,Event,Start\nE-1,Park clean-up,2025-05-03 09:00\n";
const SIGNUPS: &str = "Volunteer,Event,Status\nV-1,E-1,registered\nben@example.org,E-1,waiting list\n";

fn export(folder: &Folder) {
    folder.write("export/signups.csv", SIGNUPS);
    folder.write("export/volunteers.csv", PEOPLE);
    folder.write("export/events/may.csv", EVENTS);
}

#[test]
fn a_set_is_imported_in_order_and_once() {
    let folder = Folder::new();
    export(&folder);
    let done = folder.importer(&["run", "--set", "export"]);
    assert_eq!(done.code, 0, "{}\n{}", done.out, done.err);
    let order: Vec<usize> = ["── volunteers (1 of 3", "── events (2 of 3", "── signups (3 of 3"]
        .iter()
        .map(|part| done.out.find(part).unwrap_or_else(|| panic!("{part} is not in\n{}", done.out)))
        .collect();
    assert!(order.is_sorted(), "{}", done.out);
    let asked = folder.importer(&[
        "sql",
        "SELECT volunteer_id, event_id, status FROM signups ORDER BY 1",
        "--format",
        "csv",
    ]);
    assert_eq!(asked.out, "volunteer_id,event_id,status\n1,1,registered\n2,1,waitlisted\n");
    // Nothing in it is new.
    let again = folder.importer(&["run", "--set", "export", "--summary-json"]);
    assert_eq!(again.code, 0, "{}\n{}", again.out, again.err);
    let document: serde_json::Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(document["runs"].as_array().map(Vec::len), Some(0), "{}", again.out);
}

#[test]
fn a_dry_run_of_a_set_sees_its_earlier_lists() {
    let folder = Folder::new();
    export(&folder);
    let done = folder.importer(&["run", "--set", "export", "--dry-run", "--summary-json"]);
    assert_eq!(done.code, 0, "{}\n{}", done.out, done.err);
    let document: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    let would = &document["runs"][2]["metrics"]["core"]["signups"];
    assert_eq!(would["rows_created"], 2, "{}", done.out);
    let asked = folder.importer(&["sql", "SELECT count(*) AS n FROM signups", "--format", "csv"]);
    assert_eq!(asked.out, "n\n0\n");
}

#[test]
fn rows_that_waited_since_an_earlier_set_go_on() {
    let folder = Folder::new();
    folder.write("early/signups.csv", SIGNUPS);
    let early = folder.importer(&["run", "--set", "early", "--accept-bad"]);
    assert_eq!(early.code, 0, "{}\n{}", early.out, early.err);
    assert!(early.out.contains("REF-401"), "{}", early.out);
    folder.write("later/volunteers.csv", PEOPLE);
    folder.write("later/events.csv", EVENTS);
    let later = folder.importer(&["run", "--set", "later"]);
    assert_eq!(later.code, 0, "{}\n{}", later.out, later.err);
    assert!(later.out.contains("rows that waited for these records"), "{}", later.out);
    // The set does it, so nobody is told to.
    assert!(!later.out.contains("rows that wait for records such as these go on"), "{}", later.out);
    let asked = folder.importer(&["sql", "SELECT count(*) AS n FROM signups", "--format", "csv"]);
    assert_eq!(asked.out, "n\n2\n");
}

#[test]
fn what_refers_to_a_list_that_failed_is_left_out() {
    let folder = Folder::new();
    export(&folder);
    folder.write("export/events/may.csv", "Event ID,Colour\nE-1,red\n");
    let done = folder.importer(&["run", "--set", "export"]);
    assert_eq!(done.code, 2, "{}\n{}", done.out, done.err);
    assert!(
        done.err.contains("signups is left out: its rows refer to events, which was not imported"),
        "{}",
        done.err
    );
    let asked = folder.importer(&["sql", "SELECT count(*) AS n FROM contacts", "--format", "csv"]);
    assert_eq!(asked.out, "n\n2\n");
}

#[test]
fn a_folder_that_is_no_set_is_refused_before_anything_is_read() {
    let folder = Folder::new();
    folder.write("export/volunteers.csv", PEOPLE);
    folder.write("export/strange.csv", EVENTS);
    for (arguments, word) in [
        (&["run", "--set", "export"][..], "strange.csv"),
        (&["run", "--set", "nowhere"], "nowhere"),
        (&["plan", "--set", "export"], "a set is not planned as one"),
        (&["run", "--set", "export", "--file", "x.csv"], "cannot be used with"),
    ] {
        let done = folder.importer(arguments);
        assert_eq!(done.code, 2, "{arguments:?}: {}\n{}", done.out, done.err);
        assert!(done.err.contains(word), "{arguments:?}: {}", done.err);
    }
    assert!(!folder.path(".importer").exists());
}
