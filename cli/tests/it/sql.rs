//! `importer sql`: lake and store in one catalogue.

use crate::harness::{Folder, golden};

#[test]
fn staged_rows_know_what_became_of_them() {
    let folder = Folder::with_run();
    folder.importer(&["run", "-q", "--accept-bad", "--file", &golden("volunteers_invalid.csv")]);
    folder.importer(&["run", "-q", "--dry-run", "--file", &golden("volunteers_valid.csv")]);
    let rows = folder.rows(
        "SELECT run_id, status, count(*) AS n, count(last_error) AS errors FROM staging_volunteers GROUP BY run_id, status ORDER BY run_id, status",
    );
    let shown: Vec<String> =
        rows.iter().map(|r| format!("{} {} {} {}", r["run_id"], r["status"], r["n"], r["errors"])).collect();
    assert_eq!(shown, ["1 \"LOADED\" 25 0", "2 \"LOADED\" 11 0", "2 \"QUARANTINED\" 8 8"]);
    let dry = folder.rows("SELECT DISTINCT run_id, status FROM dry.staging_volunteers");
    assert_eq!(dry, [serde_json::json!({"run_id": 3, "status": "VALIDATED"})]);
}

#[test]
fn one_query_over_lake_and_store() {
    let folder = Folder::with_run();
    let rows = folder.rows(
        "SELECT s.tenant, s.run_id, c.first_name, m.external_id
         FROM staging_volunteers s
         JOIN external_id_map m ON m.external_system = s.link_system AND m.external_id = s.link_id
         JOIN contacts c ON c.id = m.core_id
         WHERE s.external_id = 'V-1002'",
    );
    assert_eq!(
        rows,
        [
            serde_json::json!({"tenant": "default", "run_id": 1, "first_name": "Marcus", "external_id": "V-1002"})
        ]
    );
    assert_eq!(folder.rows("SELECT count(*) AS n FROM store.dq_violations")[0]["n"], 0);
    assert_eq!(folder.rows("SELECT count(*) AS n FROM dq_violations")[0]["n"], 0);
    assert_eq!(
        folder.rows("SELECT status FROM import_runs WHERE id = 1 AND NOT dry_run LIMIT 1")[0]["status"],
        "succeeded"
    );
    assert_eq!(folder.rows("SELECT count(*) AS n FROM clean_volunteers WHERE is_active")[0]["n"], 25);
}

#[test]
fn filters_skip_folders_and_go_to_the_database() {
    let folder = Folder::with_run();
    folder.summary(&["run", "--file", &golden("volunteers_valid.csv")]);
    let plan = |sql: &str| folder.importer(&["sql", &format!("EXPLAIN {sql}"), "--format", "csv"]).out;
    let one = plan("SELECT first_name FROM landed WHERE run_id = 2");
    assert!(one.contains("run_id=2") && !one.contains("run_id=1"), "{one}");
    let staged = plan("SELECT status FROM staging_volunteers WHERE run_id = 2");
    assert!(!staged.contains("run_id=1/"), "{staged}");
    let store = plan("SELECT id FROM import_runs WHERE id = 2 LIMIT 1");
    assert!(
        store.contains("StreamingTableExec") && store.contains("fetch=1") && !store.contains("FilterExec"),
        "{store}"
    );
    assert_eq!(folder.rows("SELECT id FROM import_runs WHERE id > 1 AND status = 'succeeded'").len(), 1);
}

#[test]
fn formats_and_limits() {
    let folder = Folder::with_run();
    let said = folder.importer(&["sql", "SELECT first_name FROM contacts ORDER BY id", "--limit", "2"]);
    assert!(
        said.out.contains("Anna") && said.out.contains("the first 2 rows; more with --limit"),
        "{}",
        said.out
    );
    let said = folder.importer(&[
        "sql",
        "SELECT id, '=1+1' AS f, -5 AS n FROM contacts ORDER BY id LIMIT 1",
        "--format",
        "csv",
    ]);
    assert_eq!(said.out, "id,f,n\n1,'=1+1,-5\n");
    let said = folder.with(&["sql", "-", "--format", "json"], &[], "SELECT count(*) AS n FROM volunteers");
    assert_eq!(said.json()[0]["n"], 25);
    assert!(folder.importer(&["sql", "SHOW TABLES"]).out.contains("staging_volunteers"));
}

