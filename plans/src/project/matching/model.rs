//! The trained model: what each level says, in bits. Its file is `model_file`, what it says of a pair is told by
//! `scoring`.

use std::collections::BTreeMap;

/// Weights of all levels. The inner lists have one number per code of the comparison (see [`Level::code`](super::Level::code)).
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

/// The bits of a code of a comparison.
pub(super) fn bits_of(weights: &[Vec<f64>], comparison: usize, code: u8) -> f64 {
    weights.get(comparison).and_then(|weights| weights.get(usize::from(code))).copied().unwrap_or_default()
}

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
