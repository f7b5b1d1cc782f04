//! `importer show`: one run in full.

use std::fmt::Write as _;

use importer_engine::lake::RunPaths;
use importer_engine::store::{Run, RunKind, StepRecord};
use importer_engine::{Engine, RunSummary};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::runs::{instant, took};
use crate::screen::{self, Table, count};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Number of the run
    pub run: i64,
    /// Every column that no field takes, not the first 20
    #[arg(long)]
    pub all_columns: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let engine = settings.open_existing().await?;
    let run = engine.get_run(args.run).await?;
    let steps = engine.store.list_steps(&engine.tenant, run.id).await?;
    let summary = summary(&engine, &run).await?;
    let rollbacks = engine.rollbacks_of(run.id).await?;
    let report = match run.kind {
        RunKind::Rollback => engine.rollback_report(&run).await?,
        _ => None,
    };
    if args.json {
        let mut document = document(&run, &steps, summary.as_ref());
        document["rollbacks"] = rollbacks.iter().map(rolled_back).collect();
        document["rollback"] = serde_json::to_value(&report)?;
        screen::print_json(&document)?;
    } else if let Some(report) = report {
        screen::print(&crate::rollback::told(settings, &report))?;
    } else {
        screen::print(&words(settings, &run, &steps, summary.as_ref(), args.all_columns))?;
        for rollback in &rollbacks {
            let when = rollback.started_at.map(screen::time).unwrap_or_default();
            screen::print(&format!(
                "Rollback: run {} ({}{}) {when}\n",
                rollback.id,
                rollback.status,
                extent(rollback)
            ))?;
        }
    }
    Ok(0)
}

/// How much of the run a rollback took back, where it is not all of it.
fn extent(rollback: &Run) -> &'static str {
    let counts = rollback.counts_json.as_ref().map(|c| &c["rollback"][&rollback.entity]);
    let did = |name: &str| counts.and_then(|c| c[name].as_u64()).unwrap_or(0);
    let meant_whole = ["row", "field"].iter().all(|what| rollback.ingest_params_json[what].is_null());
    match counts {
        Some(_) if ["removed", "returned", "restored", "fields", "links"].iter().all(|n| did(n) == 0) => {
            ", took nothing back"
        }
        _ if !meant_whole || did("kept") > 0 => ", in part",
        _ => "",
    }
}

fn rolled_back(rollback: &Run) -> Value {
    json!({
        "run_id": rollback.id,
        "status": rollback.status,
        "row": rollback.ingest_params_json["row"],
        "field": rollback.ingest_params_json["field"],
        "started_at": rollback.started_at.map(instant),
    })
}

/// The document that the run left in the lake; a run that was killed left none.
async fn summary(engine: &Engine, run: &Run) -> Result<Option<RunSummary>, Failure> {
    let attempt = i32::try_from(run.attempt).unwrap_or(i32::MAX);
    let path = RunPaths::new(&engine.tenant, run.id, attempt, run.dry_run).manifest("summary");
    let Some(bytes) = engine.lake.read_if_exists(&path).await? else { return Ok(None) };
    Ok(serde_json::from_slice(&bytes).ok())
}

fn document(run: &Run, steps: &[StepRecord], summary: Option<&RunSummary>) -> Value {
    let steps: Vec<Value> = steps
        .iter()
        .map(|s| {
            json!({
                "step": s.step, "attempt": s.attempt, "status": s.status, "rows_in": s.rows_in,
                "rows_out": s.rows_out, "duration_ms": s.duration_ms, "detail": s.detail_json,
            })
        })
        .collect();
    json!({
        "run_id": run.id,
        "tenant": run.tenant,
        "kind": run.kind,
        "entity": run.entity,
        "source": run.source,
        "external_system": run.external_system,
        "status": run.status,
        "dry_run": run.dry_run,
        "attempt": run.attempt,
        "policy": run.policy,
        "mode": run.mode,
        "mapping_version": run.mapping_version,
        "project_hash": run.project_hash,
        "triggered_by": run.triggered_by,
        "started_at": run.started_at.map(instant),
        "ended_at": run.finished_at.map(instant),
        "duration_ms": took(run),
        "counts": run.counts_json,
        "metrics": run.metrics_json,
        "timings_ms": run.timings_json,
        "anomalies": run.anomaly_flags_json,
        "max_source_updated_at": run.max_source_updated_at.map(instant),
        "report": run.report_url,
        "error_summary": run.error_summary,
        "params": run.ingest_params_json,
        "steps": steps,
        "summary": summary,
    })
}

