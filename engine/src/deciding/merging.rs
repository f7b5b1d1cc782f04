//! A merge as a decision: its run, its transaction, and what is written down of it.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::admit::{Admitted, Asked, MergeRequest, admit, may_merge};
use super::begin::{begin, ended, ledger, look, unfinished};
use super::log::FieldOutcome;
use super::read::{core_table, lock, places};
use super::transaction::{audit, close, open};
use super::verdicts::verdicts;
use super::write::{Unit, counted, merge_in, plan};
use crate::context::RunContext;
use crate::engine::Engine;
use crate::error::Result;
use crate::store::{Decision, NewMerge, Session, StoredSuggestion};

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

/// Does it as a run of its own, or looks.
pub async fn merge(engine: &Engine, request: &MergeRequest) -> Result<MergeReport> {
    let admitted = admit(engine, request).await?;
    let unit = Unit { pair: admitted.pair, picks: admitted.picks.clone() };
    let asked = Asked::Merge {
        winner: unit.pair.winner,
        loser: unit.pair.loser,
        picks: admitted.picks.clone(),
        suggestion: request.suggestion,
        reason: request.reason.clone(),
    };
    // What broke off may be done already; nothing is asked of it before it has come to its end.
    if request.dry_run || unfinished(engine, &admitted.entity, &asked).await?.is_none() {
        let cx = look(engine, &admitted.entity).await?;
        let mut session = cx.store.session().await?;
        may_merge(&cx, &mut session, (unit.pair, request.force), &core_table(&cx)).await?;
        if request.dry_run {
            return looked(engine, (&cx, &mut session), (&admitted, &unit)).await;
        }
    }
    let begun = begin(engine, &admitted.entity, &asked, request.triggered_by.as_deref(), false).await?;
    let outcome = match begun.done().await? {
        Some(done) => Ok(serde_json::from_value(done)?),
        None => merge_now(engine, &begun.cx, (&admitted, &unit), request, 0).await,
    };
    ended(begun, outcome, |report: &MergeReport| json!({ "merged": 1, "fields": report.fields.len() })).await
}

/// What it would do.
async fn looked(
    engine: &Engine,
    (cx, session): (&RunContext, &mut Session),
    (admitted, unit): (&Admitted, &Unit),
) -> Result<MergeReport> {
    let planned = plan(cx, session, &engine.project, unit, 0).await?;
    let children = counted(session, &planned, unit.pair).await?;
    let links = session.links_of(&cx.tenant, &cx.entity.name, unit.pair.loser).await?.len() as u64;
    Ok(MergeReport { children, links, ..report(admitted, planned.fields()) })
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
pub async fn merge_now(
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
    verdicts(cx, session, (&kept, table.as_str()), (true, suggestion.map(|s| s.id))).await?;
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
    fail::fail_point!("deciding::before_commit", |_| Err(crate::error::Error::internal(
        "failpoint deciding::before_commit"
    )));
    Ok(report)
}

async fn answer(cx: &RunContext, session: &mut Session, suggestion: &StoredSuggestion) -> Result<()> {
    let merged = (Decision::Merged, None);
    session.decide_suggestion(&cx.tenant, suggestion.id, merged, &cx.actor).await?;
    Ok(())
}

fn whole(chunk: i64) -> u32 {
    u32::try_from(chunk).unwrap_or(u32::MAX)
}
