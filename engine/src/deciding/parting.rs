//! The way back of a merge as a decision: its run, its transaction, later merges around it, and what is written down.

use importer_plans::compile::merging::Pair;
use importer_plans::project::Project;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::admit::{Asked, UnmergeRequest};
use super::begin::{begin, ended, ledger, unfinished};
use super::log::{Kept, PartedField, Told, UNMERGE_OF};
use super::read::core_table;
use super::refusal::refused;
use super::transaction::{audit, close, open};
use super::unmerge::part;
use super::verdicts::{pairs, verdicts};
use super::winner::shown_of;
use super::write::{Unit, merge_in, plan};
use crate::context::RunContext;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{DecidedChange, MergeFilter, MergeRow, Session};

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

/// Does it as a run of its own; a look is one whose transaction is taken back.
pub async fn unmerge(engine: &Engine, request: &UnmergeRequest) -> Result<UnmergeReport> {
    let found = engine.store.merge(&engine.tenant, request.merge).await?;
    let Some((merge, _)) = found else {
        return Err(Error::new(ErrorKind::Usage, format!("there is no merge {}", request.merge))
            .with_help("`importer why core <entity> <id>` shows the merges of a row with their numbers")
            .with_code("NOT_FOUND"));
    };
    let asked = Asked::Unmerge { merge: merge.id, no_decision: request.no_decision };
    if request.dry_run || unfinished(engine, &merge.entity, &asked).await?.is_none() {
        require_standing(&merge)?;
    }
    let actor = request.triggered_by.as_deref();
    let begun = begin(engine, &merge.entity, &asked, actor, request.dry_run).await?;
    let outcome = match begun.done().await? {
        Some(done) => Ok(serde_json::from_value(done)?),
        None => Box::pin(unmerge_now(engine, &begun.cx, request)).await,
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
    let opened = open_later(cx, session, project, &later).await?;
    let both = shown_of(cx, session, &[merge.winner], 0).await?;
    let merged = both.get(&merge.winner).cloned().unwrap_or_default();
    let told = part(cx, session, project, (&merge, &kept), !request.no_decision).await?;
    let apart = shown_of(cx, session, &ids, 1).await?;
    let fields = PartedField::all(&merged, &apart, ids);
    log_parted(cx, session, &merge, &fields).await?;
    close_again(cx, session, project, &opened).await?;
    let partly = told.iter().any(Told::is_left);
    let mut undo = kept.undo.clone();
    undo.told = told.clone();
    session.part_merge(&cx.fence, merge.id, (partly, &serde_json::to_value(&undo)?), &cx.actor).await?;
    for (one, other) in pairs(cx, &kept) {
        session.revoke_pair(&cx.fence, &table, (&one, &other)).await?;
    }
    if !request.no_decision {
        verdicts(cx, session, (&kept, table.as_str()), (false, merge.suggestion)).await?;
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

/// Takes later merges back, from the last one on, so that each finds what it left.
async fn open_later(
    cx: &RunContext,
    session: &mut Session,
    project: &Project,
    later: &[MergeRow],
) -> Result<Vec<(MergeRow, Kept)>> {
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
    Ok(opened)
}

/// Makes them again, in their order: with what people said of them, and else by what is there now.
async fn close_again(
    cx: &RunContext,
    session: &mut Session,
    project: &Project,
    opened: &[(MergeRow, Kept)],
) -> Result<()> {
    for (round, (one, former)) in (2..).zip(opened.iter().rev()) {
        let unit =
            Unit { pair: Pair { winner: one.winner, loser: one.loser }, picks: former.undo.picks.clone() };
        let planned = plan(cx, session, project, &unit, round).await?;
        let again = merge_in(cx, session, project, (&unit, planned), i64::from(round)).await?;
        // Records that came along by the merge taken back are no part of what was said of these two.
        for (record, other) in pairs(cx, former) {
            session.revoke_pair(&cx.fence, &one.core_table, (&record, &other)).await?;
        }
        verdicts(cx, session, (&again, one.core_table.as_str()), (true, one.suggestion)).await?;
        session.amend_merge(&cx.fence, one.id, &again.documents()?).await?;
    }
    Ok(())
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
            reason: format!("{UNMERGE_OF}{}", merge.loser),
            changed_by: &cx.actor,
        };
        session.log_change(&cx.fence, &change).await?;
    }
    Ok(())
}
