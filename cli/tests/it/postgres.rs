//! The same on Postgres, where one is given: `IMPORTER_TEST_POSTGRES`. A tenant of its own keeps the tests apart.

use crate::harness::{Folder, golden};

#[test]
fn a_run_and_questions_to_it() {
    let Ok(url) = std::env::var("IMPORTER_TEST_POSTGRES") else {
        eprintln!("left out: IMPORTER_TEST_POSTGRES is not set");
        return;
    };
    let folder = Folder::new();
    let tenant = format!("cli-{}", std::process::id());
    let place = ["--store", url.as_str(), "--tenant", tenant.as_str()];
    let importer = |args: &[&str]| folder.importer(&[args, &place].concat());
    let rows = |sql: &str| {
        let said = importer(&["sql", sql, "--format", "json"]);
        assert_eq!(said.code, 0, "{sql}\n{}", said.err);
        said.json().as_array().unwrap().clone()
    };
    assert_eq!(importer(&["db", "upgrade"]).code, 0);
    let said =
        importer(&["run", "-q", "--json", "--accept-bad", "--file", &golden("volunteers_invalid.csv")]);
    assert_eq!(said.code, 0, "{}", said.err);
    let run = said.json()["run_id"].as_i64().unwrap();

    let staged = rows("SELECT status, count(*) AS n FROM staging_volunteers GROUP BY status ORDER BY status");
    assert_eq!(
        staged,
        serde_json::json!([{"status": "LOADED", "n": 11}, {"status": "QUARANTINED", "n": 8}])
            .as_array()
            .unwrap()
            .clone()
    );
    let stored = "SELECT count(*) AS n FROM store.dq_violations WHERE severity = 'error' AND status IN ('open', 'fixed')";
    assert_eq!(rows(&format!("{stored} AND run_id = {run} AND created_at > '2020-01-01'"))[0]["n"], 12);
    assert_eq!(
        rows("SELECT count(*) AS n FROM clean_volunteers WHERE is_active AND birth_date > '1900-01-01'")
            .len(),
        1
    );
    // JSON and text are compared as text.
    assert_eq!(rows("SELECT id FROM import_runs WHERE counts_json = 'x' AND source = 'csv'").len(), 0);
    let findings = importer(&["violations", "--format", "json", "--rule", "VOL_EMAIL_FORMAT"]).json();
    assert_eq!(findings[0]["status"], "open");
    assert_eq!(importer(&["doctor"]).code, 0);
}
