//! What the executor is to know of land, stage, check and reconcile: what each needs and gives, and how it is restored.

use futures::FutureExt;
use serde_json::Value;

use super::executor::{Figures, Task, Told};
use super::params::RunParams;
use super::plans::not_loaded;
use super::prepare::{is_own, open_files};
use super::start::Start;
use super::tables::TableRequest;
use super::warnings;
use super::words::note;
use crate::context::{InputFile, RunContext};
use crate::error::{Error, ErrorKind, PLAN_MOVED, Result};
use crate::lake::{DataSet, Manifest};
use crate::progress::{Step, StepProgress};
use crate::steps::check::{Checked, check, register_rejected};
use crate::steps::land::{Landed, OpenedFile, land};
use crate::steps::load::register_all_created;
use crate::steps::reconcile::{Reconciled, reconcile};
use crate::steps::references::{self, Gone, Plan};
use crate::steps::stage::{register_landed, stage};
use crate::steps::texts::survey;
use crate::tables;

/// Bytes or rows become landed records.
pub(super) struct Land {
    pub start: Start,
}

impl Task for Land {
    type Output = Landed;
    const STEP: Step = Step::Land;

    async fn perform(
        self,
        cx: &RunContext,
        progress: &StepProgress,
        told: &mut Told,
    ) -> Result<(Landed, Figures)> {
        let mut landed = match self.start {
            Start::Files(files) => land(cx, files, progress).boxed().await?,
            Start::Rows(rows) | Start::Again(_, Some(rows)) => rows.land(cx, progress).await?,
            Start::Again(params, None) => land(cx, reopen(cx, &params).await?, progress).boxed().await?,
        };
        cx.has_landed(landed.records());
        for sentence in survey(cx, &mut landed).boxed().await? {
            told.warn(sentence);
        }
        warnings::of_landed(cx, told, &landed);
        let figures = Figures {
            rows_in: landed.records() + landed.rejected() + landed.blank(),
            rows_out: landed.records(),
            note: note([(landed.rejected(), "rejected"), (landed.blank(), "blank")]),
        };
        Ok((landed, figures))
    }

    async fn restore(&mut self, cx: &RunContext, landed: &Landed, _: &mut Told) -> Result<bool> {
        cx.has_landed(landed.records());
        register_landed(cx, landed).await?;
        Ok(true)
    }

    fn data_sets(landed: &Landed) -> Vec<(&'static str, DataSet)> {
        vec![
            ("landed", landed.data_set()),
            ("rejects", landed.rejects.clone()),
            ("findings", landed.findings.clone()),
            ("origins", landed.origins.clone().unwrap_or_default()),
        ]
    }
}

/// Landed records become typed rows.
pub(super) struct Stage<'r> {
    pub landed: &'r Landed,
    /// Dry runs whose records count as there.
    pub plans: &'r [Plan],
    /// Chunks of a former attempt are loaded.
    pub is_committed: bool,
}

impl Task for Stage<'_> {
    /// The staged rows.
    type Output = DataSet;
    const STEP: Step = Step::Stage;

    fn expected(&self) -> Option<u64> {
        Some(self.landed.records())
    }

    async fn perform(
        self,
        cx: &RunContext,
        progress: &StepProgress,
        _: &mut Told,
    ) -> Result<(DataSet, Figures)> {
        let staged = stage(cx, self.landed, self.plans, progress).boxed().await?;
        let figures =
            Figures { rows_in: self.landed.records(), rows_out: staged.rows(), note: String::new() };
        Ok((staged, figures))
    }

    /// Records that staged rows name may be gone. Then the rows are staged again, as long as nothing is loaded of them; of a
    /// plan nothing is.
    async fn restore(&mut self, cx: &RunContext, staged: &DataSet, told: &mut Told) -> Result<bool> {
        tables::register_files(&cx.session, "staged", staged).await?;
        let gone = references::gone(cx).await?;
        if gone == Gone::default() {
            return Ok(true);
        }
        if let Some(plan) = cx.plan_run_id
            && gone.planned > 0
        {
            return Err(not_yet(plan, &not_loaded(cx).await?, gone.planned));
        }
        let missing = gone.planned + gone.removed;
        let what = format!("{missing} records that rows of this run name are there no more");
        if cx.plan_run_id.is_some() {
            return Err(Error::new(ErrorKind::Refused, what)
                .with_help("make the plan anew: importer apply --replan")
                .with_code(PLAN_MOVED));
        }
        let then = match self.is_committed {
            true => "chunks of it are loaded, so the rows go on as they are",
            false => "the rows are staged again",
        };
        told.warn(format!("{what}; {then}"));
        Ok(self.is_committed)
    }

    fn data_sets(staged: &DataSet) -> Vec<(&'static str, DataSet)> {
        vec![("staged", staged.clone())]
    }

    fn facts(_: &DataSet) -> Result<Value> {
        Ok(Value::Null)
    }

    fn of_manifest(manifest: &Manifest) -> Result<DataSet> {
        Ok(manifest.data_set("staged")?.clone())
    }
}

