//! Leases: at most one process works on a run, and one that was given up cannot write any more.
//!
//! Two things together. *Liveness*: on Postgres a session lock on a connection of its own, with a heartbeat by the
//! database's clock; on SQLite a lock on the file `<db>.run-<tenant>-<id>.lock`, which the system lets go with the
//! process. *Fencing*: every acquisition raises the run's epoch, and each write of a run checks the epoch in its own
//! transaction ([`Session::fence`]), so that a process that lost its lease without noticing commits nothing.

mod file;
mod postgres;

use self::file::FileLease;
pub use self::postgres::LeaseOptions;
use self::postgres::{PostgresLease, STATE};
use super::fence::Fence;
use super::session::Session;
use super::{Result, Statement, Store, StoreError, StoreErrorKind, StoreUrl, statement};

const LOCK: Statement = statement!("lease_lock");
const TAKE: Statement = statement!("lease_take");
const CHECK: Statement = statement!("lease_check");
const CLEAR: Statement = statement!("lease_clear");

/// The right to work on one run. Dropped, it is given back as if the process had died.
#[derive(Debug)]
pub struct RunLease {
    store: Store,
    tenant: String,
    run_id: i64,
    epoch: i64,
    hold: Hold,
}

#[derive(Debug)]
enum Hold {
    Postgres(Box<PostgresLease>),
    File(FileLease),
}

impl Store {
    /// Takes the lease of a run under a new epoch. Fails with [`StoreErrorKind::LeaseHeld`] while another process
    /// that gives signs of life has it.
    pub async fn acquire_lease(
        &self,
        tenant: &str,
        run_id: i64,
        owner: &str,
        options: LeaseOptions,
    ) -> Result<RunLease> {
        let hold = match self.url() {
            StoreUrl::Postgres(_) => {
                Hold::Postgres(Box::new(PostgresLease::acquire(self, tenant, run_id, options).await?))
            }
            StoreUrl::Sqlite(path) => match FileLease::acquire(path, tenant, run_id)? {
                Some(lease) => Hold::File(lease),
                None => return Err(self.held(tenant, run_id).await),
            },
        };
        // From here on the liveness lock is ours; the epoch shuts out whoever still believes to have it.
        let epoch = match self.raise_epoch(tenant, run_id, owner).await {
            // Nobody knows whether it was raised when the answer was lost. Raised again it is only higher.
            Err(error) if error.kind() == StoreErrorKind::ConnectionLost => {
                self.raise_epoch(tenant, run_id, owner).await?
            }
            other => other?,
        };
        fail::fail_point!("store::lease_taken", |_| Err(StoreError::internal(
            "failpoint store::lease_taken"
        )));
        let mut lease = RunLease { store: self.clone(), tenant: tenant.to_owned(), run_id, epoch, hold };
        if let Hold::Postgres(hold) = &mut lease.hold {
            hold.start_heartbeat(self, tenant, run_id, epoch, options);
        }
        Ok(lease)
    }

    /// Waits for what the former owner is writing, and writes a new one in.
    async fn raise_epoch(&self, tenant: &str, run_id: i64, owner: &str) -> Result<i64> {
        let mut session = self.begin().await?;
        let found = session.rows(&LOCK, &[tenant.into(), run_id.into()]).await?;
        if found.is_empty() {
            return Err(StoreError::new(StoreErrorKind::NotFound, format!("there is no run {run_id}")));
        }
        let rows = session.rows(&TAKE, &[tenant.into(), run_id.into(), owner.into()]).await?;
        let epoch = rows.first().ok_or_else(|| StoreError::internal("the run vanished"))?.int(0)?;
        session.commit().await?;
        Ok(epoch)
    }

    /// Whether some process has the lease of a run just now. The answer may be old when it arrives.
    pub async fn lease_is_held(&self, tenant: &str, run_id: i64) -> Result<bool> {
        match self.url() {
            StoreUrl::Postgres(_) => postgres::is_held(self, tenant, run_id).await,
            StoreUrl::Sqlite(path) => file::is_held(path, tenant, run_id),
        }
    }

    /// The error that says who has it.
    async fn held(&self, tenant: &str, run_id: i64) -> StoreError {
        let state = async {
            let mut session = self.session().await?;
            session.rows(&STATE, &[tenant.into(), run_id.into()]).await
        };
        let owner = match state.await {
            Ok(rows) => rows.first().and_then(|row| row.opt_text(0).ok().flatten().map(str::to_owned)),
            Err(error) => return error,
        };
        let owner = owner.unwrap_or_else(|| "another process".to_owned());
        StoreError::new(StoreErrorKind::LeaseHeld, format!("run {run_id} is being worked on by {owner}"))
    }
}

impl RunLease {
    /// What everything is written by that is written under this lease.
    pub fn fence(&self) -> Fence {
        Fence { tenant: self.tenant.clone(), run_id: self.run_id, epoch: self.epoch, over: None }
    }

    /// Fails when the lease is known to be lost. Cheap: asks no database. The authority is the epoch.
    pub fn renew(&self) -> Result<()> {
        match &self.hold {
            Hold::Postgres(hold) if hold.is_lost() => Err(lost(self.run_id)),
            _ => Ok(()),
        }
    }

    /// Gives the lease back. The epoch stays, so that a later owner gets a higher one.
    pub async fn release(self) -> Result<()> {
        let Self { store, tenant, run_id, epoch, hold } = self;
        let cleared = async {
            let mut session = store.begin().await?;
            session.run(&CLEAR, &[tenant.as_str().into(), run_id.into(), epoch.into()]).await?;
            session.commit().await
        };
        let cleared = cleared.await;
        match hold {
            Hold::Postgres(hold) => hold.release().await,
            Hold::File(hold) => hold.release(),
        }
        cleared
    }
}

fn lost(run_id: i64) -> StoreError {
    StoreError::new(StoreErrorKind::LeaseLost, format!("run {run_id} was taken over by another process"))
}

impl Store {
    /// One connection with a transaction begun in which a run may write: [`Store::begin`] and [`Session::fence`].
    pub async fn begin_fenced(&self, fence: &Fence) -> Result<Session> {
        let mut session = self.begin().await?;
        session.fence(fence).await?;
        Ok(session)
    }
}

impl Session {
    /// Makes sure that the run is ours, and stays so until the transaction ends, because a new owner has to wait for it.
    /// Asked again in the same transaction it costs nothing, so every write asks itself.
    pub async fn fence(&mut self, fence: &Fence) -> Result<()> {
        if !self.in_transaction() {
            return Err(StoreError::internal("a run writes outside a transaction"));
        }
        if self.is_fenced(fence) {
            return Ok(());
        }
        for (run_id, epoch) in fence.runs() {
            let rows = self.rows(&CHECK, &[fence.tenant().into(), run_id.into(), epoch.into()]).await?;
            let row = rows.first().ok_or_else(|| {
                StoreError::new(StoreErrorKind::NotFound, format!("there is no run {run_id}"))
            })?;
            if !row.bool(0)? {
                return Err(lost(run_id));
            }
        }
        self.set_fenced(fence);
        Ok(())
    }
}
