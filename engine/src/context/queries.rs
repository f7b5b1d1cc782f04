//! The SQL of a step at work: what each query gives, and which of them go side by side.
//!
//! A query that names the table of an earlier one waits for it. The others need not wait for each other, and in a small run
//! they do not: there planning is most of the work, and planning one query is work for one core.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::common::runtime::SpawnedTask;
use datafusion::dataframe::DataFrame;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use importer_plans::compile::check::{FLAGGED, own_table};
use importer_plans::compile::{Keep, Query};
use importer_plans::project::Rule;

use super::run::{RunContext, plan_statement, planning};
use super::settings::{Reading, Settings};
use crate::error::{Error, Result};
use crate::lake::{DataSet, DataSetName, Order, Scratch};
use crate::policy::Policy;
use crate::progress::StepProgress;
use crate::tables;

/// The part of the memory of queries that a table which is short as a rule may have beside it.
const KEPT: usize = 16;

/// A query of a step, parsed once: to see what it waits for, and to be planned.
struct Parsed<'a> {
    query: &'a Query,
    statement: Statement,
    /// The tables that it names.
    reads: Vec<String>,
    /// Where it is planned.
    session: &'a SessionContext,
    /// How the files of its data set are written.
    order: Order,
}

impl<'a> Parsed<'a> {
    fn new(query: &'a Query, session: &'a SessionContext, order: Order) -> Result<Self> {
        let state = session.state_ref();
        let state = state.read();
        let parsed = || {
            let statement =
                state.sql_to_statement(&query.sql, &state.config().options().sql_parser.dialect)?;
            let tables = state.resolve_table_references(&statement)?;
            Ok::<_, Error>((statement, tables))
        };
        let (statement, tables) = parsed().map_err(|e| e.context(planning(&query.sql)))?;
        let reads = tables.iter().map(|table| table.table().to_owned()).collect();
        Ok(Self { query, statement, reads, session, order })
    }

    /// Whether it reads the table of the other, or the other reads a former table under its name.
    fn waits_for(&self, other: &Self) -> bool {
        self.reads.contains(&other.query.name) || other.reads.contains(&self.query.name)
    }

    fn plan(&self, cx: &RunContext) -> impl Future<Output = Result<DataFrame>> + Send + use<> {
        let (state, statement) = (self.session.state(), self.statement.clone());
        let (params, what) = (cx.params(), planning(&self.query.sql));
        async move { plan_statement(state, statement, params).await.map_err(|e| e.context(what)) }
    }

    /// Plans it in a task of its own, so that others are planned meanwhile.
    async fn streams(&self, cx: &RunContext) -> Result<Vec<SendableRecordBatchStream>> {
        let planned = self.plan(cx);
        let streams = SpawnedTask::spawn(async move { tables::nullable_streams(planned.await?).await });
        streams.join_unwind().await?
    }
}

impl RunContext {
    /// Runs queries of our own and keeps their rows as each says; gives the data sets among them, by query name. Their
    /// order is one in which they could run one after the other.
    pub async fn run_queries(
        &self,
        queries: &[Query],
        round: u32,
        progress: &StepProgress,
    ) -> Result<BTreeMap<String, DataSet>> {
        self.run_queries_in(self.planner(), queries, Order::SideBySide, round, progress).await
    }

    /// [`RunContext::run_queries`] by one core, for data sets that nobody waits for: others have work for the rest.
    pub async fn run_queries_aside(
        &self,
        queries: &[Query],
        round: u32,
        progress: &StepProgress,
    ) -> Result<BTreeMap<String, DataSet>> {
        self.run_queries_in(self.planner(), queries, Order::OneByOne, round, progress).await
    }

    /// [`RunContext::run_queries`] of what people have written, planned with all care.
    pub async fn run_queries_of_project(
        &self,
        queries: &[Query],
        round: u32,
        progress: &StepProgress,
    ) -> Result<BTreeMap<String, DataSet>> {
        self.run_queries_in(self.careful_planner(), queries, Order::SideBySide, round, progress).await
    }

