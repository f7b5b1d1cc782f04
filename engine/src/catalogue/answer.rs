//! One query over the catalogue: read-only, streamed, within limits, with errors that can be shown beside the query.
//!
//! It is planned and run in tasks of their own: what waits for its rows hears the clock also while a function is at work,
//! and a fault of an operator is an error like others.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use tokio::sync::mpsc;

use super::failure::QueryError;
use super::locate;
use crate::bounded::check_depth;
use crate::watch::{Excess, QueryLimits, Watch};

/// Batches that wait for whoever reads them.
const AHEAD: usize = 2;

type Rows = Result<RecordBatch, DataFusionError>;

/// The rows of a query, batch by batch.
pub struct Answer {
    schema: SchemaRef,
    rows: mpsc::Receiver<Rows>,
    /// Ends with the answer, or before.
    work: Option<SpawnedTask<()>>,
    watch: Watch,
    query: String,
    context: SessionContext,
}

/// Runs a query that only reads, for as long as it takes.
pub async fn query(context: &SessionContext, sql: &str, limit: Option<usize>) -> Result<Answer, QueryError> {
    query_within(context, sql, limit, QueryLimits::default()).await
}

/// Runs a query that only reads, until it is done or takes too much.
pub async fn query_within(
    context: &SessionContext,
    sql: &str,
    limit: Option<usize>,
    limits: QueryLimits,
) -> Result<Answer, QueryError> {
    let mut watch = Watch::start(limits);
    let planned = SpawnedTask::spawn(started(context.clone(), sql.to_owned(), limit));
    let stream = tokio::select! {
        biased;
        excess = watch.exceeded() => return Err(taken(excess, sql)),
        planned = planned.join() => planned.map_err(|fault| QueryError::fault(&fault))?,
    };
    let stream = stream.map_err(|error| read(&error, sql, context))?;
    let schema = stream.schema();
    let (sender, rows) = mpsc::channel(AHEAD);
    let work = Some(SpawnedTask::spawn(drained(stream, sender)));
    Ok(Answer { schema, rows, work, watch, query: sql.to_owned(), context: context.clone() })
}

/// A query that took too much, with the place that it probably has in it.
fn taken(excess: Excess, sql: &str) -> QueryError {
    QueryError { span: locate::place_of("memory limit", sql), ..QueryError::excess(excess) }
}

/// What is wrong with a query, with the place that it probably has in it where the database engine names none.
fn read(error: &DataFusionError, sql: &str, context: &SessionContext) -> QueryError {
    let read = QueryError::read(error, sql, context);
    if read.code != "SQL0007" || read.span.is_some() {
        return read;
    }
    QueryError { span: locate::place_of(&read.message, sql), ..read }
}

async fn started(
    context: SessionContext,
    sql: String,
    limit: Option<usize>,
) -> Result<SendableRecordBatchStream, DataFusionError> {
    let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    let mut frame = context.sql_with_options(&sql, options).await?;
    check_depth(frame.logical_plan())?;
    // A plan that is shown has no rows to limit.
    if limit.is_some() && !matches!(frame.logical_plan(), LogicalPlan::Explain(_) | LogicalPlan::Analyze(_)) {
        frame = frame.limit(0, limit)?;
    }
    frame.execute_stream().await
}

async fn drained(mut stream: SendableRecordBatchStream, sender: mpsc::Sender<Rows>) {
    while let Some(batch) = stream.next().await {
        // Nobody wants the rest.
        if sender.send(batch).await.is_err() {
            return;
        }
    }
}

impl Answer {
    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    /// The next rows; none after the last.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, QueryError> {
        let next = tokio::select! {
            biased;
            excess = self.watch.exceeded() => {
                self.work = None;
                return Err(taken(excess, &self.query));
            }
            next = self.rows.recv() => next,
        };
        match next {
            Some(Ok(batch)) => Ok(Some(batch)),
            Some(Err(error)) => Err(read(&error, &self.query, &self.context)),
            None => match self.work.take() {
                Some(work) => work.join().await.map(|()| None).map_err(|fault| QueryError::fault(&fault)),
                None => Ok(None),
            },
        }
    }
}