/// Staged rows meet the rules.
pub(super) struct Check<'r> {
    pub landed: &'r Landed,
    pub staged: &'r DataSet,
}

impl Task for Check<'_> {
    type Output = Checked;
    const STEP: Step = Step::Check;

    fn expected(&self) -> Option<u64> {
        Some(self.staged.rows())
    }

    async fn perform(
        self,
        cx: &RunContext,
        progress: &StepProgress,
        told: &mut Told,
    ) -> Result<(Checked, Figures)> {
        let checked = check(cx, self.landed, self.staged, progress).boxed().await?;
        warnings::of_namespaces(cx, told, cx.default_namespace).await?;
        let figures = Figures {
            rows_in: checked.evaluated,
            rows_out: checked.validated(),
            note: note([(checked.quarantined, "quarantined")]),
        };
        Ok((checked, figures))
    }

    async fn restore(&mut self, cx: &RunContext, checked: &Checked, _: &mut Told) -> Result<bool> {
        register_rejected(cx, self.landed).await?;
        tables::register_files(&cx.session, "dq_violations", &checked.violations).await?;
        Ok(true)
    }

    fn data_sets(checked: &Checked) -> Vec<(&'static str, DataSet)> {
        vec![("dq_violations", checked.violations.clone())]
    }
}

/// What was loaded is read back, and told.
pub(super) struct Reconcile<'r> {
    pub landed: &'r Landed,
    /// Core rows that were written, and the last round that did; nothing in a dry run.
    pub written: Option<(u64, u32)>,
}

impl Task for Reconcile<'_> {
    type Output = Reconciled;
    const STEP: Step = Step::Reconcile;

    async fn perform(
        self,
        cx: &RunContext,
        progress: &StepProgress,
        told: &mut Told,
    ) -> Result<(Reconciled, Figures)> {
        if let Some((_, last_round)) = self.written {
            register_all_created(cx, last_round).await?;
        }
        let written = self.written.map(|(rows, _)| rows);
        let reconciled = reconcile(cx, self.landed, written, progress).boxed().await?;
        warnings::of_reconciled(cx, told, &reconciled);
        let figures = Figures {
            rows_in: reconciled.sampled,
            rows_out: reconciled.sampled,
            note: format!("{} rows read back, {} differ", reconciled.sampled, reconciled.differing),
        };
        Ok((reconciled, figures))
    }

    async fn restore(&mut self, _: &RunContext, _: &Reconciled, _: &mut Told) -> Result<bool> {
        Ok(true)
    }

    fn data_sets(_: &Reconciled) -> Vec<(&'static str, DataSet)> {
        Vec::new()
    }
}

/// Why a plan cannot be applied that counts on what others of its set would create. It knows their records by no number: also
/// when those are loaded it is planned anew.
fn not_yet(plan: i64, waiting: &[i64], missing: u64) -> Error {
    let what = format!("{missing} records that rows of plan {plan} name were only planned when it was made");
    let anew = format!("`importer apply {plan} --replan`");
    let waiting: Vec<String> = waiting.iter().map(i64::to_string).collect();
    let (message, help) = match waiting.is_empty() {
        true => (
            format!("{what}: the plans before it in its set are loaded by now"),
            format!("plan it anew with {anew}"),
        ),
        false => (
            format!("{what}: the plans before it in its set would create them ({})", waiting.join(", ")),
            format!("apply those first, in this order; then plan this one anew with {anew}"),
        ),
    };
    Error::new(ErrorKind::Refused, message).with_help(help).with_code(PLAN_MOVED)
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
    let order = cx.settings.date_order;
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
