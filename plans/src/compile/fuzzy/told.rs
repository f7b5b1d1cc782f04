//! What becomes of scored pairs: who is told of which, and how it is written down.

use std::collections::BTreeSet;

use super::records::known_terms;
use super::template::{filled, number, step};
use crate::compile::ident::{ident, literal};
use crate::compile::judge::RANK_OF_SCORE;
use crate::compile::query::{Keep, Query};
use crate::project::{Comparison, FuzzySpec, Level};

/// Scored pairs with what speaks against them, from `fuzzy_scores`: `fuzzy_people`, `fuzzy_judged`. Where core has no record
/// that any row may be, `core_records` is an empty table.
pub fn judged(spec: &FuzzySpec) -> Vec<Query> {
    let judged = filled(
        include_str!("../../../../sql/steps/match/fuzzy/judged.sql"),
        &[("terms", &term_columns(spec))],
    );
    vec![
        step("fuzzy_people", Keep::Scratch, include_str!("../../../../sql/steps/match/fuzzy/people.sql")),
        step("fuzzy_judged", Keep::Scratch, &judged),
    ]
}

/// Those pairs with what became of them, once it is known which join.
pub fn pairs() -> Query {
    step("fuzzy_pairs", Keep::Scratch, include_str!("../../../../sql/steps/match/fuzzy/scored_pairs.sql"))
}

/// What people have decided about rows of this run, from `pair_decisions`: `decided`, of the scored pairs those that are
/// decided, and the edges that follow, `decided_edges` and `decided_core_edges`.
pub fn decided() -> Vec<Query> {
    vec![
        step("decided", Keep::Memory, include_str!("../../../../sql/steps/match/fuzzy/decided.sql")),
        step(
            "fuzzy_decided",
            Keep::Memory,
            include_str!("../../../../sql/steps/match/fuzzy/decided_pairs.sql"),
        ),
        step(
            "decided_edges",
            Keep::Memory,
            include_str!("../../../../sql/steps/match/fuzzy/decided_edges.sql"),
        ),
        step(
            "decided_core_edges",
            Keep::Memory,
            include_str!("../../../../sql/steps/match/fuzzy/decided_core_edges.sql"),
        ),
    ]
}

/// The edges of keys and people, with those of the pairs that `fuzzy_fates` says are joined: `joined_edges` and
/// `joined_core_edges`.
pub fn joined() -> Vec<Query> {
    let rank = RANK_OF_SCORE.to_string();
    let with = |sql: &str| filled(sql, &[("rank", &rank)]);
    vec![
        step(
            "joined_edges",
            Keep::Memory,
            &with(include_str!("../../../../sql/steps/match/fuzzy/joined_edges.sql")),
        ),
        step(
            "joined_core_edges",
            Keep::Memory,
            &with(include_str!("../../../../sql/steps/match/fuzzy/joined_core_edges.sql")),
        ),
    ]
}

/// Records and core rows by their nodes, `fuzzy_everybody`; `core_node` makes that of a core row out of its `core_id`.
pub fn everybody(core_node: &str) -> Query {
    let sql = include_str!("../../../../sql/steps/match/fuzzy/everybody.sql");
    step("fuzzy_everybody", Keep::View, &filled(sql, &[("core_node", core_node)]))
}

/// More clusters that nobody may join: those that hold two whom a person has told apart.
pub(in crate::compile) fn torn_by_people() -> &'static str {
    include_str!("../../../../sql/steps/match/fuzzy/torn_by_people.sql")
}

/// Members of one group that are two people, from `fuzzy_groups` and `fuzzy_everybody`.
pub fn contradictions() -> &'static str {
    include_str!("../../../../sql/steps/match/fuzzy/contradictions.sql").trim_end()
}

/// All scored pairs as they are kept, with the decision about those that somebody is told of.
pub(in crate::compile) fn scores(spec: &FuzzySpec) -> Query {
    let sql = filled(
        include_str!("../../../../sql/steps/match/fuzzy/dedupe_scores.sql"),
        &[
            ("terms", &term_columns(spec)),
            ("rule", &rule_name(spec)),
            ("match_at", &number(spec.thresholds.matched)),
        ],
    );
    step("dedupe_scores", Keep::DataSet, &sql)
}

