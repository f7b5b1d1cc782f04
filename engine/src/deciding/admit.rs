//! What is asked for, and whether it may be done. What can be refused without looking at rows is refused here.

use std::collections::BTreeMap;

use importer_plans::compile::merging::Pair;
use importer_plans::project::Entity;
use serde::{Deserialize, Serialize};

use super::read::{places, stands};
use super::refusal::refused;
use super::winner::{Side, check_picks};
use crate::context::RunContext;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{MergeFilter, RecordLink, Session, StoredSuggestion, SuggestionFilter};

/// Which two rows shall be one.
#[derive(Debug, Clone, Default)]
pub struct MergeRequest {
    /// Nothing where the ids say it, or a suggestion.
    pub entity: Option<String>,
    /// Both rows; the first one stays, unless it is not said which.
    pub rows: Option<(i64, i64)>,
    /// Both rows of a suggestion. The older one stays.
    pub suggestion: Option<i64>,
    /// Who gives a field, where a person says so: by the core id of one of the two.
    pub fields: Vec<(String, i64)>,
    /// Although somebody decided that they are two.
    pub force: bool,
    pub dry_run: bool,
    /// Values of sensitive fields as they are.
    pub show: bool,
    pub reason: Option<String>,
    pub triggered_by: Option<String>,
}

/// Which merge shall be taken back.
#[derive(Debug, Clone, Default)]
pub struct UnmergeRequest {
    pub merge: i64,
    /// Nobody says that they are two: the next run may suggest them again.
    pub no_decision: bool,
    pub dry_run: bool,
    /// Values of sensitive fields as they are.
    pub show: bool,
    pub triggered_by: Option<String>,
}

/// A request as the run keeps it: by it a repetition is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub enum Asked {
    Merge {
        winner: i64,
        loser: i64,
        picks: BTreeMap<String, Side>,
        suggestion: Option<i64>,
        reason: Option<String>,
    },
    Unmerge {
        merge: i64,
        no_decision: bool,
    },
    Accept {
        filter: serde_json::Value,
    },
    Split {
        row: i64,
        links: Vec<RecordLink>,
    },
}

/// A merge that may begin.
#[derive(Debug, Clone)]
pub struct Admitted {
    pub entity: String,
    pub pair: Pair,
    pub picks: BTreeMap<String, Side>,
    pub suggestion: Option<StoredSuggestion>,
}

/// An entity by name.
pub fn entity_of<'a>(engine: &'a Engine, name: &str) -> Result<&'a Entity> {
    let entities = &engine.project.entities;
    entities.get(name).ok_or_else(|| {
        let known: Vec<&str> = entities.keys().map(String::as_str).collect();
        let near = crate::catalogue::nearest(name, known.iter().copied());
        let near = near.map(|n| format!("did you mean {n}? ")).unwrap_or_default();
        Error::new(ErrorKind::Usage, format!("there is no entity {name}"))
            .with_help(format!("{near}The project has: {}", known.join(", ")))
    })
}

/// A suggestion by its number.
pub async fn suggestion(engine: &Engine, id: i64) -> Result<StoredSuggestion> {
    let filter = SuggestionFilter { id: Some(id), ..SuggestionFilter::default() };
    let found = engine.store.suggestions(&engine.tenant, &filter).await?.into_iter().next();
    found.ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("there is no suggestion {id}"))
            .with_help("`importer suggestions` lists them with their numbers")
            .with_code("NOT_FOUND")
    })
}

/// Both rows of a suggestion, the older one first.
pub fn rows_of(suggestion: &StoredSuggestion) -> Result<Pair> {
    match (suggestion.core_id, suggestion.other_core_id) {
        (Some(one), Some(other)) if one != other => {
            Ok(Pair { winner: one.min(other), loser: one.max(other) })
        }
        _ => Err(refused(
            "MERGE_NO_ROW",
            format!("suggestion {} is not about two rows of core: one of them is held back", suggestion.id),
            "`importer why` tells why the row waits; once it is loaded, the two can be merged by their ids",
        )),
    }
}

