//! Suggestions and findings of a run. What goes is set aside in the lake first, so that rolling the rollback back puts
//! it where it was. All of it, the statuses and the audit are one transaction after the last piece.

use datafusion::arrow::datatypes::{DataType, SchemaRef};
use futures::StreamExt;
use serde::{Deserialize, Serialize};

use super::admitted::Admitted;
use super::begin::Begun;
use super::end;
use super::report::{Aside, RollbackReport};
use super::taken::CLOSING;
use crate::context::RunContext;
use crate::error::Result;
use crate::lake::{DataSet, DataSetName, DataSetWriter};
use crate::steps::lookup::{column, schema, text, time};
use crate::store::{Dialect, LedgerEntry, RunKind, Session, Table, Value};
use crate::tables;

/// What the ledger keeps of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Closing {
    aside: Aside,
    /// What was set aside.
    suggestions: DataSet,
    findings: DataSet,
    /// What an earlier rollback had set aside and this one brought back.
    brought_suggestions: DataSet,
    brought_findings: DataSet,
}

fn suggestion_schema() -> SchemaRef {
    schema(vec![
        column("tenant_id", DataType::Utf8),
        column("entity_type", DataType::Utf8),
        column("natural_key", DataType::Binary),
        column("run_id", DataType::Int64),
        column("sequence_number", DataType::Int64),
        column("link_system", DataType::Utf8),
        column("link_id", DataType::Utf8),
        column("core_id", DataType::Int64),
        column("other_core_id", DataType::Int64),
        column("match_type", DataType::Utf8),
        column("reason", DataType::Utf8),
        column("score", DataType::Float64),
        column("confidence_score", DataType::Float64),
        column("features_json", DataType::Utf8),
        column("decision", DataType::Utf8),
        column("decided_at", time()),
        column("decided_by", DataType::Utf8),
        column("created_at", time()),
        column("updated_at", time()),
    ])
}

fn finding_schema() -> SchemaRef {
    schema(vec![
        column("id", DataType::Int64),
        column("status", DataType::Utf8),
        column("resolution", DataType::Utf8),
        column("resolved_at", time()),
        column("resolved_by", DataType::Utf8),
        column("resolved_run_id", DataType::Int64),
    ])
}

fn names(schema: &SchemaRef) -> String {
    let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    names.join(", ")
}

/// Suggestions that go: those of the run, and those about core rows that are gone with it. What a person decided stays.
fn going(cx: &RunContext, admitted: &Admitted, dialect: Dialect) -> Option<String> {
    let mut which = Vec::new();
    if admitted.is_whole() {
        which.push(format!("run_id = {}", admitted.run.id));
    }
    if admitted.narrow.field.is_none() {
        let core = crate::steps::core_tables::core(cx, dialect);
        for range in admitted.taken.ids() {
            for side in ["core_id", "other_core_id"] {
                which.push(format!(
                    "{side} BETWEEN {} AND {} AND NOT EXISTS (SELECT 1 FROM {core} c WHERE c.tenant_id = {} AND c.id = s.{side})",
                    range.first,
                    range.first + range.count - 1,
                    text(&cx.tenant)
                ));
            }
        }
    }
    (!which.is_empty()).then(|| which.join(") OR ("))
}

/// Suggestions for which one of the conditions holds and that nobody has decided.
fn undecided(cx: &RunContext, which: &[String]) -> String {
    format!(
        "s.tenant_id = {} AND s.entity_type = {} AND s.decision IN ('pending', 'auto_resolved', 'auto_merged') AND s.decided_by IS NULL AND (({}))",
        text(&cx.tenant),
        text(&cx.entity.name),
        which.join(") OR (")
    )
}

/// What would happen to them.
pub async fn count(cx: &RunContext, admitted: &Admitted) -> Result<Aside> {
    let mut session = cx.store.session().await?;
    let dialect = session.dialect();
    let mut aside = Aside::default();
    if let Some(going) = going(cx, admitted, dialect).filter(|_| admitted.is_whole()) {
        let sql = format!(
            "SELECT count(*) FROM {} s WHERE {}",
            Table::control("dedupe_suggestions").sql(dialect),
            undecided(cx, &[going]),
        );
        aside.suggestions = whole(session.fetch_one(&sql, &[]).await?.int(0)?);
    }
    if admitted.is_whole() {
        let table = Table::control("dq_violations").sql(dialect);
        for (slot, condition) in
            [(&mut aside.findings_closed, OPEN), (&mut aside.findings_reopened, CLOSED_BY_RUN)]
        {
            let sql = format!("SELECT count(*) FROM {table} WHERE {condition}");
            let row = session.fetch_one(&sql, &[cx.tenant.as_str().into(), admitted.run.id.into()]).await?;
            *slot = whole(row.int(0)?);
        }
    }
    Ok(aside)
}

