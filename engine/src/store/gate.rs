//! Several load transactions of one run side by side, and no other run's between them (Postgres).
//!
//! A transaction that loads alone holds the entity's two locks. A run with several lanes holds the first one here and
//! each lane shares the second. Should the gate's connection be lost while lanes are at work, the next gate or lone
//! transaction gets the first lock and then waits for the second until the last lane has ended: what a lane has
//! written is visible before anybody else looks for duplicates.

use super::session::Session;
use super::{Result, Store};

/// Holds one entity of one tenant for the lanes of one run.
#[derive(Debug)]
pub struct EntityGate {
    session: Session,
}

impl Store {
    /// Waits until nobody else loads into the entity and keeps others out until the gate is opened.
    pub async fn close_gate(&self, tenant: &str, entity: &str) -> Result<EntityGate> {
        let mut session = self.begin().await?;
        session.lock_key(&["entity", tenant, entity]).await?;
        // Lanes of a gate that was lost may still be at work.
        let mut lanes = self.begin().await?;
        lanes.lock_key(&["entity lanes", tenant, entity]).await?;
        lanes.rollback().await?;
        Ok(EntityGate { session })
    }
}

impl EntityGate {
    /// Lets others load.
    pub async fn open(mut self) -> Result<()> {
        self.session.rollback().await
    }
}