/// The suggestions of a run whose keys alone would give those of `pairs`, with the scored ones.
pub(in crate::compile) fn with_scores(pairs: &str) -> String {
    let by_key = pairs.trim_end().replace("{but_scored}", "\n  AND l.match_type <> 'fuzzy'");
    format!(
        "SELECT *, CAST(NULL AS DOUBLE) AS score\nFROM (\n{by_key}\n)\nUNION ALL\nSELECT left_seq, right_seq, core_id, 'fuzzy', rule, decision, reason, evidence, probability, probability AS score\nFROM dedupe_scores\nWHERE decision IS NOT NULL"
    )
}

/// The rows of the store for what is told, from `sql/steps/load/suggestions.sql`.
pub fn suggestions(sql: &str, fuzzy: Option<&FuzzySpec>) -> String {
    let Some(spec) = fuzzy else { return sql.replace("{but_scored}", "") };
    let terms = term_columns(spec);
    let nothing: String = adjusted(spec)
        .into_iter()
        .map(|n| format!(", CAST(NULL AS DOUBLE) AS {}", ident(&term_column(&spec.comparisons[n]))))
        .collect();
    let by_key = sql.trim_end().replace("{but_scored}", "\n  WHERE p.score IS NULL");
    let scored =
        filled(include_str!("../../../../sql/steps/load/fuzzy_suggestions.sql"), &[("terms", &terms)]);
    format!(
        "SELECT *, CAST(NULL AS DOUBLE) AS score, CAST(NULL AS BIGINT) AS pattern, CAST(NULL AS VARCHAR) AS rule{nothing}\nFROM (\n{by_key}\n){scored}"
    )
}

/// The name of the rule that found a pair.
fn rule_name(spec: &FuzzySpec) -> String {
    let names: String = spec
        .blocking
        .iter()
        .enumerate()
        .map(|(n, rule)| format!(" WHEN {n} THEN {}", literal(&rule.name)))
        .collect();
    if names.is_empty() { "CAST(NULL AS VARCHAR)".to_owned() } else { format!("CASE rule{names} END") }
}

/// The comparisons whose weight the frequency of a value changes, by their places.
pub fn adjusted(spec: &FuzzySpec) -> Vec<usize> {
    let known: BTreeSet<&str> = known_terms(spec, spec.model.as_ref()).map(|(name, _)| name).collect();
    let is_known = |level: &Level| level.terms.as_deref().is_some_and(|name| known.contains(name));
    let comparisons = spec.comparisons.iter().enumerate();
    comparisons.filter(|(_, c)| c.levels.iter().any(is_known)).map(|(n, _)| n).collect()
}

/// The column with what that comes to, in bits.
pub fn term_column(comparison: &Comparison) -> String {
    format!("term_{}", comparison.name)
}

/// Those columns, each behind a comma.
fn term_columns(spec: &FuzzySpec) -> String {
    adjusted(spec).into_iter().map(|n| format!(", {}", ident(&term_column(&spec.comparisons[n])))).collect()
}

#[cfg(test)]
mod tests {
    use super::{suggestions, with_scores};

    #[test]
    fn without_scores_the_statement_is_as_it_stands() {
        assert_eq!(suggestions("SELECT 1{but_scored}\nFROM t\n", None), "SELECT 1\nFROM t\n");
    }

    #[test]
    fn scores_stand_beside_what_keys_say() {
        let both = with_scores("SELECT 1{but_scored}\nUNION ALL\nSELECT 2\n");
        assert!(both.contains("SELECT 1\n  AND l.match_type <> 'fuzzy'\nUNION ALL\nSELECT 2\n)"), "{both}");
        assert!(
            both.ends_with("FROM dedupe_scores\nWHERE decision IS NOT NULL") && !both.contains('{'),
            "{both}"
        );
    }
}
