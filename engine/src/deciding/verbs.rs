//! What people can decide: that two rows are one, that they are two after all, and what becomes of suggestions.

use importer_plans::compile::Shape;
use importer_plans::compile::merging::Pair;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::admit::{Admitted, Asked, MergeRequest, UnmergeRequest, admit, entity_of, may_merge};
use super::begin::{begin, ended, ledger, look};
use super::log::{FieldOutcome, Kept, PartedField, Told};
use super::masking::{masked, sensitive};
use super::read::{core_table, lock, places};
use super::refusal::refused;
use super::split::{SplitReport, SplitRequest, split};
use super::transaction::{audit, close, open};
use super::unmerge::part;
use super::winner::shown_of;
use super::write::{Unit, counted, merge_in, plan};
use crate::context::RunContext;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{
    DecidedChange, MergeFilter, MergeRow, NewMerge, NewVerdict, RecordLink, Session, StoredSuggestion,
};

/// What a merge did, or would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MergeReport {
    /// Nothing in a look.
    pub run_id: Option<i64>,
    pub merge_id: Option<i64>,
    pub dry_run: bool,
    pub entity: String,
    pub winner: i64,
    pub loser: i64,
    pub suggestion: Option<i64>,
    pub fields: Vec<FieldOutcome>,
    /// External ids that go over.
    pub links: u64,
    /// Rows of other tables that go over, by table.
    pub children: Vec<(String, u64)>,
    /// Rows of other tables that the row that stays has already.
    pub aside: u64,
}

/// What taking a merge back did, or would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnmergeReport {
    pub run_id: Option<i64>,
    pub merge_id: i64,
    pub dry_run: bool,
    pub entity: String,
    pub winner: i64,
    pub loser: i64,
    /// `undone`, `partly_undone`; in a look what it would be.
    pub status: String,
    /// Later merges that were opened for it and closed again.
    pub reopened: Vec<i64>,
    pub fields: Vec<PartedField>,
    /// What stays, goes elsewhere, or cannot be had back.
    pub told: Vec<Told>,
}

impl Engine {
    /// Makes two rows of core one, or says what that would do.
    pub async fn merge(&self, request: &MergeRequest) -> Result<MergeReport> {
        let mut report = Box::pin(merge(self, request)).await?;
        if !request.show {
            let hidden = sensitive(&Shape::of(entity_of(self, &report.entity)?));
            for field in report.fields.iter_mut().filter(|field| hidden.contains(&field.field)) {
                [&mut field.winner, &mut field.loser, &mut field.merged].into_iter().for_each(masked);
            }
        }
        Ok(report)
    }

    /// Takes a merge back, or says what that would do.
    pub async fn unmerge(&self, request: &UnmergeRequest) -> Result<UnmergeReport> {
        let mut report = Box::pin(unmerge(self, request)).await?;
        if !request.show {
            mask(self, &report.entity, &mut report.fields)?;
        }
        Ok(report)
    }

    /// Gives records of a row a row of their own, or says what that would do.
    pub async fn split(&self, request: &SplitRequest) -> Result<SplitReport> {
        let mut report = Box::pin(split(self, request)).await?;
        if !request.show {
            mask(self, &report.entity, &mut report.fields)?;
        }
        Ok(report)
    }

    /// The merges that a row of core won or lost.
    pub async fn merges_of(&self, entity: &str, core_id: i64) -> Result<Vec<MergeRow>> {
        let entity = entity_of(self, entity)?;
        let table = entity.core_load().map(|load| load.own_table().to_owned());
        let filter = MergeFilter { core_table: table, core_id: Some(core_id), run: None };
        Ok(self.store.merges(&self.tenant, &filter).await?)
    }
}

fn mask(engine: &Engine, entity: &str, fields: &mut [PartedField]) -> Result<()> {
    let hidden = sensitive(&Shape::of(entity_of(engine, entity)?));
    for field in fields.iter_mut().filter(|field| hidden.contains(&field.field)) {
        [&mut field.winner, &mut field.loser, &mut field.merged].into_iter().for_each(masked);
    }
    Ok(())
}

