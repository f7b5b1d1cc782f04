//! `project check`: is the SQL of a project right, before any data comes?
//!
//! - [`plan`] plans every mapping, rule and load file physically against empty tables of the right columns, so that
//!   wrong names and wrong types are found with their place; so with the values and conditions of `match.yml`
//! - [`compare_tables`] holds every load file against the table that it writes
//! - [`run_cases`] runs the engineer's own cases (`tests/*.yml`) through mapping, stage and check

mod bench;
mod cases;
mod finding;
mod fuzzy;
mod planning;
mod target;

pub use cases::{CaseReport, run_cases};
pub use finding::Finding;
pub use planning::plan;
pub use target::{compare_tables, require_tables};
