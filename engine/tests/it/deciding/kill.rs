//! A decision that breaks leaves nothing or all of it, and is made again under the same run.
//!
//! Failpoints are the whole process's, so each of these tests runs in a process of its own.

use importer_engine::deciding::{MergeRequest, UnmergeRequest};

use super::stage::{import, person, row_of, try_merge, try_unmerge, unmerge};
use crate::road::failpoints::alone_in;
use crate::road::ground::{Ground, count, whole};
use crate::rollback::stage::{Person, records, same, status};
use crate::store::harness::{TestStore, on_postgres, on_sqlite};

const BEFORE: [&str; 3] = ["deciding::children_moved", "deciding::rows_written", "deciding::before_commit"];

fn two() -> [Person; 2] {
    [
        Person { email: "anna@example.org", ..person("A", "Anna", "Berlin") },
        Person { email: "bea@example.org", updated: "2025-02-10T00:00:00Z", ..person("B", "Anna", "Kiel") },
    ]
}

async fn killed_between_statements(test: &TestStore) {
    let ground = Ground::new(test).await;
    import(&ground, "1.csv", "crm", &two()).await;
    let (a, b) = (row_of(&ground, "A").await, row_of(&ground, "B").await);
    let before = records(ground.store()).await;
    let ask = || MergeRequest { rows: Some((a, b)), force: true, ..MergeRequest::default() };
    for point in BEFORE {
        fail::cfg(point, "1*return").unwrap();
        let error = try_merge(&ground, ask()).await.expect_err(point);
        fail::remove(point);
        assert!(error.to_string().contains(point), "{error}");
        same(&records(ground.store()).await, &before, point);
        whole(ground.store()).await;
    }
    // A commit that nobody heard of counts.
    fail::cfg("deciding::committed", "1*return").unwrap();
    let merged = try_merge(&ground, ask()).await.unwrap();
    fail::remove("deciding::committed");
    assert_eq!(status(&ground, merged.run_id.unwrap()).await, "succeeded");
    let after = records(ground.store()).await;
    let back = || UnmergeRequest { merge: merged.merge_id.unwrap(), ..UnmergeRequest::default() };
    for point in ["deciding::winner_parted", "deciding::before_commit"] {
        fail::cfg(point, "1*return").unwrap();
        let error = try_unmerge(&ground, back()).await.expect_err(point);
        fail::remove(point);
        assert!(error.to_string().contains(point), "{error}");
        same(&records(ground.store()).await, &after, point);
        whole(ground.store()).await;
    }
    unmerge(&ground, merged.merge_id).await;
    same(&records(ground.store()).await, &before, "exactly what was there");
}

/// The process dies: nobody ends the run, and the same request goes on with it.
async fn the_same_run_goes_on(test: &TestStore) {
    let ground = std::sync::Arc::new(Ground::new(test).await);
    import(&ground, "1.csv", "crm", &two()).await;
    let (a, b) = (row_of(&ground, "A").await, row_of(&ground, "B").await);
    let ask = move || MergeRequest { rows: Some((a, b)), ..MergeRequest::default() };
    fail::cfg("deciding::before_commit", "1*panic").unwrap();
    let dying = std::sync::Arc::clone(&ground);
    let died = tokio::spawn(async move { try_merge(&dying, ask()).await }).await;
    fail::remove("deciding::before_commit");
    assert!(died.is_err_and(|e| e.is_panic()));
    let running = "SELECT count(*) FROM {import_runs} WHERE kind = 'remediation' AND status = 'running'";
    assert_eq!(count(ground.store(), running).await, 1);
    let run = count(ground.store(), &running.replace("count(*)", "max(id)")).await;
    // The database may need a moment to notice that the connection of the lease is gone.
    while ground.store().lease_is_held("default", run).await.unwrap() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let merged = try_merge(&ground, ask()).await.unwrap();
    assert_eq!(
        count(ground.store(), "SELECT count(*) FROM {import_runs} WHERE kind = 'remediation'").await,
        1
    );
    assert_eq!(status(&ground, merged.run_id.unwrap()).await, "succeeded");
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_on_postgres() {
    if alone_in(module_path!(), "killed_on_postgres") {
        on_postgres(|test| Box::pin(killed_between_statements(test))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_on_sqlite() {
    if alone_in(module_path!(), "killed_on_sqlite") {
        on_sqlite(|test| Box::pin(killed_between_statements(test))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goes_on_on_postgres() {
    if alone_in(module_path!(), "goes_on_on_postgres") {
        on_postgres(|test| Box::pin(the_same_run_goes_on(test))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goes_on_on_sqlite() {
    if alone_in(module_path!(), "goes_on_on_sqlite") {
        on_sqlite(|test| Box::pin(the_same_run_goes_on(test))).await;
    }
}
