//! How many changes each chunk of a round takes: a function of what was resolved and of the run's settings alone, so that
//! every attempt cuts the same chunks and the ledger tells which of them are in.
//!
//! Chunks go in pairs, side by side (ADR 0016), and both of a pair shall take the same time. Changes of existing core rows
//! come first in a round and cost more than new ones, which are only added.

use crate::context::Settings;
use crate::steps::resolve::Resolved;

/// Changes from which on chunks are cut in pairs; below that one transaction is as quick as two.
const PAIRS_FROM: u64 = 8192;
/// What the change of an existing core row costs, counted in new ones.
const EXISTING: u64 = 4;

/// The chunks of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut(Vec<usize>);

impl Cut {
    /// How a round of this run is cut.
    pub fn of(settings: &Settings, resolved: &Resolved) -> Self {
        let (existing, all) = (resolved.merged.rows(), resolved.changes().rows());
        let most = settings.chunk_rows.max(1) as u64;
        let rows = if settings.chunks_in_pairs && all >= PAIRS_FROM {
            in_pairs(existing, all, most)
        } else {
            (0..all.div_ceil(most)).map(|n| most.min(all - n * most)).collect()
        };
        Self(rows.into_iter().map(|rows| usize::try_from(rows).unwrap_or(usize::MAX)).collect())
    }

    /// The rows of each chunk, in order.
    pub fn sizes(&self) -> impl Iterator<Item = usize> + use<> {
        self.0.clone().into_iter()
    }

    /// The chunk that the change at this place of the round is in.
    pub fn chunk_at(&self, place: u64) -> Option<usize> {
        let mut end = 0;
        self.0.iter().position(|rows| {
            end += *rows as u64;
            place < end
        })
    }
}

/// An even number of chunks that cost the same, none of them with more rows than allowed.
fn in_pairs(existing: u64, all: u64, most: u64) -> Vec<u64> {
    let mut count = all.div_ceil(most).max(2).next_multiple_of(2);
    loop {
        let sizes = same_cost(existing, all, count);
        if sizes.iter().all(|rows| *rows <= most) {
            return sizes;
        }
        count += 2;
    }
}

fn same_cost(existing: u64, all: u64, count: u64) -> Vec<u64> {
    let cost = existing * EXISTING + (all - existing);
    // The number of changes that so much is spent on.
    let rows_for = |spent: u64| match spent.checked_sub(existing * EXISTING) {
        None => spent / EXISTING,
        Some(rest) => existing + rest,
    };
    let ends: Vec<u64> = (0..=count).map(|n| rows_for(cost * n / count)).collect();
    ends.windows(2).map(|pair| pair[1] - pair[0]).filter(|rows| *rows > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_of_a_pair_cost_the_same() {
        assert_eq!(in_pairs(0, 50_000, 30_000), [25_000, 25_000]);
        let sizes = in_pairs(2_500, 47_500, 30_000);
        assert_eq!(sizes.iter().sum::<u64>(), 47_500);
        assert_eq!(2_500 * EXISTING + sizes[0] - 2_500, sizes[1], "{sizes:?}");
        assert_eq!(in_pairs(10_000, 10_000, 30_000), [5_000, 5_000]);
        // Where the new ones would be too many for one transaction there is another pair.
        assert_eq!(in_pairs(10_000, 60_000, 30_000).len(), 4);
    }

    #[test]
    fn a_change_is_in_the_chunk_that_its_place_falls_into() {
        let cut = Cut(vec![2, 3]);
        assert_eq!(
            [0, 1, 2, 4, 5].map(|place| cut.chunk_at(place)),
            [Some(0), Some(0), Some(1), Some(1), None]
        );
    }

    proptest! {
        #[test]
        fn every_change_is_in_one_chunk(existing in 0_u64..100_000, new in 0_u64..1_000_000, most in 1_u64..60_000) {
            let all = existing + new;
            prop_assume!(all >= PAIRS_FROM && all / most < 10_000);
            let sizes = in_pairs(existing, all, most);
            prop_assert_eq!(sizes.iter().sum::<u64>(), all);
            prop_assert!(sizes.iter().all(|rows| (1..=most).contains(rows)));
        }
    }
}
