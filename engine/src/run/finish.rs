//! The end of a run: what is written down, whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::AsArray;
use futures::FutureExt;
use serde_json::{Value, json};

use super::attempt::Attempt;
use super::leftovers::{sweep, sweep_attempt};
use super::summary::{RunSummary, UnmappedColumn};
use super::waiting::waiting;
use crate::context::{CANCELLED, RunContext, while_ours};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, PROJECT_FAULT, Result};
use crate::steps::alike::alike;
use crate::steps::check::Checked;
use crate::steps::land::Landed;
use crate::steps::load::loaded_rows;
use crate::steps::resolve::CoreCounts;
use crate::steps::stage::raw_table;
use crate::store::{RunOutcome, RunStatus};

impl Attempt<'_> {
    /// Writes down how the run ended, whatever happened.
    pub(super) async fn finish(mut self, engine: &Engine, outcome: Result<()>) -> Result<RunSummary> {
        let cx = self.cx;
        let interrupted = matches!(&outcome, Err(e) if e.kind() == ErrorKind::Interrupted);
        if self.parts.reconciled.is_none()
            && !interrupted
            && let Some(landed) = &self.parts.landed
            && crate::steps::can_report(cx)
        {
            // The run stopped early; its error report is what the person who fixes the file needs most.
            match crate::steps::write_reports(cx, landed).boxed().await {
                Ok(crate::steps::Reports { paths: reports, told }) => {
                    told.into_iter().for_each(|told| self.warn(told));
                    self.parts.reconciled =
                        Some(crate::steps::reconcile::Reconciled { reports, ..Default::default() });
                }
                Err(error) => self.warn(format!("the error report could not be written: {error}")),
            }
        }
        let committed = self.committed_chunks(outcome.is_err()).await;
        let status = match (&outcome, committed) {
            (Ok(()), _) => RunStatus::Succeeded,
            (Err(e), Committed::Chunks(0)) if e.code() == Some(CANCELLED) => RunStatus::Cancelled,
            (Err(_), _) if interrupted => RunStatus::Paused,
            (Err(_), Committed::Chunks(0)) => RunStatus::Failed,
            (Err(_), _) => RunStatus::PartiallyFailed,
        };
        if outcome.is_err() {
            self.parts.in_core = Some(self.in_core(committed).await);
        }
        let outcome = outcome.map_err(|e| told(e, cx.run_id, status, committed));
        let mut summary = self.summary(engine, status, outcome.as_ref().err());
        if status == RunStatus::Succeeded && self.loaded {
            match waiting(cx, &engine.project, self.parts.core.as_ref()).await {
                Ok(waiting) => summary.waiting = waiting,
                Err(error) => {
                    let text = format!("whether rows wait for these records could not be asked: {error}");
                    cx.listener.warn(&text);
                    summary.warnings.push(text);
                }
            }
        }
        let reconciled = self.parts.reconciled.clone().unwrap_or_default();
        let ended = RunOutcome {
            status,
            files_json: self.parts.landed.as_ref().map(files_of).unwrap_or_default(),
            inputs_json: super::inputs::document(&cx.inputs),
            watermarks_json: self.parts.landed.as_ref().map(super::tables::document).unwrap_or_default(),
            rules_json: self.parts.checked.as_ref().map(|c| rules_of(cx, c)).unwrap_or_default(),
            counts_json: summary.counts.clone(),
            metrics_json: summary.metrics.clone(),
            timings_json: serde_json::to_value(&summary.timings_ms)?,
            anomaly_flags_json: serde_json::to_value(&summary.anomalies)?,
            error_summary: summary.error.clone(),
            max_source_updated_at: reconciled.max_source_updated_at,
            report_url: Some(summary.report.clone()).filter(|r| !r.is_empty()),
        };
        // Whatever dies after the run is over must leave nothing that somebody would have to clean up. The store decides how a
        // run went: a lake that cannot be written any more must not leave it running for ever.
        let path = cx.paths.manifest("summary");
        let written = cx.lake.replace(&path, serde_json::to_vec_pretty(&summary)?.into());
        if let Err(error) = while_ours(&cx.store, &cx.fence, written).await {
            let text = format!("the summary of the run could not be written to the lake: {error}");
            cx.listener.warn(&text);
            summary.warnings.push(text);
        }
        self.sweep(false).await;
        let audit = cx.audit_ended(status);
        cx.store.finish_run(&cx.fence, &ended, &audit).await?;
        fail::fail_point!("run::finished", |_| Err(Error::internal("failpoint run::finished")));
        // What only this run read is kept as long as it can be taken up again.
        if matches!(status, RunStatus::Succeeded | RunStatus::Cancelled) {
            self.sweep(true).await;
        }
        Ok(summary)
    }

    /// What the ledger says of a run that ended badly. Where it cannot be read, nothing is claimed about chunks of which it
    /// may speak: a run that is held to be loaded in part can go on or be taken back, whatever stands there.
    async fn committed_chunks(&mut self, ended_badly: bool) -> Committed {
        if !ended_badly {
            return Committed::Chunks(0);
        }
        let cx = self.cx;
        let read = async {
            fail::fail_point!("run::ledger_unread", |_| Err(Error::internal("failpoint run::ledger_unread")));
            Ok::<_, Error>(cx.store.committed_chunks(&cx.tenant, cx.run_id).await?)
        };
        match read.await {
            Ok(ledger) => Committed::Chunks(ledger.len()),
            Err(error) if self.loaded || self.executor.committed.is_some() => {
                self.warn(format!(
                    "the ledger of this run could not be read, so it is not known which chunks are loaded: {error}"
                ));
                Committed::Unknown
            }
            // The load had not begun.
            Err(_) => Committed::Chunks(0),
        }
    }

    /// What is in core of a run that ended before its time: nothing that it decided counts before it is there.
    async fn in_core(&mut self, committed: Committed) -> CoreCounts {
        let mut all = CoreCounts::default();
        if !matches!(committed, Committed::Chunks(0)) {
            let rounds = std::mem::take(&mut self.resolved);
            for (round, resolved) in (0_u32..).zip(&rounds) {
                match loaded_rows(self.cx, resolved, round).await {
                    Ok(counts) => all.add(&counts),
                    Err(error) => {
                        self.warn(format!("what is loaded of this run could not be counted: {error}"));
                        return CoreCounts::default();
                    }
                }
            }
        }
        all
    }

    /// Failing to remove what is of no use harms nothing. Of a run that is somebody else's by now, only what this attempt
    /// left is of no use.
    async fn sweep(&self, scratch: bool) {
        let cx = self.cx;
        let (lake, paths, entity) = (&cx.lake, &cx.paths, cx.entity.name.as_str());
        let swept = match while_ours(&cx.store, &cx.fence, sweep(lake, paths, entity, scratch)).await {
            Err(error) if error.kind() == ErrorKind::Lease => sweep_attempt(lake, paths, entity).await,
            swept => swept,
        };
        if let Err(error) = swept {
            tracing::warn!(run_id = cx.run_id, "files of no use were not removed: {error}");
        }
    }

    fn summary(&self, engine: &Engine, status: RunStatus, error: Option<&Error>) -> RunSummary {
        let cx = self.cx;
        let mut timings: BTreeMap<String, u64> = BTreeMap::new();
        for step in &self.executor.reports {
            *timings.entry(step.step.name().to_owned()).or_default() += step.milliseconds;
        }
        let reports = self.parts.reconciled.as_ref().map(|r| r.reports.clone()).unwrap_or_default();
        RunSummary {
            run_id: cx.run_id,
            kind: cx.kind.as_str().to_owned(),
            status: status.as_str().to_owned(),
            dry_run: cx.settings.dry_run,
            entity: cx.entity.name.clone(),
            source: cx.source.name.clone(),
            external_system: cx.settings.external_system.clone(),
            counts: self.parts.counts(&cx.entity.name, cx.settings.dry_run, self.loaded),
            metrics: self.parts.metrics(&cx.entity.name, cx.settings.dry_run),
            timings_ms: timings,
            report: reports.first().cloned().unwrap_or_default(),
            reports,
            steps: self.executor.reports.clone(),
            rules: self.parts.checked.as_ref().map(|c| c.rules.clone()).unwrap_or_default(),
            unmapped: self.unmapped.clone(),
            suggestions: cx.suggestions.clone(),
            waiting: Vec::new(),
            warnings: self.executor.told.warnings.clone(),
            anomalies: self.executor.told.anomalies.clone(),
            error: error.map(ToString::to_string),
            code: error.and_then(|e| e.code().map(str::to_owned)),
            help: error.and_then(|e| e.help().map(str::to_owned)),
            lake: engine.lake.display(&object_store::path::Path::default()),
        }
    }
}

