//! The seven steps in order. A failure leaves a run that says what happened; nothing is half-visible in core.
//!
//! Every step is either done, and then writes its manifest, or taken from the manifest that a former attempt left
//! ([`Road::left`]): its files are verified and made known to the session, and it is not done again. A step is written down
//! beside the next one, but before the next one is, and before anything is loaded ([`Road::settled`]).

use std::sync::Arc;

use datafusion::common::runtime::SpawnedTask;

use super::RunContext;
use super::begin::{Begun, begin};
use super::finish::unmapped;
use super::leftovers::{forget_from, manifest_name};
use super::prepare::{Prepared, open_files};
use super::start::Start;
use super::summary::{RunSummary, SummaryParts, UnmappedColumn};
use super::words::note;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{DAMAGED, DataSet, Manifest};
use crate::progress::{Listener, Step, StepReport};
use crate::steps::check::{Checked, check, register_rejected};
use crate::steps::land::{Landed, OpenedFile, land};
use crate::steps::load::register_all_created;
use crate::steps::reconcile::reconcile;
use crate::steps::references;
use crate::steps::resolve::{CoreCounts, Resolved, final_counts};
use crate::steps::stage::{register_landed, stage};
use crate::steps::texts::survey;
use crate::store::{RunStatus, StepRecord, StepStatus};
use futures::FutureExt;

/// Runs what was prepared to its end. The summary says how it went; an error means that no run was made.
pub async fn run(engine: &Engine, prepared: Prepared, listener: Arc<dyn Listener>) -> Result<RunSummary> {
    let begun = begin(engine, prepared, listener).await?;
    travel(engine, begun).boxed().await
}

/// Takes a run that has begun down the road, writes down how it ended and gives the lease back.
pub async fn travel(engine: &Engine, begun: Begun) -> Result<RunSummary> {
    let Begun { cx, lease, start } = begun;
    let fresh = !matches!(start, Start::Again(..));
    let kept = start.kept().cloned();
    let summary = match Road::new(&cx, fresh).await {
        Ok(mut road) => {
            let outcome = Box::pin(road.travel(start)).await;
            road.finish(engine, outcome).await
        }
        Err(error) => Err(error),
    };
    if let (Ok(summary), Some(kept)) = (&summary, &kept)
        && summary.status == RunStatus::Succeeded.as_str()
    {
        crate::remedy::forget(&cx.lake, kept).await;
    }
    // The run is written down; a lease that cannot be given back ends with its connection.
    if let Err(error) = lease.release().await {
        tracing::warn!(run_id = cx.run_id, "the lease was not given back: {error}");
    }
    summary
}

