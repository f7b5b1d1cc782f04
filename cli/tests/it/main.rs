//! The command line from outside: the binary is run in folders of its own, and what it prints is read.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod audit;
mod chaos;
mod documents;
mod explain;
mod guide;
mod harness;
mod house;
mod imports;
mod matching;
mod meant;
mod operate;
mod postgres;
mod preview;
mod project;
mod reference;
mod remedy;
mod rollback;
mod run;
mod runaway;
mod runs;
mod set;
mod settings;
mod sql;
mod trouble;
mod unusual;
mod usage;
mod violations;
mod why;
