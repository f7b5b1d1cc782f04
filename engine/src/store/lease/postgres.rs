//! Liveness on Postgres: a session lock on a connection of its own, and a heartbeat.
//!
//! The lock ends with the connection, so a dead process is noticed at once. A connection that only looks alive (a
//! vanished host, a half-open socket) is evicted when its heartbeat is old. A holder that loses its connection asks
//! for the lock again; meanwhile its chunks go on as long as nobody raised the epoch.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::store::session::lock_number;
use crate::store::{
    Dialect, Result, Session, Statement, Store, StoreError, StoreErrorKind, Value, statement,
};

/// Who has the lease of a run.
pub(super) const STATE: Statement = statement!("lease_state");
const BEAT: Statement = statement!("lease_beat");
const TRY: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../sql/store/postgres/lease_try.sql"));
const UNLOCK: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../sql/store/postgres/lease_unlock.sql"));
const EVICT: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../sql/store/postgres/lease_evict.sql"));

/// How leases behave on Postgres.
#[derive(Debug, Clone, Copy)]
pub struct LeaseOptions {
    /// Time between two signs of life.
    pub heartbeat: Duration,
    /// Without a sign of life for so long, a holder whose connection still stands is evicted.
    pub stale_after: Duration,
}

impl Default for LeaseOptions {
    fn default() -> Self {
        Self { heartbeat: Duration::from_secs(10), stale_after: Duration::from_secs(90) }
    }
}

#[derive(Debug)]
pub(super) struct PostgresLease {
    key: i64,
    /// Until the heartbeat starts and takes it.
    session: Option<Session>,
    task: Option<JoinHandle<()>>,
    stop: CancellationToken,
    lost: Arc<AtomicBool>,
}

impl PostgresLease {
    pub(super) async fn acquire(
        store: &Store,
        tenant: &str,
        run_id: i64,
        options: LeaseOptions,
    ) -> Result<Self> {
        let key = key(tenant, run_id);
        let mut session = store.session().await?;
        // Never back to the pool: whoever got it would hold the lock.
        session.discard_on_drop();
        if !try_lock(&mut session, key).await? {
            let age = heartbeat_age(&mut session, tenant, run_id).await?;
            if age.is_none_or(|age| age < options.stale_after.as_secs_f64()) {
                return Err(store.held(tenant, run_id).await);
            }
            tracing::warn!(run_id, "the run's holder gives no sign of life; its connection is ended");
            session.fetch(EVICT, &[Value::Int(key)]).await?;
            if !retry_lock(&mut session, key).await? {
                return Err(store.held(tenant, run_id).await);
            }
        }
        Ok(Self {
            key,
            session: Some(session),
            task: None,
            stop: CancellationToken::new(),
            lost: Arc::new(AtomicBool::new(false)),
        })
    }

    pub(super) fn start_heartbeat(
        &mut self,
        store: &Store,
        tenant: &str,
        run_id: i64,
        epoch: i64,
        options: LeaseOptions,
    ) {
        let Some(session) = self.session.take() else { return };
        let beat = Heartbeat {
            store: store.clone(),
            key: self.key,
            params: [tenant.into(), run_id.into(), epoch.into()],
            every: options.heartbeat,
            lost: Arc::clone(&self.lost),
        };
        self.task = Some(tokio::spawn(beat.run(session, self.stop.clone())));
    }

    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    pub(super) async fn release(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            let _ = task.await;
        }
    }
}

impl Drop for PostgresLease {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

struct Heartbeat {
    store: Store,
    key: i64,
    params: [Value; 3],
    every: Duration,
    lost: Arc<AtomicBool>,
}

impl Heartbeat {
    async fn run(self, session: Session, stop: CancellationToken) {
        let mut session = Some(session);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(self.every) => {}
            }
            // A beat that hangs is a beat that failed.
            let beat =
                tokio::time::timeout(self.every.max(Duration::from_secs(5)), self.beat(&mut session)).await;
            match beat {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => {
                    self.lost.store(true, Ordering::Release);
                    break;
                }
                Ok(Err(error)) => {
                    tracing::warn!(kind = ?error.kind(), "the lease's heartbeat failed");
                    session = None;
                }
                Err(_) => session = None,
            }
        }
        if let Some(mut session) = session {
            // Explicitly, so that the lock is free when `release` returns, not when the socket is closed.
            let _ = session.fetch(UNLOCK, &[Value::Int(self.key)]).await;
        }
    }

    /// False when somebody else has the run.
    async fn beat(&self, held: &mut Option<Session>) -> Result<bool> {
        if held.is_none() {
            let mut session = self.store.session().await?;
            session.discard_on_drop();
            // Not free: either a new owner, or our old connection, which the server has not noticed to be dead yet.
            if try_lock(&mut session, self.key).await? {
                *held = Some(session);
            } else {
                return Ok(session.run(&BEAT, &self.params).await? == 1);
            }
        }
        match held {
            Some(session) => Ok(session.run(&BEAT, &self.params).await? == 1),
            None => Ok(false),
        }
    }
}

pub(super) async fn is_held(store: &Store, tenant: &str, run_id: i64) -> Result<bool> {
    let key = key(tenant, run_id);
    let mut session = store.session().await?;
    session.discard_on_drop();
    let free = try_lock(&mut session, key).await?;
    if free {
        session.fetch(UNLOCK, &[Value::Int(key)]).await?;
    }
    Ok(!free)
}

fn key(tenant: &str, run_id: i64) -> i64 {
    lock_number(&["run", tenant, &run_id.to_string()])
}

async fn try_lock(session: &mut Session, key: i64) -> Result<bool> {
    debug_assert_eq!(session.dialect(), Dialect::Postgres);
    session.fetch_one(TRY, &[Value::Int(key)]).await?.bool(0)
}

async fn retry_lock(session: &mut Session, key: i64) -> Result<bool> {
    for _ in 0..50 {
        if try_lock(session, key).await? {
            return Ok(true);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(false)
}

/// Seconds since the last sign of life; none when there was none yet.
async fn heartbeat_age(session: &mut Session, tenant: &str, run_id: i64) -> Result<Option<f64>> {
    let rows = session.rows(&STATE, &[tenant.into(), run_id.into()]).await?;
    let row = rows
        .first()
        .ok_or_else(|| StoreError::new(StoreErrorKind::NotFound, format!("there is no run {run_id}")))?;
    match row.values().get(2) {
        Some(Value::Float(age)) => Ok(Some(*age)),
        _ => Ok(None),
    }
}
