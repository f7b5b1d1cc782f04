//! The story of one record of a run.

use super::ask::{Asker, int, text};
use super::pinned::{Pinned, instant, pinned};
use super::question::{Found, RowQuestion, file_of, record, run};
use super::since::{Later, link_of};
use super::story::{
    Check, Land, Load, LoadState, Match, Outcome, Record, Resolve, RowStory, RunFacts, Since, Stage, Verdict,
};
use super::{check, land, load, matching, resolve, stage};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::steps::land::LandedFile;
use crate::store::Run;

/// Tells it.
pub async fn tell(engine: &Engine, question: &RowQuestion) -> Result<RowStory> {
    let pinned = pinned(engine, run(engine, question.run).await?).await?;
    match of_run(engine, &pinned, question).await {
        Err(error) if error.code().is_none() => Err(pinned.or_missing(engine, error).await),
        told => told,
    }
}

async fn of_run(engine: &Engine, pinned: &Pinned, question: &RowQuestion) -> Result<RowStory> {
    let asker = Asker::open(engine).await?;
    match record(&asker, pinned.place, &pinned.landed, &question.which).await? {
        Found::Reject { file, line } => of_reject(&asker, pinned, file, line).await,
        Found::Row(row) => of_row(engine, &asker, pinned, row).await,
    }
}

async fn of_reject(asker: &Asker, pinned: &Pinned, file: i32, line: i64) -> Result<RowStory> {
    let (record, mut land) = land::of_reject(asker, pinned, the_file(pinned, file)?, line).await?;
    let mut since = Since::default();
    if !pinned.run.dry_run {
        let status = check::of_reject(asker, pinned, file, record.line).await?;
        since.findings.clone_from(&status.rows);
        land.asked.push(status);
    }
    let reason = land.reject.as_ref().map(|r| r.reason.clone()).unwrap_or_default();
    let story = Told { land: Some(land), ..Told::default() };
    let stopped = Some(format!("it could not be read as a record: {reason}"));
    Ok(story.finish(pinned, record, Outcome::Rejected, stopped, None, since))
}

fn the_file(pinned: &Pinned, number: i32) -> Result<&LandedFile> {
    let found = pinned.landed.files.iter().find(|f| f.number == number);
    found.ok_or_else(|| Error::internal(format!("the run read no file {number}")))
}

async fn of_row(engine: &Engine, asker: &Asker, pinned: &Pinned, row: i64) -> Result<RowStory> {
    asker.knows_lists(&pinned.entity)?;
    let file = file_of(&pinned.landed, row).ok_or_else(|| Error::internal("a row without a file"))?;
    let (record, land) = land::of_row(asker, pinned, file, row).await?;
    let mut told = Told { land: Some(land), ..Told::default() };
    let mut later = Later::new(asker, pinned);
    let mut stopped = told.walk(engine, asker, pinned, file, row).await?;
    let link = told.stage.as_ref().and_then(|s| link_of(&s.keys));
    let link_row = if pinned.run.dry_run { None } else { later.link(&link).await? };
    let mut core_id = told.core_id();
    if core_id.is_none() && told.is_loaded() {
        // A created row has its id from the load; its link leads there.
        core_id = link_row.as_ref().and_then(|l| int(l, "core_id"));
        if let Some(load) = &mut told.load {
            load.core_id = core_id;
        }
    }
    if told.outcome(row) == Outcome::Created
        && let Some(matched) = &mut told.matched
    {
        // The keys that the new core row holds now came from this record.
        matched.hits.retain(|hit| hit.seen != "now" || hit.core_id != core_id);
    }
    let since =
        if pinned.run.dry_run { Since::default() } else { later.tell(&link, link_row, core_id).await? };
    let mut outcome = told.outcome(row);
    let moved = |s: &super::Row| {
        text(s, "reason").as_deref() == Some("moved")
            && int(s, "run_id") == Some(pinned.run.id)
            && int(s, "sequence_number") == Some(row)
    };
    if since.suggestions.iter().any(moved) {
        outcome = Outcome::Review;
        stopped = Some("core was changed by others in every round, so it waits for a person".to_owned());
        if let Some(load) = &mut told.load {
            load.state = LoadState::Refused;
        }
    }
    Ok(told.finish(pinned, record, outcome, stopped, core_id, since))
}

/// The steps told so far.
#[derive(Default)]
struct Told {
    land: Option<Land>,
    stage: Option<Stage>,
    check: Option<Check>,
    matched: Option<Match>,
    resolve: Option<Resolve>,
    load: Option<Load>,
}

