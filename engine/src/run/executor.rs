//! The executor: every step is performed, persisted and timed here, or restored from what a former attempt left of it.
//!
//! A step is a [`Task`]: what it needs are its fields, what it gives is its [`Output`](Task::Output). No step looks for the
//! manifest of another one, and none knows whether it is done for the first time.
//!
//! A former attempt's manifest is verified file by file; its output is made known to the session, and the step is not done
//! again. A step is persisted beside the next one, but before the next one is, and before anything is loaded.

use std::sync::Arc;

use datafusion::common::runtime::SpawnedTask;
use futures::FutureExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::leftovers::{forget_from, manifest_name};
use crate::context::{RunContext, while_ours};
use crate::error::{DAMAGED, Error, ErrorKind, Result};
use crate::lake::{DataSet, Manifest};
use crate::progress::{Listener, Step, StepProgress, StepReport};
use crate::store::{StepRecord, StepStatus};

/// One step with what it needs.
pub(super) trait Task: Send {
    /// What it gives the steps after it. Kept as facts in its manifest.
    type Output: Serialize + DeserializeOwned + Send;

    const STEP: Step;
    /// It waits until all steps before it are persisted, and looks itself where it may be stopped.
    const WRITES_CORE: bool = false;

    /// Of match, resolve and load: which of their passes.
    fn round(&self) -> u32 {
        0
    }

    /// Rows that will go in, where that is known before.
    fn expected(&self) -> Option<u64> {
        None
    }

    /// Does the step. What people should read of it goes to `told`.
    fn perform(
        self,
        cx: &RunContext,
        progress: &StepProgress,
        told: &mut Told,
    ) -> impl Future<Output = Result<(Self::Output, Figures)>> + Send;

    /// Makes the output of a former attempt known to the session, as if the step had just been done. `false`: it holds no more,
    /// and the step is done again.
    fn restore(
        &mut self,
        cx: &RunContext,
        output: &Self::Output,
        told: &mut Told,
    ) -> impl Future<Output = Result<bool>> + Send;

    /// The data sets of an output, by name.
    fn data_sets(output: &Self::Output) -> Vec<(&'static str, DataSet)>;

    /// The facts of an output beside its data sets.
    fn facts(output: &Self::Output) -> Result<Value> {
        Ok(serde_json::to_value(output)?)
    }

    /// The output that a manifest tells of.
    fn of_manifest(manifest: &Manifest) -> Result<Self::Output> {
        manifest.read_facts()
    }
}

/// What a step says of itself when it is done.
pub(super) struct Figures {
    pub rows_in: u64,
    pub rows_out: u64,
    pub note: String,
}

/// What a step gave, and whether a former attempt had done it.
pub(super) struct Ran<T> {
    pub output: T,
    pub restored: bool,
}

/// What a run tells people while it goes on.
pub(super) struct Told {
    listener: Arc<dyn Listener>,
    pub warnings: Vec<String>,
    pub anomalies: Vec<String>,
    /// How many of both stand in a manifest already.
    persisted: (usize, usize),
}

impl Told {
    fn new(listener: &Arc<dyn Listener>) -> Self {
        let listener = Arc::clone(listener);
        Self { listener, warnings: Vec::new(), anomalies: Vec::new(), persisted: (0, 0) }
    }

    pub fn warn(&mut self, text: String) {
        self.listener.warn(&text);
        self.warnings.push(text);
    }

    fn all_persisted(&mut self) {
        self.persisted = (self.warnings.len(), self.anomalies.len());
    }
}

/// Runs the steps of one attempt of a run.
pub(super) struct Executor<'a> {
    cx: &'a RunContext,
    pub told: Told,
    /// The steps that are done, in order.
    pub reports: Vec<StepReport>,
    /// The last round of which a former attempt committed a chunk.
    pub committed: Option<u32>,
    /// From here on nothing of a former attempt counts.
    fresh: bool,
    /// The highest epoch of a manifest so far.
    epoch: i64,
    /// The last step, on its way to the lake and the store.
    persisting: Option<SpawnedTask<Result<()>>>,
}

impl<'a> Executor<'a> {
    /// `fresh`: there was no former attempt.
    pub async fn new(cx: &'a RunContext, fresh: bool) -> Result<Self> {
        let committed = if fresh {
            None
        } else {
            let ledger = cx.store.committed_chunks(&cx.tenant, cx.run_id).await?;
            ledger.iter().filter_map(|entry| u32::try_from(entry.round).ok()).max()
        };
        let told = Told::new(&cx.listener);
        Ok(Self { cx, told, reports: Vec::new(), committed, fresh, epoch: 0, persisting: None })
    }

    /// Performs a step, or restores it.
    pub async fn run<T: Task>(&mut self, mut task: T) -> Result<Ran<T::Output>> {
        let (cx, step, round) = (self.cx, T::STEP, task.round());
        if let Some(manifest) = self.manifest(step, round).await? {
            let output = T::of_manifest(&manifest)?;
            if task.restore(cx, &output, &mut self.told).await? {
                self.take_over(step, &manifest).await?;
                return Ok(Ran { output, restored: true });
            }
            self.forget(step, round).await?;
        }
        if T::WRITES_CORE {
            self.persisted().await?;
        }
        let progress = cx.progress(step, task.expected());
        let work = task.perform(cx, &progress, &mut self.told).boxed();
        let (output, figures) = if T::WRITES_CORE { work.await? } else { cx.unless_stopped(work).await? };
        let report = progress.finish(figures.rows_in, figures.rows_out, figures.note);
        self.persist(round, T::data_sets(&output), T::facts(&output)?, report).await?;
        Ok(Ran { output, restored: false })
    }

