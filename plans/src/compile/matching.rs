//! match: which core row, or which rows of this run, an incoming row belongs to.
//!
//! The decisions are the SQL files of `sql/steps/match`; only what depends on the entity's sets and names, and on the keys
//! of `match.yml` ([`judge`](super::judge)), is made here: the narrow view `incoming` of the validated rows, and `row_keys`,
//! one row per key of a row. Between the queries the engine asks the store (`link_hits`, `key_hits`, `core_systems`) and joins
//! edges to clusters (`row_clusters`, `core_clusters`); these names are tables that it registers.

use std::collections::BTreeSet;

use super::columns::{extension_column, main_column};
use super::fuzzy::told;
use super::ident::{ident, literal};
use super::judge::{judged, name_of_rank, name_of_rank_or_score};
use super::kinds::SetKind;
use super::query::{Keep, Query};
use super::shape::{FieldShape, KeyShape, SetShape, Shape};
use crate::project::{FuzzySpec, SetPatterns};

/// The validated rows with what identity needs; in a later round only those that moved, the table `retry`.
pub fn incoming(shape: &Shape, only_retry: bool) -> Vec<Query> {
    let retry =
        if only_retry { "\nLEFT SEMI JOIN retry r ON r.sequence_number = s.sequence_number" } else { "" };
    let born = shape.born.as_ref().map_or("CAST(NULL AS DATE)".to_owned(), |f| format!("s.{}", ident(f)));
    let named = |field: &Option<String>| field.as_ref().map(|f| format!("s.{}", ident(f)));
    let generation = generation(named(&shape.family).as_deref(), named(&shape.given).as_deref());
    let family = named(&shape.family).unwrap_or_else(|| "CAST(NULL AS VARCHAR)".to_owned());
    let sets: String = shape
        .sets
        .iter()
        .map(|s| format!(", s.{}, s.{}", ident(&s.name), ident(&main_column(&s.name))))
        .chain(
            field_keys(shape).map(|(key, name)| format!(", {} AS {}", key_text(key, "s"), key_column(name))),
        )
        .chain(key_fields(shape).map(|field| format!(", s.{} AS {}", ident(field), key_field(field))))
        .chain(key_sets(shape).filter_map(|set| extension(shape, set)))
        .collect();
    let mail = shape.main_mail().map_or("CAST(NULL AS VARCHAR)".to_owned(), |(set, _)| {
        // The main value stands first in its set.
        format!("s.{}[1]['key']", ident(&set.name))
    });
    vec![
        Query::new(
            "quarantined",
            Keep::Memory,
            "SELECT DISTINCT sequence_number\nFROM dq_violations\nWHERE severity = 'error' AND mode = 'enforce' AND sequence_number IS NOT NULL",
        ),
        Query::new(
            "incoming",
            Keep::View,
            format!(
                "SELECT s.sequence_number AS seq, s.link_system, s.link_id, s.is_synthetic, s.is_delete,\n       s.given_key, s.family_key, {family} AS family_text, {generation} AS generation, {born} AS born, {mail} AS mail_key, s.effective_at, s.checksum{sets}\nFROM staged s\nLEFT ANTI JOIN quarantined q ON q.sequence_number = s.sequence_number{retry}"
            ),
        ),
    ]
}

/// The fields with the main telephone numbers of the sets that are keys: their extensions matter.
pub(super) fn extended_fields(shape: &Shape) -> impl Iterator<Item = &FieldShape> {
    key_sets(shape).filter_map(move |set| extended(shape, set))
}

fn extended<'a>(shape: &'a Shape, set: &SetShape) -> Option<&'a FieldShape> {
    shape.primary_of(&set.name).filter(|_| set.kind == SetKind::Phone)
}

/// The extension with which the main number of a set was written, as a column of `incoming`.
fn extension(shape: &Shape, set: &SetShape) -> Option<String> {
    let main = extended(shape, set)?;
    Some(format!(", s.{} AS {}", ident(&extension_column(&main.name)), extension_of(set)))
}

fn extension_of(set: &SetShape) -> String {
    ident(&format!("{}_extension", set.name))
}

/// The keys of one set. A number with an extension is that of a switchboard: where two rows differ in it, it says as little
/// as the address of a role does.
fn keys_of_set(shape: &Shape, set: &SetShape) -> String {
    let written = extended(shape, set).map(|_| extension_of(set));
    let written = written.unwrap_or_else(|| NO_EXTENSION.to_owned());
    format!(
        "SELECT seq, {} AS key_type, key, is_primary, strength = 'none' AS idle, strength = 'weak' AS weak, CASE WHEN is_primary THEN written END AS extension\nFROM (\nSELECT seq, item['key'] AS key, item['is_primary'] AND filled AS is_primary, {} AS strength, written\nFROM (SELECT seq, {} AS filled, {written} AS written, unnest({}) AS item FROM active)\n)",
        literal(set.key_type()),
        strength(set, "item['key']"),
        ident(&main_column(&set.name)),
        ident(&set.name)
    )
}

