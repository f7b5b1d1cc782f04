//! `match.yml`: which records are the same, by exact keys and by likeness.
//!
//! | keys of `match.yml` | module | struct |
//! | --- | --- | --- |
//! | `names`, `keys`, `incompatible` and all others of exact matching | `keys` | [`MatchSpec`] |
//! | `compare` | `compare` | [`Prepared`] |
//! | `blocking`, `max_block` | `blocking` | [`BlockingRule`] |
//! | `comparisons`, `personal`, `two_ids` | `comparison`, `level`, `level_reading`, `condition` | [`Comparison`], [`Level`] |
//! | `never`, `thresholds`, `auto`, `cluster` | `thresholds` | [`Never`], [`Thresholds`], [`Auto`], [`Cluster`] |
//! | `model` | `model`, `model_file`, `scoring`, `weights` | [`Model`] |
//!
//! All of it together is read by `spec`, SQL of the file by `expression`, numbers by `numbers`; `pools` sees to it that a better
//! level never weighs less.
//!
//! Everything behind the keys is one [`FuzzySpec`], which is there only where the file has its sections. The columns of the
//! records that its conditions read are the names of `compare`, `link_id`, and `id_system`: the namespace of the record's own
//! id, NULL where it has none.

mod blocking;
mod compare;
mod comparison;
mod condition;
mod expression;
mod keys;
mod level;
mod level_reading;
mod model;
mod model_file;
mod numbers;
mod pools;
mod scoring;
mod spec;
mod sql_place;
mod thresholds;
mod weights;

pub use blocking::BlockingRule;
pub use compare::Prepared;
pub use comparison::{Comparison, TwoIds};
pub use keys::{
    Guard, IdReused, Incompatible, KeyPatterns, KeyValues, MatchKey, MatchNames, MatchSpec, NoKey, SimilarId,
};
pub use level::{Level, LevelKind, When};
pub use model::{Model, Score, Terms};
pub(in crate::project) use model_file::Unfit;
pub use model_file::{ModelFile, Round};
pub(crate) use pools::isotonic;
pub use spec::{FuzzySpec, Pattern, Patterns};
pub use sql_place::SqlPlace;
pub use thresholds::{Auto, Cluster, Never, Thresholds};
pub use weights::Weights;
