//! Queries that run away: they end at limits of time and memory, and say which one and how to raise it.

use std::time::{Duration, Instant};

use crate::harness::{Folder, Said, golden};

/// A recursion that gives nothing and never ends.
const ENDLESS: &str =
    "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 0 FROM n)\nSELECT count(*) FROM n WHERE i = 2";
/// Far more time than the end of a query takes, and far less than the work of a function that nobody ends.
const SOON: Duration = Duration::from_secs(60);

/// What a query says with these options, and that it says it soon.
fn ended(folder: &Folder, sql: &str, options: &[&str]) -> Said {
    let begun = Instant::now();
    let said = folder.importer(&[&["sql", sql][..], options].concat());
    assert!(begun.elapsed() < SOON, "{sql}: {:?}", begun.elapsed());
    assert_eq!(said.code, 2, "{sql}: {}{}", said.out, said.err);
    said
}

#[test]
fn a_query_ends_at_its_time() {
    let folder = Folder::with_run();
    let said = ended(&folder, ENDLESS, &["--timeout", "1s"]);
    for part in
        ["error[SQL0009]: the query was not done after 1 s and was ended", "[query:1:16]", "--timeout 2h"]
    {
        assert!(said.err.contains(part), "{part} in {}", said.err);
    }
    for sql in [
        // One that gives rows, a join that is too large, and functions that do not come back, with constants and with rows.
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 0 FROM n) SELECT * FROM n",
        "SELECT count(*) FROM generate_series(1, 10000000) AS a (n) CROSS JOIN generate_series(1, 10000000) AS b (n) WHERE a.n + b.n < 0",
        "SELECT levenshtein(repeat('x', 1000000), repeat('y', 1000000))",
        "SELECT sum(levenshtein(repeat(first_name, 100000), repeat(last_name, 100000))) FROM contacts",
    ] {
        let said = ended(&folder, sql, &["--timeout", "1s", "--format", "csv"]);
        assert!(said.err.contains("error[SQL0009]") && said.err.contains("after 1 s"), "{sql}: {}", said.err);
    }
    // Of a query in one long line, what stands around the place is shown.
    let wide = format!(
        "{}, '{}' AS far_behind FROM n",
        ENDLESS.replace('\n', " ").replace(" FROM n WHERE i = 2", ""),
        "x".repeat(800)
    );
    let said = ended(&folder, &wide, &["--timeout", "1s"]);
    assert!(said.err.contains("[query:1:16]") && !said.err.contains("far_behind"), "{}", said.err);
    assert!(said.err.lines().all(|line| line.chars().count() < 250), "{}", said.err);
}

#[test]
fn a_query_ends_at_its_memory() {
    let folder = Folder::with_run();
    // What an aggregate holds is counted by itself, and the process is looked at meanwhile: which of both is first depends on
    // how many of its batches are on their way.
    let aggregate: &[&str] = &["AggregateStream", "the process grew by"];
    let cases: [(&str, &[&str]); 5] = [
        (
            "WITH RECURSIVE t AS (SELECT 'x' AS s UNION ALL SELECT s || s FROM t) SELECT max(length(s)) FROM t",
            &["would make"],
        ),
        (
            "SELECT length(array_to_string(range(0, 100000), repeat('-', 10000)))",
            &["array_to_string would make"],
        ),
        (
            "SELECT repeat('x', 100000) AS s, value FROM generate_series(1, 100000)",
            &["would be repeated for"],
        ),
        ("SELECT array_repeat('', 2000000000)", &["array_repeat would make"]),
        (
            "SELECT length(string_agg(CAST(value AS VARCHAR) || repeat('x', 1000), ',')) FROM generate_series(1, 200000)",
            aggregate,
        ),
    ];
    for (sql, what) in cases {
        let said = ended(&folder, sql, &["--memory", "64MiB", "--format", "csv"]);
        assert!(said.err.contains("memory limit was reached"), "{sql}: {}", said.err);
        assert!(what.iter().any(|what| said.err.contains(what)), "{sql}: {what:?} in {}", said.err);
        assert!(said.err.contains("--memory"), "{sql}: {}", said.err);
    }
}

#[test]
fn a_limit_of_time_is_a_length_of_time() {
    let folder = Folder::with_run();
    let said = folder.importer(&["sql", "SELECT 1 AS n", "--timeout", "soon"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("--timeout cannot be \"soon\"") && said.err.contains("10m"), "{}", said.err);
    let said = folder.importer(&["sql", "SELECT 1 AS n", "--timeout", "-5s"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("--timeout cannot be \"-5s\": it is below zero"), "{}", said.err);
    let said = folder.importer(&["sql", "SELECT 1 AS n", "--timeout", "none", "--format", "csv"]);
    assert_eq!((said.code, said.out.as_str()), (0, "n\n1\n"), "{}", said.err);
}

/// What a run says with a file of its project that never comes back, and that it says it soon, with the name of the file.
fn run_ended(file: &str, text: &str) -> String {
    let folder = Folder::new();
    folder.write("project/project.yml", "name: slow\ndefaults: {max_query_time: 2s}\n");
    folder.write(&format!("project/entities/volunteers/{file}"), text);
    let begun = Instant::now();
    let said = folder.importer(&["run", "--project", "project", "--file", &golden("volunteers_valid.csv")]);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert_ne!(said.code, 0, "{}{}", said.out, said.err);
    let told = format!("{}{}", said.out, said.err);
    assert!(told.contains(file) && told.contains("after 2 s") && told.contains("max_query_time"), "{told}");
    told
}

/// A function at work does not come back; the run ends all the same, and so does its process.
#[test]
fn a_rule_ends_at_its_time_inside_a_function() {
    let told = run_ended(
        "check/VOL_SLOW.sql",
        "/*---\nrule: VOL_SLOW\nseverity: error\nmessage: m\nhint: h\n---*/\nSELECT sequence_number\nFROM staged\nWHERE levenshtein(repeat(last_name, 100000), repeat(first_name, 100000)) > 5\n",
    );
    // Ids are not required of this source, so nobody asks for them.
    assert!(!told.contains("VOL_EXTERNAL_ID_REQUIRED"), "{told}");
}

#[test]
fn a_load_file_ends_at_its_time_inside_a_function() {
    run_ended(
        "load/volunteers.sql",
        "/*---\ntable: volunteers\nmode: row\nkey: [tenant_id, id]\nafter: [contacts]\ninsert_only: [contact_id, created_at]\n---*/\nSELECT\n    tenant_id,\n    core_id AS id,\n    core_id AS contact_id,\n    is_active,\n    deactivated_at,\n    CASE WHEN levenshtein(repeat(CAST(core_id AS VARCHAR), 500000), repeat(CAST(core_id + 1 AS VARCHAR), 500000)) < 0\n         THEN 'x' ELSE deleted_reason END AS deleted_reason,\n    loaded_at AS created_at,\n    loaded_at AS updated_at\nFROM resolved\n",
    );
}

#[test]
fn a_chain_is_cut_before_it_takes_the_stack() {
    let folder = Folder::with_run();
    let said = ended(&folder, &format!("SELECT 'a'{} AS x", "||'b'".repeat(3000)), &[]);
    assert!(said.err.contains("more than 400 calls or operators in each other"), "{}", said.err);
    assert!(said.err.contains("concat(a, b, …)"), "{}", said.err);
}
