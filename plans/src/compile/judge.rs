//! What a shared value makes of two records, by the keys of `match.yml`.
//!
//! Two records that share a value come with what is known of them: which value it is (`key_type`, `is_primary`, `weak`),
//! the `evidence` of names and birth dates, what is equal (`same_family`, `same_name`, `same_birth`) and what is not
//! (`other_family`, `mails_differ`), whether one namespace has them under two ids (`two_ids`), and whether other given names
//! may be explained by a new name (`may_rename`). The first key that applies and whose guard is satisfied gives `match_rank`; `verdict` says why none does.

use super::ident::literal;
use super::kinds::SetKind;
use super::shape::{KeyShape, Shape};

/// Words of `person_evidence` that speak for one person.
const FOR: &str = "'equal', 'missing', 'initial', 'nickname', 'beginning', 'slip'";

/// Adds `strong`, `match_rank` and `verdict` to the rows of a query. `pair` names the columns that say which two people
/// meet, where that is known: whom one value joins, another does not hold apart for a family name.
pub(super) fn judged(shape: &Shape, met: &str, pair: Option<&str>) -> String {
    let verdict = match pair {
        Some(pair) => format!(
            "CASE WHEN said = 'other_family' AND max(CASE WHEN match_rank IS NOT NULL THEN 1 ELSE 0 END) OVER (PARTITION BY {pair}) = 1 THEN 'weaker' ELSE said END"
        ),
        None => "said".to_owned(),
    };
    let strays = strays(shape);
    let strong = any(shape.keys.iter().map(applies));
    let rank = first(shape.keys.iter().enumerate().map(|(n, key)| {
        // Fields are what a record is called, and its source tells two records of one name apart by their ids.
        let ids = if key.fields.is_empty() { "" } else { " AND NOT two_ids" };
        let guard = if key.unguarded { ids.to_owned() } else { format!(" AND counts{ids}") };
        (format!("{}{guard}", applies(key)), (n + 1).to_string())
    }));
    format!(
        "SELECT v.*, {verdict} AS verdict\nFROM (\nSELECT r.*,\n       CASE WHEN match_rank IS NOT NULL THEN 'joins'\n            WHEN NOT strong THEN 'weaker'\n            WHEN NOT agrees THEN 'same_key_other_person'\n            WHEN weak AND NOT same_name THEN 'weak_key'\n            WHEN strays AND NOT two_ids THEN 'other_family'\n            ELSE 'two_ids' END AS said\nFROM (\nSELECT c.*, {strong} AS strong, {rank} AS match_rank\nFROM (\nSELECT a.*,\n       agrees AND NOT strays AND (NOT weak OR same_name) AND (NOT two_ids OR ((same_family OR same_birth) AND evidence <> 'renamed')) AS counts\nFROM (\nSELECT m.*, evidence IN ({FOR}) OR (evidence = 'renamed' AND may_rename) AS agrees, {strays} AS strays\nFROM (\n{met}\n) m\n) a\n) c\n) r\n) v"
    )
}

/// Whether nothing but a telephone number stands for one person, and the family names are other ones. A number is that of
/// a house or an office. Somebody who married keeps it with her given name, and with her address or birth date unless one
/// of the records does not tell it; an initial, or a birth date alone, says too little.
fn strays(shape: &Shape) -> String {
    let phones = shape.sets.iter().filter(|set| set.is_key && set.kind == SetKind::Phone);
    let types: Vec<String> = phones.map(|set| literal(set.key_type())).collect();
    if types.is_empty() {
        return "false".to_owned();
    }
    format!(
        "(key_type IN ({}) AND other_family AND (evidence IN ('initial', 'renamed') OR (NOT same_birth AND (mails_differ OR evidence <> 'equal'))))",
        types.join(", ")
    )
}

/// The name of the key that gave a `match_rank`; the rank 0 is the external id, which has none.
pub(super) fn name_of_rank(shape: &Shape, rank: &str) -> String {
    let named =
        shape.keys.iter().enumerate().map(|(n, key)| (format!("{rank} = {}", n + 1), literal(&key.name)));
    first_or(named, "CAST(NULL AS VARCHAR)")
}

/// The `match_rank` of what a score alone has joined: weaker than any key.
pub const RANK_OF_SCORE: i64 = 1_000_000;

/// [`name_of_rank`] where scores join as well.
pub(super) fn name_of_rank_or_score(shape: &Shape, rank: &str) -> String {
    format!("CASE WHEN {rank} = {RANK_OF_SCORE} THEN 'fuzzy' ELSE {} END", name_of_rank(shape, rank))
}

/// Whether a key looks at the value at all, and is satisfied with the family names.
fn applies(key: &KeyShape) -> String {
    let types: Vec<String> = key.types.iter().map(|name| literal(name)).collect();
    if types.is_empty() {
        return "false".to_owned();
    }
    let values = if key.any_value { "" } else { " AND is_primary" };
    let family = if key.same_family { " AND same_family" } else { "" };
    format!("(key_type IN ({}){values}{family})", types.join(", "))
}

fn any(conditions: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = conditions.collect();
    if all.is_empty() { "false".to_owned() } else { format!("({})", all.join(" OR ")) }
}

fn first(choices: impl Iterator<Item = (String, String)>) -> String {
    first_or(choices, "CAST(NULL AS BIGINT)")
}

fn first_or(choices: impl Iterator<Item = (String, String)>, none: &str) -> String {
    let all: Vec<String> = choices.map(|(when, then)| format!("WHEN {when} THEN {then}")).collect();
    if all.is_empty() { none.to_owned() } else { format!("CASE {} END", all.join(" ")) }
}
