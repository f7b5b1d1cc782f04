//! Findings in the store: what a steward works on. The lake has all of them, the store at most so many per rule.

use datafusion::arrow::array::{Array, AsArray, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{Int32Type, Int64Type};
use futures::StreamExt;

use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::store::{Table, Value, ViolationRow, ViolationWriter};
use crate::tables;

const TO_STORE: &str = include_str!("../../../sql/steps/check/to_store.sql");

/// Writes the findings of the run in one idempotent transaction. Rows of other runs have their findings there already;
/// those are brought up to date when it is known what became of the rows.
pub async fn write_violations(cx: &RunContext) -> Result<u64> {
    if super::promotions::at_work(cx) {
        return Ok(0);
    }
    let per_rule = cx.max_violations;
    let frame = cx.plan(&TO_STORE.replace("$per_rule", &per_rule.to_string())).await?;
    let mut stream = frame.execute_stream().await?;
    let mut session = cx.store.begin_fenced(&cx.fence).await?;
    let mut writer = ViolationWriter::new(&cx.fence, cx.entity.name.as_str(), per_rule);
    while let Some(batch) = stream.next().await {
        let rows = rows(&batch?)?;
        if !rows.is_empty() {
            writer.write(&mut session, rows).await?;
        }
    }
    session.commit().await?;
    Ok(writer.written())
}

fn rows(batch: &RecordBatch) -> Result<Vec<ViolationRow>> {
    let shape = || Error::internal("the findings have an unexpected shape");
    let text = |name: &str| -> Result<StringArray> {
        let column = batch.column_by_name(name).ok_or_else(shape)?;
        Ok(datafusion::arrow::compute::cast(column, &datafusion::arrow::datatypes::DataType::Utf8)?
            .as_string::<i32>()
            .clone())
    };
    let number = |name: &str| -> Result<Int64Array> {
        Ok(batch
            .column_by_name(name)
            .and_then(|c| c.as_primitive_opt::<Int64Type>())
            .ok_or_else(shape)?
            .clone())
    };
    let file = batch
        .column_by_name("file_number")
        .and_then(|c| c.as_primitive_opt::<Int32Type>())
        .ok_or_else(shape)?;
    let (sequence, line) = (number("sequence_number")?, number("line_number")?);
    let (code, severity, field) = (text("rule_code")?, text("severity")?, text("field")?);
    let (original, normalised) = (text("original_value")?, text("normalised_value")?);
    let (message, hint) = (text("message")?, text("hint")?);
    let (system, id, checksum) = (text("link_system")?, text("link_id")?, text("row_checksum")?);
    (0..batch.num_rows())
        .map(|row| {
            let some = |column: &StringArray| column.is_valid(row).then(|| column.value(row).to_owned());
            Ok(ViolationRow {
                sequence_number: sequence.is_valid(row).then(|| sequence.value(row)),
                file_number: i64::from(file.value(row)),
                line_number: line.value(row),
                rule_code: code.value(row).to_owned(),
                field: some(&field).unwrap_or_default(),
                severity: severity.value(row).parse()?,
                original_value: some(&original),
                normalised_value: some(&normalised),
                message: message.value(row).to_owned(),
                hint: some(&hint),
                details_json: serde_json::json!({}),
                link_system: some(&system),
                link_id: some(&id),
                row_checksum: some(&checksum),
            })
        })
        .collect()
}

const SUPERSEDED: &str = "SELECT DISTINCT v.id FROM open_violations v JOIN staged s ON s.link_system = v.link_system AND s.link_id = v.link_id";

/// A newer row of a link, good or bad, closes the older open findings about it; a row without one those about the same
/// contents. Rows of other runs are no newer for going again.
pub async fn close_superseded(cx: &RunContext) -> Result<u64> {
    if super::promotions::at_work(cx) {
        return Ok(super::promotions::settle(cx).await?.fixed);
    }
    use super::lookup::{column, schema, text};
    use datafusion::arrow::datatypes::DataType;
    let answer = schema(vec![
        column("id", DataType::Int64),
        column("link_system", DataType::Utf8),
        column("link_id", DataType::Utf8),
    ]);
    let twins = cx.store.close_twins(&cx.fence).await?;
    let mut session = cx.store.session().await?;
    let table = Table::control("dq_violations").sql(session.dialect());
    let open = format!(
        "SELECT id, link_system, link_id FROM {table} WHERE tenant_id = {} AND entity = {} AND status IN ('open', 'suppressed') AND link_id IS NOT NULL AND run_id <> {}",
        text(&cx.tenant),
        text(&cx.entity.name),
        cx.run_id
    );
    let batches = session.read_all(&open, &[], &answer).await?;
    drop(session);
    if batches.iter().all(|b| b.num_rows() == 0) {
        return Ok(twins);
    }
    tables::register_rows(&cx.session, "open_violations", answer, batches)?;
    let (ids, batches) = tables::collect_compact(cx.plan(SUPERSEDED).await?).await?;
    let mut session = cx.store.begin_fenced(&cx.fence).await?;
    let closed = session.temp_from_batches("importer_superseded", &ids, &batches).await?;
    let dialect = session.dialect();
    let sql = format!(
        "UPDATE {table} SET status = 'fixed', resolution = 'superseded', resolved_run_id = $1, resolved_at = $2, updated_at = $2 WHERE tenant_id = $3 AND id IN (SELECT id FROM {})",
        closed.sql(dialect)
    );
    let at = Value::Timestamp(cx.settings.landed_at);
    let rows = session.execute(&sql, &[cx.run_id.into(), at, cx.tenant.as_str().into()]).await?;
    session.commit().await?;
    Ok(rows + twins)
}