async fn merge(engine: &Engine, request: &MergeRequest) -> Result<MergeReport> {
    let admitted = admit(engine, request).await?;
    let unit = Unit { pair: admitted.pair, picks: admitted.picks.clone() };
    let cx = look(engine, &admitted.entity).await?;
    let mut session = cx.store.session().await?;
    may_merge(&cx, &mut session, (unit.pair, request.force), &core_table(&cx)).await?;
    if request.dry_run {
        let planned = plan(&cx, &mut session, &engine.project, &unit, 0).await?;
        let children = counted(&mut session, &planned, unit.pair).await?;
        let links = session.links_of(&cx.tenant, &cx.entity.name, unit.pair.loser).await?.len() as u64;
        return Ok(MergeReport { children, links, ..report(&admitted, planned.fields()) });
    }
    drop(session);
    let asked = Asked::Merge {
        winner: unit.pair.winner,
        loser: unit.pair.loser,
        picks: admitted.picks.clone(),
        suggestion: request.suggestion,
        reason: request.reason.clone(),
    };
    let begun = begin(engine, &admitted.entity, &asked, request.triggered_by.as_deref(), false).await?;
    let outcome = match begun.done().await? {
        Some(done) => Ok(serde_json::from_value(done)?),
        None => merge_now(engine, &begun.cx, (&admitted, &unit), request, 0).await,
    };
    ended(begun, outcome, |report: &MergeReport| json!({ "merged": 1, "fields": report.fields.len() })).await
}

fn report(admitted: &Admitted, fields: Vec<FieldOutcome>) -> MergeReport {
    MergeReport {
        run_id: None,
        merge_id: None,
        dry_run: true,
        entity: admitted.entity.clone(),
        winner: admitted.pair.winner,
        loser: admitted.pair.loser,
        suggestion: admitted.suggestion.as_ref().map(|s| s.id),
        fields,
        links: 0,
        children: Vec::new(),
        aside: 0,
    }
}

/// One merge in one transaction: all of it is visible or nothing.
pub(super) async fn merge_now(
    engine: &Engine,
    cx: &RunContext,
    (admitted, unit): (&Admitted, &Unit),
    request: &MergeRequest,
    chunk: i64,
) -> Result<MergeReport> {
    let mut session = open(engine, cx).await?;
    let done = merge_inside(engine, cx, &mut session, (admitted, unit), request, chunk).await;
    close(session, done).await
}

async fn merge_inside(
    engine: &Engine,
    cx: &RunContext,
    session: &mut Session,
    (admitted, unit): (&Admitted, &Unit),
    request: &MergeRequest,
    chunk: i64,
) -> Result<MergeReport> {
    let (pair, table) = (unit.pair, core_table(cx));
    let tables = places(cx, session).await?;
    lock(session, &tables, &[pair.winner, pair.loser]).await?;
    may_merge(cx, session, (pair, request.force), &table).await?;
    let planned = plan(cx, session, &engine.project, unit, whole(chunk)).await?;
    let fields = planned.fields();
    let kept = merge_in(cx, session, &engine.project, (unit, planned), chunk).await?;
    let suggestion = admitted.suggestion.as_ref();
    if let Some(suggestion) = suggestion {
        answer(cx, session, suggestion).await?;
    }
    let new = NewMerge {
        entity: cx.entity.name.clone(),
        core_table: table.clone(),
        winner: pair.winner,
        loser: pair.loser,
        suggestion: suggestion.map(|s| s.id),
        documents: kept.documents()?,
        score: suggestion.and_then(|s| s.score),
        reason: request.reason.clone(),
        decided_by: cx.actor.clone(),
    };
    let merge_id = session.insert_merge(&cx.fence, &new).await?;
    verdicts(cx, session, (&kept, &table), (true, suggestion.map(|s| s.id))).await?;
    let mut report = report(admitted, fields);
    (report.dry_run, report.run_id, report.merge_id) = (false, Some(cx.run_id), Some(merge_id));
    report.links = kept.undo.entities.iter().map(|of| of.loser_links.len() as u64).sum();
    report.aside = kept.undo.aside.len() as u64;
    for child in &kept.undo.children {
        match report.children.iter_mut().find(|(table, _)| *table == child.table) {
            Some((_, rows)) => *rows += 1,
            None => report.children.push((child.table.clone(), 1)),
        }
    }
    let details = json!({
        "winner": pair.winner, "loser": pair.loser, "suggestion": report.suggestion, "reason": request.reason,
        "picked": unit.picks, "links": report.links, "children": report.children, "aside": report.aside,
    });
    audit(cx, session, ("MERGED", "merge", merge_id), details).await?;
    // No values: the ledger is read by whoever looks at runs.
    let told = MergeReport { fields: Vec::new(), ..report.clone() };
    ledger(cx, session, chunk, (2, serde_json::to_value(told)?)).await?;
    fail::fail_point!("deciding::before_commit", |_| Err(Error::internal(
        "failpoint deciding::before_commit"
    )));
    Ok(report)
}

