//! One run from request to reconciled.
//!
//! - [`context`]: what every step gets
//! - [`prepare`]: the request, the source and the project agree on settings; files are opened, nothing is written
//! - [`road`]: the seven steps in order, a manifest after each
//! - [`summary`]: the counts, the metrics and the document of a run

mod context;
mod prepare;
mod road;
mod summary;

pub use context::{RunContext, Settings, Trace, TraceEntry};
pub use prepare::prepare;
pub use road::run;
pub use summary::{RunSummary, UnmappedColumn};
