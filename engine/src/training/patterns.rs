//! The pairs of the blocking rules, counted: how many there are, and how they answer.

use std::collections::BTreeMap;

use importer_plans::compile::fuzzy::{self, PairUse};
use importer_plans::project::{FuzzySpec, Pattern, Patterns};

use super::desk::Desk;
use crate::error::Result;

/// Bytes of one record on one side of a join: its values as views, its blocks.
const RECORD: u64 = 200;

/// Finds the members of all blocks; before anything is asked of pairs.
pub(super) async fn find_members(desk: &mut Desk, spec: &FuzzySpec) -> Result<()> {
    desk.run(&fuzzy::members(spec)).await
}

/// How many pairs each rule is the first to find.
pub(super) async fn counted(desk: &mut Desk, spec: &FuzzySpec) -> Result<Vec<u64>> {
    let mut counts = Vec::with_capacity(spec.blocking.len());
    for (rule, query) in fuzzy::pair_queries(spec, PairUse::Count).iter().enumerate() {
        let mut pairs = 0;
        for bucket in 0..buckets(desk, rule) {
            desk.set("bucket", bucket);
            pairs += desk.ask_count(&query.name, &query.sql).await?;
        }
        counts.push(pairs);
    }
    Ok(counts)
}

/// How the pairs of each rule answer, sorted by pattern.
pub(super) async fn of_rules(desk: &mut Desk, spec: &FuzzySpec) -> Result<Vec<Patterns>> {
    let mut all = Vec::with_capacity(spec.blocking.len());
    for (rule, query) in fuzzy::pair_queries(spec, PairUse::Patterns).iter().enumerate() {
        let mut found: BTreeMap<i64, u64> = BTreeMap::new();
        for bucket in 0..buckets(desk, rule) {
            desk.set("bucket", bucket);
            for (pattern, pairs) in desk.ask_counts(&query.name, &query.sql).await? {
                *found.entry(pattern).or_default() += pairs;
            }
        }
        all.push(sorted(found));
    }
    Ok(all)
}

/// Patterns in their order, whatever order they came in.
pub(super) fn sorted(found: impl IntoIterator<Item = (i64, u64)>) -> Patterns {
    let mut patterns: Patterns =
        found.into_iter().map(|(pattern, pairs)| (Pattern(pattern), pairs)).collect();
    patterns.sort_unstable();
    patterns
}

/// Into how many parts the pairs of a rule are cut, so that one side of their join takes a quarter of the memory.
fn buckets(desk: &mut Desk, rule: usize) -> i64 {
    let bytes = desk.rows_of(&format!("members_{rule}")).saturating_mul(RECORD);
    let room = u64::try_from(desk.memory() / 4).unwrap_or(u64::MAX).max(1);
    let buckets = i64::try_from(bytes.div_ceil(room).max(1)).unwrap_or(i64::MAX);
    desk.set("buckets", buckets);
    buckets
}