/// Chunks of a run that are loaded.
#[derive(Debug, Clone, Copy)]
enum Committed {
    Chunks(usize),
    Unknown,
}

impl std::fmt::Display for Committed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Chunks(1) => f.write_str("1 chunk of it is loaded"),
            Self::Chunks(n) => write!(f, "{n} chunks of it are loaded"),
            Self::Unknown => f.write_str("chunks of it may be loaded"),
        }
    }
}

/// The files of a run, for those who ask about quality over time.
fn files_of(landed: &Landed) -> Value {
    let files = landed.files.iter().map(|file| {
        json!({
            "file_number": file.number,
            "file_name": file.name,
            "dialect": file.dialect,
            "bytes": file.counts.bytes,
            "rows_landed": file.counts.records,
            "rows_rejected": file.counts.rejected,
            "rows_blank": file.counts.blank,
            "rows_repaired": file.counts.repaired,
        })
    });
    files.collect()
}

/// How often each rule spoke; of the entity's own rules also those that did not.
fn rules_of(cx: &RunContext, checked: &Checked) -> Value {
    let mut spoken: BTreeMap<(&str, &str, &str), u64> = BTreeMap::new();
    for rule in cx.entity.rules.iter().filter(|rule| rule.is_enforced(cx.source.external_id)) {
        spoken.insert((&rule.code, rule.severity.as_str(), rule.mode.as_str()), 0);
    }
    for rule in &checked.rules {
        *spoken.entry((&rule.rule_code, &rule.severity, &rule.mode)).or_default() += rule.violations;
    }
    let rows = spoken.into_iter().map(|((code, severity, mode), violations)| {
        json!({
            "rule_code": code,
            "severity": severity,
            "mode": mode,
            "rows_evaluated": checked.evaluated,
            "violations": violations,
        })
    });
    rows.collect()
}

