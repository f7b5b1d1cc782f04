//! A table or view of the database as a table of the catalogue. Only the columns that a query needs are read, simple
//! filters and limits go along, and only rows of the tenant are shown.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use futures::StreamExt;

use super::filter::{Conditions, support};
use crate::error::Error;
use crate::store::{Store, TableSource, Value, ident};

/// The column that says whose a row is.
const TENANT: &str = "tenant_id";

/// One table of the database.
#[derive(Debug)]
pub struct StoreTable {
    store: Arc<Store>,
    source: TableSource,
    tenant: String,
}

impl StoreTable {
    /// The rows of a tenant.
    pub fn new(store: Arc<Store>, source: TableSource, tenant: &str) -> Self {
        Self { store, source, tenant: tenant.to_owned() }
    }

    fn read(
        &self,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all: Vec<usize> = (0..self.source.schema.fields().len()).collect();
        let wanted = projection.unwrap_or(&all).clone();
        // A count needs no column, but a statement does.
        let read = if wanted.is_empty() { vec![0] } else { wanted.clone() };
        let columns: Vec<&str> = read.iter().map(|&i| self.source.expressions[i].as_str()).collect();
        let mut conditions = Conditions::new(&self.source, self.store.dialect());
        if self.source.schema.column_with_name(TENANT).is_some() {
            conditions.add_text(&format!("{} = ", ident(TENANT)), Value::Text(self.tenant.clone()));
        }
        for filter in filters {
            conditions.add(filter);
        }
        let mut sql = format!("SELECT {} FROM {}", columns.join(", "), self.source.from);
        let (place, params) = conditions.finish();
        sql.push_str(&place);
        if let Some(limit) = limit {
            sql.push_str(&format!(" LIMIT {limit}"));
        }
        let schema: SchemaRef = Arc::new(self.source.schema.project(&wanted)?);
        let part = Arc::new(Part {
            store: Arc::clone(&self.store),
            sql,
            params,
            read: Arc::new(self.source.schema.project(&read)?),
            schema: Arc::clone(&schema),
        });
        let exec = StreamingTableExec::try_new(schema, vec![part], None, [], false, limit)?;
        Ok(Arc::new(exec))
    }
}

type Scanning<'a> = Pin<Box<dyn Future<Output = Result<Arc<dyn ExecutionPlan>>> + Send + 'a>>;

impl TableProvider for StoreTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.source.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn scan<'a, 'b, 'c, 'd, 'e>(
        &'a self,
        _: &'b dyn Session,
        projection: Option<&'c Vec<usize>>,
        filters: &'d [Expr],
        limit: Option<usize>,
    ) -> Scanning<'e>
    where
        'a: 'e,
        'b: 'e,
        'c: 'e,
        'd: 'e,
        Self: 'e,
    {
        let plan = self.read(projection, filters, limit);
        Box::pin(std::future::ready(plan))
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(filters.iter().map(|filter| support(&self.source.schema, filter)).collect())
    }
}

/// One statement, run when the plan runs.
#[derive(Debug)]
struct Part {
    store: Arc<Store>,
    sql: String,
    params: Vec<Value>,
    /// What the statement gives.
    read: SchemaRef,
    /// What the plan gives.
    schema: SchemaRef,
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = self.store.read_query(self.sql.clone(), self.params.clone(), Arc::clone(&self.read));
        let schema = Arc::clone(&self.schema);
        let batches = rows.map(move |batch| {
            let batch = batch.map_err(|e| DataFusionError::External(Box::new(Error::from(e))))?;
            shaped(batch, &schema)
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}

/// The batch without the column that was only read to count rows.
fn shaped(batch: RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    if !schema.fields().is_empty() {
        return Ok(batch);
    }
    let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::new(Schema::empty()), Vec::new(), &rows)?)
}
