//! What is known of a level before anything was learned.

/// Kind of level, how often matches have it, and strangers: a line each, under a heading. What is left of the whole is `else`.
pub const LEVEL_WEIGHTS: &str = include_str!("../data/level_weights.csv");
