//! `importer runs`: the list, newest first.

use importer_engine::store::{Run, RunFilter, RunKind, RunStatus};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::screen::{self, Sheet};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this status: succeeded, failed, partially_failed, running …
    #[arg(long, value_name = "STATUS")]
    pub status: Option<String>,
    /// Only this source
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Only this kind: normal, dry_run …
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Only the last days
    #[arg(long, value_name = "N")]
    pub days: Option<i64>,
    /// Most runs to show
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: i64,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

/// Counters shown per run: stage, name, header.
const COUNTERS: [(&str, &str, &str); 8] = [
    ("staging", "rows_staged", "staged"),
    ("staging", "rows_rejected", "rejects"),
    ("dq", "rows_validated", "valid"),
    ("dq", "rows_quarantined", "quarantined"),
    ("core", "rows_created", "created"),
    ("core", "rows_updated", "updated"),
    ("core", "rows_skipped_no_change", "unchanged"),
    ("core", "rows_skipped_duplicates", "duplicates"),
];

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let filter = RunFilter {
        status: word(args.status.as_deref(), RunStatus::ALL, RunStatus::as_str, "status")?,
        source: args.source.clone(),
        kind: word(args.kind.as_deref(), RunKind::ALL, RunKind::as_str, "kind")?,
        days: args.days,
        limit: Some(args.limit),
        ..RunFilter::default()
    };
    let engine = settings.open_existing().await?;
    let runs = engine.runs(&filter).await?;
    if args.json {
        screen::print_json(&json!({ "runs": runs.iter().map(listed).collect::<Vec<_>>() }))?;
    } else if runs.is_empty() {
        screen::print(&format!(
            "No run yet, or none that fits.\n\nNext\n  {}\n",
            settings.command("run --file people.csv")
        ))?;
    } else {
        screen::print(&table(&runs))?;
        if i64::try_from(runs.len()).is_ok_and(|n| n >= args.limit) {
            screen::print(&format!("\nThe newest {}; more with --limit.\n", args.limit))?;
        }
    }
    Ok(0)
}

fn word<T: Copy>(
    text: Option<&str>,
    all: &[T],
    name: impl Fn(T) -> &'static str,
    what: &str,
) -> Result<Option<T>, Failure> {
    let Some(text) = text else { return Ok(None) };
    all.iter().copied().find(|value| name(*value) == text).map(Some).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|value| name(*value)).collect();
        Failure::wrong(
            format!("{text:?} is no {what} of a run"),
            format!("write one of {}", known.join(", ")),
        )
    })
}

fn table(runs: &[Run]) -> String {
    let own = ["run", "kind", "source", "status", "started (UTC)", "took"];
    let headers: Vec<String> =
        own.into_iter().chain(COUNTERS.map(|(_, _, name)| name)).map(str::to_owned).collect();
    let right = std::iter::once(0).chain(5..headers.len()).collect();
    let mut sheet = Sheet::new(headers, right, true);
    for run in runs {
        let mut row = vec![
            run.id.to_string(),
            kind(run),
            run.source.clone(),
            run.status.to_string(),
            run.started_at.map(screen::time).unwrap_or_default().trim_end_matches(" UTC").to_owned(),
            took(run).map(screen::duration).unwrap_or_default(),
        ];
        row.extend(
            COUNTERS
                .iter()
                .map(|(stage, name, _)| counter(run, stage, name).map(screen::count).unwrap_or_default()),
        );
        sheet.row(row);
    }
    sheet.take()
}

/// A rollback also says what it took back.
fn kind(run: &Run) -> String {
    match run.parent_run_id.filter(|_| run.kind == RunKind::Rollback) {
        Some(undone) => format!("rollback of {undone}"),
        None => run.kind.to_string(),
    }
}

/// Milliseconds that a run was at work. One that was interrupted lay idle between its attempts: then it is the time of its
/// steps.
pub fn took(run: &Run) -> Option<u64> {
    let (start, end) = (run.started_at?, run.finished_at?);
    if run.attempt <= 1 {
        return u64::try_from((end - start) / 1_000).ok();
    }
    let steps = run.timings_json.as_ref()?.as_object()?;
    Some(steps.values().filter_map(Value::as_u64).sum::<u64>()).filter(|_| !steps.is_empty())
}

/// The would-be figures of a dry run, the facts of others.
pub fn counter(run: &Run, stage: &str, name: &str) -> Option<u64> {
    let figures = if run.dry_run { &run.metrics_json } else { &run.counts_json };
    figures.as_ref()?[stage][&run.entity][name].as_u64()
}

fn listed(run: &Run) -> Value {
    let mut row = json!({
        "run_id": run.id,
        "kind": run.kind,
        "parent_run_id": run.parent_run_id,
        "entity": run.entity,
        "source": run.source,
        "status": run.status,
        "dry_run": run.dry_run,
        "started_at": run.started_at.map(instant),
        "ended_at": run.finished_at.map(instant),
        "duration_ms": took(run),
        "error_summary": run.error_summary,
    });
    for (stage, name, _) in COUNTERS {
        row[name] = json!(counter(run, stage, name));
    }
    row
}

/// Microseconds since 1970 UTC as RFC 3339.
pub fn instant(micros: i64) -> String {
    chrono::DateTime::from_timestamp_micros(micros)
        .map_or_else(String::new, |time| time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))
}
