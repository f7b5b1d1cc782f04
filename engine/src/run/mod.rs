//! One run from request to reconciled.
//!
//! - [`context`]: what every step gets; [`memory`]: how much the process held; [`audit`]: what is written down of it
//! - [`prepare`]: the request, the source and the project agree on settings; files are opened, nothing is written
//! - [`begin`]: the run exists: project pinned, row in the store, lease taken
//! - [`road`]: the seven steps in order, a manifest after each
//! - [`finish`]: what is written down at the end, whatever happened
//! - [`summary`]: the counts, the metrics and the document of a run

mod audit;
mod begin;
mod context;
mod finish;
mod memory;
mod prepare;
mod road;
mod summary;

pub use context::{RunContext, Settings, Trace, TraceEntry};
pub use prepare::prepare;
pub use road::run;
pub use summary::{RunSummary, UnmappedColumn};
