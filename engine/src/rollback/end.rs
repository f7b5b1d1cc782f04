//! The end of a rollback: what becomes of the statuses, and what is written down, whatever happened.

use serde_json::json;

use super::admitted::Admitted;
use super::begin::Begun;
use super::outcome::Outcome;
use super::report::RollbackReport;
use crate::context::{RunContext, while_ours};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::StepReport;
use crate::store::{AuditEntry, Run, RunKind, RunOutcome, RunStatus, Session, StepRecord, StepStatus};

/// A rollback of all of a run, of which nothing stays, makes the run `rolled_back`. One that was narrowed, or had to
/// leave something, leaves the status as it was: the rest can be rolled back later.
pub async fn statuses(
    begun: &Begun,
    session: &mut Session,
    admitted: &Admitted,
    report: &RollbackReport,
) -> Result<()> {
    let cx = &begun.cx;
    let complete = is_complete(admitted, report);
    let now = if complete { RunStatus::RolledBack } else { admitted.run.status };
    if complete {
        turn(cx, session, &admitted.run).await?;
    }
    let entry = AuditEntry {
        action: "ImportRollbackExecuted".to_owned(),
        actor: cx.actor.clone(),
        target_type: Some("import_run".to_owned()),
        target_id: Some(admitted.run.id.to_string()),
        run_id: Some(cx.run_id),
        details_json: json!({
            "rollback_run_id": cx.run_id,
            "before": { "status": admitted.run.status },
            "after": { "status": now },
            "row": admitted.row,
            "field": admitted.narrow.field,
            "counts": report.counts,
            "kept": report.reasons,
        }),
    };
    Ok(session.audit_of_run(&cx.fence, &entry).await?)
}

/// Nothing was left out and nothing stays.
pub fn is_complete(admitted: &Admitted, report: &RollbackReport) -> bool {
    admitted.is_whole() && report.counts.kept == 0
}

/// The run is rolled back. When it is a rollback itself, the run that it had taken back stands again, and so on: what
/// was undone stands, what stood is undone.
async fn turn(cx: &RunContext, session: &mut Session, undone: &Run) -> Result<()> {
    let mut run = undone.clone();
    let mut stands = false;
    let mut status = RunStatus::RolledBack;
    loop {
        session.roll_status(&cx.fence, run.id, run.status, status, &cx.actor).await?;
        let complete =
            run.counts_json.as_ref().is_some_and(|c| c["rollback"][&run.entity]["complete"] == true);
        let parent = run.parent_run_id.filter(|_| run.kind == RunKind::Rollback && complete);
        let Some(parent) = parent else { return Ok(()) };
        let parent = cx.store.get_run(&cx.tenant, parent).await?;
        stands = !stands;
        if stands != (parent.status == RunStatus::RolledBack) {
            return Ok(());
        }
        status = if stands { former_status(&run)? } else { RunStatus::RolledBack };
        run = parent;
    }
}

/// The status that a run had before this rollback of it.
fn former_status(rollback: &Run) -> Result<RunStatus> {
    let text = rollback.ingest_params_json["former_status"].as_str();
    text.and_then(|t| t.parse().ok())
        .ok_or_else(|| Error::internal(format!("run {} does not say which status it turned", rollback.id)))
}

/// Writes the one step of a rollback down.
pub async fn record(begun: &Begun, step: &StepReport) -> Result<()> {
    let cx = &begun.cx;
    let record = StepRecord {
        step: step.step.name().to_owned(),
        attempt: i64::from(cx.paths.attempt()),
        status: StepStatus::Succeeded,
        rows_in: i64::try_from(step.rows_in).ok(),
        rows_out: i64::try_from(step.rows_out).ok(),
        duration_ms: i64::try_from(step.milliseconds).ok(),
        detail_json: json!({ "note": step.note }),
    };
    Ok(cx.store.record_step(&begun.own_fence(), &record).await?)
}

/// Ends the rollback's own run.
pub async fn finish(
    engine: &Engine,
    admitted: &Admitted,
    begun: &Begun,
    outcome: Result<RollbackReport>,
) -> Result<RollbackReport> {
    let cx = &begun.cx;
    let failed = outcome.is_err();
    let stopped = outcome.as_ref().is_err_and(|e| e.kind() == ErrorKind::Interrupted);
    let mut report = match outcome {
        Ok(report) => report,
        Err(error) => failure(cx, admitted, &error).await,
    };
    let status = if !failed {
        RunStatus::Succeeded
    } else if stopped {
        RunStatus::Paused
    } else if report.counts.changes > 0 {
        RunStatus::PartiallyFailed
    } else {
        RunStatus::Failed
    };
    report.status = status.as_str().to_owned();
    let complete = !failed && is_complete(admitted, &report);
    let mut counts = serde_json::to_value(&report.counts)?;
    counts["complete"] = complete.into();
    let counts = json!({ "rollback": { (cx.entity.name.as_str()): counts } });
    let ended = RunOutcome {
        status,
        files_json: serde_json::json!([]),
        inputs_json: serde_json::json!([]),
        watermarks_json: serde_json::json!([]),
        rules_json: serde_json::json!([]),
        counts_json: counts.clone(),
        metrics_json: counts,
        timings_json: json!({ "load": report.milliseconds }),
        anomaly_flags_json: json!([]),
        error_summary: report.error.clone(),
        max_source_updated_at: None,
        report_url: None,
    };
    let entry = AuditEntry {
        action: "IMPORT_RUN_FINISHED".to_owned(),
        actor: cx.actor.clone(),
        target_type: Some("import_run".to_owned()),
        target_id: Some(cx.run_id.to_string()),
        run_id: Some(cx.run_id),
        details_json: json!({ "status": status, "dry_run": false }),
    };
    cx.store.finish_run(&begun.own_fence(), &ended, &entry).await?;
    report.undone_status = engine.get_run(admitted.run.id).await?.status.as_str().to_owned();
    let path = cx.paths.manifest("rollback");
    let written = cx.lake.replace(&path, serde_json::to_vec_pretty(&report)?.into());
    while_ours(&cx.store, &begun.own_fence(), written).await?;
    Ok(report)
}

/// What is known of a rollback that did not come to its end.
async fn failure(cx: &RunContext, admitted: &Admitted, error: &Error) -> RollbackReport {
    let mut report = RollbackReport::of(admitted, Some(cx.run_id));
    let ledger = cx.store.committed_chunks(&cx.tenant, cx.run_id).await.unwrap_or_default();
    for entry in &ledger {
        if let Ok(outcome) = Outcome::of_ledger(entry) {
            // Adding up what the ledger says cannot fail in a way that matters more than the error at hand.
            let _ = report.add(&outcome);
        }
    }
    report.error = Some(error.to_string());
    report.help = Some(match report.counts.changes {
        0 => error.help().unwrap_or("nothing was taken back; try again").to_owned(),
        _ => format!(
            "part of run {} is taken back; go on with `importer rollback {}`{}",
            admitted.run.id,
            admitted.run.id,
            error.help().map(|h| format!(". {h}")).unwrap_or_default()
        ),
    });
    report
}
