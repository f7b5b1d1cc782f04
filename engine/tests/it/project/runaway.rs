//! Queries of a project that run away end at the memory of the run, in every kind of file that holds one.

use importer_engine::Limits;
use importer_engine::request::RunRequest;

use super::students::{HEADER, project_with};
use crate::store::harness::on_sqlite;

const ROWS: &str = "1,Anna,Lee,anna@example.org,2001-05-04,3,Law\n2,Bob,Moss,bob@example.org,,0,Law\n3,Cleo,Noon,x,,1,Music\n";
const MEMORY: usize = 64 << 20;

/// What a run says in little memory, of the project with one file changed.
async fn told(path: &'static str, text: String) -> String {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    on_sqlite(move |test| {
        Box::pin(async move {
            let write = |project: &std::path::Path| std::fs::write(project.join(path), text).expect("a file");
            let ground = project_with(test, "students", write, |options| {
                options.limits = Limits { memory: MEMORY, partitions: 2, ..Limits::default() };
            })
            .await;
            let request = RunRequest::files([ground.file("students.csv", format!("{HEADER}{ROWS}"))]);
            let run = ground.engine.run(&request, std::sync::Arc::new(importer_engine::Silent));
            let said = match Box::pin(run).await {
                Ok(summary) => format!("{}: {}", summary.status, summary.error.unwrap_or_default()),
                Err(error) => format!("refused: {error}"),
            };
            sender.send(said).expect("somebody waits");
        })
    })
    .await;
    receiver.await.expect("an answer")
}

fn assert_ended(said: &str, path: &str, what: &str) {
    assert!(said.starts_with(&format!("failed: {path}:")), "{said}");
    assert!(said.contains("memory limit was reached") && said.contains(what), "{said}");
}

const RULE: &str = "entities/students/check/STU_X.sql";

fn rule(sql: &str) -> String {
    format!("/*---\nrule: STU_X\nseverity: error\nmessage: m\nhint: h\n---*/\n{sql}\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_end_at_the_memory() {
    let cases = [
        // Each of these is a plain filter, beside all others.
        (
            "SELECT sequence_number\nFROM staged WHERE length(repeat(last_name, 4000000) || repeat(first_name, 6000000)) > 5",
            " would make ",
        ),
        (
            "SELECT sequence_number\nFROM staged WHERE length(array_to_string(range(0, 100000), repeat(last_name, 1000))) > 5",
            "array_to_string",
        ),
        // These are queries of their own.
        (
            "WITH RECURSIVE t AS (SELECT 'x' AS s UNION ALL SELECT s || s FROM t)\nSELECT sequence_number FROM staged WHERE length(last_name) > (SELECT max(length(s)) FROM t)",
            " would make ",
        ),
        (
            "SELECT sequence_number\nFROM staged s JOIN (SELECT string_agg(repeat('x', 1000) || CAST(value AS VARCHAR), ',') AS t FROM generate_series(1, 200000)) AS g ON length(g.t) = length(s.last_name)",
            "memory",
        ),
        (
            "SELECT sequence_number\nFROM staged s JOIN (SELECT array_agg(CAST(value AS VARCHAR) || repeat('x', 1000)) AS t FROM generate_series(1, 200000)) AS g ON array_length(g.t) = length(s.last_name)",
            "memory",
        ),
    ];
    for (sql, what) in cases {
        let said = told(RULE, rule(sql)).await;
        assert_ended(&said, RULE, what);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mappings_and_load_files_end_at_the_memory() {
    let path = "entities/students/map/students.sql";
    let mapping = "/*---\nmapping: students\n---*/\nSELECT sequence_number, number, first_name,\n       repeat(last_name, 5000000) || repeat(last_name, 5000000) AS last_name,\n       email, born, semester, faculty\nFROM landed\n";
    assert_ended(&told(path, mapping.to_owned()).await, path, " would make ");
    let path = "entities/students/load/students.sql";
    let load = "/*---\ntable: students\nmode: core\nkey: [tenant_id, id]\ninsert_only: [created_at]\n---*/\nSELECT tenant_id, core_id AS id, first_name,\n       repeat(last_name, 5000000) || repeat(last_name, 5000000) AS last_name,\n       email, born, semester, faculty, loaded_at AS created_at\nFROM resolved\n";
    let said = told(path, load.to_owned()).await;
    assert!(said.contains(&format!("{path}:8:")) && said.contains(" would make "), "{said}");
}