async fn answer(cx: &RunContext, session: &mut Session, suggestion: &StoredSuggestion) -> Result<()> {
    let merged = (crate::store::Decision::Merged, None);
    session.decide_suggestion(&cx.tenant, suggestion.id, merged, &cx.actor).await?;
    Ok(())
}

fn whole(chunk: i64) -> u32 {
    u32::try_from(chunk).unwrap_or(u32::MAX)
}

/// What was decided about the records of both rows.
async fn verdicts(
    cx: &RunContext,
    session: &mut Session,
    (kept, table): (&Kept, &str),
    (same, suggestion): (bool, Option<i64>),
) -> Result<()> {
    for (one, other) in pairs(cx, kept) {
        let verdict = NewVerdict {
            core_table: table,
            records: (&one, &other),
            same,
            suggestion,
            run: Some(cx.run_id),
            actor: &cx.actor,
        };
        session.decide_pair(&cx.tenant, &verdict).await?;
    }
    Ok(())
}

/// Each record of the one with each of the other.
fn pairs(cx: &RunContext, kept: &Kept) -> Vec<(RecordLink, RecordLink)> {
    let own = kept.undo.entities.iter().filter(|of| of.entity == cx.entity.name);
    own.flat_map(|of| {
        of.winner_links.iter().flat_map(|one| {
            of.loser_links
                .iter()
                .map(|other| ((one.system.clone(), one.id.clone()), (other.system.clone(), other.id.clone())))
        })
    })
    .collect()
}

async fn unmerge(engine: &Engine, request: &UnmergeRequest) -> Result<UnmergeReport> {
    let found = engine.store.merge(&engine.tenant, request.merge).await?;
    let Some((merge, _)) = found else {
        return Err(Error::new(ErrorKind::Usage, format!("there is no merge {}", request.merge))
            .with_help("`importer why core <entity> <id>` shows the merges of a row with their numbers")
            .with_code("NOT_FOUND"));
    };
    require_standing(&merge)?;
    let asked = Asked::Unmerge { merge: merge.id, no_decision: request.no_decision };
    let actor = request.triggered_by.as_deref();
    let begun = begin(engine, &merge.entity, &asked, actor, request.dry_run).await?;
    let outcome = match begun.done().await? {
        Some(done) => Ok(serde_json::from_value(done)?),
        None => unmerge_now(engine, &begun.cx, request).await,
    };
    ended(begun, outcome, |report: &UnmergeReport| json!({ "parted": 1, "reopened": report.reopened.len() }))
        .await
}

async fn unmerge_now(engine: &Engine, cx: &RunContext, request: &UnmergeRequest) -> Result<UnmergeReport> {
    let mut session = open(engine, cx).await?;
    let done = unmerge_inside(engine, cx, &mut session, request).await;
    if request.dry_run && done.is_ok() {
        session.rollback().await?;
        return done.map(|report| UnmergeReport { dry_run: true, ..report });
    }
    close(session, done).await
}

