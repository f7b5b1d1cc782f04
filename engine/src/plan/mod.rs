//! Plans: what a dry run would do, line by line, and loading exactly that.
//!
//! - [`difference`]: the lines of a plan, and what two plans differ in
//! - [`export`]: lines into a file, Parquet or CSV
//! - [`apply`]: a new run gets the data sets of the plan and loads them, or refuses; [`copied`]: those data sets, under the
//!   paths of that run
//! - [`moved`]: what stands in core where the plan had seen something else

mod apply;
mod copied;
mod difference;
mod export;
mod moved;

pub use apply::{ApplyOptions, apply, replan};
pub(crate) use copied::provide;
pub use difference::{Lines, Wanted, between, moved_of, of_plan};
pub use export::{require_writable, write_lines};
pub(crate) use moved::tell_moved;
