//! What every step of one run gets: the session, the lake, the store, the compiled entity, the parameters.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use datafusion::common::ParamValues;
use datafusion::common::ScalarValue;
use datafusion::common::metadata::ScalarAndMetadata;
use datafusion::dataframe::DataFrame;
use datafusion::execution::SessionState;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;
use importer_plans::compile::Shape;
use importer_plans::project::{Entity, Source};
use tokio_util::sync::CancellationToken;

use super::input::InputFile;
use super::settings::{Reading, Settings};
use super::suggested::Suggested;
use super::trace::Trace;
use crate::bounded::check_depth;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Lake, RunPaths};
use crate::policy::Policy;
use crate::progress::{Listener, StepProgress};
use crate::session::Limits;
use crate::store::{Fence, RunKind, StopRequest, Store, TableAnswers};

/// One run at work.
pub struct RunContext {
    pub session: SessionContext,
    /// The same tables, planned in one pass.
    pub quick: SessionContext,
    /// The same tables, planned to spill.
    pub frugal: SessionContext,
    pub lake: Lake,
    pub store: Arc<Store>,
    pub paths: RunPaths,
    pub tenant: String,
    pub run_id: i64,
    /// By which everything is written to the store.
    pub fence: Fence,
    /// What target tables said of rows that they do not take.
    pub table_answers: TableAnswers,
    pub entity: Arc<Entity>,
    pub source: Source,
    pub shape: Shape,
    pub settings: Settings,
    /// Findings per rule that the store keeps.
    pub max_violations: u64,
    /// How long one query of the project may take.
    pub max_query_time: std::time::Duration,
    /// What sort of run it is.
    pub kind: RunKind,
    /// The dry run whose plan this run applies: nothing may have moved.
    pub plan_run_id: Option<i64>,
    /// Dry runs before this one in its set, whose records count as there.
    pub plans: Vec<i64>,
    /// Who asked for the run.
    pub actor: String,
    /// Nobody named the namespace of the external ids.
    pub default_namespace: bool,
    /// What the data of the files speaks for.
    pub suggestions: Vec<Suggested>,
    /// What it reads.
    pub inputs: Vec<InputFile>,
    /// Cancelled when this process is asked to stop.
    pub stop: CancellationToken,
    pub listener: Arc<dyn Listener>,
    /// The SQL that was run, with rows and time, in order.
    pub trace: Trace,
    /// What bounds its sessions.
    pub limits: Limits,
    /// How many rows were landed, and how the run is executed therefore, once that is known.
    pub landed_rows: OnceLock<u64>,
    pub policy: OnceLock<Policy>,
}

/// The code of a run that was given up by a person.
pub const CANCELLED: &str = "RUN_CANCELLED";

fn stopped() -> Error {
    Error::new(ErrorKind::Interrupted, "the run was stopped; it can go on").with_code("RUN_PAUSED")
}

impl RunContext {
    /// Starts the clock of a step.
    pub fn progress(&self, step: crate::progress::Step, expected: Option<u64>) -> StepProgress {
        self.trace.watch();
        StepProgress::start(&self.listener, step, expected)
    }

    /// A clock that nobody watches, for a step that was done by a former attempt.
    pub fn quiet(&self, step: crate::progress::Step) -> StepProgress {
        let nobody: Arc<dyn Listener> = Arc::new(crate::progress::Silent);
        StepProgress::start(&nobody, step, None)
    }

    /// Says how much was landed.
    pub fn has_landed(&self, rows: u64) {
        self.landed_rows.get_or_init(|| rows);
        self.policy
            .get_or_init(|| self.limits.policy.unwrap_or_else(|| Policy::of(rows, self.limits.memory)));
        if !self.is_small() {
            self.lake.hold_no_more();
        }
    }

    /// Whether so little was landed that waiting takes more time than work.
    pub fn is_small(&self) -> bool {
        self.policy.get() == Some(&Policy::Small)
    }

    /// Fails when somebody asked this run to stop. Asked at the borders of steps and chunks.
    pub async fn heed(&self) -> Result<()> {
        if self.stop.is_cancelled() {
            return Err(stopped());
        }
        match self.store.stop_requested(&self.tenant, self.run_id).await? {
            None => Ok(()),
            Some(StopRequest::Pause) => Err(stopped()),
            Some(StopRequest::Cancel) => {
                Err(Error::new(ErrorKind::Interrupted, "the run was cancelled").with_code(CANCELLED))
            }
        }
    }

