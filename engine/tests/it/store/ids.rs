//! Core ids: never twice, the same again on resume, beside the host's own numbers.

use std::collections::HashSet;

use importer_engine::store::{Dialect, Fence, IdRange, IdRequest, NewRun, StoreErrorKind};

use super::harness::{TestStore, on_both};
use super::runs::new_run;

on_both!(
    the_same_request_gives_the_same_ids,
    eight_tasks_and_a_host_never_meet,
    numbers_start_above_the_table,
    #[ignore = "measures; run with --ignored --nocapture"]
    a_million_ids,
);

fn request(round: i64, count: i64) -> IdRequest {
    IdRequest {
        entity: "volunteers".into(),
        round,
        id_column: "id".to_owned(),
        has_tenant: true,
        table: "contacts".into(),
        count,
    }
}

fn spread(ranges: &[IdRange]) -> Vec<i64> {
    ranges.iter().flat_map(|range| range.first..range.first + range.count).collect()
}

async fn the_same_request_gives_the_same_ids(test: &TestStore) {
    let store = test.upgraded().await;
    let fence = Fence::of_new("t", store.create_run(&new_run("t")).await.unwrap());
    let first = store.take_ids(&fence, &request(0, 100)).await.unwrap();
    assert_eq!(first, [IdRange { first: 1, count: 100 }]);
    assert_eq!(store.take_ids(&fence, &request(0, 100)).await.unwrap(), first);
    assert_eq!(store.take_ids(&fence, &request(0, 60)).await.unwrap(), first);
    assert_eq!(store.take_ids(&fence, &request(0, 101)).await.unwrap_err().kind(), StoreErrorKind::Conflict);
    assert_eq!(store.take_ids(&fence, &request(1, 5)).await.unwrap(), [IdRange { first: 101, count: 5 }]);
    assert!(store.take_ids(&fence, &request(2, 0)).await.unwrap().is_empty());
    assert_eq!(test.reopen().await.take_ids(&fence, &request(0, 100)).await.unwrap(), first);
}

async fn eight_tasks_and_a_host_never_meet(test: &TestStore) {
    let store = test.upgraded().await;
    let other = test.reopen().await;
    let mut tasks = Vec::new();
    for number in 0..8i64 {
        let store = if number % 2 == 0 { store.clone() } else { other.clone() };
        tasks.push(tokio::spawn(async move {
            let run = NewRun { min_id: 1, ..new_run("t") };
            let fence = Fence::of_new("t", store.create_run(&run).await.unwrap());
            let mut ids = Vec::new();
            for round in 0..5 {
                let request = request(round, 500);
                // Two of the same at once, as after a crash and a hasty restart.
                let (one, two) =
                    tokio::join!(store.take_ids(&fence, &request), store.take_ids(&fence, &request));
                let one = spread(&one.unwrap());
                assert_eq!(one, spread(&two.unwrap()));
                assert_eq!(one.len(), 500);
                ids.extend(one);
            }
            ids
        }));
    }
    let mut all = Vec::new();
    if store.dialect() == Dialect::Postgres {
        let mut host = other.session().await.unwrap();
        for _ in 0..300 {
            let row = host.fetch_one("SELECT nextval('contacts_id_seq')", &[]).await.unwrap();
            all.push(row.int(0).unwrap());
        }
    }
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    let distinct: HashSet<i64> = all.iter().copied().collect();
    assert_eq!(distinct.len(), all.len());
    assert!(all.len() >= 8 * 5 * 500);
    other.close().await;
}

async fn numbers_start_above_the_table(test: &TestStore) {
    let store = test.upgraded().await;
    if store.dialect() == Dialect::Postgres {
        return; // The sequence is the host's own; it is above what the host inserted through it.
    }
    let fence = Fence::of_new("t", store.create_run(&new_run("t")).await.unwrap());
    let mut session = store.session().await.unwrap();
    session.execute("INSERT INTO contacts (tenant_id, id) VALUES ('t', 900)", &[]).await.unwrap();
    assert_eq!(store.take_ids(&fence, &request(0, 10)).await.unwrap(), [IdRange { first: 901, count: 10 }]);
    session.execute("DELETE FROM contacts", &[]).await.unwrap();
    assert_eq!(store.take_ids(&fence, &request(1, 10)).await.unwrap(), [IdRange { first: 911, count: 10 }]);
}

async fn a_million_ids(test: &TestStore) {
    let store = test.upgraded().await;
    let fence = Fence::of_new("t", store.create_run(&new_run("t")).await.unwrap());
    let started = std::time::Instant::now();
    store.take_ids(&fence, &request(0, 1_000_000)).await.unwrap();
    println!("{:?}: a million ids in {:.2} s", store.dialect(), started.elapsed().as_secs_f64());
}