/// The files that a run reads, or whose rows it has from another run.
fn file_names(start: &Start) -> Vec<String> {
    match start {
        Start::Files(files) => files.iter().map(|file| file.name.clone()).collect(),
        Start::Again(params, _) => params.inputs.iter().map(|input| input.input().name()).collect(),
        Start::Rows(_) => Vec::new(),
    }
}

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
    async fn new(cx: &'a RunContext, fresh: bool) -> Result<Self> {
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

    /// Goes down the road; whatever happened there, what was finished is written down afterwards.
    async fn travel(&mut self, start: Start) -> Result<()> {
        let travelled = Box::pin(self.steps(start)).await;
        let settled = self.settled().await;
        travelled.and(settled)
    }

    async fn steps(&mut self, start: Start) -> Result<()> {
        if self.cx.paths.attempt() == 1 {
            self.cx.audit_started(&file_names(&start)).await?;
        }
        self.land(start).await?;
        let staged = self.stage().await?;
        self.check(&staged).await?;
        let stopped = if self.committed.is_none() { self.breaker() } else { Ok(()) };
        if stopped.is_err() {
            tell_findings(self.cx).await?;
        }
        stopped?;
        let rounds = Box::pin(self.rounds()).await?;
        self.reconcile(rounds).await
    }

    async fn land(&mut self, start: Start) -> Result<()> {
        let cx = self.cx;
        if let Some(manifest) = self.left(Step::Land, 0).await? {
            let landed: Landed = manifest.read_facts()?;
            cx.has_landed(landed.records());
            register_landed(cx, &landed).await?;
            self.unmapped = unmapped(cx, &landed).await?;
            self.parts.landed = Some(landed);
            return self.again(Step::Land, &manifest).await;
        }
        let progress = cx.progress(Step::Land, None);
        let mut landed = match start {
            Start::Files(files) => cx.unless_stopped(land(cx, files, &progress).boxed()).await?,
            Start::Rows(rows) | Start::Again(_, Some(rows)) => {
                cx.unless_stopped(rows.land(cx, &progress)).await?
            }
            Start::Again(params, None) => {
                let files = reopen(cx, &params).await?;
                cx.unless_stopped(land(cx, files, &progress).boxed()).await?
            }
        };
        cx.has_landed(landed.records());
        self.unmapped = unmapped(cx, &landed).await?;
        for sentence in cx.unless_stopped(survey(cx, &mut landed).boxed()).await? {
            self.warn(sentence);
        }
        let note = note([(landed.rejected(), "rejected"), (landed.blank(), "blank")]);
        let lines = landed.records() + landed.rejected() + landed.blank();
        for (file, note) in landed.files.iter().flat_map(|f| f.notes.iter().map(move |note| (f, note))) {
            self.warn(format!("{}, {} [{}]. {}", file.name, note.text, note.code, note.hint));
        }
        if landed.records() == 0 {
            self.warn("no record was found below the header".to_owned());
        }
        self.tell_accepted();
        for file in &landed.files {
            for (column, why) in &file.doubted {
                self.warn(format!(
                    "{}: the column {column:?} is left out: {why}; --map \"Column=field\" takes it all the same",
                    file.name
                ));
            }
        }
        let sets = [
            ("landed", landed.data_set()),
            ("rejects", landed.rejects.clone()),
            ("findings", landed.findings.clone()),
            ("origins", landed.origins.clone().unwrap_or_default()),
        ];
        let report = progress.finish(lines, landed.records(), note);
        let facts = serde_json::to_value(&landed)?;
        self.keep(Step::Land, 0, Left { sets, facts, report }).await?;
        self.parts.landed = Some(landed);
        Ok(())
    }

    async fn stage(&mut self) -> Result<DataSet> {
        let cx = self.cx;
        if let Some(manifest) = self.left(Step::Stage, 0).await? {
            let staged = manifest.data_set("staged")?.clone();
            crate::tables::register_files(&cx.session, "staged", &staged).await?;
            if self.references_hold().await? {
                self.again(Step::Stage, &manifest).await?;
                return Ok(staged);
            }
            self.forget(Step::Stage, 0).await?;
        }
        let landed = self.landed()?;
        let progress = cx.progress(Step::Stage, Some(landed.records()));
        let staged = cx.unless_stopped(stage(cx, &landed, &progress).boxed()).await?;
        let report = progress.finish(landed.records(), staged.rows(), "");
        let sets = [("staged", staged.clone())];
        self.keep(Step::Stage, 0, Left { sets, facts: serde_json::Value::Null, report }).await?;
        Ok(staged)
    }

    /// Whether the records that rows staged by a former attempt name are still there. Otherwise the rows are staged again, as
    /// long as nothing is loaded of them; of a plan nothing is.
    async fn references_hold(&mut self) -> Result<bool> {
        let gone = references::gone(self.cx).await?;
        if gone == 0 {
            return Ok(true);
        }
        let what = format!("{gone} records that rows of this run name are there no more");
        if self.cx.plan_run_id.is_some() {
            return Err(Error::new(ErrorKind::Refused, what)
                .with_help("make the plan anew: importer apply --replan")
                .with_code("PLAN_MOVED"));
        }
        if self.committed.is_some() {
            self.warn(format!("{what}; chunks of it are loaded, so the rows go on as they are"));
            return Ok(true);
        }
        self.warn(format!("{what}; the rows are staged again"));
        Ok(false)
    }

    async fn check(&mut self, staged: &DataSet) -> Result<()> {
        let cx = self.cx;
        let landed = self.landed()?;
        if let Some(manifest) = self.left(Step::Check, 0).await? {
            let checked: Checked = manifest.read_facts()?;
            register_rejected(cx, &landed).await?;
            crate::tables::register_files(&cx.session, "dq_violations", &checked.violations).await?;
            self.parts.checked = Some(checked);
            self.again(Step::Check, &manifest).await?;
            if cx.plan_run_id.is_some() {
                self.namespaces(false).await?;
            }
            return Ok(());
        }
        let progress = cx.progress(Step::Check, Some(staged.rows()));
        let checked = cx.unless_stopped(check(cx, &landed, staged, &progress).boxed()).await?;
        self.namespaces(cx.default_namespace).await?;
        let note = note([(checked.quarantined, "quarantined")]);
        let report = progress.finish(checked.evaluated, checked.validated(), note);
        let sets = [("dq_violations", checked.violations.clone())];
        let facts = serde_json::to_value(&checked)?;
        self.keep(Step::Check, 0, Left { sets, facts, report }).await?;
        self.parts.checked = Some(checked);
        Ok(())
    }

    async fn reconcile(&mut self, rounds: u32) -> Result<()> {
        let cx = self.cx;
        if let Some(manifest) = self.left(Step::Reconcile, 0).await? {
            self.parts.reconciled = Some(manifest.read_facts()?);
            if self.loaded {
                self.parts.core = Some(final_counts(cx, rounds, self.parts.refused > 0).await?);
            }
            return self.again(Step::Reconcile, &manifest).await;
        }
        let progress = cx.progress(Step::Reconcile, None);
        if self.loaded {
            self.parts.core = Some(final_counts(cx, rounds, self.parts.refused > 0).await?);
            register_all_created(cx, rounds).await?;
        }
        let landed = self.landed()?;
        let written = self.loaded.then(|| self.parts.core.as_ref().map_or(0, CoreCounts::written));
        let reconciled = cx.unless_stopped(reconcile(cx, &landed, written, &progress).boxed()).await?;
        self.freshness(reconciled.freshness_seconds);
        if reconciled.differing > 0 {
            self.anomalies.push("parity".to_owned());
            self.warn(format!(
                "{} of {} rows that were read back differ from what was written; somebody else may have edited them meanwhile",
                reconciled.differing, reconciled.sampled
            ));
        }
        for told in &reconciled.told {
            self.warn(told.clone());
        }
        let note = format!("{} rows read back, {} differ", reconciled.sampled, reconciled.differing);
        let report = progress.finish(reconciled.sampled, reconciled.sampled, note);
        let facts = serde_json::to_value(&reconciled)?;
        self.keep(Step::Reconcile, 0, Left { sets: [], facts, report }).await?;
        self.parts.reconciled = Some(reconciled);
        Ok(())
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

/// Opens the files of a run that was begun before, if they are what they were.
async fn reopen(cx: &RunContext, params: &super::RunParams) -> Result<Vec<OpenedFile>> {
    if params.inputs.is_empty() {
        return Err(Error::new(
            ErrorKind::Usage,
            format!("run {} stopped before its rows were landed, and it reads no file", cx.run_id),
        )
        .with_help("repeat the command that started it")
        .with_code("INPUT_GONE"));
    }
    params.require_same_inputs()?;
    let inputs: Vec<_> = params.inputs.iter().map(super::params::InputFile::input).collect();
    let batch_rows = cx.session.copied_config().batch_size();
    let order = importer_plans::project::DateOrder::of(&cx.settings.date_order);
    if !super::prepare::is_own(&cx.source, &params.options) {
        return open_files(
            &cx.source,
            &cx.entity,
            &inputs,
            &params.options,
            &params.headers,
            order,
            batch_rows,
        );
    }
    let table = super::tables::TableRequest {
        source: cx.source.clone(),
        entity: cx.entity.as_ref().clone(),
        inputs,
        options: params.options.clone(),
        headers: params.headers.clone(),
        order,
        batch_rows,
    };
    table.open(&cx.store, &cx.tenant).await
}
