//! One score, comparison by comparison: what spoke for a match and what against, and what would turn it.

use crate::project::{FuzzySpec, Model, Pattern, Score};

/// What one score is made of, in bits.
#[derive(Debug, Clone, PartialEq)]
pub struct Waterfall {
    /// What is known before anything is compared.
    pub prior: f64,
    pub household_prior: Option<f64>,
    /// In the order of the comparisons.
    pub steps: Vec<Step>,
    /// The sum against strangers, with the prior.
    pub total: f64,
    /// That of the household, the other rival of a match.
    pub household: Option<f64>,
    pub probability: f64,
    pub household_probability: f64,
    /// The smallest change of one comparison that would carry the pair over `match`, or below it.
    pub flip: Option<Flip>,
}

/// What one comparison said.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub comparison: String,
    /// The code of its level.
    pub level: u8,
    pub label: String,
    /// For a match, and for a household, against strangers.
    pub weight: f64,
    pub household: f64,
    /// What the frequency of the shared value adds, or takes away.
    pub term: f64,
}

/// One comparison at another level.
#[derive(Debug, Clone, PartialEq)]
pub struct Flip {
    pub comparison: String,
    pub from: u8,
    pub to: u8,
    /// What the other level is called.
    pub label: String,
    /// What it weighs.
    pub weight: f64,
    /// What the pair would come to.
    pub probability: f64,
}

/// Takes a score apart. `terms` are the bits by which frequencies adjust each comparison.
pub fn waterfall(spec: &FuzzySpec, model: &Model, pattern: Pattern, terms: &[f64]) -> Waterfall {
    let codes = spec.levels_of(pattern);
    let score = model.score(spec, pattern, terms);
    let bits = |weights: &[Vec<f64>], at: usize, code: u8| {
        weights.get(at).and_then(|weights| weights.get(usize::from(code))).copied().unwrap_or_default()
    };
    let steps = spec.comparisons.iter().zip(&codes).enumerate();
    let steps = steps.map(|(at, (comparison, code))| Step {
        comparison: comparison.name.clone(),
        level: *code,
        label: comparison.level(*code).map(|level| level.label.clone()).unwrap_or_default(),
        weight: bits(&model.weights, at, *code),
        household: bits(&model.household, at, *code),
        term: terms.get(at).copied().unwrap_or_default(),
    });
    Waterfall {
        prior: model.prior,
        household_prior: model.household_prior,
        steps: steps.collect(),
        total: score.matched,
        household: score.household,
        probability: score.probability,
        household_probability: score.household_probability,
        flip: flip(spec, model, &codes, terms, &score),
    }
}

/// Of all single comparisons at another level those that cross `match`, and of them the one that moves the score least.
fn flip(spec: &FuzzySpec, model: &Model, codes: &[u8], terms: &[f64], now: &Score) -> Option<Flip> {
    let is_match = |score: &Score| score.probability >= spec.thresholds.matched;
    let mut best: Option<(f64, Flip)> = None;
    for (at, comparison) in spec.comparisons.iter().enumerate() {
        let from = codes.get(at).copied().unwrap_or_default();
        for level in comparison.levels.iter().filter(|level| level.code > 0 && level.code != from) {
            let (mut other, mut own) = (codes.to_vec(), terms.to_vec());
            other[at] = level.code;
            // How frequent the value would be that both then shared is not known.
            if let Some(term) = own.get_mut(at) {
                *term = 0.0;
            }
            let score = model.score(spec, spec.pattern_of(&other), &own);
            let moved = (score.matched - now.matched).abs();
            if is_match(&score) == is_match(now) || best.as_ref().is_some_and(|(least, _)| *least <= moved) {
                continue;
            }
            let weight = model.weights.get(at).and_then(|weights| weights.get(usize::from(level.code)));
            let flip = Flip {
                comparison: comparison.name.clone(),
                from,
                to: level.code,
                label: level.label.clone(),
                weight: weight.copied().unwrap_or_default(),
                probability: score.probability,
            };
            best = Some((moved, flip));
        }
    }
    best.map(|(_, flip)| flip)
}
