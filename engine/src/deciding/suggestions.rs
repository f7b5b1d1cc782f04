//! What becomes of suggestions: shown with both rows, rejected, put off, or accepted many at once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::admit::{Admitted, Asked, MergeRequest, entity_of, rows_of, suggestion};
use super::begin::{begin, look};
use super::masking::{masked, sensitive};
use super::merging::{MergeReport, merge_now};
use super::winner::{Shown, shown_of};
use super::write::Unit;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{
    AuditEntry, Decision, NewVerdict, RecordLink, Session, StoredSuggestion, SuggestionFilter,
};

/// Which suggestions to show.
#[derive(Debug, Clone, Default)]
pub struct SuggestionsRequest {
    pub filter: SuggestionFilter,
    /// Values of sensitive fields as they are.
    pub show: bool,
}

/// A suggestion with the rows that it speaks of.
#[derive(Debug, Clone, Serialize)]
pub struct ShownSuggestion {
    #[serde(flatten)]
    pub suggestion: StoredSuggestion,
    /// The row of core, where the record has one.
    pub one: Option<Shown>,
    /// The row of core that it may be.
    pub other: Option<Shown>,
}

/// A decision about suggestions that is no merge.
#[derive(Debug, Clone)]
pub struct DecideSuggestions {
    pub ids: Vec<i64>,
    /// `rejected` or `deferred`.
    pub decision: Decision,
    /// Microseconds since 1970 UTC.
    pub until: Option<i64>,
    pub reason: Option<String>,
    pub triggered_by: Option<String>,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecidedSuggestions {
    pub decision: Decision,
    pub decided: Vec<i64>,
    /// Pairs of records that are known to be two from now on.
    pub pairs: u64,
}

/// Which suggestions are accepted at once.
#[derive(Debug, Clone, Default)]
pub struct AcceptRequest {
    pub filter: SuggestionFilter,
    pub dry_run: bool,
    pub triggered_by: Option<String>,
}

/// What was accepted, or would be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AcceptReport {
    pub run_id: Option<i64>,
    pub dry_run: bool,
    pub entity: String,
    /// Suggestions that fit, best first.
    pub suggestions: Vec<i64>,
    /// Merges that were made of them.
    pub merges: Vec<i64>,
    /// Suggestions that were left, with the reason.
    pub left: Vec<(i64, String)>,
    /// How many of them are two after all, as far as their scores say: the sum of 1 - score.
    pub expected_wrong: f64,
}

impl Engine {
    /// Suggestions, the best first, with both rows.
    pub async fn suggestions(&self, request: &SuggestionsRequest) -> Result<Vec<ShownSuggestion>> {
        Box::pin(shown(self, request)).await
    }

    /// Rejects suggestions, or puts them off.
    pub async fn decide_suggestions(&self, request: &DecideSuggestions) -> Result<DecidedSuggestions> {
        Box::pin(decide(self, request)).await
    }

    /// Merges what suggestions say is one person, or says what that would do.
    pub async fn accept_suggestions(&self, request: &AcceptRequest) -> Result<AcceptReport> {
        Box::pin(accept(self, request)).await
    }
}

async fn shown(engine: &Engine, request: &SuggestionsRequest) -> Result<Vec<ShownSuggestion>> {
    if let Some(entity) = &request.filter.entity {
        entity_of(engine, entity)?;
    }
    let found = engine.store.suggestions(&engine.tenant, &request.filter).await?;
    let mut by_entity: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for suggestion in &found {
        let ids = [suggestion.core_id, suggestion.other_core_id];
        by_entity.entry(suggestion.entity.clone()).or_default().extend(ids.into_iter().flatten());
    }
    let mut rows: BTreeMap<(String, i64), Shown> = BTreeMap::new();
    for (entity, mut ids) in by_entity {
        ids.sort_unstable();
        ids.dedup();
        // An entity that the project has no more is told without its rows.
        if !engine.project.entities.contains_key(&entity) || ids.is_empty() {
            continue;
        }
        let cx = look(engine, &entity).await?;
        let hidden = if request.show { Vec::new() } else { sensitive(&cx.shape) };
        let mut session = cx.store.session().await?;
        for (round, some) in (0..).zip(ids.chunks(MOST_AT_ONCE)) {
            for (id, mut row) in shown_of(&cx, &mut session, some, round).await? {
                hidden.iter().filter_map(|field| row.get_mut(field).map(masked)).for_each(drop);
                rows.insert((entity.clone(), id), row);
            }
        }
    }
    let row = |entity: &str, id: Option<i64>| id.and_then(|id| rows.get(&(entity.to_owned(), id)).cloned());
    Ok(found
        .into_iter()
        .map(|suggestion| ShownSuggestion {
            one: row(&suggestion.entity, suggestion.core_id),
            other: row(&suggestion.entity, suggestion.other_core_id),
            suggestion,
        })
        .collect())
}

