//! Fix and requeue: held rows go again, mended or under changed rules, and nothing is promoted twice.

mod again;
mod bad_input;
mod decisions;
mod edits;
pub mod ground;
mod manual;
mod reports;
mod requeue;
mod workbook;
