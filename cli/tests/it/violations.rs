//! `importer violations` in its four formats.

use crate::harness::{Folder, golden};

fn with_findings() -> Folder {
    let folder = Folder::new();
    let said = folder.importer(&["run", "-q", "--accept-bad", "--file", &golden("volunteers_invalid.csv")]);
    assert_eq!(said.code, 0, "{}", said.err);
    folder
}

#[test]
fn a_table_names_places_and_explains_each_rule_once() {
    let said = with_findings().importer(&["violations"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("nina.sorensen.example.org"), "{}", said.out);
    for fault in ["there is no @ in it", "there is more than one @ in it"] {
        assert_eq!(said.out.matches(fault).count(), 1, "{}", said.out);
    }
    assert!(said.out.contains("CSV_TOO_FEW_FIELDS"), "rejects belong to it: {}", said.out);
}

#[test]
fn csv_and_json_have_every_column() {
    let folder = with_findings();
    let said = folder.importer(&["violations", "--run", "1", "--format", "csv"]);
    let mut lines = said.out.lines();
    assert_eq!(
        lines.next(),
        Some(
            "violation,run_id,rule_code,severity,status,file,line,row,field,original_value,normalised_value,message,hint,store,row.external_system,row.external_id,row.first_name,row.last_name,row.email,row.phone,row.alternate_emails,row.alternate_phones,row.source_updated_at,row.ingest_version,row.birth_date,row.is_deleted"
        )
    );
    assert!(
        lines
            .next()
            .unwrap()
            .contains(",1,VOL_CONTACT_REQUIRED,error,open,volunteers_invalid.csv,3,2,email,")
    );

    let all = folder.importer(&["violations", "--format", "json"]).json();
    let some = folder.importer(&["violations", "--format", "json", "--rule", "VOL_EMAIL_FORMAT"]).json();
    assert!(all.as_array().unwrap().len() > some.as_array().unwrap().len());
    assert_eq!(some[0]["line"], 4);
    let warned =
        folder.importer(&["violations", "--format", "json", "--severity", "warn", "--limit", "1"]).json();
    assert!(warned.as_array().unwrap().iter().all(|v| v["severity"] == "warn"));
}

#[test]
fn a_workbook_by_the_ending_of_its_name() {
    let folder = with_findings();
    let said = folder.importer(&["violations", "--out", "findings.xlsx"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(std::fs::read(folder.path("findings.xlsx")).unwrap().starts_with(b"PK"));
    assert_eq!(folder.importer(&["violations", "--format", "xlsx"]).code, 2);
}

#[test]
fn formulas_do_not_reach_a_spreadsheet() {
    let folder = Folder::new();
    let file = folder.write("a.csv", "first_name,last_name,email\nAnna,Schmidt,=cmd|' /C calc'!A0\n");
    folder.importer(&["run", "-q", "--accept-bad", "--file", &file]);
    let said = folder.importer(&["violations", "--format", "csv"]);
    assert!(said.out.contains(",'=cmd"), "{}", said.out);
    // JSON is no spreadsheet.
    let said = folder.importer(&["violations", "--format", "json"]);
    assert!(said.out.contains("\"=cmd"), "{}", said.out);
}

#[test]
fn the_findings_of_a_dry_run_are_there_too() {
    let folder = Folder::new();
    folder.importer(&["run", "-q", "--accept-bad", "--dry-run", "--file", &golden("volunteers_invalid.csv")]);
    let all = folder.importer(&["violations", "--format", "json"]).json();
    assert!(all.as_array().unwrap().iter().any(|v| v["rule_code"] == "VOL_EMAIL_FORMAT"));
}

#[test]
fn a_run_without_findings_says_so() {
    let said = Folder::with_run().importer(&["violations"]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("no findings"), "{}", said.out);
}

#[test]
fn the_backlog_of_all_runs() {
    let folder = Folder::new();
    for (n, name) in [(1, "Ada"), (2, "Bea")] {
        let text = format!(
            "external_id,first_name,last_name,email\nB-{n},{name},Amt,no address\nC-{n},{name},Zorn,{name}@example.org\n"
        );
        let file = folder.write(&format!("list{n}.csv"), &text);
        let said = folder.importer(&["run", "--accept-bad", "--file", &file]);
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    }
    let listed = |args: &[&str]| {
        let said = folder.importer(&[&["violations", "--all-runs", "--json"], args].concat());
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        said.json()
            .as_array()
            .unwrap()
            .iter()
            .map(|v| format!("{} {}", v["run_id"], v["file"]))
            .collect::<Vec<_>>()
    };
    let both = ["1 \"list1.csv\"", "2 \"list2.csv\""];
    let mut all = listed(&["--rule", "VOL_EMAIL_FORMAT"]);
    assert_eq!(all, both);
    let said = folder.importer(&["violations", "--run", "1", "--json"]);
    let number = said.json()[0]["violation"].to_string();
    // As a report it has the cells of the rows of all its runs.
    let said =
        folder.importer(&["violations", "--all-runs", "--rule", "VOL_EMAIL_FORMAT", "--format", "csv"]);
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!((said.code, lines.len()), (0, 3), "{}{}", said.out, said.err);
    assert!(
        lines[0].ends_with(",store,row.external_id,row.first_name,row.last_name,row.email"),
        "{}",
        said.out
    );
    assert!(
        lines[1].ends_with(",B-1,Ada,Amt,no address") && lines[2].ends_with(",B-2,Bea,Amt,no address"),
        "{}",
        said.out
    );
    let said = folder.importer(&["remediate", &number, "--set", "email=ada.amt@example.org"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    all = listed(&[]);
    assert!(!all.is_empty() && all.iter().all(|v| v == both[1]), "a row that came in is no backlog: {all:?}");
    let said = folder.importer(&["violations", "--all-runs"]);
    assert!(said.out.contains("list2.csv") && !said.out.contains("list1.csv"), "{}", said.out);
}
