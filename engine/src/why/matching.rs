//! match: who the record is held to be, by which keys, and who else has them.

use importer_plans::compile::why::{Fixed, fixed_sql, keys_sql, owners_sql, people_sql, same_keys_sql};
use importer_plans::compile::{Bound, Shape};

use super::ask::{Asked, Asker, Row, flag, int, text};
use super::pinned::Pinned;
use super::since::link_of;
use super::story::{Hit, Key, Match, Resolve, Stage};
use crate::error::{Error, Result};

/// Other rows with the same key that are told.
const MOST_ROWS: usize = 20;
/// Core rows with the same key that are told.
const MOST_CORES: usize = 20;

/// What match decided about a row.
pub async fn of_row(asker: &Asker, pinned: &Pinned, stage: &Stage, row: i64) -> Result<Match> {
    let values = [Bound::number("run_id", pinned.run.id), Bound::number("row", row)];
    let links = asker.ask("links", links_sql(asker, pinned, &values).await?).await?;
    let decided = links
        .rows
        .last()
        .cloned()
        .ok_or_else(|| Error::internal(format!("the validated row {row} has no link")))?;
    let pairs = asker.ask("pairs", fixed_sql(Fixed::Pairs, pinned.place, &values)).await?;
    let is_paired = !pairs.rows.is_empty();
    let mut matched = decision(&decided);
    let shape = &pinned.shape;
    (matched.given, matched.family, matched.born) =
        (own(stage, &shape.given), own(stage, &shape.family), own(stage, &shape.born));
    let mut asked = vec![links, pairs];
    members(asker, pinned, &mut matched, row, &mut asked).await?;
    // What was loaded last for its link is not looked up by keys at all.
    if matched.outcome != "unchanged" && matched.outcome != "deleted" {
        keys(asker, pinned, &mut matched, row, &mut asked).await?;
        hits_in_core(asker, pinned, stage, &mut matched, row, &mut asked).await?;
        if matched.reason.as_deref() == Some("id_reused") {
            let evidence = text(&decided, "evidence");
            owner_of_id(asker, pinned, stage, (&mut matched, evidence), &mut asked).await?;
        }
        if is_paired || matched.member_count > 1 || matched.outcome == "review" {
            hits_in_run(asker, pinned, row, &mut matched, &mut asked).await?;
        }
    }
    if matched.outcome == "matched" && matched.hits.iter().any(|hit| is_renamed(hit, matched.core_id)) {
        matched.because = because_renamed(matched.match_type.as_deref(), matched.core_id);
    }
    matched.asked = asked;
    Ok(matched)
}

/// Whether the birth date alone outweighed other given names.
fn is_renamed(hit: &Hit, core_id: Option<i64>) -> bool {
    hit.joined == Some(true) && hit.core_id == core_id && hit.evidence.as_deref() == Some("renamed")
}

/// The names of the core row that a record belongs to, as they were before the run changed them.
pub fn as_before(matched: &mut Match, change: &Resolve, shape: &Shape) {
    let before = |field: &Option<String>| {
        let field = field.as_ref()?;
        change.fields.iter().find(|f| f.field == *field).and_then(|f| f.before.clone())
    };
    let hits = matched.hits.iter_mut().filter(|hit| hit.seen == "match" && hit.core_id.is_some());
    for hit in hits.filter(|hit| hit.core_id == change.core_id) {
        hit.given = before(&shape.given).or_else(|| hit.given.take());
        hit.family = before(&shape.family).or_else(|| hit.family.take());
        hit.born = before(&shape.born).or_else(|| hit.born.take());
    }
}

/// The record's value of a field of the name test.
fn own(stage: &Stage, field: &Option<String>) -> Option<String> {
    let field = field.as_ref()?;
    stage.fields.iter().find(|f| f.field == *field).and_then(|f| f.value.clone())
}

fn decision(link: &Row) -> Match {
    let outcome = text(link, "outcome").unwrap_or_default();
    let (reason, match_type) = (text(link, "reason"), text(link, "match_type"));
    let (core_id, evidence) = (int(link, "core_id"), text(link, "evidence"));
    Match {
        because: because(&outcome, reason.as_deref(), match_type.as_deref(), core_id, evidence.as_deref()),
        outcome,
        reason,
        match_type,
        core_id,
        cluster_id: int(link, "cluster_id"),
        round: int(link, "round").unwrap_or_default(),
        given: None,
        family: None,
        born: None,
        members: Vec::new(),
        member_count: 1,
        keys: Vec::new(),
        hits: Vec::new(),
        asked: Vec::new(),
    }
}

