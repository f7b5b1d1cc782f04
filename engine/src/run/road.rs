//! The account of a run under way: what its steps left, what it warned of, what a former attempt committed.
//!
//! Every step is either done, and then writes its manifest, or taken from the manifest that a former attempt left
//! ([`Road::left`]): its files are verified and made known to the session, and it is not done again. A step is written down
//! beside the next one, but before the next one is, and before anything is loaded ([`Road::settled`]).

use std::sync::Arc;

use datafusion::common::runtime::SpawnedTask;

use super::leftovers::{forget_from, manifest_name};
use super::summary::{SummaryParts, UnmappedColumn};
use crate::context::RunContext;
use crate::error::{DAMAGED, Error, ErrorKind, Result};
use crate::lake::{DataSet, Manifest};
use crate::progress::{Step, StepReport};
use crate::steps::land::Landed;
use crate::steps::resolve::Resolved;
use crate::store::{StepRecord, StepStatus};

/// Writes the findings of check into the store, for people to work on. A dry run keeps them to itself until what loads it
/// tells them; an attempt that goes on behind check tells them again, and twice adds nothing.
pub(super) async fn tell_findings(cx: &RunContext) -> Result<()> {
    if cx.settings.dry_run {
        return Ok(());
    }
    crate::steps::write_violations(cx).await?;
    fail::fail_point!("run::violations_written", |_| Err(Error::internal(
        "failpoint run::violations_written"
    )));
    Ok(())
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
    /// What each round resolved, for a run that ends before its time.
    pub(super) resolved: Vec<Resolved>,
    /// From here on nothing of a former attempt is left.
    fresh: bool,
    /// The last round of which a former attempt committed a chunk.
    pub(super) committed: Option<u32>,
    /// Warnings and anomalies that stand in a manifest already.
    kept: (usize, usize),
    /// The last step, on its way to the lake and the store.
    writing: Option<SpawnedTask<Result<()>>>,
}

