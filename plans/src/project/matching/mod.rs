//! `match.yml`: which records are the same, by exact keys and by likeness.
//!
//! | keys of `match.yml` | module | struct |
//! | --- | --- | --- |
//! | `names`, `keys`, `incompatible` and all others of exact matching | `keys` | [`MatchSpec`] |
//! | `compare` | `compare` | [`Prepared`] |
//! | `blocking`, `max_block` | `blocking` | [`BlockingRule`] |
//! | `comparisons`, `personal`, `two_ids` | `comparison`, `level` | [`Comparison`], [`Level`] |
//! | `never`, `thresholds`, `auto`, `cluster` | `thresholds` | [`Never`], [`Thresholds`], [`Auto`], [`Cluster`] |
//! | `model` | `model` | [`Model`] |
//!
//! Everything behind the keys is one [`FuzzySpec`], which is there only where the file has its sections. The columns of the
//! records that its conditions read are the names of `compare`, `link_id`, and `id_system`: the namespace of the record's own
//! id, NULL where it has none.

mod blocking;
mod compare;
mod comparison;
mod keys;
mod level;
mod model;
mod thresholds;

use super::diagnostics::Span;

pub use blocking::BlockingRule;
pub use compare::Prepared;
pub use comparison::{Comparison, TwoIds};
pub use keys::{
    Guard, IdReused, Incompatible, KeyPatterns, KeyValues, MatchKey, MatchNames, MatchSpec, NoKey, SimilarId,
};
pub use level::{Level, LevelKind, When};
pub use model::{Model, Terms};
pub use thresholds::{Auto, Cluster, Never, Thresholds};

/// How records are compared by likeness.
#[derive(Debug, Clone, PartialEq)]
pub struct FuzzySpec {
    /// Values made once per record, in the order of the file.
    pub compare: Vec<Prepared>,
    /// Comparisons that tell two of one household apart, by name; empty: households are no class of their own.
    pub personal: Vec<String>,
    pub two_ids: TwoIds,
    /// In the order of the file: a pair belongs to the first rule that finds it.
    pub blocking: Vec<BlockingRule>,
    /// Records in one block, above which a rule without a bound of its own gives no pair of it.
    pub max_block: u64,
    /// In the order of the file; where ids are weighed, the built-in comparison `ids` is the last.
    pub comparisons: Vec<Comparison>,
    /// Pairs that are never the same, whatever else they share.
    pub never: Vec<Never>,
    pub thresholds: Thresholds,
    /// `None`: nothing is merged without a person.
    pub auto: Option<Auto>,
    pub cluster: Cluster,
    /// The trained model of the file `model` names; `None`: the weights of the kinds of levels hold.
    pub model: Option<Model>,
    /// The name of the model's file, beside `match.yml`.
    pub model_file: String,
}

/// What each comparison of a pair came to, packed: Σ code × radix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(pub i64);

/// Patterns with how many pairs have them.
pub type Patterns = Vec<(Pattern, u64)>;

impl FuzzySpec {
    /// The value of code 1 of each comparison in a pattern.
    pub fn radix(&self) -> Vec<i64> {
        let mut next = 1_i64;
        self.comparisons
            .iter()
            .map(|comparison| {
                let this = next;
                next = next.saturating_mul(comparison.codes());
                this
            })
            .collect()
    }

    /// The code of each comparison in a pattern; see [`Level::code`].
    pub fn levels_of(&self, pattern: Pattern) -> Vec<u8> {
        let mut left = pattern.0.max(0);
        self.comparisons
            .iter()
            .map(|comparison| {
                let codes = comparison.codes();
                let code = left % codes;
                left /= codes;
                u8::try_from(code).unwrap_or_default()
            })
            .collect()
    }

    /// The pattern of some codes, one per comparison.
    pub fn pattern_of(&self, codes: &[u8]) -> Pattern {
        Pattern(self.radix().iter().zip(codes).map(|(radix, code)| radix * i64::from(*code)).sum())
    }

    /// A value of `compare` by name.
    pub fn prepared(&self, name: &str) -> Option<&Prepared> {
        self.compare.iter().find(|prepared| prepared.name == name)
    }

    /// The bound of a rule's blocks.
    pub fn max_block_of(&self, rule: &BlockingRule) -> u64 {
        rule.max_block.unwrap_or(self.max_block)
    }
}

/// The place of SQL in `match.yml`, for what is found when it is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SqlPlace {
    pub(in crate::project) span: Span,
}