/// Rows that are read by one question.
const MOST_AT_ONCE: usize = 200;

async fn decide(engine: &Engine, request: &DecideSuggestions) -> Result<DecidedSuggestions> {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for id in &request.ids {
        let suggestion = suggestion(engine, *id).await?;
        match suggestion.decision {
            Decision::Pending | Decision::Deferred => found.push(suggestion),
            decided => problems.push(format!("suggestion {id} is {decided} already")),
        }
    }
    if !problems.is_empty() {
        return Err(Error::new(ErrorKind::Usage, format!("nothing was changed: {}", problems.join("; ")))
            .with_help(
                "`importer unmerge` takes a merge back; what was rejected can be merged by its core ids",
            ));
    }
    let actor = request.triggered_by.as_deref().unwrap_or(&engine.actor);
    let mut session = engine.store.begin().await?;
    let mut decided = DecidedSuggestions { decision: request.decision, decided: Vec::new(), pairs: 0 };
    for suggestion in &found {
        let what = (request.decision, request.until);
        if session.decide_suggestion(&engine.tenant, suggestion.id, what, actor).await? {
            decided.decided.push(suggestion.id);
        }
        if request.decision == Decision::Rejected {
            decided.pairs += different(engine, &mut session, suggestion, actor).await?;
        }
    }
    let entry = AuditEntry {
        action: format!("SUGGESTIONS_{}", request.decision.as_str().to_ascii_uppercase()),
        actor: actor.to_owned(),
        target_type: Some("suggestion".to_owned()),
        target_id: Some(decided.decided.iter().map(i64::to_string).collect::<Vec<_>>().join(",")),
        run_id: None,
        details_json: json!({
            "before": "pending", "after": request.decision, "reason": request.reason, "pairs": decided.pairs,
            "until": request.until,
        }),
    };
    session.audit(&engine.tenant, &entry).await?;
    session.commit().await?;
    Ok(decided)
}

/// The records of both rows are two people.
async fn different(
    engine: &Engine,
    session: &mut Session,
    suggestion: &StoredSuggestion,
    actor: &str,
) -> Result<u64> {
    let entity = entity_of(engine, &suggestion.entity)?;
    let Some(table) = entity.core_load().map(|load| load.own_table().to_owned()) else { return Ok(0) };
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for (id, links) in [(suggestion.core_id, &mut ones), (suggestion.other_core_id, &mut others)] {
        if let Some(id) = id {
            let found = session.links_of(&engine.tenant, &entity.name, id).await?;
            links.extend(found.into_iter().map(|link| (link.system, link.id)));
        }
    }
    let own: Option<RecordLink> = suggestion.link_system.clone().zip(suggestion.link_id.clone());
    if let Some(own) = own.filter(|own| !ones.contains(own) && !others.contains(own)) {
        ones.push(own);
    }
    let mut pairs = 0;
    for one in &ones {
        for other in others.iter().filter(|other| *other != one) {
            let verdict = NewVerdict {
                core_table: &table,
                records: (one, other),
                same: false,
                suggestion: Some(suggestion.id),
                run: None,
                actor,
            };
            session.decide_pair(&engine.tenant, &verdict).await?;
            pairs += 1;
        }
    }
    Ok(pairs)
}