/// What joins rows that no key does.
const BY_SCORE: &str = "fuzzy";

/// The decision as a sentence.
fn because(
    outcome: &str,
    reason: Option<&str>,
    match_type: Option<&str>,
    core_id: Option<i64>,
    evidence: Option<&str>,
) -> String {
    let core = core_id.map_or_else(|| "a core row".to_owned(), |id| format!("core row {id}"));
    let key = match_type.map_or_else(|| "a key".to_owned(), |name| format!("its key `{name}`"));
    match (outcome, reason) {
        ("unchanged", Some("same_checksum")) => {
            format!("its contents are what was loaded last for its external id ({core})")
        }
        ("unchanged", Some("older_than_loaded")) => {
            format!(
                "it is older than what was loaded for its external id ({core}), or a later row of this run brings the record back at the same time"
            )
        }
        ("unchanged", Some("as_new_as_delete")) => {
            format!("it would bring the record back ({core}), and is just as new as its delete, which stays")
        }
        ("unchanged", Some("deleted_later_in_run")) => {
            "a newer row of this run, or a later one of the same time, deletes its record".to_owned()
        }
        ("unchanged", _) => "it deletes a record that was never loaded".to_owned(),
        ("linked", _) => format!("its external id belongs to {core}"),
        ("matched", _) if match_type == Some(BY_SCORE) => {
            format!("it is so like a record of {core} that both are taken for one person, and nothing speaks against that")
        }
        ("matched", _) => format!("{key} belongs to {core}, and nothing speaks against one person"),
        ("deleted", _) => format!("its source deleted the record, which is {core}"),
        ("skipped_duplicate", _) => format!("it is {core}, and the policy skip leaves known records alone"),
        ("not_found", _) => "it is nobody in core, and the policy update makes no new records".to_owned(),
        ("new", _) => match match_type {
            Some(BY_SCORE) => {
                "nobody in core is this person; it is so like other rows of the run that they are taken for one".to_owned()
            }
            Some(_) => format!("nobody in core is this person; {key} joins it with other rows of the run"),
            None => "nobody in core has its external id, or a key and a name that agrees".to_owned(),
        },
        ("review", Some("id_reused")) => {
            format!("its external id stands for somebody else as well: {}", against(evidence))
        }
        ("review", Some("ambiguous")) => {
            "it, or a row that belongs to it, reaches several core rows".to_owned()
        }
        ("review", Some("incompatible_cluster")) => {
            "rows that hang together by their keys hold two people".to_owned()
        }
        ("review", Some("cluster_too_large")) => "too many different people share its keys".to_owned(),
        ("review", Some("no_key")) => "it has no external id, and nothing else to be known by".to_owned(),
        ("review", Some("similar_id")) => {
            "its external id is new, and differs from a known one or from another one of the run by its spelling only".to_owned()
        }
        ("review", Some("same_key_other_person")) => "somebody else has the same key".to_owned(),
        ("review", Some("moved")) => "core was changed by others in every round".to_owned(),
        (other, reason) => format!("{other} {}", reason.unwrap_or_default()).trim_end().to_owned(),
    }
}

/// The decision as a sentence, where somebody is held to have taken another given name.
fn because_renamed(match_type: Option<&str>, core_id: Option<i64>) -> String {
    let core = core_id.map_or_else(|| "a core row".to_owned(), |id| format!("core row {id}"));
    let key = match_type.map_or_else(|| "a key".to_owned(), |name| format!("its key `{name}`"));
    format!(
        "{key} belongs to {core}; the given names differ, and the birth date is the same, so it is taken for a new name of one person until somebody says otherwise"
    )
}

/// What spoke against one person, in words.
fn against(evidence: Option<&str>) -> &'static str {
    match evidence {
        Some("given_name") => "the given names are those of two people",
        Some("generation") => "one is called senior, the other junior or the like",
        Some("birth_date") => "the birth dates differ",
        Some("renamed") => "the given names differ, and no key agrees",
        Some("nothing_agrees") => "neither the names nor any key agree",
        _ => "the names, or the family name and all keys, differ",
    }
}

