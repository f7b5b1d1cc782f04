//! The connectors, from outside: golden ugly files, and properties over random ones.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may stop")]

mod support;

mod csv_chunks;
mod csv_detect;
mod csv_encoding;
mod csv_files;
mod csv_oracle;
mod csv_records;
mod csv_writer;
