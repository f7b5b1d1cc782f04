//! The edges between rows, and from rows to core rows: read as pairs of numbers, and replaced by others.

use std::sync::Arc;

use datafusion::arrow::array::{AsArray, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{Int64Type, SchemaRef};

use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::tables;

/// Edges between rows.
pub const OF_ROWS: &str = "SELECT left_seq, right_seq FROM edges";
/// Edges from rows to core rows.
pub const TO_CORE: &str = "SELECT seq, core_id FROM core_edges";

/// Has the clusters made of these tables, which were made from the edges so far.
pub async fn take_over(cx: &RunContext, edges: &str, core_edges: &str) -> Result<()> {
    for (name, table) in [("edges", edges), ("core_edges", core_edges)] {
        tables::register_view(&cx.session, name, cx.plan(&format!("SELECT * FROM {table}")).await?)?;
    }
    Ok(())
}

/// Registers pairs of numbers as a table.
pub fn register(cx: &RunContext, name: &str, schema: &SchemaRef, pairs: &[(i64, i64)]) -> Result<()> {
    let batch = RecordBatch::try_new(
        Arc::clone(schema),
        vec![
            Arc::new(Int64Array::from_iter_values(pairs.iter().map(|p| p.0))),
            Arc::new(Int64Array::from_iter_values(pairs.iter().map(|p| p.1))),
        ],
    )?;
    tables::register_rows(&cx.session, name, Arc::clone(schema), vec![batch])
}

/// The pairs of numbers that a query gives.
pub async fn pairs(cx: &RunContext, sql: &str) -> Result<Vec<(i64, i64)>> {
    let mut found = Vec::new();
    for batch in cx.plan(sql).await?.collect().await? {
        let shape = || Error::internal("an edge has an unexpected shape");
        let left = batch.column(0).as_primitive_opt::<Int64Type>().ok_or_else(shape)?;
        let right = batch.column(1).as_primitive_opt::<Int64Type>().ok_or_else(shape)?;
        found.extend(left.values().iter().copied().zip(right.values().iter().copied()));
    }
    Ok(found)
}
