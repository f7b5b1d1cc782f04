//! Runs: their row, their status, what they leave behind.

use std::collections::{BTreeMap, BTreeSet};

use super::AuditEntry;
use super::fence::Fence;
use super::json::{json, json_text};
use super::session::Session;
use super::status::{RunKind, RunStatus};
use super::{Result, Row, Statement, Store, StoreError, StoreErrorKind, Value, retry, statement};

const NEXT_ID: Statement = statement!("run_next_id");
const INSERT: Statement = statement!("run_insert");
const GET: Statement = statement!("run_get");
const FILES: Statement = statement!("run_files");
const INPUTS: Statement = statement!("run_inputs");
const INPUTS_KNOWN: Statement = statement!("inputs_known");
const WATERMARKS: Statement = statement!("run_watermarks");
const WATERMARK: Statement = statement!("watermark");
const RULES: Statement = statement!("run_rules");
const OF_PLAN: Statement = statement!("run_of_plan");
const PLANS_LOADED: Statement = statement!("plans_loaded");
const OF_KEPT_ROWS: Statement = statement!("run_of_kept_rows");
const LIST: Statement = statement!("run_list");
const LOCK: Statement = statement!("run_lock");
const SET_STATUS: Statement = statement!("run_set_status");
const FINISH: Statement = statement!("run_finish");
const SET_PARAMS: Statement = statement!("run_set_params");

/// What is known of a run when it begins.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Whose run it is.
    pub tenant: String,
    /// Its kind.
    pub kind: RunKind,
    /// The entity imported.
    pub entity: String,
    /// The source's name.
    pub source: String,
    /// The namespace of its external ids, when known already.
    pub external_system: Option<String>,
    /// Whether core stays untouched.
    pub dry_run: bool,
    /// Duplicate policy: `upsert`, `skip` or `update`.
    pub policy: Option<String>,
    /// Mode: `valid_only` or `all_or_nothing`.
    pub mode: Option<String>,
    /// The version of the mapping.
    pub mapping_version: Option<String>,
    /// The pinned project bundle.
    pub project_hash: Option<String>,
    /// The dry run whose plan this run applies.
    pub plan_run_id: Option<i64>,
    /// The run this one retries, replays or rolls back.
    pub parent_run_id: Option<i64>,
    /// Everything needed to start it again.
    pub ingest_params_json: serde_json::Value,
    /// Who started it.
    pub triggered_by: Option<String>,
    /// The id must be at least this: one above the highest run the lake holds.
    pub min_id: i64,
}

/// A run as stored. Times are microseconds since 1970 UTC.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // The columns of import_runs, named alike.
pub struct Run {
    pub tenant: String,
    pub id: i64,
    pub kind: RunKind,
    pub entity: String,
    pub source: String,
    pub external_system: Option<String>,
    pub dry_run: bool,
    pub status: RunStatus,
    pub attempt: i64,
    pub policy: Option<String>,
    pub mode: Option<String>,
    pub mapping_version: Option<String>,
    pub project_hash: Option<String>,
    pub plan_run_id: Option<i64>,
    pub parent_run_id: Option<i64>,
    pub ingest_params_json: serde_json::Value,
    pub counts_json: Option<serde_json::Value>,
    pub metrics_json: Option<serde_json::Value>,
    pub timings_json: Option<serde_json::Value>,
    pub anomaly_flags_json: serde_json::Value,
    pub error_summary: Option<String>,
    pub max_source_updated_at: Option<i64>,
    pub report_url: Option<String>,
    pub triggered_by: Option<String>,
    pub lease_owner: Option<String>,
    pub lease_epoch: i64,
    pub lease_heartbeat_at: Option<i64>,
    pub queued_at: Option<i64>,
    pub started_at: Option<i64>,
    pub finished_at: Option<i64>,
    pub created_at: Option<i64>,
    pub updated_at: Option<i64>,
}

/// Which runs to list; an absent filter takes all.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Only this status.
    pub status: Option<RunStatus>,
    /// Only this source.
    pub source: Option<String>,
    /// Only this kind.
    pub kind: Option<RunKind>,
    /// Only runs created in the last days, by the store's clock.
    pub days: Option<i64>,
    /// Only dry runs, or only real ones.
    pub dry_run: Option<bool>,
    /// Only runs below this id: the last id of the page before.
    pub before_id: Option<i64>,
    /// Most runs to give; 50 when absent.
    pub limit: Option<i64>,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct RunOutcome {
    /// The status it gets.
    pub status: RunStatus,
    /// Its files, one object each with the columns of `run_files`.
    pub files_json: serde_json::Value,
    /// What it has read, one object each with the columns of `run_inputs`.
    pub inputs_json: serde_json::Value,
    /// How far it has read what grows, one object each with the columns of `source_watermarks`.
    pub watermarks_json: serde_json::Value,
    /// How often each rule spoke, one object each with the columns of `run_rules`.
    pub rules_json: serde_json::Value,
    /// Facts.
    pub counts_json: serde_json::Value,
    /// Figures, would-be ones in a dry run.
    pub metrics_json: serde_json::Value,
    /// Milliseconds per step.
    pub timings_json: serde_json::Value,
    /// What looked unusual: a list.
    pub anomaly_flags_json: serde_json::Value,
    /// What went wrong, without cell values.
    pub error_summary: Option<String>,
    /// The newest `source_updated_at` met.
    pub max_source_updated_at: Option<i64>,
    /// Where the error report lies.
    pub report_url: Option<String>,
}