impl Told {
    /// Goes as far as the record went; says why it did not go on.
    async fn walk(
        &mut self,
        engine: &Engine,
        asker: &Asker,
        pinned: &Pinned,
        file: &LandedFile,
        row: i64,
    ) -> Result<Option<String>> {
        if !pinned.finished("stage") {
            return Ok(Some(ended(&pinned.run, "stage")));
        }
        let staged = stage::of_row(asker, pinned, file, row).await?;
        if !pinned.finished("check") {
            self.stage = Some(staged);
            return Ok(Some(ended(&pinned.run, "check")));
        }
        let checked = check::of_row(asker, pinned, row).await?;
        let quarantined = checked.quarantined;
        self.check = Some(checked);
        if quarantined {
            self.stage = Some(staged);
            let by_target = self.check.as_ref().is_some_and(|c| failed_rules(c).starts_with("LOAD_"));
            return Ok(Some(match by_target {
                true => "the target tables did not take it, so the row is quarantined".to_owned(),
                false => "an enforced rule of severity error failed, so the row is quarantined".to_owned(),
            }));
        }
        if !pinned.finished("match") {
            self.stage = Some(staged);
            return Ok(Some(ended(&pinned.run, "match")));
        }
        let mut matched = matching::of_row(asker, pinned, &staged, row).await?;
        self.stage = Some(staged);
        let waits = matched.outcome == "review";
        let because = matched.because.clone();
        if pinned.finished("resolve") {
            self.resolve = resolve::of_row(asker, pinned, &matched, row).await?;
        }
        if let Some(change) = &self.resolve {
            matching::as_before(&mut matched, change, &pinned.shape);
            self.load = Some(load::of_row(engine, asker, pinned, &matched, change).await?);
        }
        self.matched = Some(matched);
        Ok(if waits {
            Some(format!("it waits for a person: {because}"))
        } else if !pinned.finished("resolve") {
            Some(ended(&pinned.run, "resolve"))
        } else if self.load.as_ref().is_some_and(|l| l.state == LoadState::NotLoaded) {
            Some(ended(&pinned.run, "load"))
        } else {
            None
        })
    }

    fn is_loaded(&self) -> bool {
        self.load.as_ref().is_some_and(|l| l.state == LoadState::Loaded)
    }

    fn core_id(&self) -> Option<i64> {
        let of_match = self.matched.as_ref().and_then(|m| m.core_id);
        of_match
            .or_else(|| self.resolve.as_ref().and_then(|r| r.core_id))
            .or_else(|| self.load.as_ref().and_then(|l| l.core_id))
    }

    fn outcome(&self, row: i64) -> Outcome {
        if self.check.as_ref().is_some_and(|c| c.quarantined) {
            return Outcome::Quarantined;
        }
        let Some(matched) = &self.matched else { return Outcome::Undecided };
        match matched.outcome.as_str() {
            "review" => return Outcome::Review,
            "unchanged" => return Outcome::Unchanged,
            "not_found" => return Outcome::NotFound,
            "skipped_duplicate" => return Outcome::SkippedDuplicate,
            _ => {}
        }
        let Some(change) = &self.resolve else { return Outcome::Undecided };
        if change.lead_row != Some(row) {
            return Outcome::Duplicate;
        }
        match change.action.as_str() {
            "created" => Outcome::Created,
            "updated" => Outcome::Updated,
            "reactivated" => Outcome::Reactivated,
            "soft_deleted" => Outcome::SoftDeleted,
            _ => Outcome::Unchanged,
        }
    }

    fn finish(
        self,
        pinned: &Pinned,
        record: Record,
        outcome: Outcome,
        stopped: Option<String>,
        core_id: Option<i64>,
        since: Since,
    ) -> RowStory {
        let summary = self.summary(pinned, outcome, core_id, &since);
        RowStory {
            run: facts(&pinned.run),
            record,
            outcome,
            summary,
            stopped,
            core_id,
            land: self.land.unwrap_or_else(|| Land {
                dialect: Vec::new(),
                is_error_report: false,
                origin: None,
                cells: Vec::new(),
                reject: None,
                asked: Vec::new(),
            }),
            stage: self.stage,
            check: self.check,
            matched: self.matched,
            resolve: self.resolve,
            load: self.load,
            since,
        }
    }