async fn members(
    asker: &Asker,
    pinned: &Pinned,
    matched: &mut Match,
    row: i64,
    asked: &mut Vec<Asked>,
) -> Result<()> {
    let mut values = vec![Bound::number("run_id", pinned.run.id), Bound::number("round", matched.round)];
    let fixed = match (matched.cluster_id, matched.core_id) {
        (Some(cluster), _) => {
            values.push(Bound::number("cluster_id", cluster));
            Fixed::MembersOfCluster
        }
        (None, Some(core)) => {
            values.push(Bound::number("core_id", core));
            Fixed::MembersOfCore
        }
        (None, None) => {
            matched.members = vec![row];
            return Ok(());
        }
    };
    let found = asker.ask("members", fixed_sql(fixed, pinned.place, &values)).await?;
    matched.members = found.rows.iter().filter_map(|r| int(r, "sequence_number")).collect();
    matched.member_count = found.rows.first().and_then(|r| int(r, "members")).unwrap_or(1);
    asked.push(found);
    Ok(())
}

async fn keys(
    asker: &Asker,
    pinned: &Pinned,
    matched: &mut Match,
    row: i64,
    asked: &mut Vec<Asked>,
) -> Result<()> {
    let Some(sql) = keys_sql(&pinned.shape, pinned.place, row) else { return Ok(()) };
    let found = asker.ask("keys", sql).await?;
    matched.keys = found
        .rows
        .iter()
        .map(|r| Key {
            key_type: text(r, "key_type").unwrap_or_default(),
            key: text(r, "key").unwrap_or_default(),
            is_primary: flag(r, "is_primary"),
        })
        .collect();
    asked.push(found);
    Ok(())
}

/// The statement for what match decided; runs of older versions kept no evidence.
async fn links_sql(asker: &Asker, pinned: &Pinned, values: &[Bound]) -> Result<String> {
    let sql = fixed_sql(Fixed::Links, pinned.place, values);
    let keeps = asker.has_column(&pinned.place.table("links"), "evidence").await?;
    Ok(if keeps { sql } else { sql.replace(", evidence", "") })
}

/// A key of the row that stands on a core row, and what was decided.
struct Owner {
    key_type: String,
    key: String,
    core_id: i64,
    /// None where the run did not keep it.
    joined: Option<bool>,
    verdict: Option<String>,
    evidence: Option<String>,
}

