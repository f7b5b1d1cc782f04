//! One run from request to reconciled.
//!
//! - [`context`]: what every step gets
//! - [`prepare`]: the request, the source and the project agree on settings; files are opened, nothing is written
//! - [`params`]: what of it is stored, so that the run can be taken up again; [`start`]: where its road begins
//! - [`begin`]: the run exists: project pinned, row in the store, lease taken
//! - [`road`]: the seven steps in order, a manifest after each, taken from it by a later attempt; [`rounds`]: match,
//!   resolve and load, again for rows that moved; [`guards`]: what stops a run before the load
//! - [`resume`]: a run that was begun is taken up again
//! - [`finish`]: what is written down at the end, whatever happened; [`leftovers`]: what attempts leave in the lake
//! - [`summary`]: the counts, the metrics and the document of a run

mod begin;
mod context;
mod finish;
mod guards;
mod leftovers;
mod params;
mod prepare;
mod resume;
mod road;
mod rounds;
mod start;
mod summary;
mod words;

pub use context::{RunContext, Settings, Trace, TraceEntry};
pub use params::RunParams;
#[allow(unused_imports, reason = "for runs of rows that were landed otherwise")]
pub use prepare::{Pinned, Prepared, prepare};
pub use resume::{ResumeOptions, interrupted, resume, was_taken};
pub use road::run;
#[allow(unused_imports, reason = "for runs of rows that were landed otherwise")]
pub use start::{LandRows, Start};
pub use summary::{RunSummary, UnmappedColumn};