/// What a step leaves: its data sets by name, its facts, its report.
pub(super) struct Left<const N: usize> {
    pub sets: [(&'static str, DataSet); N],
    pub facts: serde_json::Value,
    pub report: StepReport,
}

impl<'a> Road<'a> {
    pub(super) async fn new(cx: &'a RunContext, fresh: bool) -> Result<Self> {
        let committed = if fresh {
            None
        } else {
            let ledger = cx.store.committed_chunks(&cx.tenant, cx.run_id).await?;
            ledger.iter().filter_map(|entry| u32::try_from(entry.round).ok()).max()
        };
        Ok(Self {
            cx,
            steps: Vec::new(),
            parts: SummaryParts::default(),
            warnings: Vec::new(),
            anomalies: Vec::new(),
            unmapped: Vec::new(),
            loaded: false,
            resolved: Vec::new(),
            fresh,
            committed,
            kept: (0, 0),
            writing: None,
        })
    }

    pub(super) fn landed(&self) -> Result<Landed> {
        self.parts.landed.clone().ok_or_else(|| Error::internal("a step before land"))
    }

    pub(super) fn warn(&mut self, text: String) {
        self.cx.listener.warn(&text);
        self.warnings.push(text);
    }

    /// The manifest that a former attempt left of a step, its files verified. What is damaged is done again, as long
    /// as nothing is loaded that was made from it.
    pub(super) async fn left(&mut self, step: Step, round: u32) -> Result<Option<Manifest>> {
        if self.fresh {
            return Ok(None);
        }
        let cx = self.cx;
        let why = match self.verified(step, round).await {
            Ok(Some(manifest)) => return Ok(Some(manifest)),
            Ok(None) => None,
            Err(error) if error.code() == Some(DAMAGED) => Some(error),
            Err(error) => return Err(error),
        };
        if self.must_stay(step, round) {
            let what = why.map_or_else(|| "its manifest is missing".to_owned(), |e| e.to_string());
            return Err(Error::new(
                ErrorKind::Lake,
                format!("step {} of run {} cannot be taken up: {what}", step.name(), cx.run_id),
            )
            .with_help("it cannot be done again, for rows that came from it are loaded or it belongs to a plan: restore the lake from a backup, or give the run up")
            .with_code(DAMAGED));
        }
        if let Some(error) = why {
            self.warn(format!("step {} is done again: {error}", step.name()));
        }
        if !matches!(step, Step::Load | Step::Reconcile) {
            cx.store.forget_ids(&cx.tenant, cx.run_id, i64::from(round)).await?;
        }
        self.forget(step, round).await?;
        Ok(None)
    }

    /// Nothing of a former attempt counts from this step on.
    pub(super) async fn forget(&mut self, step: Step, round: u32) -> Result<()> {
        forget_from(&self.cx.lake, &self.cx.paths, step, round).await?;
        self.fresh = true;
        Ok(())
    }

    /// Whether a step cannot be done again: chunks are committed that were made from it, or it is that of a plan.
    fn must_stay(&self, step: Step, round: u32) -> bool {
        let loaded = self.committed.is_some_and(|committed| round <= committed);
        !matches!(step, Step::Load | Step::Reconcile) && (loaded || self.cx.plan_run_id.is_some())
    }

    async fn verified(&self, step: Step, round: u32) -> Result<Option<Manifest>> {
        let cx = self.cx;
        let read = Manifest::read(&cx.lake, &cx.paths, &manifest_name(step, round)).await;
        let Some(manifest) = read? else { return Ok(None) };
        for set in manifest.data_sets.values() {
            set.verify(&cx.lake).await?;
        }
        Ok(Some(manifest))
    }

    /// Writes down what a step left, beside what comes next. Once that is done it is finished.
    pub(super) async fn keep<const N: usize>(&mut self, step: Step, round: u32, left: Left<N>) -> Result<()> {
        self.settled().await?;
        fail::fail_point!("run::before_manifest", |_| Err(Error::internal("failpoint run::before_manifest")));
        let cx = self.cx;
        let manifest = Manifest {
            step: manifest_name(step, round),
            attempt: cx.paths.attempt(),
            epoch: cx.epoch,
            data_sets: left.sets.into_iter().map(|(name, set)| (name.to_owned(), set)).collect(),
            facts: serde_json::json!({
                "facts": left.facts,
                "queries": cx.trace.take(),
                "report": left.report,
                "warnings": self.warnings.get(self.kept.0..),
                "anomalies": self.anomalies.get(self.kept.1..),
            }),
        };
        self.kept = (self.warnings.len(), self.anomalies.len());
        let record = self.record(&left.report, manifest.attempt);
        self.steps.push(left.report);
        let (lake, paths, store) = (cx.lake.clone(), cx.paths.clone(), Arc::clone(&cx.store));
        let (tenant, run_id) = (cx.tenant.clone(), cx.run_id);
        self.writing = Some(SpawnedTask::spawn(async move {
            manifest.write(&lake, &paths).await?;
            fail::fail_point!("run::after_manifest", |_| Err(Error::internal(
                "failpoint run::after_manifest"
            )));
            Ok(store.record_step(&tenant, run_id, &record).await?)
        }));
        Ok(())
    }

    /// Waits until the last step is written down.
    pub(super) async fn settled(&mut self) -> Result<()> {
        match self.writing.take() {
            Some(writing) => writing.join_unwind().await?,
            None => Ok(()),
        }
    }

    /// Takes a finished step into the account of this attempt.
    pub(super) async fn again(&mut self, step: Step, manifest: &Manifest) -> Result<()> {
        let told = |name: &str| -> Vec<String> {
            serde_json::from_value(manifest.facts[name].clone()).unwrap_or_default()
        };
        self.warnings.extend(told("warnings"));
        self.anomalies.extend(told("anomalies"));
        self.kept = (self.warnings.len(), self.anomalies.len());
        let report = serde_json::from_value(manifest.facts["report"].clone());
        let report = report.unwrap_or(StepReport {
            step,
            rows_in: 0,
            rows_out: manifest.data_sets.values().map(DataSet::rows).sum(),
            milliseconds: 0,
            note: String::new(),
        });
        let note = match report.note.as_str() {
            "" => "done before".to_owned(),
            note => format!("done before; {note}"),
        };
        self.cx.listener.finished(&StepReport { note, ..report.clone() });
        self.done(report, manifest.attempt).await
    }

    async fn done(&mut self, report: StepReport, attempt: i32) -> Result<()> {
        let record = self.record(&report, attempt);
        self.cx.store.record_step(&self.cx.tenant, self.cx.run_id, &record).await?;
        self.steps.push(report);
        Ok(())
    }

    /// A finished step as the store keeps it.
    fn record(&self, report: &StepReport, attempt: i32) -> StepRecord {
        StepRecord {
            step: report.step.name().to_owned(),
            attempt: i64::from(attempt),
            status: StepStatus::Succeeded,
            rows_in: i64::try_from(report.rows_in).ok(),
            rows_out: i64::try_from(report.rows_out).ok(),
            duration_ms: i64::try_from(report.milliseconds).ok(),
            detail_json: serde_json::json!({ "note": report.note, "peak_memory_bytes": self.cx.trace.take_peak() }),
        }
    }
}