/// The sentence of an interrupted run, with what can be done about it.
fn told(error: Error, run_id: i64, status: RunStatus, committed: Committed) -> Error {
    let cancelled = error.code() == Some(CANCELLED);
    match status {
        RunStatus::Paused if cancelled => Error::new(
            ErrorKind::Interrupted,
            format!("the run could not be cancelled, for {committed}; it is paused"),
        )
        .with_help(format!("`importer resume {run_id}` goes on, `importer rollback {run_id}` takes it back"))
        .with_code("RUN_PAUSED"),
        RunStatus::Paused => error.with_help(format!("`importer resume {run_id}` goes on where it stopped")),
        // The project is pinned to the run with its fault: whoever tells how to go on must know.
        RunStatus::Failed if error.kind() == ErrorKind::Project && error.code().is_none() => {
            error.with_code(PROJECT_FAULT)
        }
        RunStatus::Cancelled => error.with_help(format!("`importer retry {run_id}` starts it anew")),
        _ => error,
    }
}

/// Columns that no field takes, with three masked samples each.
pub(super) async fn unmapped(cx: &RunContext, landed: &Landed) -> Result<Vec<UnmappedColumn>> {
    let mut found = Vec::new();
    for files in alike(landed) {
        let file = files.first();
        if file.unmapped.is_empty() {
            continue;
        }
        let table = raw_table(file.number);
        crate::tables::register_landed(&cx.session, &table, &files.data_set(), &file.typed).await?;
        let mut samples = samples(cx, &table, &file.unmapped, FIRST_ROWS).await?;
        // A column that is empty at the beginning is looked for a value further down; of very many, only some are.
        let late = samples.iter_mut().zip(&file.unmapped).filter(|(found, _)| found.is_empty());
        for (found, column) in late.take(SEARCHED) {
            *found = late_samples(cx, &table, column).await?;
        }
        found.extend(file.unmapped.iter().zip(samples).map(|(column, samples)| UnmappedColumn {
            file: files.name(),
            column: column.clone(),
            samples,
        }));
    }
    Ok(found)
}

/// Rows whose values are looked at for samples.
const FIRST_ROWS: usize = 1000;
/// Values that are looked at per column, and samples that are kept.
const VALUES: usize = 50;
const SAMPLES: usize = 3;
/// Columns that are searched on their own.
const SEARCHED: usize = 20;

/// Masked values of many columns by one query: a query per column would be planned over all columns each time.
async fn samples(cx: &RunContext, table: &str, columns: &[String], rows: usize) -> Result<Vec<Vec<String>>> {
    let list: Vec<String> = columns.iter().map(|c| importer_plans::compile::ident(c)).collect();
    let sql =
        format!("SELECT {} FROM {} LIMIT {rows}", list.join(", "), importer_plans::compile::ident(table));
    let (_, batches) = crate::tables::collect_compact(cx.plan(&sql).await?).await?;
    let sample = |column: usize| {
        let values = batches.iter().flat_map(|b| b.column(column).as_string::<i32>().iter().flatten());
        let masked: BTreeSet<String> = values.take(VALUES).map(importer_sql::functions::mask_str).collect();
        masked.into_iter().take(SAMPLES).collect()
    };
    Ok((0..columns.len()).map(sample).collect())
}

/// Masked values of one column, wherever they stand.
async fn late_samples(cx: &RunContext, table: &str, column: &str) -> Result<Vec<String>> {
    let sql = format!(
        "SELECT {0} FROM {1} WHERE {0} IS NOT NULL LIMIT {VALUES}",
        importer_plans::compile::ident(column),
        importer_plans::compile::ident(table)
    );
    let (_, batches) = crate::tables::collect_compact(cx.plan(&sql).await?).await?;
    let values = batches.iter().flat_map(|b| b.column(0).as_string::<i32>().iter().flatten());
    let masked: BTreeSet<String> = values.map(importer_sql::functions::mask_str).collect();
    Ok(masked.into_iter().take(SAMPLES).collect())
}