    /// Does a piece of work that can be dropped where it stands, unless this process is asked to stop.
    pub async fn unless_stopped<T>(
        &self,
        work: Pin<Box<impl Future<Output = Result<T>> + ?Sized>>,
    ) -> Result<T> {
        self.heed().await?;
        tokio::select! {
            biased;
            done = work => done,
            () = self.stop.cancelled() => Err(stopped()),
        }
    }

    /// The parameters that the compiled SQL may name.
    pub fn params(&self) -> ParamValues {
        self.params_of(&self.settings)
    }

    pub fn params_of(&self, settings: &Settings) -> ParamValues {
        let text = |value: &str| ScalarValue::Utf8View(Some(value.to_owned()));
        let matching = &self.entity.matching;
        let limit = |n: u64| ScalarValue::Int64(Some(i64::try_from(n).unwrap_or(i64::MAX)));
        let instant = |micros: i64| ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into()));
        let values: [(&str, ScalarValue); 18] = [
            ("landed_at", instant(settings.landed_at)),
            // A clock that runs more than a day ahead is wrong.
            ("latest_at", instant(settings.landed_at.saturating_add(24 * 3600 * 1_000_000))),
            ("loaded_at", instant(settings.loaded_at.unwrap_or(settings.landed_at))),
            ("tenant", text(&self.tenant)),
            ("entity", text(&self.entity.name)),
            ("run_id", ScalarValue::Int64(Some(self.run_id))),
            ("external_system", text(&settings.external_system)),
            ("default_region", ScalarValue::Utf8View(settings.default_region.clone())),
            ("date_order", text(settings.date_order.as_str())),
            ("time_zone", text(&settings.time_zone)),
            ("id_reused", text(matching.id_reused.as_str())),
            ("incompatible", text(matching.incompatible.as_str())),
            ("no_key", text(matching.no_key.as_str())),
            ("similar_id", text(matching.similar_id.as_str())),
            ("policy", text(settings.policy.as_str())),
            ("max_key_people", limit(matching.max_key_people)),
            ("max_key_group", limit(matching.max_key_group)),
            ("max_cluster", limit(matching.max_cluster)),
        ];
        let map: std::collections::HashMap<String, ScalarAndMetadata> = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), ScalarAndMetadata::new(value, None)))
            .collect();
        ParamValues::Map(map)
    }

    /// Plans one statement of a step with the run's parameters bound.
    pub async fn plan(&self, sql: &str) -> Result<DataFrame> {
        self.plan_in(self.planner(), sql).await
    }

    /// Where the statements of the steps are planned; what people have written is planned in the run's session.
    pub fn planner(&self) -> &SessionContext {
        match self.policy.get() {
            Some(Policy::Small) => &self.quick,
            Some(Policy::Frugal) => &self.frugal,
            Some(Policy::Large) | None => &self.session,
        }
    }

    /// Plans one statement of the project over texts that mean what another run agreed on.
    pub async fn plan_as(&self, reading: Option<&Reading>, sql: &str) -> Result<DataFrame> {
        plan_with(self.careful_planner(), sql, self.params_of(&self.settings_of(reading))).await
    }

    /// Where statements that people have written are planned: with all rules, and in the memory that there is.
    pub fn careful_planner(&self) -> &SessionContext {
        if self.policy.get() == Some(&Policy::Frugal) { &self.frugal } else { &self.session }
    }

    /// [`RunContext::plan`] in another session.
    pub async fn plan_in(&self, session: &SessionContext, sql: &str) -> Result<DataFrame> {
        plan_with(session, sql, self.params()).await
    }
}

/// Plans one statement with parameters bound.
pub async fn plan_with(session: &SessionContext, sql: &str, params: ParamValues) -> Result<DataFrame> {
    let planned = async {
        let state = session.state();
        let statement = state.sql_to_statement(sql, &state.config().options().sql_parser.dialect)?;
        plan_statement(state, statement, params).await
    };
    planned.await.map_err(|e| e.context(planning(sql)))
}

/// [`plan_with`] of a statement that was parsed before.
pub async fn plan_statement(
    state: SessionState,
    statement: Statement,
    params: ParamValues,
) -> Result<DataFrame> {
    let plan = state.statement_to_plan(statement).await?;
    check_depth(&plan)?;
    let plan = plan.with_param_values(params)?;
    Ok(DataFrame::new(state, plan))
}

/// What was tried where a statement cannot be planned.
pub fn planning(sql: &str) -> String {
    let first = sql.lines().find(|l| !l.trim_start().starts_with("--")).unwrap_or_default();
    format!("planning {first:?}")
}
