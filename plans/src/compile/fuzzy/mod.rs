//! Fuzzy matching: which records are compared, how they answer, what is learned from that, and what a score is made of. Pure.
//!
//! ```text
//! match_records → blocks_<n> → members_<n> → candidates → pairs      one of each <n> per blocking rule
//!       └───────→ sample → strangers                                 what training asks besides
//! ```
//!
//! | module | gives |
//! | --- | --- |
//! | [`records`](mod@records) | the table of records: prepared values, and how frequent they are |
//! | [`blocking`] | blocks, their members, and their pairs, each once |
//! | [`gamma`](mod@gamma) | how a pair answers the comparisons, as one number |
//! | [`score`] | what the answers say under a model |
//! | [`told`] | what becomes of scored pairs, and who is told of which |
//! | [`train`] | a sample of strangers, and the frequencies of values |
//! | [`em`](mod@em) | how often matches, households and strangers have each level, out of counted patterns (`counted`) |
//! | [`waterfall`](mod@waterfall) | one score, comparison by comparison, and what would turn it |
//! | [`planned`] | the SQL of `match.yml`, expression by expression, for whoever plans it without data |
//!
//! The SQL is in `sql/steps/match/fuzzy`, filled in by `template`. Names of a project have no blank in them; columns of ours beside theirs have one.

mod blocking;
mod counted;
mod em;
mod gamma;
mod planned;
mod prior;
mod records;
mod score;
mod template;
pub mod told;
mod train;
mod waterfall;

pub use blocking::{MEMBERS, PairUse, block_keys, block_sizes, largest_blocks, members, members_of, pairs};
pub use em::{AT_REST, Sample, Trained, em};
pub use planned::{Planned, RECORDS, planned_conditions, planned_values};
pub use records::{records, terms_table};
pub use train::{known_count, sample, strangers, term_counts};
pub use waterfall::{Flip, Step, Waterfall, waterfall};
