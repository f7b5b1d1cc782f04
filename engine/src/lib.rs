//! The engine: one run from request to reconciled.
//!
//! ```text
//! land → stage → check → match → resolve → load → reconcile
//! ```
//!
//! - [`engine`]: [`Engine`], what a program uses
//! - [`request`], [`progress`], [`error`]: what goes in, what is told meanwhile, what can fail
//! - [`run`]: one run; [`steps`]: its seven steps; [`context`]: what each of them gets
//! - [`plan`]: what a dry run would do, and loading exactly that; [`rollback`]: the way back
//! - [`lake`]: data sets as Parquet, with manifests; [`store`]: the database
//! - [`set`]: lists that belong together, in the order that their references need
//! - [`deciding`]: rows that people hold to be one, or two
//! - [`remedy`]: held rows go again, mended or under changed rules
//! - [`catalogue`]: lake and store as tables for `importer sql`
//! - [`why`]: the life of one record, told from what runs left
//! - [`training`]: what blocking rules make of rows, and what a model learns from them
//! - [`project_check`]: a project's SQL planned without data, and its own cases
//! - [`policy`]: what a run does otherwise for its size
//! - [`session`], [`bounded`], [`watch`], [`tables`], [`project`], [`reference_tables`]: DataFusion sessions, their bounds, the clock of what people have written, query results as tables, the project's files, what rules read beside their rows

mod bounded;
pub mod catalogue;
mod context;
pub mod deciding;
mod engine;
mod error;
#[cfg(feature = "failpoints")]
mod failpoints;
mod handle;
mod inputs;
pub mod lake;
pub mod plan;
mod policy;
mod progress;
mod project;
pub mod project_check;
mod reference_tables;
pub mod remedy;
pub mod request;
pub mod rollback;
mod run;
mod session;
mod set;
mod steps;
pub mod store;
mod tables;
pub mod training;
mod watch;
pub mod why;

pub use context::{Suggested, TraceEntry};
pub use engine::{Engine, EngineOptions, OpenError, connect, core_tables, warm_up};
pub use error::{
    ALL_OR_NOTHING, DAMAGED, Error, ErrorKind, NOTHING_NEW, PLAN_MOVED, PROJECT_FAULT, Result, STORE_DAMAGED,
    TOO_MANY_BAD, UNREADABLE_ROWS,
};
pub use handle::{Event, RunHandle};
pub use inputs::{inputs, is_open};
pub use policy::Policy;
pub use progress::{Listener, Silent, Step, StepReport};
pub use project::{ProjectFailure, load_project};
pub use run::{
    OpenedInputs, ResumeOptions, RunSummary, Stopping, UnmappedColumn, Waiting, how_to_read, own_inputs,
};
pub use session::Limits;
pub use set::{SetMember, set_of};
pub use steps::check::{Example, RuleCount};
pub use steps::land::{How, add_to, known_names, open_sources, source_error};
pub use steps::resolve::CoreCounts;
pub use watch::QueryLimits;