#[test]
fn errors_show_the_place_and_what_was_meant() {
    let folder = Folder::with_run();
    let said = folder.importer(&["sql", "SELECT emial\nFROM contacts"]);
    assert_eq!(said.code, 2);
    insta::assert_snapshot!(said.err, @r"
    error[SQL0003]: there is no column `emial`
       ╭─[query:1:8]
     1 │ SELECT emial
       ·        ─────
     2 │ FROM contacts
       ╰────
      = help: did you mean `email`?
    ");
    let said = folder.importer(&["sql", "SELECT * FROM stagin_volunteers", "--format", "json"]);
    let error = &said.json()["error"];
    assert_eq!(
        (said.code, &error["code"], &error["help"]),
        (2, &"SQL0002".into(), &"did you mean `staging_volunteers`?".into())
    );
}

#[test]
fn json_keeps_what_nests() {
    let folder = Folder::with_run();
    let rows = folder.rows(
        "SELECT ['a, b', 'c]'] AS l, [NULL, 1.5] AS m, NULL AS n, {a: 1, b: [NULL, true]} AS s, MAP {'k': [1]} AS k,
         [DATE '2024-01-31'] AS d, [CAST(1.5 AS DECIMAL(5, 2))] AS p, [[1], []] AS q, CAST(NULL AS INT[]) AS r",
    );
    assert_eq!(
        rows,
        [serde_json::json!({
            "l": ["a, b", "c]"],
            "m": [null, 1.5],
            "n": null,
            "s": {"a": 1, "b": [null, true]},
            "k": {"k": [1]},
            "d": ["2024-01-31"],
            "p": ["1.50"],
            "q": [[1], []],
            "r": null,
        })]
    );
    // Rows after one another have each its own.
    let rows = folder.rows(
        "SELECT CASE WHEN value <> 2 THEN [value, 0] END AS l, CASE WHEN value <> 2 THEN {v: value} END AS s
         FROM generate_series(1, 3) ORDER BY value",
    );
    let one = |n: i64| serde_json::json!({"l": [n, 0], "s": {"v": n}});
    assert_eq!(rows, [one(1), serde_json::json!({"l": null, "s": null}), one(3)]);
}

#[test]
fn rows_before_a_failure_can_be_read() {
    let folder = Folder::with_run();
    // Only the last of many batches fails.
    let sql = "SELECT 10 / (value - 199999) AS n FROM generate_series(1, 200000)";
    let said = folder.importer(&["sql", sql, "--json"]);
    assert_eq!(said.code, 2, "{}", said.err);
    let rows = said.json();
    let rows = rows.as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["n"].is_i64()), "{}", rows.len());
    assert!(said.err.contains("error[SQL0007]: a division by zero"), "{}", said.err);
    // Where there is no row, the error is the document.
    let said = folder.importer(&["sql", "SELECT 1 / 0 AS n", "--json"]);
    assert_eq!((said.code, &said.json()["error"]["place"]), (2, &"query:1:8".into()), "{}", said.err);
    assert_eq!(folder.importer(&["sql", "SELECT 1 AS n WHERE false", "--json"]).out, "[]\n");
}

#[test]
fn several_statements_none_and_a_division_by_zero_are_told() {
    let folder = Folder::with_run();
    for (sql, code, message, help) in [
        ("SELECT 1; SELECT 2", "SQL0006", "there are several statements", "one after another"),
        ("", "SQL0001", "there is no statement", "SELECT count(*)"),
        ("-- nothing", "SQL0001", "there is no statement", "comment"),
        ("SELECT 1 / 0", "SQL0007", "a division by zero", "nullif"),
        ("SELECT 5 % (value - 1) FROM generate_series(1, 3)", "SQL0007", "a division by zero", "nullif"),
        ("SELECT CAST(1 AS DECIMAL(5, 2)) / 0", "SQL0007", "a division by zero", "nullif"),
    ] {
        let said = folder.importer(&["sql", "--", sql]);
        assert_eq!(said.code, 2, "{sql}: {}", said.out);
        assert!(
            said.err.contains(&format!("error[{code}]: {message}")) && said.err.contains(help),
            "{sql}: {}",
            said.err
        );
    }
}

#[test]
fn nothing_can_be_changed() {
    let folder = Folder::with_run();
    for sql in [
        "DROP TABLE contacts",
        "DELETE FROM contacts",
        "INSERT INTO contacts (id) VALUES (9)",
        "UPDATE contacts SET first_name = 'x'",
        "CREATE TABLE x AS SELECT 1",
        "COPY (SELECT 1) TO 'x.csv'",
        "SET datafusion.execution.batch_size = 1",
    ] {
        let said = folder.importer(&["sql", sql]);
        assert_eq!(said.code, 2, "{sql}: {}", said.out);
    }
    assert_eq!(folder.rows("SELECT count(*) AS n FROM contacts")[0]["n"], 25);
}

#[test]
fn what_is_not_there_yet_is_said() {
    let folder = Folder::new();
    folder.importer(&["db", "upgrade"]);
    let said = folder.importer(&["sql", "SELECT * FROM landed"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("no run has left landed yet") && said.err.contains("importer run"),
        "{}",
        said.err
    );
}

#[test]
fn tenants_do_not_see_each_other() {
    let folder = Folder::with_run();
    let said = folder.importer(&[
        "sql",
        "SELECT count(*) AS n FROM contacts",
        "--format",
        "json",
        "--tenant",
        "other",
    ]);
    assert_eq!(said.json()[0]["n"], 0);
    let said = folder.importer(&["sql", "SELECT * FROM landed", "--tenant", "other"]);
    assert!(said.err.contains("no run has left landed yet"), "{}", said.err);
}
