//! Bytes ↔ record batches: one folder per kind of system.
//!
//! A connector turns what other people send into Arrow batches and says exactly where every byte
//! went. It knows nothing of rules, matching or runs, and it opens nothing on its own: the engine
//! hands it a stream.
//!
//! | room | what it does |
//! | --- | --- |
//! | [`csv`] | delimited text: detects the dialect, splits records, rejects what cannot be read |

pub mod csv;
