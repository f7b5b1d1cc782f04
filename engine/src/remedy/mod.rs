//! Fix and requeue: rows that a run held back go again, mended by a person or under rules that have changed since.
//!
//! ```text
//! remediate  one finding and --set, or an edited report ─┐
//!                                                        ├─► a batch: stage → check → match → resolve → load → reconcile
//! requeue    all that is held, by rule or run ───────────┘   as a run of kind `remediation`
//! ```
//!
//! A held row is named by its [`Place`](crate::store::Place): the run that first landed it, its file and line. Its findings stay under that name
//! whatever runs take the row on. A row is claimed before its run begins to work and promoted once.
//!
//! | module | question |
//! | --- | --- |
//! | [`collect`] | what does a person want, and can it be followed? ([`report_file`] and [`workbook`] read, [`mangled`] tells edits from damage) |
//! | [`unread`] | what is a line that could not be read, once a person has mended it? |
//! | [`edit`] | what does a name mean in the row's own file, and what differs afterwards? |
//! | [`origin`] | which run does a row come from, and what was landed of it? |
//! | [`select`] | which rows are held, and which has a newer one replaced? |
//! | [`kept`] | where do the rows of a request stand until their run has landed them? |
//! | [`batch`] | how do these rows become the landed rows of a run? |
//! | [`send`] | one run for each entity, source and way of reading |
//! | [`settle`] | who has a row; what became of it and of its findings |
//! | [`decide`], [`stats`] | suppress and won't fix; figures |

mod batch;
mod collect;
mod decide;
mod edit;
mod kept;
mod mangled;
mod origin;
mod report_file;
mod select;
mod send;
mod settle;
mod stats;
mod unread;
mod workbook;

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

pub use decide::{DecideRequest, Decided, Decision, Which};
pub use kept::{forget, kept_rows};
pub use mangled::WORKBOOK_CELL;
pub use report_file::{COLUMNS as REPORT_COLUMNS, ROW_PREFIX, STORE_LENGTH};
pub use send::{Remedied, RowPlace, StillOpen};
pub use settle::{at_work, claim, register_suppressed, settle, without_suppressed};
pub use stats::{RemedyStats, Times};

use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::Listener;
use crate::run::RunContext;
use crate::store::ViolationFilter;

/// Rows that a person has mended.
#[derive(Debug, Clone)]
pub struct RemediateRequest {
    pub edits: Edits,
    pub actor: Option<String>,
}

/// How a person says what is to be changed.
#[derive(Debug, Clone)]
pub enum Edits {
    /// The row of one finding: field or header, and value; an empty value empties the cell.
    Set { violation: i64, values: Vec<(String, String)> },
    /// An edited report.
    Report(PathBuf),
}

/// Held rows that shall go again.
#[derive(Debug, Clone)]
pub struct RequeueRequest {
    /// Only rows that this rule holds.
    pub rule: Option<String>,
    /// Only rows of this run.
    pub run: Option<i64>,
    /// Everything but the load.
    pub dry_run: bool,
    pub actor: Option<String>,
}

/// What a requeue did.
#[derive(Debug, Clone, Serialize)]
pub struct Requeued {
    pub dry_run: bool,
    /// Held rows that were looked at and went.
    pub rows: u64,
    /// Held rows that a newer row has replaced; they are closed.
    pub superseded: u64,
    /// Records that could not be read and that nobody has mended; they stay.
    pub unreadable: u64,
    /// Rows that were given up; they stay.
    pub given_up: u64,
    /// One run for each entity, source and way of reading.
    pub runs: Vec<Remedied>,
}

impl Engine {
    /// Takes mended rows down the road again, all of a request or none.
    pub async fn remediate(
        &self,
        request: &RemediateRequest,
        listener: Arc<dyn Listener>,
    ) -> Result<Vec<Remedied>> {
        self.begin_remedy().await?;
        let collected = match &request.edits {
            Edits::Set { violation, values } => collect::single(self, *violation, values).await?,
            Edits::Report(path) => collect::report(self, path).await?,
        };
        send::edited(self, collected, request.actor.as_deref(), listener).await
    }

    /// Takes held rows down the road again, under the project as it is now.
    pub async fn requeue(&self, request: &RequeueRequest, listener: Arc<dyn Listener>) -> Result<Requeued> {
        self.begin_remedy().await?;
        self.require_rule_and_run(request.rule.as_deref(), request.run).await?;
        send::held(self, request, listener).await
    }

    /// Suppresses findings, or gives them up; or only counts them.
    pub async fn decide(&self, request: &DecideRequest) -> Result<Decided> {
        self.begin_remedy().await?;
        if let Which::All(ViolationFilter { rule, run, .. }) = &request.which {
            self.require_rule_and_run(rule.as_deref(), *run).await?;
        }
        decide::decide(self, request).await
    }

    /// Figures of the last days.
    pub async fn remedy_stats(&self, days: i64) -> Result<RemedyStats> {
        stats::stats(self, days).await
    }

    /// The lake must be this store's, and what was rolled back since is open again.
    async fn begin_remedy(&self) -> Result<()> {
        self.lake.bind(&self.store.store_info().await?.store_id).await?;
        self.store.reopen_rolled_back(&self.tenant).await?;
        kept::forget_forsaken(self).await?;
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

/// A query that gives one number.
async fn count(cx: &RunContext, sql: &str) -> Result<u64> {
    crate::steps::check::count(cx, sql).await
}
