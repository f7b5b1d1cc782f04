//! What stands in core where a plan had seen something else: the lines of `moved`, written to the lake, so that all of
//! them can be looked at.

use std::sync::Arc;

use datafusion::arrow::array::{Int64Array, RecordBatch};
use datafusion::arrow::datatypes::DataType;
use importer_plans::compile::diff::moved_sql;

use super::difference::MOVED_LINES;
use crate::context::{RunContext, while_ours};
use crate::error::{Error, ErrorKind, PLAN_MOVED, Result};
use crate::lake::{DataSetName, Manifest};
use crate::progress::Step;
use crate::steps::core_rows::register_images;
use crate::steps::lookup::{column, schema};
use crate::tables;

/// Scratch files of this look have a round of their own.
const LOOK: u32 = 98;

/// Writes down what moved, and gives the error that says so.
pub async fn tell_moved(cx: &RunContext, leads: &[i64]) -> Result<Error> {
    let ids = schema(vec![column("lead", DataType::Int64)]);
    let batch = RecordBatch::try_new(Arc::clone(&ids), vec![Arc::new(Int64Array::from(leads.to_vec()))])?;
    tables::register_rows(&cx.session, "moved_leads", ids, vec![batch])?;
    // New people lack the columns that would be empty.
    let merged = cx.plan("SELECT * FROM changes_merged").await?;
    let created =
        tables::widened(cx.plan("SELECT * FROM changes_created").await?, merged.schema().as_arrow())?;
    tables::register_view(&cx.session, "changes", merged.union(created)?)?;
    let touched = "SELECT c.core_id FROM changes c JOIN moved_leads m ON m.lead = c.lead_sequence_number";
    tables::register_view(&cx.session, "touched", cx.plan(touched).await?)?;
    register_images(cx, LOOK, &cx.quiet(Step::Load)).await?;
    let sql = moved_sql(&cx.shape);
    let moved = cx.write_query("moved", &sql, &DataSetName::Moved, 0, |_| ()).await?;
    let rows = moved.rows();
    let manifest = Manifest {
        step: MOVED_LINES.to_owned(),
        attempt: cx.paths.attempt(),
        epoch: cx.fence.epoch(),
        data_sets: [(MOVED_LINES.to_owned(), moved)].into(),
        facts: serde_json::json!({ "facts": { "changes": leads.len() } }),
    };
    // Not a step: a later attempt looks again.
    let path = cx.paths.manifest(MOVED_LINES);
    let written = cx.lake.replace(&path, serde_json::to_vec_pretty(&manifest)?.into());
    while_ours(&cx.store, &cx.fence, written).await?;
    let plan = cx.plan_run_id.unwrap_or_default();
    Ok(Error::new(
        ErrorKind::Refused,
        format!(
            "core has moved since plan {plan} was made: {} of its changes no longer fit ({} fields)",
            leads.len(),
            rows
        ),
    )
    .with_help(format!("`importer apply {plan} --replan` computes the plan anew and shows what is different"))
    .with_code(PLAN_MOVED))
}