/// Of keys that are no telephone numbers.
const NO_EXTENSION: &str = "CAST(NULL AS VARCHAR)";

/// Deletes that a newer row of their own record in this run, or a later one of the same time, makes stale.
pub fn outlived() -> Query {
    step("outlived", Keep::Memory, include_str!("../../../sql/steps/match/outlived.sql"))
}

/// Which of several bearers of a name is meant: it stands behind the family name, or behind the given one.
pub fn generation(family: Option<&str>, given: Option<&str>) -> String {
    let parts: Vec<String> =
        [family, given].into_iter().flatten().map(|f| format!("name_generation({f})")).collect();
    match parts.as_slice() {
        [] => "CAST(NULL AS BIGINT)".to_owned(),
        [one] => one.clone(),
        several => format!("coalesce({})", several.join(", ")),
    }
}

/// Rows that still have to be decided, after the store said which links it knows, and their keys.
pub fn keys(shape: &Shape) -> Vec<Query> {
    let plain =
        format!("true AS is_primary, false AS idle, false AS weak, {NO_EXTENSION} AS extension\nFROM active");
    let mut parts = vec![format!(
        "SELECT seq, 'link' AS key_type, link_system || chr(31) || link_id AS key, {plain}\nWHERE NOT is_synthetic"
    )];
    parts.extend(key_sets(shape).map(|set| keys_of_set(shape, set)));
    parts.extend(field_keys(shape).map(|(_, name)| {
        format!(
            "SELECT seq, {} AS key_type, {1} AS key, {plain}\nWHERE {1} IS NOT NULL",
            literal(name),
            key_column(name)
        )
    }));
    vec![
        step("gone_in_run", Keep::Memory, include_str!("../../../sql/steps/match/gone_in_run.sql")),
        step("active", Keep::View, include_str!("../../../sql/steps/match/active.sql")),
        Query::new(
            "row_keys",
            Keep::Scratch,
            format!(
                "SELECT *, row_hash(key_type, key) AS key_hash\nFROM (\n{}\n)",
                parts.join("\nUNION ALL\n")
            ),
        ),
    ]
}

/// What a value of a set says about identity.
pub(super) fn strength(set: &SetShape, key: &str) -> String {
    strength_of((set.kind, &set.patterns), key)
}

/// The same for a set of another entity.
pub(super) fn strength_of((kind, patterns): (SetKind, &SetPatterns), key: &str) -> String {
    format!(
        "key_strength({key}, {}, {}, {})",
        literal(kind.name()),
        literal(&patterns.placeholders),
        literal(&patterns.weak)
    )
}

/// The sets whose values some key of `match.yml` looks up.
pub fn key_sets(shape: &Shape) -> impl Iterator<Item = &SetShape> {
    shape.sets.iter().filter(|set| set.is_key)
}

/// The keys that are made of fields, each with its type.
pub fn field_keys(shape: &Shape) -> impl Iterator<Item = (&KeyShape, &str)> {
    let of_fields = shape.keys.iter().filter(|key| !key.fields.is_empty());
    of_fields.filter_map(|key| Some((key, key.types.first()?.as_str())))
}

/// A key of fields as one text; NULL where a field is empty.
pub(super) fn key_text(key: &KeyShape, alias: &str) -> String {
    let fields: Vec<String> = key.fields.iter().map(|field| format!("{alias}.{}", ident(field))).collect();
    let filled: Vec<String> = fields.iter().map(|field| format!("{field} IS NOT NULL")).collect();
    let texts: Vec<String> = fields.iter().map(|field| format!("CAST({field} AS VARCHAR)")).collect();
    format!("CASE WHEN {} THEN concat_ws(chr(31), {}) END", filled.join(" AND "), texts.join(", "))
}

/// The column of `incoming` with a key of fields. A key of one field is called like it, and `born` and `checksum` are
/// columns already; no field and no set has a space in its name.
fn key_column(name: &str) -> String {
    ident(&format!("key {name}"))
}

/// The column of `incoming` with a field of a key.
fn key_field(field: &str) -> String {
    ident(&format!("key_{field}"))
}

/// The fields of all keys, each once.
fn key_fields(shape: &Shape) -> impl Iterator<Item = &str> {
    let all: BTreeSet<&str> =
        field_keys(shape).flat_map(|(key, _)| key.fields.iter().map(String::as_str)).collect();
    all.into_iter()
}