fn whole(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

const OPEN: &str = "tenant_id = $1 AND run_id = $2 AND status = 'open'";
const CLOSED_BY_RUN: &str = "tenant_id = $1 AND resolved_run_id = $2 AND status = 'fixed'";

/// Ends the rollback in the store: suggestions, findings, statuses, audit, all at once and once only.
pub async fn set_aside(begun: &Begun, admitted: &Admitted, report: &RollbackReport) -> Result<Aside> {
    let cx = &begun.cx;
    let ledger = cx.store.committed_chunks(&cx.tenant, cx.run_id).await?;
    if let Some(done) = ledger.iter().find(|e| e.round == CLOSING) {
        return Ok(serde_json::from_value::<Closing>(done.detail_json.clone())?.aside);
    }
    let former = former(cx, admitted).await?;
    fail::fail_point!("rollback::before_closing", |_| Err(crate::Error::internal(
        "failpoint rollback::before_closing"
    )));
    let mut session = cx.store.begin().await?;
    let outcome = close(begun, &mut session, admitted, report, &former).await;
    match outcome {
        Ok(aside) => {
            session.commit().await?;
            Ok(aside)
        }
        Err(error) => {
            // The first error is the one to tell.
            let _ = session.rollback().await;
            Err(error)
        }
    }
}

/// What the run that is rolled back had set aside, when it is a rollback itself.
async fn former(cx: &RunContext, admitted: &Admitted) -> Result<Closing> {
    if admitted.run.kind != RunKind::Rollback || !admitted.is_whole() {
        return Ok(Closing::default());
    }
    let ledger = cx.store.committed_chunks(&cx.tenant, admitted.run.id).await?;
    match ledger.iter().find(|e| e.round == CLOSING) {
        Some(entry) => {
            let closing: Closing = serde_json::from_value(entry.detail_json.clone())?;
            for files in [
                &closing.suggestions,
                &closing.findings,
                &closing.brought_suggestions,
                &closing.brought_findings,
            ] {
                files.verify(&cx.lake).await?;
            }
            Ok(closing)
        }
        None => Ok(Closing::default()),
    }
}

async fn close(
    begun: &Begun,
    session: &mut Session,
    admitted: &Admitted,
    report: &RollbackReport,
    former: &Closing,
) -> Result<Aside> {
    let cx = &begun.cx;
    session.lock_entity(&cx.tenant, &cx.entity.name).await?;
    session.fence(&cx.fence).await?;
    let mut closing = Closing::default();
    closing.aside.returned = bring_back(cx, session, former).await?;
    closing.brought_suggestions = former.suggestions.clone();
    closing.brought_findings = former.findings.clone();
    let dialect = session.dialect();
    let mut which: Vec<String> = going(cx, admitted, dialect).into_iter().collect();
    if former.brought_suggestions.rows() > 0 {
        let files = &former.brought_suggestions;
        let temp = send(cx, session, "importer_brought_suggestions", files, &suggestion_schema()).await?;
        which.push(format!("s.natural_key IN (SELECT natural_key FROM {temp})"));
    }
    if !which.is_empty() {
        let condition = undecided(cx, &which);
        closing.suggestions = remove_suggestions(cx, session, &condition).await?;
        closing.aside.suggestions = closing.suggestions.rows();
    }
    if admitted.is_whole() {
        let mut closed = format!("resolved_run_id = {}", admitted.run.id);
        if former.brought_findings.rows() > 0 {
            let files = &former.brought_findings;
            let temp = send(cx, session, "importer_brought_findings", files, &finding_schema()).await?;
            closed.push_str(&format!(" OR id IN (SELECT id FROM {temp})"));
        }
        closing.findings = reopen(cx, session, &closed).await?;
        closing.aside.findings_reopened = closing.findings.rows();
        closing.aside.findings_closed = close_findings(cx, session, admitted.run.id).await?;
    }
    end::statuses(begun, session, admitted, report).await?;
    let entry = LedgerEntry {
        entity: cx.entity.name.clone(),
        round: CLOSING,
        chunk: 0,
        attempt: i64::from(cx.paths.attempt()),
        lease_epoch: cx.fence.epoch(),
        changes: 0,
        applied: 0,
        refused: 0,
        detail_json: serde_json::to_value(&closing)?,
    };
    session.insert_ledger(&cx.fence, &entry).await?;
    Ok(closing.aside)
}

/// Writes the rows of a question into the lake.
async fn save(
    cx: &RunContext,
    session: &mut Session,
    name: &str,
    sql: &str,
    schema: &SchemaRef,
) -> Result<DataSet> {
    let path = cx.paths.part(&DataSetName::Aside(name.to_owned()), 0, 0);
    let mut writer: Option<DataSetWriter> = None;
    let mut reader = session.read(sql, &[], schema).await?;
    while let Some(batch) = reader.next().await? {
        if batch.num_rows() == 0 {
            continue;
        }
        if writer.is_none() {
            writer = Some(DataSetWriter::new(&cx.lake, path.clone(), SchemaRef::clone(schema))?);
        }
        if let Some(writer) = &mut writer {
            writer.write(&batch).await?;
        }
    }
    match writer {
        Some(writer) => Ok(DataSet { files: vec![writer.finish().await?] }),
        None => Ok(DataSet::default()),
    }
}

async fn remove_suggestions(cx: &RunContext, session: &mut Session, condition: &str) -> Result<DataSet> {
    let table = Table::control("dedupe_suggestions").sql(session.dialect());
    let schema = suggestion_schema();
    let sql = format!("SELECT {} FROM {table} s WHERE {condition} ORDER BY s.id", names(&schema));
    let saved = save(cx, session, "suggestions", &sql, &schema).await?;
    if saved.rows() > 0 {
        session.execute_script(&format!("DELETE FROM {table} AS s WHERE {condition}")).await?;
    }
    Ok(saved)
}

/// Findings that the run had closed, as superseded or as mended, are open again.
async fn reopen(cx: &RunContext, session: &mut Session, which: &str) -> Result<DataSet> {
    let table = Table::control("dq_violations").sql(session.dialect());
    let schema = finding_schema();
    let closed = format!("tenant_id = {} AND status = 'fixed' AND ({which})", text(&cx.tenant));
    let sql = format!("SELECT {} FROM {table} WHERE {closed} ORDER BY id", names(&schema));
    let saved = save(cx, session, "findings", &sql, &schema).await?;
    if saved.rows() > 0 {
        let sql = format!(
            "UPDATE {table} SET status = 'open', resolution = NULL, resolved_at = NULL, resolved_by = NULL, resolved_run_id = NULL, updated_at = $1, updated_by = $2 WHERE {closed}"
        );
        session.execute(&sql, &[Value::Timestamp(cx.settings.landed_at), cx.actor.as_str().into()]).await?;
    }
    Ok(saved)
}

async fn close_findings(cx: &RunContext, session: &mut Session, run_id: i64) -> Result<u64> {
    let table = Table::control("dq_violations").sql(session.dialect());
    let sql = format!(
        "UPDATE {table} SET status = 'fixed', resolution = 'rolled_back', resolved_run_id = $3, resolved_at = $4, resolved_by = $5, updated_at = $4, updated_by = $5 WHERE {OPEN}"
    );
    let params = [
        cx.tenant.as_str().into(),
        run_id.into(),
        cx.run_id.into(),
        Value::Timestamp(cx.settings.landed_at),
        cx.actor.as_str().into(),
    ];
    Ok(session.execute(&sql, &params).await?)
}

/// Puts back what an earlier rollback had set aside.
async fn bring_back(cx: &RunContext, session: &mut Session, former: &Closing) -> Result<u64> {
    let mut returned = 0;
    let dialect = session.dialect();
    if former.suggestions.rows() > 0 {
        let schema = suggestion_schema();
        let temp = send(cx, session, "importer_aside_suggestions", &former.suggestions, &schema).await?;
        let columns = names(&schema);
        let values = columns.replace("features_json", &dialect.json("features_json"));
        let sql = format!(
            "INSERT INTO {} ({columns}) SELECT {values} FROM {temp} WHERE true ON CONFLICT DO NOTHING",
            Table::control("dedupe_suggestions").sql(dialect)
        );
        returned += session.execute(&sql, &[]).await?;
    }
    if former.findings.rows() > 0 {
        let temp = send(cx, session, "importer_aside_findings", &former.findings, &finding_schema()).await?;
        let sql = format!(
            "UPDATE {} AS v SET status = l.status, resolution = l.resolution, resolved_at = l.resolved_at, resolved_by = l.resolved_by, resolved_run_id = l.resolved_run_id FROM {temp} l WHERE v.tenant_id = $1 AND v.id = l.id AND v.status = 'open'",
            Table::control("dq_violations").sql(dialect)
        );
        returned += session.execute(&sql, &[cx.tenant.as_str().into()]).await?;
    }
    Ok(returned)
}

async fn send(
    cx: &RunContext,
    session: &mut Session,
    name: &str,
    files: &DataSet,
    schema: &SchemaRef,
) -> Result<String> {
    let table = session.create_temp(name, schema).await?;
    let mut stream = tables::read_files(&cx.session, files).await?.execute_stream().await?;
    let mut copy = session.copy_in(&table, schema).await?;
    while let Some(batch) = stream.next().await {
        copy.send(&tables::conform(&batch?, schema)?).await?;
    }
    copy.finish().await?;
    session.analyze_temp(&table).await?;
    Ok(table.sql(session.dialect()))
}