fn words(
    settings: &Settings,
    run: &Run,
    steps: &[StepRecord],
    summary: Option<&RunSummary>,
    all_columns: bool,
) -> String {
    let mut text = format!("Run {}: {}\n\n", run.id, run.status);
    let mut facts: Vec<(&str, String)> = Vec::new();
    let mut fact = |name: &'static str, value: Option<String>| {
        facts.extend(value.filter(|v| !v.is_empty()).map(|value| (name, value)));
    };
    fact("kind", Some(run.kind.to_string()));
    fact("entity, source", Some(format!("{}, {}", run.entity, run.source)));
    fact("namespace of ids", run.external_system.clone());
    fact("files", Some(files(&run.ingest_params_json)));
    fact("policy, mode", run.policy.as_ref().zip(run.mode.as_ref()).map(|(p, m)| format!("{p}, {m}")));
    fact("mapping", run.mapping_version.clone());
    fact("started", run.started_at.map(screen::time));
    fact("took", took(run).map(screen::duration));
    fact("started by", run.triggered_by.clone());
    fact("attempt", (run.attempt > 1).then(|| run.attempt.to_string()));
    fact("newest change in source", run.max_source_updated_at.map(screen::time));
    fact("error", run.error_summary.clone());
    fact("report", run.report_url.clone());
    text.push_str(&screen::pairs(&facts));
    if !steps.is_empty() {
        step_table(&mut text, steps);
    }
    let figures = if run.dry_run { &run.metrics_json } else { &run.counts_json };
    if let Some(figures) = figures.as_ref().filter(|f| f.as_object().is_some_and(|f| !f.is_empty())) {
        let _ = writeln!(text, "\nCounts{}", if run.dry_run { " (core: would be)" } else { "" });
        counters(&mut text, figures);
    }
    if let Some(summary) = summary {
        findings(&mut text, summary);
        let show = settings.command(&format!("show {}", run.id));
        crate::run::unmapped(&mut text, &show, summary, all_columns);
    }
    let _ = writeln!(text, "\nNext\n  {}", settings.command(&format!("violations --run {}", run.id)));
    let _ = writeln!(text, "  {}", settings.command(&format!("explain --run {}", run.id)));
    text
}

/// Entries of a list on the screen; of more, their number is told.
const MOST: usize = 20;

fn files(params: &Value) -> String {
    let paths: Vec<&str> =
        params["file_paths"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let more = paths.len().saturating_sub(MOST);
    let rest = if more > 0 { format!(" and {} more", count(more as u64)) } else { String::new() };
    format!("{}{rest}", paths.iter().take(MOST).copied().collect::<Vec<_>>().join(", "))
}

fn step_table(text: &mut String, steps: &[StepRecord]) {
    text.push('\n');
    let mut table = Table::new(["step", "status", "rows in", "rows out", "time", ""]).right(&[2, 3, 4]);
    let number = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
    for step in steps {
        table.row([
            step.step.clone(),
            step.status.to_string(),
            number(step.rows_in).map(count).unwrap_or_default(),
            number(step.rows_out).map(count).unwrap_or_default(),
            number(step.duration_ms).map(screen::duration).unwrap_or_default(),
            step.detail_json["note"].as_str().unwrap_or_default().to_owned(),
        ]);
    }
    text.push_str(&table.text());
}

/// All counters of the document, zero or not, by stage.
fn counters(text: &mut String, figures: &Value) {
    let mut table = Table::new(["stage", "counter", "rows"]).right(&[2]);
    for (stage, entities) in figures.as_object().into_iter().flatten() {
        for counts in entities.as_object().into_iter().flatten().map(|(_, counts)| counts) {
            for (name, value) in counts.as_object().into_iter().flatten() {
                let is_counter = name.starts_with("rows_") || name.starts_with("changes_");
                if let Some(n) = value.as_u64().filter(|_| is_counter) {
                    table.row([stage.clone(), name.clone(), count(n)]);
                }
            }
        }
    }
    text.push_str(&table.text());
}

fn findings(text: &mut String, summary: &RunSummary) {
    if !summary.rules.is_empty() {
        let _ = writeln!(text, "\nFindings");
        let mut table = Table::new(["rule", "severity", "rows", "message"]).right(&[2]);
        for rule in &summary.rules {
            table.row([&rule.rule_code, &rule.severity, &count(rule.violations), &rule.message]);
        }
        text.push_str(&table.text());
    }
    for (title, lines) in [("Warnings", &summary.warnings), ("Anomalies", &summary.anomalies)] {
        if !lines.is_empty() {
            let _ = writeln!(text, "\n{title}");
            let (shown, more) = screen::listed(lines, false);
            for line in shown {
                let _ = writeln!(text, "  {}", screen::line(line));
            }
            if more > 0 {
                let _ = writeln!(text, "  and {} more, with --json", count(more as u64));
            }
        }
    }
}
