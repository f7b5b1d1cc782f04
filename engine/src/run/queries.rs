//! The SQL of a step at work: what each query gives, and which of them go side by side.
//!
//! A query that names the table of an earlier one waits for it. The others need not wait for each other, and in a small run
//! they do not: there planning is most of the work, and planning one query is work for one core.

use std::collections::BTreeMap;

use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use importer_plans::compile::{Keep, Query};

use super::context::{RunContext, Settings, plan_with};
use crate::error::{Error, Result};
use crate::lake::{DataSet, DataSetName, Scratch};
use crate::progress::StepProgress;
use crate::steps::land::Reading;
use crate::tables;

impl RunContext {
    /// Runs queries and keeps their rows as each says; gives the data sets among them, by query name. Their order is
    /// one in which they could run one after the other.
    pub async fn run_queries(
        &self,
        queries: &[Query],
        round: u32,
        progress: &StepProgress,
    ) -> Result<BTreeMap<String, DataSet>> {
        let together = queries.len() > 1 && self.is_small();
        let waits = if together {
            self.waits(queries)?
        } else {
            (0..queries.len()).map(|n| (0..n).collect()).collect()
        };
        let places = self.trace.places(queries.len());
        let mut data_sets = BTreeMap::new();
        let mut done = vec![false; queries.len()];
        let mut left: Vec<usize> = (0..queries.len()).collect();
        let mut running = FuturesUnordered::new();
        loop {
            left.retain(|&n| {
                let ready = waits[n].iter().all(|&other: &usize| done[other]);
                if ready {
                    let (query, place) = (&queries[n], places + n);
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

    /// For each query the earlier ones that it waits for: those whose tables it reads, and those that read a former
    /// table under its own name.
    fn waits(&self, queries: &[Query]) -> Result<Vec<Vec<usize>>> {
        let state = self.session.state();
        let dialect = state.config().options().sql_parser.dialect;
        let mut reads: Vec<Vec<String>> = Vec::with_capacity(queries.len());
        for query in queries {
            let statement = state.sql_to_statement(&query.sql, &dialect)?;
            let tables = state.resolve_table_references(&statement)?;
            reads.push(tables.iter().map(|table| table.table().to_owned()).collect());
        }
        let waits_for = |n: usize, other: usize| {
            reads[n].contains(&queries[other].name) || reads[other].contains(&queries[n].name)
        };
        Ok((0..queries.len()).map(|n| (0..n).filter(|&other| waits_for(n, other)).collect()).collect())
    }

    async fn run_query(
        &self,
        query: &Query,
        place: usize,
        round: u32,
        progress: &StepProgress,
    ) -> Result<Option<DataSet>> {
        let begun = self.trace.begin_at(place);
        let (rows, kept) = self
            .keep_rows(query, round, progress)
            .await
            .map_err(|e| e.context(format!("query {}", query.name)))?;
        self.trace.end(&begun, &query.name, &query.sql, rows);
        Ok(kept)
    }

    async fn keep_rows(
        &self,
        query: &Query,
        round: u32,
        progress: &StepProgress,
    ) -> Result<(u64, Option<DataSet>)> {
        Ok(match query.keep {
            Keep::View => {
                tables::register_view(&self.session, &query.name, self.plan(&query.sql).await?)?;
                (0, None)
            }
            Keep::Memory => {
                let (session, sql, params) = (self.session.clone(), query.sql.clone(), self.params());
                let collected = SpawnedTask::spawn(async move {
                    tables::collect_compact(plan_with(&session, &sql, params).await?).await
                });
                let (schema, batches) = collected.join_unwind().await??;
                let rows = batches.iter().map(|b| b.num_rows() as u64).sum();
                tables::register_rows(&self.session, &query.name, schema, batches)?;
                (rows, None)
            }
            Keep::Scratch => {
                let name = DataSetName::Scratch(query.name.clone());
                let streams = self.streams(query).await?;
                let scratch = Scratch::write(&self.lake, &self.paths, &name, round, streams).await?;
                let rows = scratch.rows();
                tables::register_scratch(&self.session, &query.name, scratch).await?;
                (rows, None)
            }
            Keep::DataSet => {
                let name = data_set_name(&query.name)?;
                let streams = self.streams(query).await?;
                let counted = progress.clone();
                let count = move |n| counted.advance(n);
                let data_set = DataSet::write(&self.lake, &self.paths, &name, round, streams, count).await?;
                tables::register_files(&self.session, &query.name, &data_set).await?;
                (data_set.rows(), Some(data_set))
            }
        })
    }

    /// Plans a query in a task of its own, so that others are planned meanwhile.
    async fn streams(&self, query: &Query) -> Result<Vec<SendableRecordBatchStream>> {
        let (session, sql, params) = (self.session.clone(), query.sql.clone(), self.params());
        let planned = SpawnedTask::spawn(async move {
            tables::nullable_streams(plan_with(&session, &sql, params).await?).await
        });
        planned.join_unwind().await?
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