    /// The manifest that a former attempt left of a step, its files verified. What is damaged is done again, as long
    /// as nothing is loaded that was made from it.
    async fn manifest(&mut self, step: Step, round: u32) -> Result<Option<Manifest>> {
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
            self.told.warn(format!("step {} is done again: {error}", step.name()));
        }
        if !matches!(step, Step::Load | Step::Reconcile) {
            cx.store.forget_ids(&cx.fence, i64::from(round)).await?;
        }
        self.forget(step, round).await?;
        Ok(None)
    }

    /// Nothing of a former attempt counts from this step on.
    async fn forget(&mut self, step: Step, round: u32) -> Result<()> {
        let cx = self.cx;
        while_ours(&cx.store, &cx.fence, forget_from(&cx.lake, &cx.paths, step, round)).await?;
        self.fresh = true;
        Ok(())
    }

    /// Whether a step cannot be done again: chunks are committed that were made from it, or it is that of a plan.
    fn must_stay(&self, step: Step, round: u32) -> bool {
        let loaded = self.committed.is_some_and(|committed| round <= committed);
        !matches!(step, Step::Load | Step::Reconcile) && (loaded || self.cx.plan_run_id.is_some())
    }

    /// A manifest with all its files. One that is older than those of the steps before it was not made from them: a process
    /// wrote it that had lost the run. Copies of a plan are the same, whoever made them.
    async fn verified(&mut self, step: Step, round: u32) -> Result<Option<Manifest>> {
        let cx = self.cx;
        let read = Manifest::read(&cx.lake, &cx.paths, &manifest_name(step, round)).await;
        let Some(manifest) = read? else { return Ok(None) };
        for set in manifest.data_sets.values() {
            set.verify(&cx.lake).await?;
        }
        if manifest.epoch < self.epoch && cx.plan_run_id.is_none() {
            let message = format!("the manifest of {} is of a process that had lost the run", manifest.step);
            return Err(Error::new(ErrorKind::Lake, message).with_code(DAMAGED));
        }
        self.epoch = self.epoch.max(manifest.epoch);
        Ok(Some(manifest))
    }

    /// Writes down what a step gave, beside what comes next. Once that is done the step is finished.
    async fn persist(
        &mut self,
        round: u32,
        data_sets: Vec<(&'static str, DataSet)>,
        facts: Value,
        report: StepReport,
    ) -> Result<()> {
        self.persisted().await?;
        fail::fail_point!("run::before_manifest", |_| Err(Error::internal("failpoint run::before_manifest")));
        let (cx, told) = (self.cx, &self.told);
        let manifest = Manifest {
            step: manifest_name(report.step, round),
            attempt: cx.paths.attempt(),
            epoch: cx.fence.epoch(),
            data_sets: data_sets.into_iter().map(|(name, set)| (name.to_owned(), set)).collect(),
            facts: serde_json::json!({
                "facts": facts,
                "queries": cx.trace.take(),
                "report": report,
                "warnings": told.warnings.get(told.persisted.0..),
                "anomalies": told.anomalies.get(told.persisted.1..),
            }),
        };
        self.told.all_persisted();
        let record = self.record(&report, manifest.attempt);
        self.reports.push(report);
        let (lake, paths, store) = (cx.lake.clone(), cx.paths.clone(), Arc::clone(&cx.store));
        let fence = cx.fence.clone();
        self.persisting = Some(SpawnedTask::spawn(async move {
            if !manifest.create(&lake, &paths).await? {
                while_ours(&store, &fence, manifest.supersede(&lake, &paths)).await?;
            }
            fail::fail_point!("run::after_manifest", |_| Err(Error::internal(
                "failpoint run::after_manifest"
            )));
            Ok(store.record_step(&fence, &record).await?)
        }));
        Ok(())
    }

    /// Waits until the last step is written down.
    pub async fn persisted(&mut self) -> Result<()> {
        match self.persisting.take() {
            Some(persisting) => persisting.join_unwind().await?,
            None => Ok(()),
        }
    }

    /// Takes a finished step into the account of this attempt.
    async fn take_over(&mut self, step: Step, manifest: &Manifest) -> Result<()> {
        let texts = |name: &str| -> Vec<String> {
            serde_json::from_value(manifest.facts[name].clone()).unwrap_or_default()
        };
        self.told.warnings.extend(texts("warnings"));
        self.told.anomalies.extend(texts("anomalies"));
        self.told.all_persisted();
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
        let cx = self.cx;
        cx.listener.finished(&StepReport { note, ..report.clone() });
        let record = self.record(&report, manifest.attempt);
        cx.store.record_step(&cx.fence, &record).await?;
        self.reports.push(report);
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
