//! From where on a score means something, and what no score overrules.

use super::SqlPlace;

/// A condition over `a` and `b` under which two records are never the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Never {
    pub sql: String,
    pub because: String,
    pub place: SqlPlace,
}

/// Probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// From here on a pair is suggested.
    pub review: f64,
    /// From here on two records are one cluster.
    pub matched: f64,
}

/// Merging without a person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Auto {
    /// The probability from which on it happens.
    pub at: f64,
    /// False merges of one run that are to be expected; what is beyond goes to review.
    pub budget: f64,
}

/// What keeps clusters from growing by doubtful links.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cluster {
    /// The probability from which on one link alone joins two groups.
    pub bridge: f64,
}
