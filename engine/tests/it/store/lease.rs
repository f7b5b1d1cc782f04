//! Leases: one owner, takeover after death, and a late writer that commits nothing.

use std::time::Duration;

use importer_engine::store::{Dialect, Fence, LeaseOptions, RunLease, RunStatus, Store, StoreErrorKind};

use super::harness::{TestStore, on_both};
use super::runs::{ended, new_run, outcome};

on_both!(
    one_owner_at_a_time,
    a_dropped_lease_is_free,
    a_late_owner_commits_nothing,
    a_takeover_waits_for_the_running_chunk,
    a_holder_without_a_sign_of_life_is_evicted,
    many_ask_one_gets,
);

pub const OPTIONS: LeaseOptions =
    LeaseOptions { heartbeat: Duration::from_millis(100), stale_after: Duration::from_secs(90) };

/// That of somebody who has had the lease of a run and lets it be, so that others may take it.
pub async fn fence_of(store: &Store, run: i64) -> Fence {
    let lease = store.acquire_lease("t", run, "anna", OPTIONS).await.unwrap();
    let fence = lease.fence();
    lease.release().await.unwrap();
    fence
}

async fn one_owner_at_a_time(test: &TestStore) {
    let store = test.upgraded().await;
    let other = test.reopen().await;
    let run = store.create_run(&new_run("t")).await.unwrap();
    assert!(!other.lease_is_held("t", run).await.unwrap());
    let lease = store.acquire_lease("t", run, "anna", OPTIONS).await.unwrap();
    assert_eq!(lease.fence().epoch(), 1);
    assert!(other.lease_is_held("t", run).await.unwrap());
    let error = other.acquire_lease("t", run, "bob", OPTIONS).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::LeaseHeld);
    assert!(error.to_string().contains("anna"), "{error}");
    tokio::time::sleep(Duration::from_millis(400)).await;
    lease.renew().unwrap();
    lease.release().await.unwrap();
    let lease = other.acquire_lease("t", run, "bob", OPTIONS).await.unwrap();
    assert_eq!(lease.fence().epoch(), 2);
    assert_eq!(store.get_run("t", run).await.unwrap().lease_owner.as_deref(), Some("bob"));
    lease.release().await.unwrap();
    assert_eq!(store.get_run("t", run).await.unwrap().lease_owner, None);
    let missing = store.acquire_lease("t", 999, "bob", OPTIONS).await.unwrap_err();
    assert_eq!(missing.kind(), StoreErrorKind::NotFound);
    other.close().await;
}

async fn a_dropped_lease_is_free(test: &TestStore) {
    let store = test.upgraded().await;
    let other = test.reopen().await;
    let run = store.create_run(&new_run("t")).await.unwrap();
    for epoch in 1..4 {
        let lease = acquire_soon(&other, run).await;
        assert_eq!(lease.fence().epoch(), epoch);
        drop(lease);
    }
    other.close().await;
}

/// The server notices a closed connection a moment later.
pub async fn acquire_soon(store: &Store, run: i64) -> RunLease {
    for _ in 0..100 {
        match store.acquire_lease("t", run, "anna", OPTIONS).await {
            Ok(lease) => return lease,
            Err(error) => assert_eq!(error.kind(), StoreErrorKind::LeaseHeld),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the lease never became free");
}

async fn a_late_owner_commits_nothing(test: &TestStore) {
    let store = test.upgraded().await;
    let run = store.create_run(&new_run("t")).await.unwrap();
    let old = store.acquire_lease("t", run, "anna", OPTIONS).await.unwrap();
    let fence = old.fence();
    store.set_run_status(&fence, RunStatus::Running, None).await.unwrap();
    drop(old);
    let new = acquire_soon(store, run).await;
    let mut late = store.begin().await.unwrap();
    assert_eq!(late.fence(&fence).await.unwrap_err().kind(), StoreErrorKind::LeaseLost);
    drop(late);
    let error = store.finish_run(&fence, &outcome(RunStatus::Failed), &ended(run)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::LeaseLost);
    let mut session = store.begin().await.unwrap();
    session.fence(&new.fence()).await.unwrap();
    session.rollback().await.unwrap();
    drop(session);
    new.release().await.unwrap();
}

async fn a_takeover_waits_for_the_running_chunk(test: &TestStore) {
    let store = test.upgraded().await;
    let other = test.reopen().await;
    let run = store.create_run(&new_run("t")).await.unwrap();
    let old = store.acquire_lease("t", run, "anna", OPTIONS).await.unwrap();
    let mut chunk = store.begin().await.unwrap();
    chunk.fence(&old.fence()).await.unwrap();
    chunk.execute("INSERT INTO contacts (tenant_id, id) VALUES ('t', 1)", &[]).await.unwrap();
    drop(old);
    let takeover = tokio::spawn(async move {
        let lease = acquire_soon(&other, run).await;
        let mut session = other.session().await.unwrap();
        let seen = session.fetch_one("SELECT count(*) FROM contacts", &[]).await.unwrap().int(0).unwrap();
        (lease.fence().epoch(), seen)
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!takeover.is_finished(), "the new owner must wait");
    chunk.commit().await.unwrap();
    assert_eq!(takeover.await.unwrap(), (2, 1));
}

async fn a_holder_without_a_sign_of_life_is_evicted(test: &TestStore) {
    let store = test.upgraded().await;
    if store.dialect() == Dialect::Sqlite {
        return; // The system lets a dead process's file lock go; nothing looks alive that is not.
    }
    let other = test.reopen().await;
    let run = store.create_run(&new_run("t")).await.unwrap();
    let silent =
        LeaseOptions { heartbeat: Duration::from_millis(1500), stale_after: Duration::from_millis(300) };
    let old = store.acquire_lease("t", run, "anna", silent).await.unwrap();
    let refused = other.acquire_lease("t", run, "bob", silent).await.unwrap_err();
    assert_eq!(refused.kind(), StoreErrorKind::LeaseHeld);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let new = other.acquire_lease("t", run, "bob", silent).await.unwrap();
    assert_eq!(new.fence().epoch(), 2);
    // The old one finds out at its next sign of life.
    for _ in 0..100 {
        if old.renew().is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(old.renew().unwrap_err().kind(), StoreErrorKind::LeaseLost);
    new.renew().unwrap();
    drop(old);
    new.release().await.unwrap();
    other.close().await;
}

async fn many_ask_one_gets(test: &TestStore) {
    let store = test.upgraded().await;
    let other = test.reopen().await;
    let run = store.create_run(&new_run("t")).await.unwrap();
    for _ in 0..5 {
        let attempts = (0..6).map(|number| {
            let store = if number % 2 == 0 { store.clone() } else { other.clone() };
            tokio::spawn(async move { store.acquire_lease("t", run, "anna", OPTIONS).await })
        });
        let mut leases = Vec::new();
        for attempt in attempts.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                Ok(lease) => leases.push(lease),
                Err(error) => assert_eq!(error.kind(), StoreErrorKind::LeaseHeld, "{error}"),
            }
        }
        assert_eq!(leases.len(), 1);
        for lease in leases {
            lease.release().await.unwrap();
        }
    }
    other.close().await;
}
