//! What is not taken back: the reason, who did it and when. One data set per rollback; no values, only names of fields.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use importer_plans::compile::literal;

use super::admitted::Admitted;
use super::keys::{Keys, answer};
use super::outcome::KeptRow;
use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::lake::DataSetName;
use crate::steps::lookup::{column, schema, text, time};
use crate::store::{Session, Table};
use crate::tables;

const KEYS: &str = "SELECT DISTINCT core_id FROM kept WHERE reason = 'since' ORDER BY core_id";
const TOLD: &str = include_str!("../../../sql/steps/rollback/kept.sql");

/// Registers the runs after the one that is rolled back, as `later_runs`.
pub async fn register_later_runs(cx: &RunContext, admitted: &Admitted) -> Result<()> {
    let wanted =
        schema(vec![column("id", DataType::Int64), column("who", DataType::Utf8), column("at", time())]);
    let mut session = cx.store.session().await?;
    let sql = format!(
        "SELECT id, triggered_by, coalesce(finished_at, started_at, created_at) FROM {} WHERE tenant_id = {} AND id > {}",
        Table::control("import_runs").sql(session.dialect()),
        text(&cx.tenant),
        admitted.run.id,
    );
    answer(cx, &mut session, "later_runs", Some(sql), &wanted).await
}

/// What stays of a piece, told apart by who did it. A value that no later run's change log speaks of was changed by
/// the host application.
pub async fn told(cx: &RunContext, session: &mut Session, admitted: &Admitted) -> Result<Vec<RecordBatch>> {
    let wanted = schema(vec![
        column("core_id", DataType::Int64),
        column("field_name", DataType::Utf8),
        column("run_id", DataType::Int64),
        column("changed_at", time()),
    ]);
    let keys = Keys::send(cx, session, "importer_undo_kept", KEYS).await?;
    let sql = keys.map(|keys| {
        format!(
            "SELECT l.core_id, l.field_name, l.run_id, l.changed_at FROM {} l WHERE l.tenant_id = {} AND l.entity_type = {} AND l.run_id > {} AND {}",
            Table::control("change_log").sql(session.dialect()),
            text(&cx.tenant),
            text(&cx.entity.name),
            admitted.run.id,
            keys.holds("l.core_id"),
        )
    });
    answer(cx, session, "later_log", sql, &wanted).await?;
    let sql = TOLD
        .replace("{run}", &admitted.run.id.to_string())
        .replace("{entity}", &literal(&cx.entity.name))
        .replace("{written_at}", &admitted.written_at.to_string());
    Ok(tables::collect_compact(cx.plan(&sql).await?).await?.1)
}

/// How many of them by reason.
pub fn reasons(told: &[RecordBatch]) -> Result<BTreeMap<String, u64>> {
    let mut counted = BTreeMap::new();
    for batch in told {
        for reason in text_column(batch, "reason")?.iter().flatten() {
            *counted.entry(reason.to_owned()).or_default() += 1;
        }
    }
    Ok(counted)
}

/// The first of them.
pub fn sample(told: &[RecordBatch]) -> Result<Vec<KeptRow>> {
    const MOST: usize = 20;
    let mut rows = Vec::new();
    for batch in told {
        let number = |name: &str| {
            batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>()).ok_or_else(shape)
        };
        let (core, sequence, by_run) = (number("core_id")?, number("sequence_number")?, number("by_run")?);
        let (field, reason, who) =
            (text_column(batch, "field")?, text_column(batch, "reason")?, text_column(batch, "who")?);
        let at = batch
            .column_by_name("at")
            .and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>())
            .ok_or_else(shape)?;
        for row in 0..batch.num_rows().min(MOST - rows.len()) {
            let some =
                |c: &datafusion::arrow::array::StringArray| c.is_valid(row).then(|| c.value(row).to_owned());
            let whole = |c: &datafusion::arrow::array::Int64Array| c.is_valid(row).then(|| c.value(row));
            let instant =
                at.is_valid(row).then(|| at.value(row)).and_then(chrono::DateTime::from_timestamp_micros);
            rows.push(KeptRow {
                core_id: core.value(row),
                sequence_number: whole(sequence),
                field: some(field),
                reason: reason.value(row).to_owned(),
                by_run: whole(by_run),
                who: some(who),
                at: instant.map(|t| t.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
            });
        }
    }
    Ok(rows)
}

fn shape() -> Error {
    Error::internal("the list of what stays has an unexpected shape")
}

fn text_column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a datafusion::arrow::array::StringArray> {
    batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>()).ok_or_else(shape)
}

/// Where the whole list lies, for people; empty when nothing stays.
pub fn place(cx: &RunContext, kept: u64) -> String {
    if kept == 0 { String::new() } else { cx.lake.display(&cx.paths.folder(&DataSetName::Kept)) }
}

/// A look at the same run again replaces the list of the one before.
pub async fn remove_former(cx: &RunContext) -> Result<()> {
    for object in cx.lake.list(&cx.paths.folder(&DataSetName::Kept)).await? {
        cx.lake.remove(&object.location).await?;
    }
    Ok(())
}