/// Suggestions that may be accepted without a look at each: nobody has decided them, and nothing speaks against them.
async fn acceptable(engine: &Engine, filter: &SuggestionFilter) -> Result<Vec<StoredSuggestion>> {
    if filter.min_score.is_none() && filter.reason.is_none() && filter.match_type.is_none() {
        return Err(Error::new(ErrorKind::Usage, "which suggestions shall be accepted?").with_help(
            "say from which score on, --min-score 0.99, or which ones, --reason merged_at_source",
        ));
    }
    let filter = SuggestionFilter { decision: Some(Decision::Pending), ..filter.clone() };
    let found = engine.store.suggestions(&engine.tenant, &filter).await?;
    // A shared key with something that speaks against one person is a household.
    let apart =
        |s: &StoredSuggestion| s.match_type == "household" || s.reason.as_deref() == Some("id_reused");
    Ok(found.into_iter().filter(|s| !apart(s) && rows_of(s).is_ok()).collect())
}

async fn accept(engine: &Engine, request: &AcceptRequest) -> Result<AcceptReport> {
    let found = acceptable(engine, &request.filter).await?;
    let mut entities: Vec<&str> = found.iter().map(|s| s.entity.as_str()).collect();
    entities.sort_unstable();
    entities.dedup();
    let entity = match entities.as_slice() {
        [] => return Ok(AcceptReport { dry_run: request.dry_run, ..AcceptReport::default() }),
        [one] => (*one).to_owned(),
        several => {
            return Err(Error::new(
                ErrorKind::Usage,
                format!("suggestions of several entities fit: {}", several.join(", ")),
            )
            .with_help(format!("say of which: --entity {}", several[0])));
        }
    };
    let mut report = AcceptReport {
        dry_run: request.dry_run,
        entity: entity.clone(),
        suggestions: found.iter().map(|s| s.id).collect(),
        expected_wrong: found.iter().filter_map(|s| s.score).map(|score| 1.0 - score).sum(),
        ..AcceptReport::default()
    };
    if request.dry_run {
        return Ok(report);
    }
    let asked = Asked::Accept { filter: asked_filter(&request.filter) };
    let begun = begin(engine, &entity, &asked, request.triggered_by.as_deref(), false).await?;
    report.run_id = Some(begun.cx.run_id);
    let outcome = accept_all(engine, &begun.cx, &found, &mut report).await;
    let counts = json!({ "merged": report.merges.len(), "left": report.left.len() });
    let finished = begun.finish(counts, outcome.as_ref().err()).await;
    outcome?;
    finished?;
    Ok(report)
}

/// What of a filter says which suggestions are meant.
fn asked_filter(filter: &SuggestionFilter) -> serde_json::Value {
    json!({
        "entity": filter.entity, "match_type": filter.match_type, "min_score": filter.min_score,
        "source": filter.source, "run": filter.run, "reason": filter.reason, "cluster": filter.cluster,
    })
}

/// One transaction each, with a ledger row: a run that broke off goes on behind what is there.
async fn accept_all(
    engine: &Engine,
    cx: &crate::context::RunContext,
    found: &[StoredSuggestion],
    report: &mut AcceptReport,
) -> Result<()> {
    let done = cx.store.committed_chunks(&cx.tenant, cx.run_id).await?;
    for entry in &done {
        let former: MergeReport = serde_json::from_value(entry.detail_json.clone())?;
        report.merges.extend(former.merge_id);
    }
    let mut chunk = done.iter().map(|entry| entry.chunk + 1).max().unwrap_or(0);
    for one in found {
        cx.heed().await?;
        // Merges before it may have moved it to other rows, or answered it.
        let now = suggestion(engine, one.id).await?;
        if now.decision != Decision::Pending {
            continue;
        }
        let pair = match rows_of(&now) {
            Ok(pair) => pair,
            Err(error) => {
                report.left.push((one.id, error.to_string()));
                continue;
            }
        };
        let admitted =
            Admitted { entity: report.entity.clone(), pair, picks: BTreeMap::new(), suggestion: Some(now) };
        let unit = Unit { pair, picks: BTreeMap::new() };
        let request = MergeRequest {
            suggestion: Some(one.id),
            reason: Some("accepted".to_owned()),
            ..MergeRequest::default()
        };
        match merge_now(engine, cx, (&admitted, &unit), &request, chunk).await {
            Ok(merged) => {
                report.merges.extend(merged.merge_id);
                chunk += 1;
            }
            Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Usage) => {
                report.left.push((one.id, error.to_string()));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
