//! What people have decided about two records: it binds every run. Two that are different are never joined, whatever keys they
//! share; two that are the same are joined without a score.

use datafusion::arrow::datatypes::DataType;
use importer_plans::compile::fuzzy::told;
use importer_plans::project::own_name;

use super::edges::take_over;
use crate::context::RunContext;
use crate::error::Result;
use crate::progress::StepProgress;
use crate::steps::lookup::{self, column, schema};
use crate::store::{Dialect, Table};
use crate::tables;

/// Asks for the decisions that stand, as `decided` and `fuzzy_decided`, and follows them in `edges` and `core_edges`. There are
/// as many as people have made, so that all of them are read.
pub async fn ask(cx: &RunContext, round: u32, progress: &StepProgress) -> Result<()> {
    let answer = schema(vec![
        column("one_system", DataType::Utf8),
        column("one_id", DataType::Utf8),
        column("other_system", DataType::Utf8),
        column("other_id", DataType::Utf8),
        column("same", DataType::Boolean),
        column("one_core", DataType::Int64),
        column("other_core", DataType::Int64),
    ]);
    let mut session = cx.store.session().await?;
    let sql = decisions(cx, session.dialect());
    let batches = session.read_all(&sql, &[], &answer).await?;
    drop(session);
    let are_some = batches.iter().any(|batch| batch.num_rows() > 0);
    tables::register_rows(&cx.session, "pair_decisions", answer, batches)?;
    cx.run_queries(&told::decided(), round, progress).await?;
    if are_some {
        take_over(cx, "decided_edges", "decided_core_edges").await?;
    }
    Ok(())
}

/// The decisions about records of the core table, with the core rows that have their links now.
fn decisions(cx: &RunContext, dialect: Dialect) -> String {
    let (decisions, map) =
        (Table::control("match_decisions").sql(dialect), Table::control("external_id_map").sql(dialect));
    let (tenant, entity) = (lookup::text(&cx.tenant), lookup::text(&cx.entity.name));
    let table = own_name(&cx.shape.core_table);
    let owner = |alias: &str, side: &str| {
        format!(
            "\nLEFT JOIN {map} {alias} ON {alias}.tenant_id = {tenant} AND {alias}.entity_type = {entity}\n           AND {alias}.external_system = d.{side}_system AND {alias}.external_id = d.{side}_id"
        )
    };
    format!(
        "SELECT d.one_system, d.one_id, d.other_system, d.other_id, d.verdict = 'same', a.core_id, b.core_id\nFROM {decisions} d{}{}\nWHERE d.tenant_id = {tenant} AND d.core_table = {} AND d.revoked_at IS NULL",
        owner("a", "one"),
        owner("b", "other"),
        lookup::text(table),
    )
}
