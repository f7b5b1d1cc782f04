//! The match index: the records that the core rows of an entity were made of, with the blocks in which they meet others.
//!
//! It is a cache. What is in it is a function of what runs staged, so it can be thrown away and made anew; whether a record
//! still counts, and whose it is by now, the store says (`steps::matching`).
//!
//! - A **generation** ([`Generation`]) is one document that lists all files, what they were compiled from, and up to where
//!   they were taken in. It is created once, under the next number; who comes second takes the other's and begins anew.
//! - A **part** ([`Part`]) is two files: records, sorted by their links and numbered, and blocks, sorted by rule and block.
//! - [`generation`]: what there is of both; [`read`]: the newest generation, and whether its files are there
//! - [`write`]: a part, and the next generation; [`merge`]: which parts become one, and which files nobody needs any more

mod generation;
mod merge;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use generation::{Generation, Mark, Part};
pub use merge::due;
pub use read::MatchIndex;
pub use write::PartSource;
