//! The seven steps in order. A failure leaves a run that says what happened; nothing is half-visible in core.

use std::sync::Arc;

use futures::FutureExt;

use super::begin::{Begun, begin};
use super::finish::unmapped;
use super::params::RunParams;
use super::prepare::{Prepared, is_own, open_files};
use super::road::{Left, Road, tell_findings};
use super::start::Start;
use super::summary::RunSummary;
use super::tables::TableRequest;
use super::words::note;
use crate::context::{InputFile, RunContext};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::DataSet;
use crate::progress::{Listener, Step};
use crate::steps::check::{Checked, check, register_rejected};
use crate::steps::land::{Landed, OpenedFile, land};
use crate::steps::load::register_all_created;
use crate::steps::reconcile::reconcile;
use crate::steps::references;
use crate::steps::resolve::{CoreCounts, final_counts};
use crate::steps::stage::{register_landed, stage};
use crate::steps::texts::survey;
use crate::store::RunStatus;

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

impl Road<'_> {
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
}

/// Opens the files of a run that was begun before, if they are what they were.
async fn reopen(cx: &RunContext, params: &RunParams) -> Result<Vec<OpenedFile>> {
    if params.inputs.is_empty() {
        return Err(Error::new(
            ErrorKind::Usage,
            format!("run {} stopped before its rows were landed, and it reads no file", cx.run_id),
        )
        .with_help("repeat the command that started it")
        .with_code("INPUT_GONE"));
    }
    params.require_same_inputs()?;
    let inputs: Vec<_> = params.inputs.iter().map(InputFile::input).collect();
    let batch_rows = cx.session.copied_config().batch_size();
    let order = importer_plans::project::DateOrder::of(&cx.settings.date_order);
    if !is_own(&cx.source, &params.options) {
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
    let table = TableRequest {
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
