//! Fuzzy matching: what is learned from pairs, and what a score is made of. Pure.
//!
//! - [`em`]: how often matches, households and strangers have each level, out of counted patterns
//! - [`waterfall`]: one score, comparison by comparison, and what would turn it
//! - `planned`: the SQL of `match.yml`, expression by expression, for whoever plans it without data

mod em;
mod planned;
mod prior;
mod waterfall;

pub use em::{Sample, Trained, em};
pub use planned::{Planned, RECORDS, planned_conditions, planned_values};
pub use waterfall::{Flip, Step, Waterfall, waterfall};
