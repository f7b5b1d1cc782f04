//! The road of a run from file to core, as its users need it: told record by record, audited, twice, at once, interrupted, dry, with bad rows, compared
//! with an oracle, its lake read by others.

mod at_once;
mod audit;
mod bad_rows;
mod bucket;
mod cells;
mod damage;
mod deletes;
mod dry_run;
#[cfg(feature = "failpoints")]
pub mod failpoints;
mod findings;
pub mod ground;
mod idempotency;
mod inputs;
mod lake;
mod many_runs;
mod moved;
mod oracle;
// The golden cases' own view of core; their module is private.
#[path = "../golden/people.rs"]
#[allow(clippy::duplicate_mod, dead_code, reason = "the same view of core, of which this module uses less")]
pub mod people;
mod plan;
mod questions;
mod report;
mod report_workbook;
mod resume;
mod shapes;
mod sightings;
mod tables;
mod taken_over;
mod versions;
mod why;