/// The table with the owners of the rows' keys of fields, as the store answers.
pub fn found_by_fields(name: &str) -> String {
    format!("found_{}", name.replace('+', "_"))
}

/// The keys of fields whose owners are asked for, with their fields.
pub fn wanted_fields(key: &KeyShape, name: &str) -> String {
    let fields: Vec<String> =
        key.fields.iter().map(|field| format!("{} AS {}", key_field(field), ident(field))).collect();
    format!(
        "SELECT DISTINCT {0} AS key, {1}\nFROM active\nWHERE {0} IS NOT NULL",
        key_column(name),
        fields.join(", ")
    )
}

/// The table with the owners of the rows' keys of one set, as the store answers.
pub fn found_keys(set: &SetShape) -> String {
    format!("found_{}", set.name)
}

/// The keys of one set whose owners are asked for.
pub fn wanted_keys(set: &SetShape) -> String {
    format!("SELECT DISTINCT key FROM row_keys WHERE key_type = {} AND NOT idle", literal(set.key_type()))
}

/// The owners of the rows' keys of all sets, as the name test needs them.
pub fn key_hits(shape: &Shape) -> String {
    let found = |key_type: &str, table: &str| {
        format!("SELECT {} AS key_type, *\nFROM {}", literal(key_type), ident(table))
    };
    let parts: Vec<String> = key_sets(shape)
        .map(|set| found(set.key_type(), &found_keys(set)))
        .chain(field_keys(shape).map(|(_, name)| found(name, &found_by_fields(name))))
        .collect();
    if parts.is_empty() {
        // An entity without sets is found by its links alone.
        return "SELECT key_type, key, key_hash, CAST(NULL AS BIGINT) AS core_id, CAST(NULL AS VARCHAR) AS given_key, CAST(NULL AS VARCHAR) AS family_key, CAST(NULL AS VARCHAR) AS family_text, CAST(NULL AS BIGINT) AS generation, CAST(NULL AS DATE) AS born, CAST(NULL AS VARCHAR) AS mail\nFROM row_keys\nWHERE false".to_owned();
    }
    format!(
        "SELECT key_type, key, row_hash(key_type, key) AS key_hash, core_id, {}, email_key(mail) AS mail\nFROM (\n{}\n)",
        CORE_PERSON,
        parts.join("\nUNION ALL\n")
    )
}

/// A core row's name and birth date, as the name test needs them.
pub const CORE_PERSON: &str = "given_key(given) AS given_key, family_key(family) AS family_key, family AS family_text, coalesce(name_generation(family), name_generation(given)) AS generation, born";

/// The keys that many share, and what the rows have in common with the core rows that have their keys.
pub fn meetings(shape: &Shape) -> Vec<Query> {
    vec![
        step("shared_keys", Keep::Memory, include_str!("../../../sql/steps/match/shared_keys.sql")),
        step("busy_keys", Keep::Memory, include_str!("../../../sql/steps/match/busy_keys.sql")),
        step("key_people", Keep::Scratch, include_str!("../../../sql/steps/match/key_people.sql")),
        step("key_crowds", Keep::Memory, include_str!("../../../sql/steps/match/key_crowds.sql")),
        with_mails(shape, "met", include_str!("../../../sql/steps/match/met.sql")),
        step("doubts", Keep::Memory, include_str!("../../../sql/steps/match/doubts.sql")),
    ]
}

/// External ids that are new, and which of them stand under one form.
pub fn new_ids() -> Vec<Query> {
    vec![
        step("new_ids", Keep::View, include_str!("../../../sql/steps/match/new_ids.sql")),
        step("similar_forms", Keep::Memory, include_str!("../../../sql/steps/match/similar_forms.sql")),
    ]
}

/// The forms that the store is asked for.
pub const WANTED_FORMS: &str = include_str!("../../../sql/steps/match/wanted_forms.sql");

/// The namespaces of the rows' ids.
pub const SYSTEMS_WITH_IDS: &str =
    "SELECT DISTINCT link_system FROM incoming WHERE NOT is_synthetic AND link_id IS NOT NULL";

/// New ids that may be others in another spelling, once the store was asked and the clusters are known.
pub fn similar_ids() -> Vec<Query> {
    vec![
        step("similar_known", Keep::Memory, include_str!("../../../sql/steps/match/similar_known.sql")),
        step("similar_in_run", Keep::Memory, include_str!("../../../sql/steps/match/similar_in_run.sql")),
        step("similar_ids", Keep::Memory, include_str!("../../../sql/steps/match/similar_ids.sql")),
    ]
}

