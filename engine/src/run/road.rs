//! The seven steps in order. A failure leaves a run that says what happened; nothing is half-visible in core.

use std::sync::Arc;

use datafusion::arrow::array::AsArray;

use super::RunContext;
use super::begin::{Begun, begin};
use super::finish::unmapped;
use super::prepare::Prepared;
use super::summary::{RunSummary, SummaryParts, UnmappedColumn};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{DataSet, Manifest};
use crate::progress::{Listener, Step, StepReport};
use crate::request::RunRequest;
use crate::steps::check::{Checked, check};
use crate::steps::land::{OpenedFile, land};
use crate::steps::load::{OwnIds, load, write_suggestions};
use crate::steps::matching::matching;
use crate::steps::reconcile::reconcile;
use crate::steps::resolve::{CoreCounts, final_counts, keep_round, register_retry, resolve};
use crate::steps::stage::stage;
use crate::store::{StepRecord, StepStatus};

/// How often rows that moved are resolved again before a person has to look.
const ROUNDS: u32 = 3;

/// Runs a request to its end. The summary says how it went; an error means that no run was made.
pub async fn run(
    engine: &Engine,
    request: &RunRequest,
    prepared: Prepared,
    listener: Arc<dyn Listener>,
) -> Result<RunSummary> {
    engine.lake.bind(&engine.store.store_info().await?.store_id).await?;
    let Begun { cx, lease, files, default_namespace, project_hash } =
        begin(engine, request, prepared, listener).await?;
    let mut road = Road {
        cx: &cx,
        steps: Vec::new(),
        parts: SummaryParts::default(),
        warnings: Vec::new(),
        anomalies: Vec::new(),
        loaded: false,
        unmapped: Vec::new(),
    };
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let outcome = match cx.audit_started(&project_hash, &names).await {
        Ok(()) => road.travel(files, default_namespace).await,
        Err(error) => Err(error),
    };
    let summary = road.finish(engine, outcome).await;
    // The run is written down; a lease that cannot be given back ends with its connection.
    if let Err(error) = lease.release().await {
        tracing::warn!(run_id = cx.run_id, "the lease was not given back: {error}");
    }
    summary
}

/// A run under way.
pub(super) struct Road<'a> {
    pub(super) cx: &'a RunContext,
    pub(super) steps: Vec<StepReport>,
    pub(super) parts: SummaryParts,
    pub(super) warnings: Vec<String>,
    pub(super) anomalies: Vec<String>,
    pub(super) unmapped: Vec<UnmappedColumn>,
    pub(super) loaded: bool,
}

