//! What a rollback asks of the store beside what every run does.

use super::ids::{IdRange, IdRequest};
use super::session::Session;
use super::status::RunStatus;
use super::{Result, Statement, Store, StoreError, StoreErrorKind, statement};

const ROLL: Statement = statement!("run_roll");

impl Store {
    /// The ids that a run took in a round; takes none.
    pub async fn ids_of(&self, request: &IdRequest) -> Result<Vec<IdRange>> {
        self.session().await?.known_ids(request).await
    }
}

impl Session {
    /// Marks a run as rolled back, or as standing again. Nothing else about it changes: when it ran stays.
    pub async fn roll_status(
        &mut self,
        tenant: &str,
        run_id: i64,
        from: RunStatus,
        to: RunStatus,
        actor: &str,
    ) -> Result<()> {
        let params = [tenant.into(), run_id.into(), from.as_str().into(), to.as_str().into(), actor.into()];
        match self.run(&ROLL, &params).await? {
            1 => Ok(()),
            _ => Err(StoreError::new(
                StoreErrorKind::IllegalTransition,
                format!("run {run_id} is no longer {from} and cannot become {to}"),
            )),
        }
    }
}
