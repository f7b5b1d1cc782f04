//! The pairs of the blocking rules, counted: how many there are, and how they answer.

use std::collections::BTreeMap;

use importer_plans::compile::fuzzy::{self, PairUse};
use importer_plans::project::{FuzzySpec, Pattern, Patterns};

use super::desk::Desk;
use crate::error::{Error, Result};

/// Bytes of one record on one side of a join: its values as views, its blocks.
const RECORD: u64 = 200;

/// Finds the members of all blocks; before anything is asked of pairs.
pub(super) async fn find_members(desk: &mut Desk, spec: &FuzzySpec) -> Result<()> {
    desk.run(&fuzzy::members(spec)).await
}

/// How many pairs each rule is the first to find.
pub(super) async fn counted(desk: &mut Desk, spec: &FuzzySpec) -> Result<Vec<u64>> {
    let query = fuzzy::pairs(spec, PairUse::Count);
    let mut counts = vec![0; spec.blocking.len()];
    for bucket in 0..buckets(desk, spec) {
        desk.set("bucket", bucket);
        for [rule, pairs] in desk.ask_numbers(&query.name, &query.sql).await? {
            *counts.get_mut(place(rule)).ok_or_else(no_rule)? += pairs;
        }
    }
    Ok(counts)
}

/// How the pairs of each rule answer, sorted by pattern.
pub(super) async fn of_rules(desk: &mut Desk, spec: &FuzzySpec) -> Result<Vec<Patterns>> {
    let query = fuzzy::pairs(spec, PairUse::Patterns);
    let mut found: Vec<BTreeMap<u64, u64>> = vec![BTreeMap::new(); spec.blocking.len()];
    for bucket in 0..buckets(desk, spec) {
        desk.set("bucket", bucket);
        for [rule, pattern, pairs] in desk.ask_numbers(&query.name, &query.sql).await? {
            let of_rule = found.get_mut(place(rule)).ok_or_else(no_rule)?;
            *of_rule.entry(pattern).or_default() += pairs;
        }
    }
    Ok(found.into_iter().map(sorted).collect())
}

fn place(rule: u64) -> usize {
    usize::try_from(rule).unwrap_or(usize::MAX)
}

fn no_rule() -> Error {
    Error::internal("a pair belongs to no rule")
}

/// Patterns in their order, whatever order they came in.
pub(super) fn sorted(found: impl IntoIterator<Item = (u64, u64)>) -> Patterns {
    let pattern = |(pattern, pairs): (u64, u64)| (Pattern(pattern.cast_signed()), pairs);
    let mut patterns: Patterns = found.into_iter().map(pattern).collect();
    patterns.sort_unstable();
    patterns
}

/// Into how many parts the pairs are cut, so that one side of their join takes a quarter of the memory.
fn buckets(desk: &mut Desk, spec: &FuzzySpec) -> i64 {
    let members: u64 = (0..spec.blocking.len()).map(|rule| desk.rows_of(&fuzzy::members_of(rule))).sum();
    let room = u64::try_from(desk.memory() / 4).unwrap_or(u64::MAX).max(1);
    let buckets = i64::try_from(members.saturating_mul(RECORD).div_ceil(room).max(1)).unwrap_or(i64::MAX);
    desk.set("buckets", buckets);
    buckets
}