impl Road<'_> {
    async fn travel(&mut self, files: Vec<OpenedFile>, default_namespace: bool) -> Result<()> {
        self.land(files).await?;
        self.stage_and_check(default_namespace).await?;
        self.breaker()?;
        let rounds = self.match_resolve_load().await?;
        self.reconcile(rounds).await
    }

    async fn land(&mut self, files: Vec<OpenedFile>) -> Result<()> {
        let cx = self.cx;
        let progress = cx.progress(Step::Land, None);
        let landed = land(cx, files, &progress).await?;
        self.unmapped = unmapped(cx, &landed).await?;
        self.manifest(
            "land",
            [("landed", landed.data_set()), ("rejects", landed.rejects.clone())],
            serde_json::to_value(&landed)?,
        )
        .await?;
        let note = note([(landed.rejected(), "rejected"), (landed.blank(), "blank")]);
        let lines = landed.records() + landed.rejected() + landed.blank();
        self.done(progress.finish(lines, landed.records(), note)).await?;
        if landed.records() == 0 {
            self.warn("no record was found below the header".to_owned());
        }
        self.parts.landed = Some(landed);
        Ok(())
    }

    async fn stage_and_check(&mut self, default_namespace: bool) -> Result<()> {
        let cx = self.cx;
        let landed = self.parts.landed.clone().ok_or_else(|| Error::internal("stage without land"))?;
        let progress = cx.progress(Step::Stage, Some(landed.records()));
        let staged = stage(cx, &landed, &progress).await?;
        self.manifest("stage", [("staged", staged.clone())], serde_json::Value::Null).await?;
        self.done(progress.finish(landed.records(), staged.rows(), "")).await?;
        let progress = cx.progress(Step::Check, Some(staged.rows()));
        let checked = check(cx, &landed, &staged, &progress).await?;
        self.manifest(
            "check",
            [("dq_violations", checked.violations.clone())],
            serde_json::to_value(&checked)?,
        )
        .await?;
        if !cx.settings.dry_run {
            crate::steps::write_violations(cx).await?;
        }
        let note = note([(checked.quarantined, "quarantined")]);
        self.done(progress.finish(checked.evaluated, checked.validated(), note)).await?;
        self.parts.checked = Some(checked);
        self.namespaces(default_namespace).await
    }

    /// A namespace that nobody has seen before is flagged: ids of two systems in one namespace would meet.
    async fn namespaces(&mut self, by_default: bool) -> Result<()> {
        let cx = self.cx;
        let sql = "SELECT DISTINCT link_system FROM staged WHERE NOT is_synthetic ORDER BY link_system";
        let (_, batches) = crate::tables::collect_compact(cx.plan(sql).await?).await?;
        for batch in &batches {
            for system in batch.column(0).as_string::<i32>().iter().flatten() {
                if by_default && system == cx.settings.external_system {
                    self.warn(format!(
                        "the file has external ids and nothing says whose they are; they go into the namespace {system:?} (name one with --external-system)"
                    ));
                }
                if !cx.settings.dry_run && cx.store.see_namespace(&cx.tenant, system, Some(cx.run_id)).await?
                {
                    self.warn(format!("the namespace {system:?} is new"));
                    self.anomalies.push(format!("new_namespace:{system}"));
                    cx.audit_namespace(system).await?;
                }
            }
        }
        Ok(())
    }

    /// Too many bad rows are a bad file, not bad rows.
    fn breaker(&self) -> Result<()> {
        let (Some(landed), Some(checked)) = (&self.parts.landed, &self.parts.checked) else { return Ok(()) };
        let bad = landed.rejected() + checked.quarantined;
        let all = landed.records() + landed.rejected();
        if bad == 0 {
            return Ok(());
        }
        if self.cx.settings.mode == importer_plans::project::ImportMode::AllOrNothing {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{bad} of {all} rows are bad, and this run takes all or nothing"),
            )
            .with_help("fix the rows in the error report, or run with --mode valid_only"));
        }
        // Divided and not multiplied: 29 of 100 is exactly the number that 0.29 is read as.
        if landed.rejected() > 0
            && self.cx.source.contract.bad_rows == importer_plans::project::BadRows::Freeze
        {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{} records cannot be read, and this source takes none such", landed.rejected()),
            )
            .with_help("look at the error report, or write bad_rows: discard_row in the source file"));
        }
        if self.cx.settings.accept_bad || bad as f64 / all as f64 <= self.cx.settings.max_bad {
            return Ok(());
        }
        let top = checked
            .rules
            .iter()
            .filter(|c| c.severity == "error" && c.mode == "enforce")
            .max_by_key(|c| c.violations)
            .map(|c| format!("; most often {} ({} times): {}", c.rule_code, c.violations, c.message))
            .unwrap_or_default();
        Err(Error::new(
            ErrorKind::Refused,
            format!("{bad} of {all} rows are bad, more than {:.0} %{top}", self.cx.settings.max_bad * 100.0),
        )
        .with_help("look at the error report; --accept-bad loads the good rows all the same, --max-bad sets the limit"))
    }

    /// Rows whose ground moved between resolve and load are resolved again against what core holds by then.
    async fn match_resolve_load(&mut self) -> Result<u32> {
        let cx = self.cx;
        let validated = self.parts.checked.as_ref().map_or(0, Checked::validated);
        let mut round = 0;
        let mut own = OwnIds::default();
        loop {
            let progress = cx.progress(Step::Match, Some(validated));
            let matched = matching(cx, round, &progress).await?;
            let links = matched.links.rows();
            if round == 0 {
                let sets = [("links", matched.links.clone()), ("dedupe_pairs", matched.pairs.clone())];
                self.manifest("match", sets, serde_json::Value::Null).await?;
            }
            self.done(progress.finish(links, links, note([(matched.pairs.rows(), "pairs to know of")])))
                .await?;
            let progress = cx.progress(Step::Resolve, Some(links));
            let resolved = resolve(cx, round, &progress).await?;
            let changes = resolved.changes();
            if round == 0 {
                self.manifest(
                    "resolve",
                    [("changes", changes.clone())],
                    serde_json::to_value(&resolved.counts)?,
                )
                .await?;
                self.parts.core = Some(resolved.counts.clone());
                self.all_or_nothing(resolved.counts.rows_review)?;
            }
            self.done(progress.finish(links, changes.rows(), describe(&resolved.counts))).await?;
            if cx.settings.dry_run {
                return Ok(round);
            }
            let progress = cx.progress(Step::Load, Some(changes.rows()));
            self.loaded = true;
            let loaded = load(cx, &resolved, round, &mut own, &progress).await?;
            self.done(progress.finish(changes.rows(), loaded.applied, note([(loaded.refused, "moved")])))
                .await?;
            keep_round(cx, round).await?;
            if loaded.moved.is_empty() {
                return Ok(round);
            }
            register_retry(cx, &loaded.moved, loaded.undone).await?;
            round += 1;
            if round >= ROUNDS {
                if loaded.undone {
                    return Err(Error::new(
                        ErrorKind::Refused,
                        "core was changed by others during every attempt to load all at once",
                    )
                    .with_help("run again when less is written to core, or without --atomic"));
                }
                self.parts.refused = loaded.refused;
                return Ok(round - 1);
            }
        }
    }

    fn all_or_nothing(&self, review: u64) -> Result<()> {
        if review == 0 || self.cx.settings.mode != importer_plans::project::ImportMode::AllOrNothing {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Refused,
            format!("{review} rows wait for a person, and this run takes all or nothing"),
        )
        .with_help("decide them, or run with --mode valid_only"))
    }

    async fn reconcile(&mut self, rounds: u32) -> Result<()> {
        let cx = self.cx;
        let progress = cx.progress(Step::Reconcile, None);
        if self.loaded {
            self.parts.core = Some(final_counts(cx, rounds, self.parts.refused > 0).await?);
            write_suggestions(cx, rounds).await?;
            crate::steps::close_superseded(cx).await?;
        }
        let landed = self.parts.landed.clone().ok_or_else(|| Error::internal("reconcile without land"))?;
        let reconciled = reconcile(cx, &landed, self.loaded, &progress).await?;
        self.freshness(reconciled.freshness_seconds);
        if reconciled.differing > 0 {
            self.anomalies.push("parity".to_owned());
            self.warn(format!(
                "{} of {} rows that were read back differ from what was written; somebody else may have edited them meanwhile",
                reconciled.differing, reconciled.sampled
            ));
        }
        let note = format!("{} rows read back, {} differ", reconciled.sampled, reconciled.differing);
        self.done(progress.finish(reconciled.sampled, reconciled.sampled, note)).await?;
        self.parts.reconciled = Some(reconciled);
        Ok(())
    }

    /// Data that is older than the source promises.
    fn freshness(&mut self, seconds: Option<i64>) {
        let (Some(limits), Some(seconds)) = (self.cx.source.freshness, seconds) else { return };
        let older = |limit: Option<std::time::Duration>| {
            limit.is_some_and(|l| i64::try_from(l.as_secs()).is_ok_and(|l| seconds > l))
        };
        let flag = if older(limits.error_after) {
            "freshness_error"
        } else if older(limits.warn_after) {
            "freshness_warn"
        } else {
            return;
        };
        self.anomalies.push(flag.to_owned());
        self.warn(format!(
            "the newest record of this run is {} hours old; the source promises fresher data",
            seconds / 3600
        ));
    }

    fn warn(&mut self, text: String) {
        self.cx.listener.warn(&text);
        self.warnings.push(text);
    }

    async fn manifest<const N: usize>(
        &self,
        step: &str,
        sets: [(&str, DataSet); N],
        facts: serde_json::Value,
    ) -> Result<()> {
        fail::fail_point!("run::before_manifest", |_| Err(Error::internal("failpoint run::before_manifest")));
        let manifest = Manifest {
            step: step.to_owned(),
            attempt: self.cx.paths.attempt(),
            epoch: self.cx.epoch,
            data_sets: sets.into_iter().map(|(name, set)| (name.to_owned(), set)).collect(),
            facts: serde_json::json!({ "facts": facts, "queries": self.cx.trace.take() }),
        };
        manifest.write(&self.cx.lake, &self.cx.paths).await?;
        fail::fail_point!("run::after_manifest", |_| Err(Error::internal("failpoint run::after_manifest")));
        Ok(())
    }

    async fn done(&mut self, report: StepReport) -> Result<()> {
        let record = StepRecord {
            step: report.step.name().to_owned(),
            attempt: i64::from(self.cx.paths.attempt()),
            status: StepStatus::Succeeded,
            rows_in: i64::try_from(report.rows_in).ok(),
            rows_out: i64::try_from(report.rows_out).ok(),
            duration_ms: i64::try_from(report.milliseconds).ok(),
            detail_json: serde_json::json!({ "note": report.note, "peak_memory_bytes": self.cx.trace.take_peak() }),
        };
        self.cx.store.record_step(&self.cx.tenant, self.cx.run_id, &record).await?;
        self.steps.push(report);
        Ok(())
    }
}

fn note<const N: usize>(parts: [(u64, &str); N]) -> String {
    let some: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    some.join(", ")
}

fn describe(counts: &CoreCounts) -> String {
    note([
        (counts.rows_created, "created"),
        (counts.rows_updated, "updated"),
        (counts.rows_reactivated, "reactivated"),
        (counts.rows_soft_deleted, "soft-deleted"),
        (counts.rows_skipped_duplicates, "duplicates"),
        (counts.rows_skipped_no_change, "unchanged"),
        (counts.rows_skipped_not_found, "not found"),
        (counts.rows_review, "for review"),
    ])
}
