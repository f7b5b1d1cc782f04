//! One test binary: the loader's errors, the shipped project, the matching of headers, fuzzy matching.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod compiled_fuzzy;
mod exports;
mod fuzzy;
mod header_table;
mod headers;
mod project_errors;
mod references;
mod samples;
mod shipped_project;
mod suggest;
