//! What a run that takes held rows on does to the store beside the load: they are claimed before anything else, and when the
//! rules have spoken and the load is in, claims become promotions and findings are brought up to date, in one transaction.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use futures::StreamExt;
use serde_json::json;

use super::lookup::{Question, ask, column, schema, send_rows, text};
use crate::context::RunContext;
use crate::error::{Error, ErrorKind, Result};
use crate::store::remedy as stored;
use crate::store::{AuditEntry, Dialect, Session, Settled, Table, Taken};
use crate::tables;

const CLAIMS: &str = include_str!("../../../sql/steps/remedy/claims.sql");
const ROWS: &str = include_str!("../../../sql/steps/remedy/rows.sql");
const FINDINGS: &str = include_str!("../../../sql/steps/remedy/findings.sql");
const AUDIT: &str = include_str!("../../../sql/steps/remedy/audit.sql");

/// Whether the run at hand takes rows of other runs on.
pub fn at_work(cx: &RunContext) -> bool {
    cx.session.table_exist("origins").unwrap_or(false)
}

/// Takes the rows of the batch for this run, or says who has them. Done again, it changes nothing.
pub async fn claim(cx: &RunContext) -> Result<()> {
    let mut session = cx.store.begin_fenced(&cx.fence).await?;
    send_rows(cx, &mut session, stored::ROWS, CLAIMS, &stored::row_schema()).await?;
    let taken = session.claim_rows(&cx.fence).await?;
    if taken.is_empty() {
        return Ok(session.commit().await?);
    }
    session.rollback().await?;
    Err(with_another(&taken))
}

fn with_another(taken: &[Taken]) -> Error {
    let told: Vec<String> = taken
        .iter()
        .map(|t| {
            let how = if t.promoted { "promoted by" } else { "with" };
            format!(
                "run {} file {} line {}: {how} run {} ({})",
                t.place.run_id, t.place.file_number, t.place.line_number, t.run_id, t.status
            )
        })
        .collect();
    Error::new(
        ErrorKind::Refused,
        format!(
            "rows of this batch are with another run already; no row is promoted twice\n{}",
            told.join("\n")
        ),
    )
    .with_help("wait for that run, or resume or cancel it when its process is gone")
}

/// Writes down what became of the rows of the batch.
pub async fn settle(cx: &RunContext) -> Result<Settled> {
    let mut session = cx.store.begin_fenced(&cx.fence).await?;
    send_rows(cx, &mut session, stored::ROWS, ROWS, &stored::row_schema()).await?;
    send_rows(cx, &mut session, stored::FINDINGS, FINDINGS, &stored::finding_schema()).await?;
    let settled = session.settle_rows(&cx.fence, &cx.entity.name, &cx.actor).await?;
    audit(cx, &mut session).await?;
    fail::fail_point!("remedy::before_settled", |_| Err(Error::internal("failpoint remedy::before_settled")));
    session.commit().await?;
    Ok(settled)
}

/// Edited rows are audited one by one, rows that only went again as one.
async fn audit(cx: &RunContext, session: &mut Session) -> Result<()> {
    let wanted = stored::audit_schema();
    let mut batches = Vec::new();
    let mut ordinal = 0;
    let mut stream = cx.plan(AUDIT).await?.execute_stream().await?;
    while let Some(batch) = stream.next().await {
        let batch = tables::conform(&batch?, &audit_rows_schema())?;
        let entries = entries(&batch)?;
        let rows = i64::try_from(entries.len()).unwrap_or(i64::MAX);
        batches.push(RecordBatch::try_new(
            Arc::clone(&wanted),
            vec![
                Arc::new(Int64Array::from_iter_values(ordinal..ordinal + rows)),
                Arc::clone(batch.column(0)),
                Arc::new(StringArray::from_iter_values(entries)),
            ],
        )?);
        ordinal += rows;
    }
    session.temp_from_batches(stored::AUDITED, &wanted, &batches).await?;
    session.audit_remedies(&cx.fence, &cx.actor).await?;
    let again = cx.count("SELECT count(*) AS n FROM origins WHERE diff_json IS NULL").await?;
    if again == 0 {
        return Ok(());
    }
    let held =
        cx.count(&format!("SELECT count(*) AS n FROM ({ROWS}) WHERE NOT edited AND NOT promoted")).await?;
    let entry = AuditEntry {
        action: "ROWS_REQUEUED".to_owned(),
        actor: cx.actor.clone(),
        target_type: Some("import_run".to_owned()),
        target_id: Some(cx.run_id.to_string()),
        run_id: Some(cx.run_id),
        details_json: json!({ "rows": again, "promoted": again - held, "held": held }),
    };
    Ok(session.audit_of_run(&cx.fence, &entry).await?)
}

