//! The compiled queries of fuzzy matching over records that are drawn: pairs, scores, strangers.

mod analyze;
mod ground;
mod pairs;
mod runs;
mod scores;
mod strangers;
