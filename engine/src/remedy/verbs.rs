//! What can be asked of an engine about held rows.

use std::sync::Arc;

use super::collect::{report, single};
use super::decide::{DecideRequest, Decided, Which, decide};
use super::kept::forget_forsaken;
use super::request::{Edits, RemediateRequest, RequeueRequest};
use super::send::{Remedied, Requeued, edited, held};
use super::stats::{RemedyStats, stats};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::Listener;
use crate::store::ViolationFilter;

impl Engine {
    /// Runs mended rows again, all of a request or none.
    pub async fn remediate(
        &self,
        request: &RemediateRequest,
        listener: Arc<dyn Listener>,
    ) -> Result<Vec<Remedied>> {
        self.begin_remedy().await?;
        let collected = match &request.edits {
            Edits::Set { violation, values } => single(self, *violation, values).await?,
            Edits::Report(path) => report(self, path).await?,
        };
        edited(self, collected, request.actor.as_deref(), listener).await
    }

    /// Runs held rows again, under the project as it is now.
    pub async fn requeue(&self, request: &RequeueRequest, listener: Arc<dyn Listener>) -> Result<Requeued> {
        self.begin_remedy().await?;
        self.require_rule_and_run(request.rule.as_deref(), request.run).await?;
        held(self, request, listener).await
    }

    /// Suppresses findings, or gives them up; or only counts them.
    pub async fn decide(&self, request: &DecideRequest) -> Result<Decided> {
        self.begin_remedy().await?;
        if let Which::All(ViolationFilter { rule, run, .. }) = &request.which {
            self.require_rule_and_run(rule.as_deref(), *run).await?;
        }
        decide(self, request).await
    }

    /// Figures of the last days.
    pub async fn remedy_stats(&self, days: i64) -> Result<RemedyStats> {
        stats(self, days).await
    }

    /// The lake must be this store's, and what was rolled back since is open again.
    async fn begin_remedy(&self) -> Result<()> {
        self.lake.bind(&self.store.store_info().await?.store_id).await?;
        self.store.reopen_rolled_back(&self.tenant).await?;
        forget_forsaken(self).await?;
        Ok(())
    }

    /// A rule that nobody knows, or a run that is not there, is a slip of the pen.
    async fn require_rule_and_run(&self, rule: Option<&str>, run: Option<i64>) -> Result<()> {
        if let Some(run) = run {
            self.get_run(run).await?;
        }
        let Some(rule) = rule else { return Ok(()) };
        let known = self.store.rules_with_violations(&self.tenant).await?;
        if known.iter().any(|k| k == rule) {
            return Ok(());
        }
        let near = crate::catalogue::nearest(rule, known.iter().map(String::as_str));
        let near = near.map_or(String::new(), |n| format!("did you mean {n}? "));
        let list = if known.is_empty() { "there are none".to_owned() } else { known.join(", ") };
        Err(Error::new(ErrorKind::Usage, format!("no finding is of a rule {rule}"))
            .with_help(format!("{near}rules with findings: {list}")))
    }
}