/// Tables of match that nobody reads once its rows are decided.
pub const WORKINGS: [&str; 22] = [
    "gone_in_run",
    "row_keys",
    "shared_keys",
    "busy_keys",
    "key_people",
    "key_crowds",
    "core_people",
    "doubts",
    "doubt_links",
    "members",
    "signatures",
    "alike",
    "pairs",
    "link_key_pairs",
    "id_pairs",
    "edges",
    "core_edges",
    "cluster_people",
    "clusters",
    "row_match",
    "exceptions",
    "row_clusters",
];

/// Edges between rows, and from rows to core rows.
pub fn edges(shape: &Shape) -> Vec<Query> {
    let hits = judged(shape, include_str!("../../../sql/steps/match/hits_met.sql"), Some("core_id, who"));
    let pairs = judged(shape, include_str!("../../../sql/steps/match/pairs_met.sql"), None);
    let alike = judged(shape, include_str!("../../../sql/steps/match/alike_met.sql"), None);
    vec![
        step("doubt_links", Keep::Memory, include_str!("../../../sql/steps/match/doubt_links.sql")),
        Query::new(
            "hits",
            Keep::Memory,
            include_str!("../../../sql/steps/match/hits.sql").replace("{judged}", &hits),
        ),
        with_mails(shape, "members", include_str!("../../../sql/steps/match/members.sql")),
        step("signatures", Keep::Scratch, include_str!("../../../sql/steps/match/signatures.sql")),
        Query::new("alike", Keep::View, alike),
        Query::new("pairs", Keep::Memory, pairs),
        step("link_key_pairs", Keep::Memory, include_str!("../../../sql/steps/match/link_key_pairs.sql")),
        step("id_pairs", Keep::Memory, include_str!("../../../sql/steps/match/id_pairs.sql")),
        step("edges", Keep::Memory, include_str!("../../../sql/steps/match/edges.sql")),
        step("reused_in_run", Keep::Memory, include_str!("../../../sql/steps/match/reused_in_run.sql")),
        step("reused", Keep::Memory, include_str!("../../../sql/steps/match/reused.sql")),
        step("core_edges", Keep::Memory, include_str!("../../../sql/steps/match/core_edges.sql")),
    ]
}

/// The decision per row, once the clusters are known; and what scores come to, where records are compared by likeness.
pub fn decisions(shape: &Shape, fuzzy: Option<&FuzzySpec>) -> Vec<Query> {
    let links = include_str!("../../../sql/steps/match/links.sql");
    let pairs = include_str!("../../../sql/steps/match/dedupe_pairs.sql");
    let name = |rank: &str| match fuzzy {
        Some(_) => name_of_rank_or_score(shape, rank),
        None => name_of_rank(shape, rank),
    };
    let links = links.replace("{match_type}", &name("match_rank"));
    let pairs = pairs.replace("{match_type}", &name("h.match_rank"));
    let (scores, pairs) = match fuzzy {
        Some(spec) => (Some(told::scores(spec)), told::with_scores(&pairs)),
        None => (None, pairs.replace("{but_scored}", "")),
    };
    let torn = fuzzy.map_or("", |_| told::torn_by_people());
    let clusters = include_str!("../../../sql/steps/match/clusters.sql").replace("{torn_by_people}", torn);
    let before = vec![
        step("cluster_people", Keep::Memory, include_str!("../../../sql/steps/match/cluster_people.sql")),
        step("clusters", Keep::Memory, &clusters),
        step("row_match", Keep::Memory, include_str!("../../../sql/steps/match/row_match.sql")),
        step("households", Keep::Memory, include_str!("../../../sql/steps/match/households.sql")),
        step("exceptions", Keep::Memory, include_str!("../../../sql/steps/match/exceptions.sql")),
        Query::new("links", Keep::DataSet, links),
    ];
    let pairs = Query::new("dedupe_pairs", Keep::DataSet, pairs);
    before.into_iter().chain(scores).chain([pairs]).collect()
}

/// A step that compares the main e-mails of rows and core rows; placeholders are none.
fn with_mails(shape: &Shape, name: &str, sql: &str) -> Query {
    let told = |mail: &str| match shape.main_mail() {
        Some((set, _)) => format!("CASE WHEN {} <> 'none' THEN {mail} END", strength(set, mail)),
        None => "CAST(NULL AS VARCHAR)".to_owned(),
    };
    step(
        name,
        Keep::Scratch,
        &sql.replace("{row_mail}", &told("a.mail_key")).replace("{core_mail}", &told("h.mail")),
    )
}

fn step(name: &str, keep: Keep, sql: &str) -> Query {
    Query::new(name, keep, sql)
}
