//! A table of a database as a source: read on from a watermark that moves with runs that are loaded, and only with them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use importer_engine::plan::ApplyOptions;
use importer_engine::request::RunRequest;
use importer_engine::rollback::RollbackRequest;
use importer_engine::store::RunStatus;
use importer_engine::{EngineOptions, RunSummary, Silent};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection};

use super::ground::{Ground, core, count, everybody, number, open, succeeded, whole};
use crate::store::harness::{TestStore, on_both, on_postgres};

const PEOPLE: &str = "CREATE TABLE people (external_id TEXT PRIMARY KEY, first_name TEXT, last_name TEXT, email TEXT, stamp TEXT);
    INSERT INTO people VALUES
        ('A-1', 'Anna', 'Able', 'anna@example.org', '2025-03-01 10:00:00'),
        ('A-2', 'Bert', 'Baker', 'bert@example.org', '2025-03-01 10:05:00'),
        ('A-3', 'Carl', 'Cole', 'carl@example.org', '2025-03-01 10:05:00')";

async fn change(ground: &Ground, sql: &str) {
    let options =
        SqliteConnectOptions::new().filename(ground.folder().join("crm.db")).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("the file opens");
    connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    connection.close().await.expect("it closes");
}

fn words(words: &[(&str, &str)]) -> Vec<(String, String)> {
    words.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn request(ground: &Ground) -> RunRequest {
    let url = format!("sqlite://{}", ground.folder().join("crm.db").display());
    let options = words(&[("connector", "sqlite"), ("url", &url), ("table", "people"), ("cursor", "stamp")]);
    let mut request = RunRequest::files(Vec::<std::path::PathBuf>::new());
    request.external_system = Some("crm".to_owned());
    request.options = options;
    request
}

/// Rows read, created and unchanged.
fn figures(summary: &RunSummary) -> (u64, u64, u64) {
    (
        number(&summary.counts, "staging", "rows_staged"),
        core(summary, "rows_created"),
        core(summary, "rows_skipped_no_change"),
    )
}

async fn begun(test: &TestStore) -> Ground {
    let ground = Ground::new(test).await;
    change(&ground, PEOPLE).await;
    ground
}

async fn only_what_came_since_is_read(test: &TestStore) {
    let ground = begun(test).await;
    let asked = request(&ground);
    assert_eq!(figures(&succeeded(ground.run(&asked).await)), (3, 3, 0));
    // One row that shares the watermark and was committed later, and one above it.
    change(&ground, "INSERT INTO people VALUES ('A-4', 'Dora', 'Dale', 'dora@example.org', '2025-03-01 10:05:00'), ('A-5', 'Emil', 'Eder', 'emil@example.org', '2025-03-01 11:00:00')").await;
    assert_eq!(figures(&succeeded(ground.run(&asked).await)), (4, 2, 2));
    // Late by less than the lookback; one without a value comes every time.
    change(&ground, "INSERT INTO people VALUES ('A-6', 'Frida', 'Fink', 'frida@example.org', '2025-03-01 10:55:00'), ('A-7', 'Gerd', 'Gruber', 'gerd@example.org', NULL)").await;
    let summary = succeeded(ground.run(&asked).await);
    assert_eq!(figures(&summary), (2, 1, 1));
    assert!(summary.warnings.iter().any(|w| w.contains("DATABASE_CURSOR_EMPTY")), "{:?}", summary.warnings);
    let mut back = asked.clone();
    back.options.extend(words(&[("lookback", "10 minutes")]));
    assert_eq!(figures(&succeeded(ground.run(&back).await)), (3, 1, 2));
    // Everything once more, and from a value on.
    let again = RunRequest { again: true, ..asked.clone() };
    assert_eq!(figures(&succeeded(ground.run(&again).await)), (7, 0, 7));
    let since = RunRequest { since: Some("2025-03-01 10:50".to_owned()), ..asked.clone() };
    assert_eq!(figures(&succeeded(ground.run(&since).await)), (3, 0, 3));
    assert_eq!(figures(&succeeded(ground.run(&asked).await)), (2, 0, 2));
    assert_eq!(everybody(ground.store()).await.len(), 7);
    whole(ground.store()).await;
    // Another table, query or cursor begins anew.
    let mut other = asked;
    other.options.retain(|(name, _)| name != "table");
    other.options.extend(words(&[("query", "SELECT * FROM people")]));
    assert_eq!(figures(&succeeded(ground.run(&other).await)), (7, 0, 7));
}

async fn a_dry_run_moves_nothing_and_what_applies_it_does(test: &TestStore) {
    let ground = begun(test).await;
    let asked = request(&ground);
    let dry = RunRequest { dry_run: true, ..asked.clone() };
    let planned = succeeded(ground.run(&dry).await);
    assert_eq!(figures(&succeeded(ground.run(&dry).await)).0, 3);
    let options = ApplyOptions::default();
    let applied = ground.engine.apply(planned.run_id, &options, Arc::new(Silent));
    succeeded(Box::pin(applied).await.expect("it is applied"));
    assert_eq!(figures(&succeeded(ground.run(&asked).await)), (2, 0, 2));
}

async fn a_failed_run_leaves_the_watermark(test: &TestStore) {
    let ground = begun(test).await;
    let asked = request(&ground);
    succeeded(ground.run(&asked).await);
    change(&ground, "INSERT INTO people VALUES ('A-8', 'Bad', 'Mail', 'no address', '2025-03-02 10:00:00'), ('A-9', 'Hans', 'Huber', 'hans@example.org', '2025-03-02 11:00:00')").await;
    let strict = RunRequest { max_bad: Some(0.1), ..asked.clone() };
    let failed = ground.run(&strict).await;
    assert_eq!(failed.status, "failed");
    // It is read again from where the last loaded run ended.
    let again = ground.run(&strict).await;
    assert_eq!((again.status.as_str(), figures(&again).0), ("failed", 4));
    // A failed run that goes on moves it at its end.
    let options = importer_engine::ResumeOptions { accept_bad: true, ..Default::default() };
    let resumed = ground.engine.resume(again.run_id, &options, Arc::new(Silent));
    let resumed = succeeded(Box::pin(resumed).await.expect("it goes on"));
    assert_eq!(core(&resumed, "rows_created"), 1);
    assert_eq!(figures(&succeeded(ground.run(&asked).await)), (1, 0, 1));
}

async fn a_run_that_is_rolled_back_counts_for_nothing(test: &TestStore) {
    let ground = begun(test).await;
    let asked = request(&ground);
    succeeded(ground.run(&asked).await);
    change(
        &ground,
        "INSERT INTO people VALUES ('A-4', 'Dora', 'Dale', 'dora@example.org', '2025-03-02 10:00:00')",
    )
    .await;
    let second = succeeded(ground.run(&asked).await);
    change(
        &ground,
        "INSERT INTO people VALUES ('A-5', 'Emil', 'Eder', 'emil@example.org', '2025-03-03 10:00:00')",
    )
    .await;
    succeeded(ground.run(&asked).await);
    let of = RollbackRequest { run: second.run_id, ..RollbackRequest::default() };
    let back = ground.engine.rollback(&of, Arc::new(Silent));
    Box::pin(back).await.expect("it is rolled back");
    // The third run read on from the second: what only that one had loaded comes again.
    let summary = succeeded(ground.run(&asked).await);
    assert_eq!(figures(&summary).0, 4, "{:?}", summary.counts);
    assert_eq!(everybody(ground.store()).await.len(), 5);
}

async fn a_source_file_names_its_table(test: &TestStore) {
    let ground = begun(test).await;
    let project = ground.folder().join("project");
    std::fs::create_dir_all(project.join("sources")).expect("a folder");
    let url = ground.folder().join("url");
    std::fs::write(&url, format!("sqlite://{}\n", ground.folder().join("crm.db").display()))
        .expect("it is written");
    let source = |url: &str| {
        format!(
            "source: crm\nconnector: sqlite\nentity: volunteers\nmapping: csv\nexternal_system: crm\nurl: {url}\ntable: people\ncursor: stamp\nlookback: 10 minutes\nsince: 2025-03-01 10:01\n"
        )
    };
    let write = |text: String| std::fs::write(project.join("sources/crm.yml"), text).expect("it is written");
    write(source(&format!("file:{}", url.display())));
    let options = EngineOptions { project: Some(project.clone()), ..ground.options.clone() };
    let engine = open(&options).await;
    let asked =
        RunRequest { source: Some("crm".to_owned()), ..RunRequest::files(Vec::<std::path::PathBuf>::new()) };
    let run = |asked: RunRequest| {
        let engine = &engine;
        async move { Box::pin(engine.run(&asked, Arc::new(Silent))).await }
    };
    assert_eq!(figures(&succeeded(run(asked.clone()).await.expect("a run"))), (2, 2, 0));
    let again = RunRequest { again: true, ..asked.clone() };
    assert_eq!(figures(&succeeded(run(again).await.expect("a run"))), (2, 0, 2));
    // A file is none of its business.
    let file = RunRequest { source: Some("crm".to_owned()), ..RunRequest::files([Path::new("a.csv")]) };
    assert_eq!(run(file).await.expect_err("it reads no file").code(), Some("SOURCE_NO_FILE"));
    let wrong =
        RunRequest { since: Some("x".to_owned()), source: None, ..RunRequest::files([Path::new("a.csv")]) };
    assert!(run(wrong).await.expect_err("a file has no cursor").to_string().contains("no cursor"));
    // Nothing there: no run is made.
    change(
        &ground,
        "CREATE TABLE later (external_id TEXT, first_name TEXT, last_name TEXT, email TEXT, stamp TEXT)",
    )
    .await;
    let runs = count(ground.store(), "SELECT count(*) FROM {import_runs}").await;
    let mut none = asked;
    none.options = words(&[("table", "later")]);
    assert_eq!(run(none).await.expect_err("no row").code(), Some("NOTHING_NEW"));
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {import_runs}").await, runs);
    // A password in the file would get into every bundle of the project.
    write(source("postgres://anna:s3cret@db/crm"));
    let refused =
        importer_engine::load_project(Some(&project)).err().map(|e| format!("{e:?}")).expect("it is refused");
    assert!(refused.contains("password") && !refused.contains("PRJ0002"), "{refused}");
}

on_both!(
    only_what_came_since_is_read,
    a_dry_run_moves_nothing_and_what_applies_it_does,
    a_failed_run_leaves_the_watermark,
    a_run_that_is_rolled_back_counts_for_nothing,
    a_source_file_names_its_table,
);

/// The reading of a table of Postgres that lies beside the store is cut while it is landed.
async fn cut(test: &TestStore) {
    let ground = Ground::new(test).await;
    let url = test.options.url.to_string();
    let mut other = PgConnection::connect(&url).await.expect("the server answers");
    let sql = "CREATE SCHEMA crm; CREATE TABLE crm.people AS SELECT 'P-' || n AS external_id, 'Anna' AS first_name, 'Able' || n AS last_name, 'p' || n || '@example.org' AS email, now() - n * interval '1 second' AS stamp, repeat('x', 300) AS note FROM generate_series(1, 60000) n";
    other.execute(sql).await.expect("a table");
    let mut asked = RunRequest::files(Vec::<std::path::PathBuf>::new());
    asked.options =
        words(&[("connector", "postgres"), ("url", &url), ("table", "crm.people"), ("cursor", "stamp")]);
    let run = {
        let (engine, asked) = (&ground.engine, &asked);
        async move { Box::pin(engine.run(asked, Arc::new(Silent))).await.expect("a run") }
    };
    let cutting = async {
        let sql = "SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a WHERE a.query LIKE '%AS \"source\"%' AND a.pid <> pg_backend_pid() AND a.datname = current_database() AND EXISTS (SELECT 1 FROM importer.import_runs WHERE status = 'running')";
        for _ in 0..20_000 {
            if other.fetch_one(sql).await.expect("it is asked").get::<i64, _>(0) > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("the reading was not met");
    };
    let (summary, ()) = tokio::join!(run, cutting);
    assert_eq!((summary.status.as_str(), summary.code.as_deref()), ("failed", Some("DATABASE_LOST")));
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 0);
    let options = importer_engine::ResumeOptions::default();
    let resumed = ground.engine.resume(summary.run_id, &options, Arc::new(Silent));
    let resumed = succeeded(Box::pin(resumed).await.expect("it goes on"));
    assert_eq!(core(&resumed, "rows_created"), 60_000);
    assert_eq!(ground.engine.get_run(summary.run_id).await.expect("the run").status, RunStatus::Succeeded);
    assert_eq!(figures(&succeeded(ground.run(&asked).await)), (1, 0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_cut_fails_the_run_and_it_goes_on() {
    on_postgres(|test| Box::pin(cut(test))).await;
}
