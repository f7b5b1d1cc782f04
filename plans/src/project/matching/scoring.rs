//! A model put together for a project, and what it says of a pair.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::level::is_by_hand;
use super::model::{bits, bits_of, shown};
use super::{FuzzySpec, Model, Pattern, Score, Weights};

/// The prior without a model, in bits; a household is less than half as frequent as a match.
const PRIOR: f64 = -15.0;
const HOUSEHOLD_PRIOR: f64 = -16.2;
/// The name of a model that nobody trained.
const OF_KINDS: &str = "kinds";

impl Model {
    /// Puts a model together: weights out of parts, hand-set values before all others, numbers as a file has them.
    pub fn new(spec: &FuzzySpec, parts: Weights, prior: f64, household_prior: Option<f64>) -> Self {
        let Weights { mut m, mut h, mut u } = parts;
        set_by_hand(spec, &mut m, &mut h, &mut u);
        for number in [&mut m, &mut h, &mut u].into_iter().flatten().flatten() {
            *number = shown(*number).parse().unwrap_or(*number);
        }
        let mut weights: Vec<Vec<f64>> = m.iter().zip(&u).map(|(m, u)| ratios(m, u)).collect();
        for (comparison, weights) in spec.comparisons.iter().zip(&mut weights) {
            for level in &comparison.levels {
                if let (Some(bits), Some(weight)) = (level.weight, weights.get_mut(usize::from(level.code))) {
                    *weight = bits;
                }
            }
        }
        let is_personal =
            |at: usize| spec.comparisons.get(at).is_some_and(|comparison| spec.is_personal(comparison));
        let household = h.iter().zip(&u).enumerate();
        let household =
            household.map(|(at, (h, u))| if is_personal(at) { vec![0.0; u.len()] } else { ratios(h, u) });
        Self {
            hash: OF_KINDS.to_owned(),
            prior: bits(prior),
            household_prior: household_prior.map(bits),
            household: household.collect(),
            weights,
            m,
            h,
            u,
            terms: BTreeMap::new(),
        }
    }

    /// What levels say before anything was learned.
    pub fn of_kinds(spec: &FuzzySpec) -> Self {
        let household = (!spec.personal.is_empty()).then_some(HOUSEHOLD_PRIOR);
        Self::new(spec, Weights::of_kinds(spec), PRIOR, household)
    }

    /// The score of a pattern. `terms` are the bits by which the frequency of the shared value adjusts each comparison;
    /// missing ones are none. Sums are made in the order of the comparisons, so that they are the same everywhere.
    pub fn score(&self, spec: &FuzzySpec, pattern: Pattern, terms: &[f64]) -> Score {
        let codes = spec.levels_of(pattern);
        let mut matched = self.prior;
        let mut household = self.household_prior;
        for (at, comparison) in spec.comparisons.iter().enumerate() {
            let code = codes.get(at).copied().unwrap_or_default();
            let term = terms.get(at).copied().unwrap_or_default();
            matched += bits_of(&self.weights, at, code) + term;
            // Of what is personal a household has no more in common than strangers have.
            let shared =
                if spec.is_personal(comparison) { 0.0 } else { bits_of(&self.household, at, code) + term };
            household = household.map(|sum| sum + shared);
        }
        Score::of(matched, household)
    }
}

impl FuzzySpec {
    /// The trained model, or what the kinds of levels say.
    pub fn model_or_kinds(&self) -> Cow<'_, Model> {
        self.model.as_ref().map_or_else(|| Cow::Owned(Model::of_kinds(self)), Cow::Borrowed)
    }
}

/// Hand-set parts and weights take the place of what was learned, for a household as well where it is not personal.
fn set_by_hand(spec: &FuzzySpec, m: &mut [Vec<f64>], h: &mut [Vec<f64>], u: &mut [Vec<f64>]) {
    for (at, comparison) in spec.comparisons.iter().enumerate() {
        let personal = spec.is_personal(comparison);
        for level in comparison.levels.iter().filter(|level| is_by_hand(level)) {
            let code = usize::from(level.code);
            let (Some(m), Some(h), Some(u)) = (
                m.get_mut(at).and_then(|parts| parts.get_mut(code)),
                h.get_mut(at).and_then(|parts| parts.get_mut(code)),
                u.get_mut(at).and_then(|parts| parts.get_mut(code)),
            ) else {
                continue;
            };
            let was = *m;
            *u = level.u.unwrap_or(*u);
            *m = level.m.unwrap_or_else(|| level.weight.map_or(*m, |bits| (*u * bits.exp2()).min(1.0)));
            *h = if personal { *u } else { *h * *m / was.max(f64::MIN_POSITIVE) };
            *h = h.min(1.0);
        }
    }
}

fn ratios(parts: &[f64], strangers: &[f64]) -> Vec<f64> {
    let ratio = |(code, (part, u)): (usize, (&f64, &f64))| match code {
        0 => 0.0,
        _ => bits((part.max(LEAST) / u.max(LEAST)).log2()),
    };
    parts.iter().zip(strangers).enumerate().map(ratio).collect()
}

/// Below this no part of anything is told from nothing.
const LEAST: f64 = 1e-9;
