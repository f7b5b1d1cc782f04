//! What every step of one run gets: the session, the lake, the store, the compiled entity, the parameters.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use datafusion::common::ParamValues;
use datafusion::common::ScalarValue;
use datafusion::common::metadata::ScalarAndMetadata;
use datafusion::dataframe::DataFrame;
use datafusion::execution::SessionState;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;
use importer_plans::compile::Shape;
use importer_plans::project::{DuplicatePolicy, Entity, ImportMode, NumberFormat, Source};
use tokio_util::sync::CancellationToken;

use super::memory::{MemoryMark, MemoryWatch};
use super::params::InputFile;
use super::suggested::Suggested;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Lake, RunPaths};
use crate::policy::Policy;
use crate::progress::{Listener, StepProgress};
use crate::session::Limits;
use crate::steps::land::Reading;
use crate::store::{RunKind, StopRequest, Store};

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
    pub epoch: i64,
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

/// What the request, the source and the project agreed on for this run.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Settings {
    pub dry_run: bool,
    pub atomic: bool,
    pub accept_bad: bool,
    pub max_bad: f64,
    #[serde(with = "super::params::policy_word")]
    pub policy: DuplicatePolicy,
    #[serde(with = "super::params::mode_word")]
    pub mode: ImportMode,
    pub external_system: String,
    pub default_region: Option<String>,
    pub date_order: String,
    /// What stands before the decimals of numbers, where the run does not leave it to its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_format: Option<String>,
    pub time_zone: String,
    pub partitions: usize,
    pub chunk_rows: usize,
    /// Chunks are cut in pairs that cost the same; runs of older versions go on as they were cut.
    #[serde(default)]
    pub chunks_in_pairs: bool,
    /// The time of landing, microseconds since 1970 UTC. Steps never read a clock.
    pub landed_at: i64,
    /// The time of the load, where that is not the time of landing: a plan is applied later.
    #[serde(default)]
    pub loaded_at: Option<i64>,
}

impl Settings {
    /// What stands before the decimals of numbers.
    pub fn number_format(&self, source: &Source) -> NumberFormat {
        self.number_format.as_deref().and_then(NumberFormat::of).unwrap_or(source.number_format)
    }

    /// Nothing of the load may be visible before all of it is.
    pub fn in_one_transaction(&self) -> bool {
        self.atomic || self.mode == ImportMode::AllOrNothing
    }
}

/// The code of a run that was given up by a person.
pub const CANCELLED: &str = "RUN_CANCELLED";

fn stopped() -> Error {
    Error::new(ErrorKind::Interrupted, "the run was stopped; it can go on").with_code("RUN_PAUSED")
}

/// The SQL of a run as it was run.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// With their places.
    entries: Arc<std::sync::Mutex<Vec<(usize, TraceEntry)>>>,
    next: Arc<AtomicUsize>,
    memory: Arc<MemoryWatch>,
    /// The highest since the last step ended, and the mark that it is counted from.
    step: Arc<std::sync::Mutex<Option<(MemoryMark, u64)>>>,
}

/// One query that was run.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct TraceEntry {
    pub name: String,
    pub sql: String,
    pub rows: u64,
    pub milliseconds: u64,
    /// Resident memory of the process at its highest meanwhile; absent where the system does not tell, and in runs of
    /// older versions.
    #[serde(default)]
    pub peak_memory_bytes: Option<u64>,
}

/// A query under way.
pub struct Traced {
    place: usize,
    since: std::time::Instant,
    mark: MemoryMark,
}

impl Trace {
    /// Watches the memory of a step from here on, if it is not watched already.
    fn watch(&self) {
        if let Ok(mut step) = self.step.lock()
            && step.is_none()
        {
            *step = Some((self.memory.mark(), 0));
        }
    }

    /// So many places in the order of queries; gives the first.
    pub fn places(&self, count: usize) -> usize {
        self.next.fetch_add(count, Ordering::Relaxed)
    }

    /// Starts the clock of the next query.
    pub fn begin(&self) -> Traced {
        self.begin_at(self.places(1))
    }

    /// Starts the clock of the query that has this place, whenever it ends.
    pub fn begin_at(&self, place: usize) -> Traced {
        self.keep_peak();
        let mark = self.memory.mark();
        if let Ok(mut step) = self.step.lock() {
            *step = Some((mark, step.map_or(0, |(_, peak)| peak)));
        }
        Traced { place, since: std::time::Instant::now(), mark }
    }

    /// Writes a query down.
    pub fn end(&self, begun: &Traced, name: &str, sql: &str, rows: u64) {
        let entry = TraceEntry {
            name: name.to_owned(),
            sql: sql.to_owned(),
            rows,
            milliseconds: u64::try_from(begun.since.elapsed().as_millis()).unwrap_or(u64::MAX),
            peak_memory_bytes: self.memory.peak(begun.mark),
        };
        if let Ok(mut entries) = self.entries.lock() {
            entries.push((begun.place, entry));
        }
    }

    /// Keeps what was highest so far before a mark forgets it.
    fn keep_peak(&self) {
        if let Ok(mut step) = self.step.lock()
            && let Some((mark, peak)) = step.as_mut()
        {
            *peak = (*peak).max(self.memory.peak(*mark).unwrap_or(0));
        }
    }

    /// Takes the highest memory since this was asked last: that of a step.
    pub fn take_peak(&self) -> Option<u64> {
        self.keep_peak();
        let next = self.memory.mark();
        let mut step = self.step.lock().ok()?;
        step.replace((next, 0)).map(|(_, peak)| peak).filter(|peak| *peak > 0)
    }

    /// Takes what was traced so far.
    pub fn take(&self) -> Vec<TraceEntry> {
        let mut taken =
            self.entries.lock().map(|mut entries| std::mem::take(&mut *entries)).unwrap_or_default();
        taken.sort_by_key(|(place, _)| *place);
        taken.into_iter().map(|(_, entry)| entry).collect()
    }
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

    pub(super) fn params_of(&self, settings: &Settings) -> ParamValues {
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
            ("date_order", text(&settings.date_order)),
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
    let plan = state.statement_to_plan(statement).await?.with_param_values(params)?;
    Ok(DataFrame::new(state, plan))
}

/// What was tried where a statement cannot be planned.
pub fn planning(sql: &str) -> String {
    let first = sql.lines().find(|l| !l.trim_start().starts_with("--")).unwrap_or_default();
    format!("planning {first:?}")
}
