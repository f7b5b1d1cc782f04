//! The trained model: what each level says, in bits.

use std::collections::BTreeMap;

/// Weights of all levels. The inner lists have one number per code of the comparison (see [`Level::code`](super::Level::code)).
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// 32 hexadecimal digits that name its content.
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
