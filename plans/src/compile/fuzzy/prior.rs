//! How many pairs of all are matches and households: a fixed point, with what the levels say held fast.

use super::counted::{Row, count};

/// The part of the matches that blocking finds.
const RECALL: f64 = 0.95;
/// One record in so many has a match, and one a household, at the start.
const MATCHES: f64 = 10.0;
const HOUSEHOLDS: f64 = 50.0;
const MOST_ITERATIONS: usize = 100;
const AT_REST: f64 = 1e-6;
/// Where nothing is a match, there may still be half of one.
const LEAST: f64 = 0.5;

/// How many pairs some records make.
pub(super) fn pairs_of(records: u64) -> f64 {
    let records = count(records);
    (records * (records - 1.0) / 2.0).max(1.0)
}

/// Log2 odds of match and household against strangers, among all pairs. `likelihoods` are those of match, household and
/// stranger.
pub(super) fn odds(
    rows: &[&Row],
    pairs: f64,
    records: u64,
    likelihoods: impl Fn(&Row) -> [f64; 3],
    has_households: bool,
) -> (f64, Option<f64>) {
    let known: Vec<([f64; 3], f64)> = rows.iter().map(|row| (likelihoods(row), row.pairs)).collect();
    let part = |expected: f64| (expected.max(LEAST) / RECALL / pairs).min(0.25);
    let mut matches = part(count(records) / MATCHES);
    let mut households = if has_households { part(count(records) / HOUSEHOLDS) } else { 0.0 };
    for _ in 0..MOST_ITERATIONS {
        let strangers = 1.0 - matches - households;
        let (mut one, mut two) = (0.0, 0.0);
        for (likely, pairs) in &known {
            let joint = [likely[0] * matches, likely[1] * households, likely[2] * strangers];
            let all: f64 = joint.iter().sum();
            if all > 0.0 {
                one += pairs * joint[0] / all;
                two += pairs * joint[1] / all;
            }
        }
        let next = (part(one), if has_households { part(two) } else { 0.0 });
        let change = ((next.0 - matches) / matches).abs().max(if has_households {
            ((next.1 - households) / households).abs()
        } else {
            0.0
        });
        (matches, households) = next;
        if change < AT_REST {
            break;
        }
    }
    let strangers = 1.0 - matches - households;
    ((matches / strangers).log2(), has_households.then(|| (households / strangers).log2()))
}
