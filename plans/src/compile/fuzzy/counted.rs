//! Counted patterns, taken apart.

use crate::project::{FuzzySpec, Pattern};

/// A pattern, taken apart, with how many pairs have it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) codes: Vec<u8>,
    pub(super) pairs: f64,
}

impl Row {
    /// The patterns in their order, each once.
    pub(super) fn sorted(spec: &FuzzySpec, patterns: &[(Pattern, u64)]) -> Vec<Self> {
        let mut patterns = patterns.to_vec();
        patterns.sort_unstable();
        let mut rows: Vec<(Pattern, u64)> = Vec::with_capacity(patterns.len());
        for (pattern, pairs) in patterns.into_iter().filter(|(_, pairs)| *pairs > 0) {
            match rows.last_mut().filter(|(last, _)| *last == pattern) {
                Some((_, all)) => *all = all.saturating_add(pairs),
                None => rows.push((pattern, pairs)),
            }
        }
        let row =
            |(pattern, pairs): (Pattern, u64)| Self { codes: spec.levels_of(pattern), pairs: count(pairs) };
        rows.into_iter().map(row).collect()
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of pairs are far below 2^53")]
pub(super) fn count(pairs: u64) -> f64 {
    pairs as f64
}
