//! Rows that the target tables did not take: quarantined like any other, with a finding that names the constraint.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::DataType;
use importer_plans::compile::check::refused_sql;

use super::alike::alike;
use super::check::checked_files;
use super::check::{Checked, recount};
use super::land::Landed;
use super::load::Refusal;
use super::lookup::{column, schema};
use super::stage::borrowed;
use crate::context::RunContext;
use crate::error::Result;
use crate::lake::{DataSet, DataSetName};
use crate::tables;

/// The rows of refused changes of all rounds so far.
pub const REFUSED_ROWS: &str = "refused_rows";

/// The findings of check are written in parts, whose numbers stand where those of rounds do elsewhere.
const BEHIND_CHECK: u32 = 1_000_000;

const REFUSED: &str = include_str!("../../../sql/steps/load/refused.sql");

/// Writes the findings about the refused changes of a round into the lake.
pub async fn find_refused(
    cx: &RunContext,
    landed: &Landed,
    refusals: &[Refusal],
    round: u32,
) -> Result<DataSet> {
    register_leads(cx, refusals)?;
    let (rows_schema, rows) = tables::collect_compact(cx.plan(REFUSED).await?).await?;
    tables::register_rows(&cx.session, "refused", rows_schema, rows)?;
    let tables = alike(landed);
    let columns: Vec<_> = tables.iter().map(|files| borrowed(files.first())).collect();
    let files = checked_files(&tables, &columns);
    let sql = refused_sql(&cx.shape, &files);
    cx.write_query("refused", &sql, &DataSetName::Violations, BEHIND_CHECK + round, |_| ()).await
}

/// The refused changes with what is said of them. A column that is no field of the contract is named in the message alone.
fn register_leads(cx: &RunContext, refusals: &[Refusal]) -> Result<()> {
    let text = |name| column(name, DataType::Utf8);
    let wanted = schema(vec![
        column("lead", DataType::Int64),
        text("rule_code"),
        text("field"),
        text("message"),
        text("hint"),
    ]);
    let field =
        |refusal: &Refusal| refusal.column.clone().filter(|name| cx.entity.contract.field(name).is_some());
    let texts = |of: &dyn Fn(&Refusal) -> Option<String>| -> ArrayRef {
        Arc::new(refusals.iter().map(of).collect::<StringArray>())
    };
    let columns = vec![
        Arc::new(refusals.iter().map(|r| Some(r.lead)).collect::<Int64Array>()) as ArrayRef,
        texts(&|r| Some(r.code.clone())),
        texts(&field),
        texts(&|r| Some(r.message.clone())),
        texts(&|r| Some(r.hint.clone())),
    ];
    let batch = RecordBatch::try_new(Arc::clone(&wanted), columns)?;
    tables::register_rows(&cx.session, "refused_leads", wanted, vec![batch])
}

/// Counts the refused rows among those that the run holds, and makes them known to whatever comes after.
pub async fn hold_refused(
    cx: &RunContext,
    landed: &Landed,
    checked: &mut Checked,
    found: &DataSet,
) -> Result<()> {
    checked.violations.extend(found.clone());
    tables::register_files(&cx.session, "dq_violations", &checked.violations).await?;
    tables::register_files(&cx.session, "newly_refused", found).await?;
    let known = cx.session.table_exist(REFUSED_ROWS)?;
    let before =
        if known { format!("SELECT sequence_number FROM {REFUSED_ROWS}\nUNION\n") } else { String::new() };
    let sql = format!("{before}SELECT DISTINCT sequence_number FROM newly_refused");
    let (rows_schema, rows) = tables::collect_compact(cx.plan(&sql).await?).await?;
    tables::register_rows(&cx.session, REFUSED_ROWS, rows_schema, rows)?;
    recount(cx, landed, checked).await
}
