//! One query over the catalogue: read-only, streamed, with errors that can be shown beside the query.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use futures::StreamExt;

use super::failure::QueryError;

/// The rows of a query, batch by batch.
pub struct Answer {
    stream: SendableRecordBatchStream,
    query: String,
    context: SessionContext,
}

/// Runs a query that only reads.
pub async fn query(context: &SessionContext, sql: &str, limit: Option<usize>) -> Result<Answer, QueryError> {
    let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    let failed = |error| QueryError::read(&error, sql, context);
    let mut frame = context.sql_with_options(sql, options).await.map_err(failed)?;
    // A plan that is shown has no rows to limit.
    if limit.is_some() && !matches!(frame.logical_plan(), LogicalPlan::Explain(_) | LogicalPlan::Analyze(_)) {
        frame = frame.limit(0, limit).map_err(failed)?;
    }
    let stream = frame.execute_stream().await.map_err(failed)?;
    Ok(Answer { stream, query: sql.to_owned(), context: context.clone() })
}

impl Answer {
    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        self.stream.schema()
    }

    /// The next rows; none after the last.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, QueryError> {
        match self.stream.next().await {
            None => Ok(None),
            Some(Ok(batch)) => Ok(Some(batch)),
            Some(Err(error)) => Err(QueryError::read(&error, &self.query, &self.context)),
        }
    }
}
