//! A place to run compiled queries over rows that are no run: a session with the limits of the engine, and files that are
//! removed when it is cleared.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::{Int64Type, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::common::metadata::ScalarAndMetadata;
use datafusion::common::runtime::SpawnedTask;
use datafusion::common::{ParamValues, ScalarValue, TableReference};
use datafusion::dataframe::DataFrame;
use datafusion::prelude::SessionContext;
use importer_plans::compile::{Keep, Query};
use serde::Serialize;

use crate::context::plan_with;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::lake::{DataSetName, Lake, RunPaths, Scratch};
use crate::session::session;
use crate::tables;

/// Desks of this process so far: each has files of its own.
static DESKS: AtomicI64 = AtomicI64::new(0);

/// How long a query took, and the rows it gave.
#[derive(Debug, Clone, Serialize)]
pub struct Timing {
    pub query: String,
    pub rows: u64,
    pub milliseconds: u64,
}

/// A session at work.
pub(super) struct Desk {
    session: SessionContext,
    lake: Lake,
    paths: RunPaths,
    memory: usize,
    /// Numbers that queries are given, by name.
    params: HashMap<String, i64>,
    timings: Vec<Timing>,
}

impl Desk {
    /// An empty one over the lake of an engine.
    pub(super) fn open(engine: &Engine) -> Result<Self> {
        let desk = DESKS.fetch_add(1, Ordering::Relaxed);
        // Below the numbers of runs; two processes are two numbers.
        let number = -1 - ((i64::from(std::process::id()) << 20) | desk);
        Ok(Self {
            session: session(&engine.limits, &engine.lake)?,
            lake: engine.lake.clone(),
            paths: RunPaths::new(&engine.tenant, number, 1, false),
            memory: engine.limits.memory,
            params: HashMap::new(),
            timings: Vec::new(),
        })
    }

    /// Gives queries a table of somebody else.
    pub(super) fn lend(&self, name: &str, table: Arc<dyn TableProvider>) -> Result<()> {
        self.session.register_table(TableReference::bare(name), table)?;
        Ok(())
    }

    /// Gives queries a number.
    pub(super) fn set(&mut self, name: &str, value: i64) {
        self.params.insert(name.to_owned(), value);
    }

    /// Runs queries one after the other and keeps their rows as each says.
    pub(super) async fn run(&mut self, queries: &[Query]) -> Result<()> {
        for query in queries {
            let begun = Instant::now();
            let rows = self.keep(query).await.map_err(|e| e.context(format!("query {}", query.name)))?;
            self.took(&query.name, rows, begun);
        }
        Ok(())
    }

    /// The rows of one query whose answer is small.
    pub(super) async fn ask(&mut self, name: &str, sql: &str) -> Result<Vec<RecordBatch>> {
        let begun = Instant::now();
        let (_, batches) = self.collected(name, sql).await.map_err(|e| e.context(format!("query {name}")))?;
        self.took(name, batches.iter().map(|b| b.num_rows() as u64).sum(), begun);
        Ok(batches)
    }

    /// The answer of a query that gives so many whole numbers per row, none of them below zero.
    pub(super) async fn ask_numbers<const N: usize>(
        &mut self,
        name: &str,
        sql: &str,
    ) -> Result<Vec<[u64; N]>> {
        let batches = self.ask(name, sql).await?;
        let mut rows = Vec::new();
        for batch in &batches {
            let begun = rows.len();
            rows.resize(begun + batch.num_rows(), [0; N]);
            for column in 0..N {
                for (row, number) in rows[begun..].iter_mut().zip(whole(batch, column)?) {
                    row[column] = number.unsigned_abs();
                }
            }
        }
        Ok(rows)
    }

    /// Rows of the last query of a name.
    pub(super) fn rows_of(&self, query: &str) -> u64 {
        self.timings.iter().rev().find(|timing| timing.query == query).map_or(0, |timing| timing.rows)
    }

    /// Bytes that its queries may hold together.
    pub(super) fn memory(&self) -> usize {
        self.memory
    }

    /// Removes its files and says how long everything took.
    pub(super) async fn clear(self) -> Result<Vec<Timing>> {
        let folder = self.paths.scratch();
        for object in self.lake.list(&folder).await? {
            self.lake.remove(&object.location).await?;
        }
        self.lake.remove_empty_folders(&folder);
        Ok(self.timings)
    }

    fn took(&mut self, query: &str, rows: u64, begun: Instant) {
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.timings.push(Timing { query: query.to_owned(), rows, milliseconds });
    }

    /// Plans a statement, in a task of its own: deep plans need its stack.
    async fn plan(&self, sql: &str) -> Result<DataFrame> {
        let params = self.params.iter().map(|(name, value)| {
            (name.clone(), ScalarAndMetadata::new(ScalarValue::Int64(Some(*value)), None))
        });
        let (session, sql, params) =
            (self.session.clone(), sql.to_owned(), ParamValues::Map(params.collect()));
        SpawnedTask::spawn(async move { plan_with(&session, &sql, params).await }).join_unwind().await?
    }

    async fn collected(&self, name: &str, sql: &str) -> Result<(SchemaRef, Vec<RecordBatch>)> {
        let (frame, pool) = (self.plan(sql).await?, Arc::clone(&self.session.runtime_env().memory_pool));
        let what = name.to_owned();
        SpawnedTask::spawn(async move { tables::collect_within(frame, &pool, &what).await })
            .join_unwind()
            .await?
    }

    async fn keep(&self, query: &Query) -> Result<u64> {
        match query.keep {
            Keep::View => {
                tables::register_view(&self.session, &query.name, self.plan(&query.sql).await?)?;
                Ok(0)
            }
            Keep::Memory => {
                let (schema, batches) = self.collected(&query.name, &query.sql).await?;
                let rows = batches.iter().map(|b| b.num_rows() as u64).sum();
                tables::register_rows(&self.session, &query.name, schema, batches)?;
                Ok(rows)
            }
            Keep::Scratch | Keep::DataSet => {
                let name = DataSetName::Scratch(query.name.clone());
                let frame = self.plan(&query.sql).await?;
                let planned = SpawnedTask::spawn(async move { tables::nullable_streams(frame).await });
                let streams = planned.join_unwind().await??;
                let scratch = Scratch::write(&self.lake, &self.paths, &name, 0, streams).await?;
                let rows = scratch.rows();
                tables::register_scratch(&self.session, &query.name, scratch).await?;
                Ok(rows)
            }
        }
    }
}

/// A column of whole numbers.
fn whole(batch: &RecordBatch, column: usize) -> Result<&[i64]> {
    let numbers = batch.columns().get(column).and_then(|column| column.as_primitive_opt::<Int64Type>());
    let numbers = numbers.ok_or_else(|| Error::internal("a count gave no whole numbers"))?;
    Ok(numbers.values())
}
