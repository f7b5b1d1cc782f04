//! The connectors, from outside: golden ugly files, and properties over random ones.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod support;
mod tables;
mod texts;

mod archive;
mod avro;
mod contract;
mod csv_chunks;
mod csv_detect;
mod csv_encoding;
mod csv_files;
mod csv_kinds;
mod csv_oracle;
mod csv_other_words;
mod csv_records;
mod csv_writer;
mod database;
mod database_postgres;
mod fixed_width;
mod ipc;
mod json;
mod parquet;
mod report;
mod vcard;
mod xlsx;
mod xlsx_cells;
mod xlsx_files;
mod xlsx_formats;
mod xlsx_support;
