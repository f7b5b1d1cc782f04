//! What a model makes of the pairs that it has seen: how they are spread over scores, and what each threshold would give.

use importer_plans::project::{FuzzySpec, Model, Patterns};
use serde::Serialize;

/// Bars of the histogram.
const BARS: usize = 20;
/// Thresholds that are looked at.
const THRESHOLDS: [f64; 9] = [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99];

/// The pairs of all rules under a model. How frequent the shared values are is not in it: patterns do not know.
#[derive(Debug, Clone, Serialize)]
pub struct Outlook {
    pub pairs: u64,
    /// Pairs expected to be matches.
    pub matches: f64,
    /// Pairs per twentieth of the probability, from 0 to 1.
    pub histogram: Vec<u64>,
    pub thresholds: Vec<Expected>,
}

/// What is to be expected of the pairs at or above a threshold, if the model is right.
#[derive(Debug, Clone, Serialize)]
pub struct Expected {
    pub threshold: f64,
    pub pairs: u64,
    /// The part of them that are matches.
    pub precision: f64,
    /// The part of all matches that is among them.
    pub recall: f64,
}

/// Looks at the pairs of all rules.
pub(super) fn outlook(spec: &FuzzySpec, model: &Model, rules: &[(usize, Patterns)]) -> Outlook {
    let scored: Vec<(f64, u64)> = rules
        .iter()
        .flat_map(|(_, patterns)| patterns)
        .map(|(pattern, pairs)| (model.score(spec, *pattern, &[]).probability, *pairs))
        .collect();
    let mut histogram = vec![0_u64; BARS];
    for (probability, pairs) in &scored {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "probabilities are 0 to 1"
        )]
        let bar = (probability * BARS as f64) as usize;
        histogram[bar.min(BARS - 1)] += *pairs;
    }
    let matches = expected(&scored, 0.0).1;
    let at = |threshold: f64| {
        let (pairs, found) = expected(&scored, threshold);
        Expected { threshold, pairs, precision: part(found, pairs as f64), recall: part(found, matches) }
    };
    Outlook {
        pairs: scored.iter().map(|(_, pairs)| pairs).sum(),
        matches,
        histogram,
        thresholds: THRESHOLDS.into_iter().map(at).collect(),
    }
}

/// Pairs at or above a threshold, and how many of them are expected to be matches.
fn expected(scored: &[(f64, u64)], threshold: f64) -> (u64, f64) {
    let above = scored.iter().filter(|(probability, _)| *probability >= threshold);
    above.fold((0, 0.0), |(all, found), (probability, pairs)| {
        (all + pairs, found + probability * *pairs as f64)
    })
}

fn part(of: f64, all: f64) -> f64 {
    if all > 0.0 { of / all } else { 0.0 }
}
