//! Operating runs that exist: asking one to stop, taking one up again.

use super::audit::AuditEntry;
use super::fence::Fence;
use super::json::json_text;
use super::session::Session;
use super::status::{RunStatus, StopRequest};
use super::{Result, Statement, Store, statement};

const REQUEST_STOP: Statement = statement!("run_request_stop");
const STOP_REQUESTED: Statement = statement!("run_stop_requested");
const SET_PARAMS: Statement = statement!("run_set_ingest_params");
const FORGET_VIOLATIONS: Statement = statement!("violations_forget");

/// How a run is taken up again, or ended, by hand.
#[derive(Debug, Clone)]
pub struct Restart<'a> {
    /// The status it gets.
    pub to: RunStatus,
    /// What it is taken up with, where that differs from before.
    pub params: Option<&'a serde_json::Value>,
    /// Its rows are read anew: open findings of the former attempt go.
    pub forget_violations: bool,
    /// What is written down of it.
    pub audit: &'a AuditEntry,
}

impl Store {
    /// Asks the process that works on a run to stop; false when the run is not being worked on. Written by others beside the
    /// lease, so it asks for no fence.
    pub async fn request_stop(
        &self,
        tenant: &str,
        run_id: i64,
        request: StopRequest,
        audit: &AuditEntry,
    ) -> Result<bool> {
        let mut session = self.begin().await?;
        let params = [tenant.into(), run_id.into(), request.as_str().into()];
        if session.run(&REQUEST_STOP, &params).await? == 0 {
            session.rollback().await?;
            return Ok(false);
        }
        session.audit(tenant, audit).await?;
        session.commit().await?;
        Ok(true)
    }

    /// Whether somebody asked a run to stop.
    pub async fn stop_requested(&self, tenant: &str, run_id: i64) -> Result<Option<StopRequest>> {
        let mut session = self.session().await?;
        let rows = session.rows(&STOP_REQUESTED, &[tenant.into(), run_id.into()]).await?;
        match rows.first() {
            Some(row) => row.opt_text(0)?.map(str::parse).transpose(),
            None => Ok(None),
        }
    }

    /// Changes a run's status by hand, with everything that belongs to it, in one transaction; gives its attempt. Whoever does
    /// so has taken its lease.
    pub async fn restart_run(&self, fence: &Fence, how: &Restart<'_>) -> Result<i64> {
        let mut session = self.begin_fenced(fence).await?;
        let attempt = session.restart_run(fence, how).await?;
        session.commit().await?;
        Ok(attempt)
    }
}

impl Session {
    async fn restart_run(&mut self, fence: &Fence, how: &Restart<'_>) -> Result<i64> {
        let (tenant, run_id) = (fence.tenant(), fence.run_id());
        let attempt = self.set_run_status(fence, how.to, Some(&how.audit.actor)).await?;
        if let Some(params) = how.params {
            let params = [tenant.into(), run_id.into(), json_text(params).into()];
            self.run(&SET_PARAMS, &params).await?;
        }
        if how.forget_violations {
            self.run(&FORGET_VIOLATIONS, &[tenant.into(), run_id.into()]).await?;
        }
        self.audit_of_run(fence, how.audit).await?;
        Ok(attempt)
    }
}