/// Looks at a request.
pub async fn admit(engine: &Engine, request: &MergeRequest) -> Result<Admitted> {
    let suggested = match request.suggestion {
        Some(id) => Some(suggestion(engine, id).await?),
        None => None,
    };
    let pair = match (request.rows, &suggested) {
        (Some((winner, loser)), _) => Pair { winner, loser },
        (None, Some(suggested)) => rows_of(suggested)?,
        (None, None) => {
            return Err(Error::new(ErrorKind::Usage, "which two rows shall be one?")
                .with_help("name two core ids, or a suggestion with --suggestion"));
        }
    };
    if pair.winner == pair.loser {
        return Err(Error::new(
            ErrorKind::Usage,
            format!("{} and {} are the same row", pair.winner, pair.loser),
        )
        .with_help("name two different core ids"));
    }
    let entity = match (&request.entity, &suggested) {
        (Some(name), _) => entity_of(engine, name)?.name.clone(),
        (None, Some(suggested)) => entity_of(engine, &suggested.entity)?.name.clone(),
        (None, None) => entity_with(engine, pair).await?,
    };
    let mut picks = BTreeMap::new();
    for (field, id) in &request.fields {
        let side = match *id {
            id if id == pair.winner => Side::Winner,
            id if id == pair.loser => Side::Loser,
            id => {
                return Err(Error::new(
                    ErrorKind::Usage,
                    format!("--field {field}={id}: {id} is none of the two"),
                )
                .with_help(format!("write {field}={} or {field}={}", pair.winner, pair.loser)));
            }
        };
        picks.insert(field.clone(), side);
    }
    check_picks(&importer_plans::compile::Shape::of(entity_of(engine, &entity)?), &picks)?;
    Ok(Admitted { entity, pair, picks, suggestion: suggested })
}

/// The entity that has both rows.
async fn entity_with(engine: &Engine, pair: Pair) -> Result<String> {
    let mut found = Vec::new();
    let mut session = engine.store.session().await?;
    let tenant = importer_plans::compile::literal(&engine.tenant);
    for entity in engine.project.entities.values() {
        let shape = importer_plans::compile::Shape::of(entity);
        let table = crate::store::Table::core(&shape.core_table);
        // A project may have entities whose tables nobody made yet.
        if engine.store.table_shape(&table).await?.is_none() {
            continue;
        }
        let core = shape.core.relation(&table.sql(session.dialect()), &tenant);
        let sql = format!(
            "SELECT count(*) FROM {core} c WHERE c.tenant_id = {tenant} AND c.id IN ({}, {})",
            pair.winner, pair.loser
        );
        if session.fetch_one(&sql, &[]).await?.int(0)? == 2 {
            found.push(entity.name.clone());
        }
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Error::new(
            ErrorKind::Usage,
            format!("no entity has both rows {} and {}", pair.winner, pair.loser),
        )
        .with_help("`importer suggestions` shows core ids; --entity says of which entity they are")
        .with_code("NOT_FOUND")),
        several => Err(Error::new(
            ErrorKind::Usage,
            format!("rows {} and {} are there in {}", pair.winner, pair.loser, several.join(", ")),
        )
        .with_help(format!("say of which they are: --entity {}", several[0]))),
    }
}

/// Both rows stand, and nobody decided that they are two.
pub async fn may_merge(
    cx: &RunContext,
    session: &mut Session,
    (pair, force): (Pair, bool),
    core_table: &str,
) -> Result<()> {
    let places = places(cx, session).await?;
    for id in [pair.winner, pair.loser] {
        if !stands(session, &places, id).await? {
            return Err(gone(cx, session, id, core_table).await?);
        }
    }
    if force {
        return Ok(());
    }
    let losers = session.links_of(&cx.tenant, &cx.entity.name, pair.loser).await?;
    for link in session.links_of(&cx.tenant, &cx.entity.name, pair.winner).await? {
        let record = (link.system, link.id);
        for verdict in session.verdicts_of(&cx.tenant, core_table, &record).await? {
            let other = if verdict.one == record { &verdict.other } else { &verdict.one };
            let is_losers = losers.iter().any(|l| (&l.system, &l.id) == (&other.0, &other.1));
            if verdict.verdict == "different" && is_losers {
                let who = verdict.decided_by.unwrap_or_else(|| "somebody".to_owned());
                return Err(refused(
                    "MERGE_DIFFERENT",
                    format!("{who} decided that {} and {} are two", pair.winner, pair.loser),
                    "merge them with --force if that was wrong",
                ));
            }
        }
    }
    Ok(())
}

async fn gone(cx: &RunContext, session: &mut Session, id: i64, core_table: &str) -> Result<Error> {
    let filter = MergeFilter { core_table: Some(core_table.to_owned()), core_id: Some(id), run: None };
    let merges = session.merges(&cx.tenant, &filter).await?;
    let entity = &cx.entity.name;
    Ok(match merges.iter().rev().find(|merge| merge.loser == id && merge.stands()) {
        Some(merge) => refused(
            "MERGE_DONE",
            format!("{entity} {id} went into {} by merge {}", merge.winner, merge.id),
            format!("merge with {}, or take that merge back: `importer unmerge {}`", merge.winner, merge.id),
        ),
        None => Error::new(ErrorKind::Usage, format!("there is no {entity} {id} in core"))
            .with_help(format!("`importer why core {entity} {id}` tells what became of it"))
            .with_code("NOT_FOUND"),
    })
}