impl Store {
    /// Writes a new run down, pending, and gives its id.
    pub async fn create_run(&self, run: &NewRun) -> Result<i64> {
        retry::transient(|| async {
            let mut session = self.begin().await?;
            let row = session.rows(&NEXT_ID, &[run.min_id.into()]).await?;
            let id =
                row.first().ok_or_else(|| StoreError::internal("there is no counter of run ids"))?.int(0)?;
            let params = [
                run.tenant.as_str().into(),
                id.into(),
                run.kind.as_str().into(),
                run.entity.as_str().into(),
                run.source.as_str().into(),
                run.external_system.clone().into(),
                run.dry_run.into(),
                run.policy.clone().into(),
                run.mode.clone().into(),
                run.mapping_version.clone().into(),
                run.project_hash.clone().into(),
                run.plan_run_id.into(),
                run.parent_run_id.into(),
                json_text(&run.ingest_params_json).into(),
                run.triggered_by.clone().into(),
            ];
            session.run(&INSERT, &params).await?;
            session.commit().await?;
            Ok(id)
        })
        .await
    }

    /// One run; an unknown one is an error.
    pub async fn get_run(&self, tenant: &str, id: i64) -> Result<Run> {
        let mut session = self.session().await?;
        let rows = session.rows(&GET, &[tenant.into(), id.into()]).await?;
        rows.first().map_or_else(|| Err(no_run(id)), Run::from_row)
    }

    /// The run that applies a plan, if there is one.
    pub async fn run_of_plan(&self, tenant: &str, plan: i64) -> Result<Option<Run>> {
        let mut session = self.session().await?;
        let rows = session.rows(&OF_PLAN, &[tenant.into(), plan.into()]).await?;
        rows.first().map(Run::from_row).transpose()
    }

    /// Which of these plans are loaded: as they are, or as they were made anew.
    pub async fn loaded_plans(&self, tenant: &str, plans: &[i64]) -> Result<BTreeSet<i64>> {
        if plans.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut session = self.session().await?;
        let list = json_text(&serde_json::json!(plans));
        let rows = session.rows(&PLANS_LOADED, &[tenant.into(), list.into()]).await?;
        rows.iter().map(|row| row.int(0)).collect()
    }

    /// Which of these contents (a list of hashes) a source has loaded into an entity, and the last run that did.
    pub async fn inputs_known(
        &self,
        tenant: &str,
        source: &str,
        entity: &str,
        hashes: &serde_json::Value,
    ) -> Result<BTreeMap<String, i64>> {
        let mut session = self.session().await?;
        let params = [tenant.into(), source.into(), entity.into(), json_text(hashes).into()];
        let rows = session.rows(&INPUTS_KNOWN, &params).await?;
        rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.int(1)?))).collect()
    }

    /// How far a partition was read into an entity, and by which run. Only loaded runs count, and those that read on from
    /// such.
    pub async fn watermark(
        &self,
        tenant: &str,
        source: &str,
        entity: &str,
        partition: &str,
    ) -> Result<Option<(i64, String)>> {
        let mut session = self.session().await?;
        let params = [tenant.into(), source.into(), entity.into(), partition.into()];
        let rows = session.rows(&WATERMARK, &params).await?;
        rows.first().map(|row| Ok((row.int(0)?, row.text(1)?.to_owned()))).transpose()
    }

    /// Whether a run was asked for by the rows that are kept in a folder of the lake.
    pub async fn knows_kept_rows(&self, tenant: &str, folder: &str) -> Result<bool> {
        let mut session = self.session().await?;
        Ok(!session.rows(&OF_KEPT_ROWS, &[tenant.into(), folder.into()]).await?.is_empty())
    }

    /// Runs, newest first.
    pub async fn list_runs(&self, tenant: &str, filter: &RunFilter) -> Result<Vec<Run>> {
        let mut session = self.session().await?;
        let params = [
            tenant.into(),
            filter.status.map(RunStatus::as_str).into(),
            filter.source.clone().into(),
            filter.kind.map(RunKind::as_str).into(),
            filter.days.into(),
            filter.dry_run.into(),
            filter.before_id.unwrap_or(i64::MAX).into(),
            filter.limit.unwrap_or(50).max(0).into(),
        ];
        session.rows(&LIST, &params).await?.iter().map(Run::from_row).collect()
    }

    /// Moves a run to another status, if that is a legal step, and gives its attempt. Running again counts a new one.
    pub async fn set_run_status(&self, fence: &Fence, to: RunStatus, actor: Option<&str>) -> Result<i64> {
        let mut session = self.begin_fenced(fence).await?;
        let attempt = session.set_run_status(fence, to, actor).await?;
        session.commit().await?;
        Ok(attempt)
    }

    /// Writes down what became known after the run began; what is absent stays.
    pub async fn describe_run(
        &self,
        fence: &Fence,
        external_system: Option<&str>,
        mapping_version: Option<&str>,
        project_hash: Option<&str>,
    ) -> Result<()> {
        let mut session = self.begin_fenced(fence).await?;
        let params = [
            fence.tenant().into(),
            fence.run_id().into(),
            external_system.into(),
            mapping_version.into(),
            project_hash.into(),
        ];
        session.run(&SET_PARAMS, &params).await?;
        session.commit().await
    }

    /// Ends a run: status, counts, the audit row of it and all, in one transaction.
    pub async fn finish_run(&self, fence: &Fence, outcome: &RunOutcome, audit: &AuditEntry) -> Result<()> {
        let (tenant, id) = (fence.tenant(), fence.run_id());
        retry::transient(|| async {
            let mut session = self.begin_fenced(fence).await?;
            session.set_run_status(fence, outcome.status, None).await?;
            let params = [
                tenant.into(),
                id.into(),
                json_text(&outcome.counts_json).into(),
                json_text(&outcome.metrics_json).into(),
                json_text(&outcome.timings_json).into(),
                json_text(&outcome.anomaly_flags_json).into(),
                outcome.error_summary.clone().into(),
                outcome.max_source_updated_at.map_or(Value::Null, Value::Timestamp),
                outcome.report_url.clone().into(),
            ];
            session.run(&FINISH, &params).await?;
            let lists = [
                (&FILES, &outcome.files_json),
                (&INPUTS, &outcome.inputs_json),
                (&WATERMARKS, &outcome.watermarks_json),
                (&RULES, &outcome.rules_json),
            ];
            for (statement, rows) in lists {
                if rows.as_array().is_some_and(|rows| !rows.is_empty()) {
                    session.run(statement, &[tenant.into(), id.into(), json_text(rows).into()]).await?;
                }
            }
            session.audit_of_run(fence, audit).await?;
            session.commit().await
        })
        .await
    }
}