    /// One sentence: what became of it.
    fn summary(&self, pinned: &Pinned, outcome: Outcome, core_id: Option<i64>, since: &Since) -> String {
        let entity = &pinned.run.entity;
        let core = core_id.map_or_else(|| format!("a row of {entity}"), |id| format!("{entity} {id}"));
        let lead = self.resolve.as_ref().and_then(|r| r.lead_row).unwrap_or_default();
        let because = self.matched.as_ref().map(|m| m.because.clone()).unwrap_or_default();
        let failed = self.check.as_ref().map(failed_rules).unwrap_or_default();
        let done = match outcome {
            Outcome::Rejected => "could not be read as a record".to_owned(),
            Outcome::Quarantined => format!("was quarantined by {failed}"),
            Outcome::Review => format!("waits for a person: {because}"),
            Outcome::Created => format!("made {core}"),
            Outcome::Updated => format!("updated {core}"),
            Outcome::Reactivated => format!("made {core} active again"),
            Outcome::SoftDeleted => format!("made {core} inactive"),
            Outcome::Unchanged => match &self.matched {
                Some(m) if m.outcome == "unchanged" => format!("changed nothing: {because}"),
                _ => self.changed_nothing(&core),
            },
            Outcome::Duplicate => {
                format!("is the same person as row {lead}, which is the stronger one for {core}")
            }
            Outcome::SkippedDuplicate | Outcome::NotFound => format!("changed nothing: {because}"),
            Outcome::Undecided => "was not decided: the run stopped before".to_owned(),
        };
        let state = self.load.as_ref().map(|l| l.state);
        let not_loaded = state == Some(LoadState::NotLoaded);
        let would = not_loaded || (pinned.run.dry_run && state.is_some());
        let mut text = if would { format!("would have had this outcome: {done}") } else { done };
        if not_loaded {
            text.push_str("; it was not loaded");
        }
        if self.is_loaded() && since.core_exists == Some(false) {
            text.push_str("; that row is no longer in core");
        }
        if let Some(run) = since.taken_back.last().and_then(|row| int(row, "run_id")) {
            text.push_str(&format!("; run {run} took that back"));
        }
        text
    }
}

impl Told {
    /// Why a row that was decided changed nothing.
    fn changed_nothing(&self, core: &str) -> String {
        let row = self.resolve.as_ref().and_then(|r| r.lead_row);
        let lost = |tie: bool| -> Vec<&str> {
            let fields = self.resolve.iter().flat_map(|r| &r.fields);
            let lost = fields.filter(|field| {
                let offered =
                    |l: &super::Candidate| l.row == row && !matches!(l.reason, "missing" | "same_value");
                let kept = field.winner.as_ref().is_some_and(|w| (w.reason == "tie_keeps_core") == tie);
                kept && field.losers.iter().any(offered)
            });
            lost.map(|field| field.field.as_str()).collect()
        };
        match (lost(true), lost(false)) {
            (tied, _) if !tied.is_empty() => format!(
                "changed nothing: what {core} has is just as new and stays ({}); the row is not taken for loaded",
                tied.join(", ")
            ),
            (_, weaker) if !weaker.is_empty() => {
                format!("changed nothing: what {core} has wins ({})", weaker.join(", "))
            }
            _ => format!("changed nothing: {core} has all of it already"),
        }
    }
}

fn failed_rules(check: &Check) -> String {
    let mut codes: Vec<&str> = check
        .rules
        .iter()
        .filter(|r| r.verdict == Verdict::Failed && r.severity == "error" && r.mode == "enforce")
        .map(|r| r.rule_code.as_str())
        .collect();
    codes.dedup();
    codes.join(", ")
}

/// Why a record did not reach a step.
fn ended(run: &Run, step: &str) -> String {
    match &run.error_summary {
        Some(error) => format!("the run ended ({}) before {step} was done: {error}", run.status),
        None => format!("the run is {} and {step} is not done", run.status),
    }
}

/// The run as the story names it.
pub fn facts(run: &Run) -> RunFacts {
    RunFacts {
        run_id: run.id,
        kind: run.kind.to_string(),
        status: run.status.to_string(),
        dry_run: run.dry_run,
        entity: run.entity.clone(),
        source: run.source.clone(),
        policy: run.policy.clone(),
        mode: run.mode.clone(),
        project_hash: run.project_hash.clone(),
        triggered_by: run.triggered_by.clone(),
        started_at: run.started_at.map(instant),
        finished_at: run.finished_at.map(instant),
    }
}