async fn unmerge_inside(
    engine: &Engine,
    cx: &RunContext,
    session: &mut Session,
    request: &UnmergeRequest,
) -> Result<UnmergeReport> {
    let project = &engine.project;
    let (merge, documents) = session
        .merge(&cx.tenant, request.merge)
        .await?
        .ok_or_else(|| Error::internal("a merge that is gone"))?;
    require_standing(&merge)?;
    let (kept, table) = (Kept::of(&documents)?, core_table(cx));
    let later = later(cx, session, &merge).await?;
    let ids = [merge.winner, merge.loser];
    // Opened from the last one on, so that each finds what it left.
    let mut opened = Vec::new();
    for one in later.iter().rev() {
        let (_, documents) = session
            .merge(&cx.tenant, one.id)
            .await?
            .ok_or_else(|| Error::internal("a merge that is gone"))?;
        let kept = Kept::of(&documents)?;
        part(cx, session, project, (one, &kept), false)
            .await
            .map_err(|e| e.context(format!("merge {} came after it and stands in its way", one.id)))?;
        opened.push((one.clone(), kept));
    }
    let both = shown_of(cx, session, &[merge.winner], 0).await?;
    let merged = both.get(&merge.winner).cloned().unwrap_or_default();
    let told = part(cx, session, project, (&merge, &kept), !request.no_decision).await?;
    let apart = shown_of(cx, session, &ids, 1).await?;
    let fields = PartedField::all(&merged, &apart, ids);
    log_parted(cx, session, &merge, &fields).await?;
    for (round, (one, former)) in (2..).zip(opened.iter().rev()) {
        let unit =
            Unit { pair: Pair { winner: one.winner, loser: one.loser }, picks: former.undo.picks.clone() };
        let planned = plan(cx, session, project, &unit, round).await?;
        let again = merge_in(cx, session, project, (&unit, planned), i64::from(round)).await?;
        session.amend_merge(&cx.fence, one.id, &again.documents()?).await?;
    }
    let partly = told.iter().any(Told::is_left);
    let mut undo = kept.undo.clone();
    undo.told = told.clone();
    session.part_merge(&cx.fence, merge.id, (partly, &serde_json::to_value(&undo)?), &cx.actor).await?;
    for (one, other) in pairs(cx, &kept) {
        session.revoke_pair(&cx.fence, &table, (&one, &other)).await?;
    }
    if !request.no_decision {
        verdicts(cx, session, (&kept, &table), (false, merge.suggestion)).await?;
    }
    let report = UnmergeReport {
        run_id: Some(cx.run_id),
        merge_id: merge.id,
        dry_run: false,
        entity: cx.entity.name.clone(),
        winner: merge.winner,
        loser: merge.loser,
        status: if partly { "partly_undone" } else { "undone" }.to_owned(),
        reopened: later.iter().map(|one| one.id).collect(),
        fields,
        told,
    };
    let details = json!({
        "winner": merge.winner, "loser": merge.loser, "status": report.status, "reopened": report.reopened,
        "decided": !request.no_decision, "told": report.told,
    });
    audit(cx, session, ("UNMERGED", "merge", merge.id), details).await?;
    let brief = UnmergeReport { fields: Vec::new(), ..report.clone() };
    ledger(cx, session, 0, (2, serde_json::to_value(brief)?)).await?;
    fail::fail_point!("deciding::before_commit", |_| Err(Error::internal(
        "failpoint deciding::before_commit"
    )));
    Ok(report)
}

fn require_standing(merge: &MergeRow) -> Result<()> {
    if merge.stands() {
        return Ok(());
    }
    let who = merge.undone_by.as_deref().unwrap_or("somebody");
    Err(refused(
        "UNMERGE_DONE",
        format!(
            "merge {} was taken back by {who}, in run {}",
            merge.id,
            merge.undone_run_id.unwrap_or_default()
        ),
        format!("merge the two again: `importer merge {} {}`", merge.winner, merge.loser),
    ))
}

/// Later merges that stand and have to do with these rows, oldest first.
async fn later(cx: &RunContext, session: &mut Session, merge: &MergeRow) -> Result<Vec<MergeRow>> {
    let filter = MergeFilter { core_table: Some(core_table(cx)), ..MergeFilter::default() };
    let all = session.merges(&cx.tenant, &filter).await?;
    let mut rows = vec![merge.winner, merge.loser];
    let mut later = Vec::new();
    for one in all.into_iter().filter(|one| one.id > merge.id && one.stands()) {
        if rows.contains(&one.winner) || rows.contains(&one.loser) {
            rows.extend([one.winner, one.loser]);
            later.push(one);
        }
    }
    Ok(later)
}

async fn log_parted(
    cx: &RunContext,
    session: &mut Session,
    merge: &MergeRow,
    fields: &[PartedField],
) -> Result<()> {
    for field in fields.iter().filter(|field| field.merged != field.winner) {
        let change = DecidedChange {
            entity: &cx.entity.name,
            core_id: merge.winner,
            field: &field.field,
            ordinal: 0,
            before: field.merged.clone(),
            after: field.winner.clone(),
            winner: None,
            loser: None,
            reason: format!("unmerge of {}", merge.loser),
            changed_by: &cx.actor,
        };
        session.log_change(&cx.fence, &change).await?;
    }
    Ok(())
}
