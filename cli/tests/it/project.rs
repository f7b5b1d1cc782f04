//! `importer project check`: reading, planning, the project's own cases.

use crate::harness::Folder;

const RULES: &str = "p/entities/volunteers/check";

#[test]
fn the_shipped_project_is_sound() {
    let folder = Folder::new();
    let said = folder.importer(&["project", "check"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("All SQL can be planned") && said.out.contains("cases hold"), "{}", said.out);
    let found = folder.importer(&["project", "check", "--json"]).json();
    assert_eq!((&found["errors"], &found["cases_failed"]), (&0.into(), &0.into()), "{found}");
    assert!(found["cases"].as_array().unwrap().len() >= 11);
    assert!(!folder.path(".importer").exists());
}

#[test]
fn errors_of_all_files_come_at_once() {
    let folder = Folder::new();
    folder.write("p/project.yml", "name: mine\ncolour: blue\n");
    folder.write("p/sources/crm.yml", "source: crm\nconnector: csv\nentity: volunters\n");
    let said = folder.importer(&["project", "check", "--project", "p"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("project.yml:2:1") && said.err.contains("sources/crm.yml"), "{}", said.err);
    let found = folder.importer(&["project", "check", "--project", "p", "--json"]).json();
    assert!(found["error"]["errors"].as_array().unwrap().len() >= 2, "{found}");
}

#[test]
fn names_and_types_that_are_wrong_are_found_at_their_place() {
    let folder = Folder::new();
    let head = "/*---\nrule: NAME\nseverity: warn\nmessage: m\nhint: h\nfields: [email]\n---*/\n";
    let rule = |name: &str, sql: &str| {
        folder.write(&format!("{RULES}/{name}.sql"), &(head.replace("NAME", name) + sql))
    };
    rule("MY_COLUMN", "SELECT sequence_number, emial AS value\nFROM staged\nWHERE email IS NOT NULL\n");
    rule("MY_TYPE", "SELECT sequence_number FROM staged WHERE abs(email) > 1\n");
    rule("MY_TABLE", "SELECT sequence_number FROM landed\n");
    let said = folder.importer(&["project", "check", "--project", "p"]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("entities/volunteers/check/MY_COLUMN.sql:8:25"), "{}", said.err);
    assert!(said.err.contains("did you mean `email`?"), "{}", said.err);
    assert!(said.err.contains("MY_TYPE.sql"), "{}", said.err);
    assert!(said.err.contains("MY_TABLE.sql:8:29"), "{}", said.err);
}

#[test]
fn a_load_file_with_a_wrong_column_is_found() {
    let folder = Folder::new();
    folder.write(
        "p/entities/volunteers/load/volunteers.sql",
        "/*---\ntable: volunteers\nmode: row\nkey: [tenant_id, id]\nafter: [contacts]\ninsert_only: [contact_id, created_at]\n---*/\nSELECT tenant_id, core_id AS id, core_id AS contact_id, is_activ AS is_active, loaded_at AS created_at FROM resolved\n",
    );
    let said = folder.importer(&["project", "check", "--project", "p"]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(
        said.err.contains("load/volunteers.sql:8") && said.err.contains("did you mean `is_active`?"),
        "{}",
        said.err
    );
}

#[test]
fn a_case_that_does_not_hold_says_how() {
    let folder = Folder::new();
    folder.write(
        "p/entities/volunteers/tests/mine.yml",
        "cases:\n  - name: mine\n    given:\n      - {first_name: Anna, last_name: Schmidt, email: anna@example.org}\n    expect:\n      - {row: 1, violations: [VOL_EMAIL_FORMAT], fields: {first_name: Bert}}\n",
    );
    let said = folder.importer(&["project", "check", "--project", "p"]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("tests/mine.yml:2"), "{}", said.err);
    assert!(said.err.contains("row 1: expected VOL_EMAIL_FORMAT, found no violation"), "{}", said.err);
    assert!(said.err.contains("row 1, first_name: expected \"Bert\", found \"Anna\""), "{}", said.err);
}

#[test]
fn a_column_that_only_one_source_has_is_a_warning() {
    let folder = Folder::new();
    folder.write("p/sources/fair.yml", "source: fair\nconnector: csv\nentity: volunteers\n");
    folder.write(
        "p/entities/volunteers/map/fair.sql",
        "/*---\nmapping: fair\nversion: 1\n---*/\nSELECT sequence_number, external_id, first_name, last_name, coalesce(email, \"Fair Booth Mail\") AS email FROM landed\n",
    );
    let said = folder.importer(&["project", "check", "--project", "p"]);
    assert!(
        said.err.contains("warning[PRJ0108]") && said.err.contains("Fair Booth Mail"),
        "{}{}",
        said.out,
        said.err
    );
}

#[test]
fn load_files_are_compared_with_the_tables_of_the_store() {
    let folder = Folder::new();
    assert_eq!(folder.importer(&["db", "upgrade"]).code, 0);
    let said = folder.importer(&["project", "check"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(!said.out.contains("not compared"), "{}", said.out);
    folder.write(
        "p/entities/volunteers/load/volunteers.sql",
        "/*---\ntable: volunteers\nmode: row\nkey: [tenant_id, id]\nafter: [contacts]\ninsert_only: [contact_id, created_at]\n---*/\nSELECT tenant_id, core_id AS id, core_id AS contact_id, is_active,\n       deleted_reason AS delete_reason, loaded_at AS created_at FROM resolved\n",
    );
    let said = folder.importer(&["project", "check", "--project", "p"]);
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    assert!(said.err.contains("PRJ0015") && said.err.contains("load/volunteers.sql:9:26"), "{}", said.err);
    assert!(said.err.contains("did you mean `deleted_reason`?"), "{}", said.err);
    let doctor = folder.importer(&["doctor", "--project", "p"]);
    assert_eq!(doctor.code, 1);
    assert!(doctor.out.contains("load files"), "{}", doctor.out);
    folder.write("a.csv", "first_name,last_name,email\nAnna,Lee,anna@example.org\n");
    let run = folder.importer(&["run", "--project", "p", "--file", "a.csv"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(
        folder.importer(&["runs"]).out.contains("no run")
            || !folder.importer(&["runs"]).out.contains("failed")
    );
}

#[test]
fn encodings_that_nobody_knows_are_errors_of_the_project() {
    let folder = Folder::new();
    folder.write(
        "p/sources/crm.yml",
        "source: crm\nconnector: csv\nentity: volunteers\nmapping: csv\noptions:\n  encoding: klingon-8\n",
    );
    let said = folder.importer(&["project", "check", "--project", "p"]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("sources/crm.yml:6:13") && said.err.contains("klingon-8"), "{}", said.err);
}

#[test]
fn queries_end_at_the_limit_of_memory() {
    let folder = Folder::new();
    folder.write("a.csv", "first_name,last_name,email\nAnna,Lee,anna@example.org\n");
    assert_eq!(folder.importer(&["run", "--file", "a.csv"]).code, 0);
    for query in ["SELECT repeat('x', 2000000000)", "SELECT range(1, 100000000000)"] {
        let said = folder.importer(&["sql", query]);
        assert_eq!(said.code, 2, "{}{}", said.out, said.err);
        assert!(said.err.contains("memory limit") && said.err.contains("in one piece"), "{}", said.err);
    }
}
