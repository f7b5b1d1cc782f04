//! What every step of one run gets: the session, the lake, the store, the compiled entity, the parameters.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use datafusion::common::ParamValues;
use datafusion::common::ScalarValue;
use datafusion::common::metadata::ScalarAndMetadata;
use datafusion::dataframe::DataFrame;
use datafusion::prelude::SessionContext;
use importer_plans::compile::{Keep, Query, Shape};
use importer_plans::project::{DuplicatePolicy, Entity, ImportMode, Source};
use tokio_util::sync::CancellationToken;

use super::memory::{MemoryMark, MemoryWatch};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{DataSet, DataSetName, Lake, RunPaths, Scratch};
use crate::progress::{Listener, StepProgress};
use crate::steps::land::Reading;
use crate::store::{RunKind, StopRequest, Store};
use crate::tables;

/// One run at work.
pub struct RunContext {
    pub session: SessionContext,
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
    /// What sort of run it is.
    pub kind: RunKind,
    /// The dry run whose plan this run applies: nothing may have moved.
    pub plan_run_id: Option<i64>,
    /// Who asked for the run.
    pub actor: String,
    /// Nobody named the namespace of the external ids.
    pub default_namespace: bool,
    /// Cancelled when this process is asked to stop.
    pub stop: CancellationToken,
    pub listener: Arc<dyn Listener>,
    /// The SQL that was run, with rows and time, in order.
    pub trace: Trace,
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
    pub time_zone: String,
    pub partitions: usize,
    pub chunk_rows: usize,
    /// The time of landing, microseconds since 1970 UTC. Steps never read a clock.
    pub landed_at: i64,
    /// The time of the load, where that is not the time of landing: a plan is applied later.
    #[serde(default)]
    pub loaded_at: Option<i64>,
}

impl Settings {
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
    entries: Arc<std::sync::Mutex<Vec<TraceEntry>>>,
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