    async fn run_queries_in(
        &self,
        session: &SessionContext,
        queries: &[Query],
        order: Order,
        round: u32,
        progress: &StepProgress,
    ) -> Result<BTreeMap<String, DataSet>> {
        let parsed: Vec<_> =
            queries.iter().map(|query| Parsed::new(query, session, order)).collect::<Result<_>>()?;
        let together = self.is_small();
        let waits: Vec<Vec<usize>> = (0..parsed.len())
            .map(|n| (0..n).filter(|&other| !together || parsed[n].waits_for(&parsed[other])).collect())
            .collect();
        let places = self.trace.places(queries.len());
        let mut data_sets = BTreeMap::new();
        let mut done = vec![false; queries.len()];
        let mut left: Vec<usize> = (0..queries.len()).collect();
        let mut running = FuturesUnordered::new();
        loop {
            left.retain(|&n| {
                let ready = waits[n].iter().all(|&other: &usize| done[other]);
                if ready {
                    let (query, place) = (&parsed[n], places + n);
                    running.push(async move { (n, self.run_query(query, place, round, progress).await) });
                }
                !ready
            });
            let Some((n, kept)) = running.next().await else { return Ok(data_sets) };
            done[n] = true;
            if let Some(data_set) = kept? {
                data_sets.insert(queries[n].name.clone(), data_set);
            }
        }
    }

    async fn run_query(
        &self,
        parsed: &Parsed<'_>,
        place: usize,
        round: u32,
        progress: &StepProgress,
    ) -> Result<Option<DataSet>> {
        let begun = self.trace.begin_at(place);
        let query = parsed.query;
        let (rows, kept) = match self.rule_of(&query.name) {
            None => {
                let work = self.keep_rows(parsed, round, progress);
                let kept = match query.name.as_str() {
                    FLAGGED => self.in_time_of(self.filters(), Box::pin(work)).await,
                    _ => work.await,
                };
                kept.map_err(|e| e.context(format!("query {}", query.name)))?
            }
            Some(rule) => {
                let work = self.keep_rows_of_rule(parsed, rule);
                (self.in_time(&rule.sql, Box::pin(work)).await?, None)
            }
        };
        self.trace.end(&begun, &query.name, &query.sql, rows);
        Ok(kept)
    }

    /// The rules of this source that one query looks at together.
    fn filters(&self) -> impl Iterator<Item = &Rule> {
        let policy = self.source.external_id;
        self.entity.rules.iter().filter(move |rule| rule.is_enforced(policy) && rule.as_filter().is_some())
    }

    /// The rule whose own query has this name.
    fn rule_of(&self, name: &str) -> Option<&Rule> {
        name.starts_with("rule_").then_some(())?;
        self.entity.rules.iter().find(|rule| rule.as_filter().is_none() && own_table(rule) == name)
    }

    /// What a rule gives, as long as there is memory for it: nobody knows how much that will be.
    async fn keep_rows_of_rule(&self, parsed: &Parsed<'_>, rule: &Rule) -> Result<u64> {
        let (planned, pool) = (parsed.plan(self), Arc::clone(&self.session.runtime_env().memory_pool));
        let kept = async {
            let code = rule.code.clone();
            let collected =
                SpawnedTask::spawn(async move { tables::collect_within(planned.await?, &pool, &code).await });
            let (schema, batches) = collected.join_unwind().await??;
            let rows = batches.iter().map(|b| b.num_rows() as u64).sum();
            tables::register_rows(&self.session, &parsed.query.name, schema, batches)?;
            Ok(rows)
        };
        match kept.await {
            Ok(rows) => Ok(rows),
            Err(error) => Err(self.blame_file(error, &rule.sql, &self.settings).await),
        }
    }

    /// Keeps the rows of a query. One whose joins find no room for their tables is run once more, as where there is little
    /// memory: its joins sort, and what is sorted can spill. The rows are the same.
    async fn keep_rows(
        &self,
        parsed: &Parsed<'_>,
        round: u32,
        progress: &StepProgress,
    ) -> Result<(u64, Option<DataSet>)> {
        let frugal = self.policy.get() == Some(&Policy::Frugal);
        match self.keep_rows_once(parsed, round, progress).await {
            Err(error) if error.wants_memory() && !frugal => {
                tracing::info!("query {} finds no room for its joins: it sorts", parsed.query.name);
                let statement = parsed.statement.clone();
                let again = Parsed { session: &self.frugal, statement, reads: Vec::new(), ..*parsed };
                self.keep_rows_once(&again, round, &progress.untold()).await
            }
            kept => kept,
        }
    }

