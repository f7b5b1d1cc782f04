//! The trained model: what each level says, in bits. Its file is `model_file`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{FuzzySpec, Level, Pattern, Weights};

/// Weights of all levels. The inner lists have one number per code of the comparison (see [`Level::code`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// 32 hexadecimal digits that name its content; `kinds` where nothing was trained.
    pub hash: String,
    /// Log2 odds that a pair of records is a match.
    pub prior: f64,
    /// The same of a household; `None` where households are no class.
    pub household_prior: Option<f64>,
    /// log2(m / u): bits for a match against strangers; 0 of `missing`.
    pub weights: Vec<Vec<f64>>,
    /// log2(h / u): bits for a household against strangers; 0 of `missing` and of personal comparisons.
    pub household: Vec<Vec<f64>>,
    /// How often the levels are met among matches, households and strangers.
    pub m: Vec<Vec<f64>>,
    pub h: Vec<Vec<f64>>,
    pub u: Vec<Vec<f64>>,
    /// Frequencies of values, by the name in `compare`.
    pub terms: BTreeMap<String, Terms>,
}

/// How frequent the values of a column are.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// The most frequent values with their part of all, sorted by value.
    pub values: Vec<(String, f64)>,
    /// The part that every other value counts as.
    pub floor: f64,
}

/// What the levels of one pair say together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Bits for a match, and for a household, against strangers; the prior is in them.
    pub matched: f64,
    pub household: Option<f64>,
    /// Of a match, and of a household.
    pub probability: f64,
    pub household_probability: f64,
}

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

impl Score {
    /// Probabilities out of bits; neither overflows.
    pub fn of(matched: f64, household: Option<f64>) -> Self {
        let rival = household.unwrap_or(f64::NEG_INFINITY);
        let most = matched.max(rival).max(0.0);
        let (one, two) = ((matched - most).exp2(), (rival - most).exp2());
        let all = one + two + (-most).exp2();
        Self { matched, household, probability: one / all, household_probability: two / all }
    }
}

impl FuzzySpec {
    /// The trained model, or what the kinds of levels say.
    pub fn model_or_kinds(&self) -> Cow<'_, Model> {
        self.model.as_ref().map_or_else(|| Cow::Owned(Model::of_kinds(self)), Cow::Borrowed)
    }
}

/// The bits of a code of a comparison.
pub(super) fn bits_of(weights: &[Vec<f64>], comparison: usize, code: u8) -> f64 {
    weights.get(comparison).and_then(|weights| weights.get(usize::from(code))).copied().unwrap_or_default()
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

/// Whether somebody set a level's weight, which is then never trained.
pub(super) fn is_by_hand(level: &Level) -> bool {
    level.m.is_some() || level.u.is_some() || level.weight.is_some()
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

/// Bits as a file has them: six decimals.
pub(super) fn bits(number: f64) -> f64 {
    let rounded = (number * 1e6).round() / 1e6;
    // -0.0 is written with its sign.
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// A part as a file has it: six decimals, behind the first digit where it is small. Read and written again it is the same.
pub(super) fn shown(part: f64) -> String {
    let once =
        |part: f64| if part == 0.0 || part >= 0.01 { format!("{part:.6}") } else { format!("{part:.6e}") };
    once(once(part).parse().unwrap_or(part))
}