    /// Starts the clock of a query.
    pub fn begin(&self) -> Traced {
        self.keep_peak();
        let mark = self.memory.mark();
        if let Ok(mut step) = self.step.lock() {
            *step = Some((mark, step.map_or(0, |(_, peak)| peak)));
        }
        Traced { since: std::time::Instant::now(), mark }
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
            entries.push(entry);
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
        self.entries.lock().map(|mut entries| std::mem::take(&mut *entries)).unwrap_or_default()
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

    fn params_of(&self, settings: &Settings) -> ParamValues {
        let text = |value: &str| ScalarValue::Utf8View(Some(value.to_owned()));
        let matching = &self.entity.matching;
        let limit = |n: u64| ScalarValue::Int64(Some(i64::try_from(n).unwrap_or(i64::MAX)));
        let instant = |micros: i64| ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into()));
        let values: [(&str, ScalarValue); 16] = [
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
            ("policy", text(settings.policy.as_str())),
            ("max_key_group", limit(matching.max_key_group)),
            ("max_cluster", limit(matching.max_cluster)),
        ];
        let map: std::collections::HashMap<String, ScalarAndMetadata> = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), ScalarAndMetadata::new(value, None)))
            .collect();
        ParamValues::Map(map)
    }

    /// Plans one statement with the run's parameters bound.
    pub async fn plan(&self, sql: &str) -> Result<DataFrame> {
        self.plan_in(&self.session, sql).await
    }

    /// [`RunContext::plan`] in another session.
    pub async fn plan_in(&self, session: &SessionContext, sql: &str) -> Result<DataFrame> {
        plan_with(session, sql, self.params()).await
    }

    /// Runs queries in order and keeps their rows as each says; gives the data sets among them, by query name.
    pub async fn run_queries(
        &self,
        queries: &[Query],
        round: u32,
        progress: &StepProgress,
    ) -> Result<BTreeMap<String, DataSet>> {
        let mut data_sets = BTreeMap::new();
        for query in queries {
            if let Some(data_set) = self.run_query(query, round, progress).await? {
                data_sets.insert(query.name.clone(), data_set);
            }
        }
        Ok(data_sets)
    }

    async fn run_query(&self, query: &Query, round: u32, progress: &StepProgress) -> Result<Option<DataSet>> {
        let begun = self.trace.begin();
        let step = |e: Error| e.context(format!("query {}", query.name));
        let frame = self.plan(&query.sql).await.map_err(step)?;
        let (rows, kept) = match query.keep {
            Keep::View => {
                tables::register_view(&self.session, &query.name, frame)?;
                (0, None)
            }
            Keep::Memory => {
                let (schema, batches) = tables::collect_compact(frame).await.map_err(step)?;
                let rows = batches.iter().map(|b| b.num_rows() as u64).sum();
                tables::register_rows(&self.session, &query.name, schema, batches)?;
                (rows, None)
            }
            Keep::Scratch => {
                let name = DataSetName::Scratch(query.name.clone());
                let streams = tables::nullable_streams(frame).await.map_err(step)?;
                let scratch =
                    Scratch::write(&self.lake, &self.paths, &name, round, streams).await.map_err(step)?;
                let rows = scratch.rows();
                tables::register_scratch(&self.session, &query.name, scratch).await?;
                (rows, None)
            }
            Keep::DataSet => {
                let name = data_set_name(&query.name)?;
                let streams = tables::nullable_streams(frame).await.map_err(step)?;
                let counted = progress.clone();
                let count = move |n| counted.advance(n);
                let data_set = DataSet::write(&self.lake, &self.paths, &name, round, streams, count)
                    .await
                    .map_err(step)?;
                tables::register_files(&self.session, &query.name, &data_set).await?;
                (data_set.rows(), Some(data_set))
            }
        };
        self.trace.end(&begun, &query.name, &query.sql, rows);
        Ok(kept)
    }

    /// Runs one statement into files of a data set.
    pub async fn write_query(
        &self,
        name: &str,
        sql: &str,
        data_set: &DataSetName,
        round: u32,
        progress: impl Fn(u64) + Clone + Send + 'static,
    ) -> Result<DataSet> {
        self.write_query_read_as(None, (name, sql), data_set, round, progress).await
    }

    /// [`RunContext::write_query`] of a named statement over texts that mean what another run agreed on.
    pub async fn write_query_read_as(
        &self,
        reading: Option<&Reading>,
        (name, sql): (&str, &str),
        data_set: &DataSetName,
        round: u32,
        progress: impl Fn(u64) + Clone + Send + 'static,
    ) -> Result<DataSet> {
        let begun = self.trace.begin();
        let frame = match reading {
            None => self.plan(sql).await?,
            Some(reading) => {
                let settings = Settings {
                    landed_at: reading.landed_at,
                    external_system: reading.external_system.clone(),
                    default_region: reading.default_region.clone(),
                    time_zone: reading.time_zone.clone(),
                    loaded_at: Some(self.settings.loaded_at.unwrap_or(self.settings.landed_at)),
                    ..self.settings.clone()
                };
                plan_with(&self.session, sql, self.params_of(&settings)).await?
            }
        };
        let streams = tables::nullable_streams(frame).await?;
        let written = DataSet::write(&self.lake, &self.paths, data_set, round, streams, progress).await?;
        self.trace.end(&begun, name, sql, written.rows());
        Ok(written)
    }
}

/// The data set of a query.
fn data_set_name(query: &str) -> Result<DataSetName> {
    Ok(match query {
        "dq_violations" => DataSetName::Violations,
        "links" => DataSetName::Links,
        "dedupe_pairs" => DataSetName::DedupePairs,
        // Also the run that applies a plan counts them.
        "manual_kept" => DataSetName::ManualKept,
        name if name.starts_with("changes_") => {
            DataSetName::Changes(name.trim_start_matches("changes_").to_owned())
        }
        name => return Err(Error::internal(format!("the query {name} has no data set"))),
    })
}

/// Plans one statement with parameters bound.
async fn plan_with(session: &SessionContext, sql: &str, params: ParamValues) -> Result<DataFrame> {
    let planned = async { Ok::<_, Error>(session.sql(sql).await?.with_param_values(params)?) }.await;
    planned.map_err(|e| {
        let first = sql.lines().find(|l| !l.trim_start().starts_with("--")).unwrap_or_default();
        e.context(format!("planning {first:?}"))
    })
}
