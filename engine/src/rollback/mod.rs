//! rollback: takes back what a run did to core, as a run of its own.
//!
//! - [`verbs`]: what can be asked of an engine, and the way of a rollback from its beginning to its end
//! - [`admit`]: may this run be rolled back, and what exactly ([`admitted`]); everything that can be refused is refused here
//! - [`context`]: as which run it works, what its pieces work with; [`begin`](mod@begin): its row in the store, both leases
//! - [`taken`]: the changes of the run, piece by piece, with their core ids and without those it was refused
//! - [`found`]: what the store holds of their core rows now, asked by [`keys`]; [`blocks`]: what keeps a row from going
//! - [`piece`]: one piece in one transaction: lock, look, judge, write, ledger; [`outcome`]: what became of it
//! - [`patch`]: provenance of rows that others wrote to since, mended field by field
//! - [`write`](mod@write): deletes, updates and rows that come back
//! - [`kept`]: what stays, with the reason, who and when
//! - [`aside`]: suggestions and findings of the run
//! - [`end`]: statuses, audit, summary
//! - [`report`]: what a rollback tells
//!
//! What is decided about rows is SQL (`importer_plans::compile::undo`). The data set `changes` of a rollback is what it
//! did, in the same form as that of an import, so that a rollback is rolled back by the same code.

mod admit;
mod admitted;
mod aside;
mod begin;
mod blocks;
mod context;
mod end;
mod found;
mod kept;
mod keys;
mod outcome;
mod patch;
mod piece;
mod report;
mod taken;
mod verbs;
mod write;

pub use outcome::{KeptRow, RollbackCounts};
pub use report::{RollbackReport, RollbackRequest};