/// Who holds the keys in core, with names as core has them now. Runs of older versions did not keep what match saw; then
/// core is asked who has the keys now, and nothing is said on whether it was held to be the same person.
async fn hits_in_core(
    asker: &Asker,
    pinned: &Pinned,
    stage: &Stage,
    matched: &mut Match,
    row: i64,
    asked: &mut Vec<Asked>,
) -> Result<()> {
    let keeps = pinned.manifest("match", matched.round).is_some_and(|m| m.data_sets.contains_key("hits"));
    let owners = if keeps {
        owners_then(asker, pinned, matched.round, row, asked).await?
    } else {
        owners_now(asker, pinned, &matched.keys, asked).await?
    };
    let seen = if keeps { "match" } else { "now" };
    let mut ids: Vec<i64> = owners.iter().map(|o| o.core_id).chain(matched.core_id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(MOST_CORES);
    if ids.is_empty() {
        return Ok(());
    }
    let people = asker.ask("people in core", people_sql(&pinned.shape, &ids)).await?;
    let person = |id: i64| people.rows.iter().find(|r| int(r, "core_id") == Some(id)).cloned();
    for owner in owners {
        // A core row that is gone by now has no name any more.
        let found = person(owner.core_id).unwrap_or_default();
        let mut hit = hit(&owner.key_type, &owner.key, Some(owner.core_id), None, &found, seen);
        (hit.joined, hit.verdict, hit.evidence) = (owner.joined, owner.verdict, owner.evidence);
        matched.hits.push(hit);
    }
    // A row that follows its external id belongs to that person, key or not.
    let by_key = |core| matched.hits.iter().any(|h| h.core_id == Some(core));
    if let Some(core) = matched.core_id.filter(|core| !by_key(*core))
        && let Some(found) = person(core)
    {
        let id = text(&stage.keys, "link_id").unwrap_or_default();
        let mut own = hit("link", &id, Some(core), None, &found, "now");
        own.joined = Some(true);
        matched.hits.push(own);
    }
    asked.push(people);
    Ok(())
}

async fn owners_then(
    asker: &Asker,
    pinned: &Pinned,
    round: i64,
    row: i64,
    asked: &mut Vec<Asked>,
) -> Result<Vec<Owner>> {
    let values =
        [Bound::number("run_id", pinned.run.id), Bound::number("round", round), Bound::number("row", row)];
    let sql = fixed_sql(Fixed::Hits, pinned.place, &values);
    let keeps = asker.has_column(&pinned.place.table("hits"), "verdict").await?;
    let sql = if keeps { sql } else { sql.replace(", evidence, verdict", "") };
    let found = asker.ask("hits", sql).await?;
    let owners = owners(&found, |r| Some(flag(r, "compatible")));
    asked.push(found);
    Ok(owners)
}

async fn owners_now(
    asker: &Asker,
    pinned: &Pinned,
    keys: &[Key],
    asked: &mut Vec<Asked>,
) -> Result<Vec<Owner>> {
    let mut all = Vec::new();
    for set in &pinned.shape.sets {
        let keys: Vec<&str> =
            keys.iter().filter(|k| k.key_type == set.key_type()).map(|k| k.key.as_str()).collect();
        if keys.is_empty() {
            continue;
        }
        let found = asker.ask(&format!("owners of {} keys", set.key_type()), owners_sql(set, &keys)).await?;
        all.extend(owners(&found, |_| None));
        asked.push(found);
    }
    Ok(all)
}

fn owners(found: &Asked, joined: impl Fn(&Row) -> Option<bool>) -> Vec<Owner> {
    let owner = |r: &Row| {
        Some(Owner {
            key_type: text(r, "key_type")?,
            key: text(r, "key")?,
            core_id: int(r, "core_id")?,
            joined: joined(r),
            verdict: text(r, "verdict").filter(|verdict| verdict != "joins"),
            evidence: text(r, "evidence"),
        })
    };
    found.rows.iter().filter_map(owner).collect()
}

/// Whose the external id of a row is that belongs to somebody else.
async fn owner_of_id(
    asker: &Asker,
    pinned: &Pinned,
    stage: &Stage,
    (matched, evidence): (&mut Match, Option<String>),
    asked: &mut Vec<Asked>,
) -> Result<()> {
    let Some((system, id)) = link_of(&stage.keys) else { return Ok(()) };
    let values = [
        Bound::text("entity", Some(&pinned.run.entity)),
        Bound::text("system", Some(&system)),
        Bound::text("id", Some(&id)),
    ];
    let link = asker.ask("owner of the external id", fixed_sql(Fixed::Link, pinned.place, &values)).await?;
    let core = link.rows.first().and_then(|r| int(r, "core_id"));
    asked.push(link);
    let Some(core) = core else { return Ok(()) };
    let people = asker.ask("the owner", people_sql(&pinned.shape, &[core])).await?;
    if let Some(found) = people.rows.first() {
        let mut owner = hit("link", &id, Some(core), None, found, "now");
        (owner.joined, owner.evidence) = (Some(false), evidence);
        matched.hits.push(owner);
    }
    asked.push(people);
    Ok(())
}

async fn hits_in_run(
    asker: &Asker,
    pinned: &Pinned,
    row: i64,
    matched: &mut Match,
    asked: &mut Vec<Asked>,
) -> Result<()> {
    let sql = same_keys_sql(&pinned.shape, pinned.place, row, MOST_ROWS);
    let found = asker.ask("rows with the same key", sql).await?;
    matched.hits.extend(found.rows.iter().map(|r| {
        let word = |name: &str| text(r, name).unwrap_or_default();
        let joined = r.get("joined").and_then(serde_json::Value::as_bool);
        let mut hit = hit(&word("key_type"), &word("key"), None, int(r, "sequence_number"), r, "run");
        hit.joined = joined;
        hit
    }));
    asked.push(found);
    Ok(())
}

fn hit(
    key_type: &str,
    key: &str,
    core_id: Option<i64>,
    row: Option<i64>,
    person: &Row,
    seen: &'static str,
) -> Hit {
    Hit {
        key_type: key_type.to_owned(),
        key: key.to_owned(),
        core_id,
        row,
        given: text(person, "given"),
        family: text(person, "family"),
        born: text(person, "born"),
        joined: None,
        verdict: None,
        evidence: None,
        seen,
    }
}