impl Session {
    /// [`Store::set_run_status`] inside the caller's transaction.
    pub(super) async fn set_run_status(
        &mut self,
        fence: &Fence,
        to: RunStatus,
        actor: Option<&str>,
    ) -> Result<i64> {
        self.fence(fence).await?;
        let (tenant, id) = (fence.tenant(), fence.run_id());
        let rows = self.rows(&LOCK, &[tenant.into(), id.into()]).await?;
        let from: RunStatus = rows.first().ok_or_else(|| no_run(id))?.text(0)?.parse()?;
        if !from.may_become(to) {
            return Err(StoreError::new(
                StoreErrorKind::IllegalTransition,
                format!("run {id} is {from} and cannot become {to}"),
            ));
        }
        let restart = from.is_final() && !to.is_final();
        let params = [
            tenant.into(),
            id.into(),
            to.as_str().into(),
            restart.into(),
            to.is_final().into(),
            actor.into(),
        ];
        let rows = self.rows(&SET_STATUS, &params).await?;
        rows.first().ok_or_else(|| no_run(id))?.int(0)
    }
}

fn no_run(id: i64) -> StoreError {
    StoreError::new(StoreErrorKind::NotFound, format!("there is no run {id}"))
}

impl Run {
    fn from_row(row: &Row) -> Result<Self> {
        let text = |index| Ok::<_, StoreError>(row.opt_text(index)?.map(str::to_owned));
        Ok(Self {
            tenant: row.text(0)?.to_owned(),
            id: row.int(1)?,
            kind: row.text(2)?.parse()?,
            entity: row.text(3)?.to_owned(),
            source: row.text(4)?.to_owned(),
            external_system: text(5)?,
            dry_run: row.bool(6)?,
            status: row.text(7)?.parse()?,
            attempt: row.int(8)?,
            policy: text(9)?,
            mode: text(10)?,
            mapping_version: text(11)?,
            project_hash: text(12)?,
            plan_run_id: row.opt_int(13)?,
            parent_run_id: row.opt_int(14)?,
            ingest_params_json: json(row, 15)?.unwrap_or_default(),
            counts_json: json(row, 16)?,
            metrics_json: json(row, 17)?,
            timings_json: json(row, 18)?,
            anomaly_flags_json: json(row, 19)?.unwrap_or_default(),
            error_summary: text(20)?,
            max_source_updated_at: row.opt_timestamp(21)?,
            report_url: text(22)?,
            triggered_by: text(23)?,
            lease_owner: text(24)?,
            lease_epoch: row.int(25)?,
            lease_heartbeat_at: row.opt_timestamp(26)?,
            queued_at: row.opt_timestamp(27)?,
            started_at: row.opt_timestamp(28)?,
            finished_at: row.opt_timestamp(29)?,
            created_at: row.opt_timestamp(30)?,
            updated_at: row.opt_timestamp(31)?,
        })
    }
}
