//! What every step of one run gets, and how it asks with it.
//!
//! - [`run`]: session, lake, store, entity and parameters, and statements planned with them
//! - [`settings`]: what the request, the source and the project agreed on; [`input`]: an input as it was found;
//!   [`suggested`]: how the files seem to be meant
//! - [`queries`]: the SQL of a step at work; [`trace`]: what of it was run; [`memory`]: how much the process held
//!   meanwhile
//! - [`ours`]: what it does to the lake only as long as its process has it
//! - [`blame`]: whose fault an error is

pub(crate) mod blame;
mod input;
pub(crate) mod memory;
mod ours;
mod queries;
mod run;
mod settings;
mod suggested;
mod trace;

pub use input::{InputFile, content_hash};
pub use ours::while_ours;
pub use run::{CANCELLED, RunContext, plan_with};
pub use settings::{Reading, Settings};
pub use suggested::Suggested;
pub use trace::{Trace, TraceEntry, Traced};
