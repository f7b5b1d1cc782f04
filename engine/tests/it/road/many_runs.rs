//! What a run reads does not grow with the number of runs there ever were: rows of control tables that the database reads for
//! a run of ten rows, behind ten thousand others.

use std::collections::BTreeMap;

use importer_engine::request::RunRequest;
use importer_engine::store::Session;

use super::ground::{Ground, succeeded};
use crate::store::harness::{TestStore, on_postgres};

/// Ten thousand finished runs, each with what runs leave.
const RUNS: &str = "
INSERT INTO importer.import_runs (tenant_id, id, kind, entity, source, external_system, status, counts_json, finished_at)
SELECT 'default', n, 'normal', 'volunteers', 'csv', 'csv', 'succeeded', '{}', now() FROM generate_series(1, 10000) n;
INSERT INTO importer.run_steps (tenant_id, run_id, step, attempt, status)
SELECT 'default', n, step, 1, 'succeeded' FROM generate_series(1, 10000) n, unnest(ARRAY['land', 'stage', 'check', 'match', 'resolve', 'load', 'reconcile']) step;
INSERT INTO importer.audit (tenant_id, action, actor, target_type, target_id)
SELECT 'default', 'RUN_STARTED', 'tester', 'run', n::text FROM generate_series(1, 10000) n;
UPDATE importer.id_counters SET next_id = 10001 WHERE name = 'import_runs';
ANALYZE;
";

/// Rows of control tables that were read so far, by table. What this session read itself is among them; another tells it up to ten
/// seconds later.
async fn read_so_far(session: &mut Session) -> BTreeMap<String, i64> {
    session
        .execute_script("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot();")
        .await
        .expect("fresh");
    let sql = "SELECT relname::text, coalesce(seq_tup_read, 0)::bigint + coalesce(idx_tup_fetch, 0)::bigint FROM pg_stat_user_tables WHERE schemaname = 'importer'";
    let rows = session.fetch(sql, &[]).await.expect("the figures");
    rows.iter().map(|row| (row.text(0).expect("a name").to_owned(), row.int(1).expect("a number"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_reads_no_more_for_ten_thousand_others() {
    on_postgres(|test| Box::pin(case(test))).await;
}

async fn case(test: &TestStore) {
    let ground = Ground::new(test).await;
    // One session makes the runs and asks: foreign keys read a row of the runs for each row that is made.
    let mut session = test.store.session().await.expect("a session");
    session.execute_script(RUNS).await.expect("the runs");
    let before = read_so_far(&mut session).await;
    drop(session);
    let rows: String = (0..10).map(|n| format!("V-{n},Anna{n},Schmidt{n},anna{n}@example.org\n")).collect();
    let file = ground.file("ten.csv", format!("Volunteer ID,First name,Last name,Email\n{rows}"));
    let summary = succeeded(ground.run(&RunRequest::files([file])).await);
    assert_eq!(summary.run_id, 10_001);
    // A connection tells what it read when it ends.
    ground.store().close().await;
    let after = read_so_far(&mut test.store.session().await.expect("a session")).await;
    let read: BTreeMap<&String, i64> = after
        .iter()
        .map(|(table, rows)| (table, rows - before.get(table).copied().unwrap_or(0)))
        .filter(|(_, rows)| *rows > 0)
        .collect();
    let all: i64 = read.values().sum();
    assert!(all > 0, "the figures tell nothing");
    assert!(all < 1_000, "{read:#?}");
}
