//! The store's conformance suite: every case runs on Postgres and on SQLite, each in a database of its own.

pub mod harness;

mod copy;
mod fenced_source;
mod fences;
mod findings;
mod ids;
mod lease;
mod migrations;
mod runs;
mod spellings;
mod used_tables;
