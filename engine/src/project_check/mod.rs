//! `project check`: is the SQL of a project right, before any data comes?
//!
//! - [`plan`] plans every mapping, rule and load file physically against empty tables of the right columns, so that
//!   wrong names and wrong types are found with their place
//! - [`run_cases`] runs the engineer's own cases (`tests/*.yml`) through mapping, stage and check

mod bench;
mod cases;
mod planning;

pub use cases::{CaseReport, run_cases};
pub use planning::{Finding, plan};