fn audit_rows_schema() -> datafusion::arrow::datatypes::SchemaRef {
    let (text, number) = (DataType::Utf8, DataType::Int64);
    schema(vec![
        column("target_id", text.clone()),
        column("diff_json", text.clone()),
        column("origin_run_id", number.clone()),
        column("origin_file_number", number.clone()),
        column("origin_line_number", number.clone()),
        column("origin_sequence_number", number),
        column("outcome", text.clone()),
        column("rules", text),
    ])
}

fn entries(batch: &RecordBatch) -> Result<Vec<String>> {
    let text = |n: usize| batch.column(n).as_string::<i32>();
    let number = |n: usize, row: usize| {
        let numbers = batch.column(n).as_primitive::<Int64Type>();
        numbers.is_valid(row).then(|| numbers.value(row))
    };
    (0..batch.num_rows())
        .map(|row| {
            let diff: serde_json::Value = serde_json::from_str(text(1).value(row))?;
            let rules: Vec<&str> = match text(7).is_valid(row) {
                true => text(7).value(row).split(',').collect(),
                false => Vec::new(),
            };
            let entry = json!({
                "violation_id": text(0).value(row).parse::<i64>().ok(),
                "origin": { "run_id": number(2, row), "file": number(3, row), "line": number(4, row), "row": number(5, row) },
                "edited_fields": diff,
                "outcome": text(6).value(row),
                "open_rules": rules,
            });
            Ok(entry.to_string())
        })
        .collect()
}

const SUPPRESSED: &str = include_str!("../../../sql/steps/remedy/suppressed.sql");
const KEYS: &str =
    "SELECT sequence_number, origin_run_id, origin_file_number, origin_line_number FROM origins";

/// Registers what people have suppressed about the rows of the batch as the table `suppressed`.
pub async fn register_suppressed(cx: &RunContext) -> Result<()> {
    let numbers = ["sequence_number", "origin_run_id", "origin_file_number", "origin_line_number"];
    let keys = schema(numbers.map(|c| column(c, DataType::Int64)).to_vec());
    let answer = schema(vec![
        column("sequence_number", DataType::Int64),
        column("rule_code", DataType::Utf8),
        column("field", DataType::Utf8),
    ]);
    let sql = |dialect: Dialect, keys: &str| {
        format!(
            "SELECT k.sequence_number, v.rule_code, v.field\nFROM {keys} k\n{} {} v ON v.tenant_id = {} AND v.run_id = k.origin_run_id\n          AND v.file_number = k.origin_file_number AND v.line_number = k.origin_line_number\nWHERE v.status = 'suppressed'",
            dialect.finds(),
            Table::control("dq_violations").sql(dialect),
            text(&cx.tenant)
        )
    };
    let question = Question {
        name: "suppressed",
        keys: (KEYS, &keys),
        by: "origin_line_number",
        sql: &sql,
        answer: &answer,
    };
    ask(cx, &question, 0).await
}

/// The query of failed rules, in which suppressed findings do not hold a row.
pub fn without_suppressed(failed: &str) -> String {
    SUPPRESSED.replace("{failed}", failed)
}
