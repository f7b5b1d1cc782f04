//! What a rollback asks of the store beside what every run does.

use super::fence::Fence;
use super::ids::IdRange;
use super::session::Session;
use super::status::RunStatus;
use super::{Result, Statement, Store, StoreError, StoreErrorKind, statement};

const ROLL: Statement = statement!("run_roll");

impl Store {
    /// The ids that a run took in a round; takes none.
    pub async fn ids_of(&self, tenant: &str, run_id: i64, entity: &str, round: i64) -> Result<Vec<IdRange>> {
        self.session().await?.known_ids((tenant, run_id), entity, round).await
    }
}

impl Session {
    /// Marks a run as rolled back, or as standing again, on behalf of the rollback that has the fence. Nothing else about
    /// it changes: when it ran stays.
    pub async fn roll_status(
        &mut self,
        fence: &Fence,
        run_id: i64,
        from: RunStatus,
        to: RunStatus,
        actor: &str,
    ) -> Result<()> {
        self.fence(fence).await?;
        let params =
            [fence.tenant().into(), run_id.into(), from.as_str().into(), to.as_str().into(), actor.into()];
        match self.run(&ROLL, &params).await? {
            1 => Ok(()),
            _ => Err(StoreError::new(
                StoreErrorKind::IllegalTransition,
                format!("run {run_id} is no longer {from} and cannot become {to}"),
            )),
        }
    }
}