    async fn keep_rows_once(
        &self,
        parsed: &Parsed<'_>,
        round: u32,
        progress: &StepProgress,
    ) -> Result<(u64, Option<DataSet>)> {
        let query = parsed.query;
        Ok(match (query.keep, self.policy.get()) {
            (Keep::View, _) => {
                tables::register_view(&self.session, &query.name, parsed.plan(self).await?)?;
                (0, None)
            }
            (Keep::Memory, None | Some(Policy::Small)) => {
                let planned = parsed.plan(self);
                let collected =
                    SpawnedTask::spawn(async move { tables::collect_compact(planned.await?).await });
                let (schema, batches) = collected.join_unwind().await??;
                let rows = batches.iter().map(|b| b.num_rows() as u64).sum();
                tables::register_rows(&self.session, &query.name, schema, batches)?;
                (rows, None)
            }
            // What is small as a rule may be as long as the list.
            (Keep::Memory, Some(Policy::Large)) => {
                let bytes = self.limits.memory / KEPT / self.settings.partitions.max(1);
                (self.keep_scratch(parsed, round, bytes).await?, None)
            }
            (Keep::Memory, Some(Policy::Frugal)) | (Keep::Scratch, _) => {
                (self.keep_scratch(parsed, round, 0).await?, None)
            }
            (Keep::DataSet, _) => {
                let name = data_set_name(&query.name)?;
                let streams = parsed.streams(self).await?;
                let counted = progress.clone();
                let count = move |n| counted.advance(n);
                let written =
                    DataSet::write(&self.lake, &self.paths, &name, round, streams, parsed.order, count);
                let data_set = written.await?;
                tables::register_files(&self.session, &query.name, &data_set).await?;
                (data_set.rows(), Some(data_set))
            }
        })
    }

    /// Keeps rows in memory as long as a part of them has no more bytes, and in files from there on.
    async fn keep_scratch(&self, parsed: &Parsed<'_>, round: u32, bytes: usize) -> Result<u64> {
        let name = DataSetName::Scratch(parsed.query.name.clone());
        let streams = parsed.streams(self).await?;
        let scratch = Scratch::write_above(bytes, &self.lake, &self.paths, (&name, round), streams).await?;
        let rows = scratch.rows();
        tables::register_scratch(&self.session, &parsed.query.name, scratch).await?;
        Ok(rows)
    }

    /// Gives back the memory and the names of tables that nobody reads any more.
    pub fn forget<'a>(&self, tables: impl IntoIterator<Item = &'a str>) -> Result<()> {
        for table in tables {
            tables::forget(&self.session, table)?;
        }
        Ok(())
    }

    /// The number that a query gives.
    pub async fn count(&self, sql: &str) -> Result<u64> {
        let batches = self.plan(sql).await?.collect().await?;
        let value = batches
            .iter()
            .find(|b| b.num_rows() > 0)
            .and_then(|b| b.column(0).as_primitive_opt::<Int64Type>().map(|c| c.value(0)))
            .ok_or_else(|| Error::internal("a count gave no number"))?;
        Ok(u64::try_from(value).unwrap_or(0))
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
        self.write_query_read_as(None, (name, sql), data_set, (round, None), progress).await
    }

    /// [`RunContext::write_query`] of a named statement over texts that mean what another run agreed on, with no more
    /// rows than this.
    pub async fn write_query_read_as(
        &self,
        reading: Option<&Reading>,
        (name, sql): (&str, &str),
        data_set: &DataSetName,
        (round, most): (u32, Option<u64>),
        progress: impl Fn(u64) + Clone + Send + 'static,
    ) -> Result<DataSet> {
        let begun = self.trace.begin();
        let frame = self.plan_as(reading, sql).await?;
        let streams = tables::nullable_streams(frame).await?;
        let streams = match most {
            Some(most) => tables::no_more_than(streams, most),
            None => streams,
        };
        let order = Order::SideBySide;
        let written =
            DataSet::write(&self.lake, &self.paths, data_set, round, streams, order, progress).await?;
        self.trace.end(&begun, name, sql, written.rows());
        Ok(written)
    }

    /// What the texts of a file mean: as this run says, or as another run agreed on.
    pub fn settings_of(&self, reading: Option<&Reading>) -> Settings {
        let Some(reading) = reading else { return self.settings.clone() };
        Settings {
            landed_at: reading.landed_at,
            external_system: reading.external_system.clone(),
            default_region: reading.default_region.clone(),
            time_zone: reading.time_zone.clone(),
            loaded_at: Some(self.settings.loaded_at.unwrap_or(self.settings.landed_at)),
            ..self.settings.clone()
        }
    }
}

/// The data set of a query.
fn data_set_name(query: &str) -> Result<DataSetName> {
    Ok(match query {
        "dq_violations" => DataSetName::Violations,
        "links" => DataSetName::Links,
        "dedupe_pairs" => DataSetName::DedupePairs,
        "dedupe_scores" => DataSetName::DedupeScores,
        // Also the run that applies a plan counts them.
        "manual_kept" => DataSetName::ManualKept,
        "tied" => DataSetName::Tied,
        name if name.starts_with("changes_") => {
            DataSetName::Changes(name.trim_start_matches("changes_").to_owned())
        }
        name => return Err(Error::internal(format!("the query {name} has no data set"))),
    })
}
