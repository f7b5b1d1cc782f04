//! One test binary: the loader's errors, the shipped project, the matching of headers.

#![allow(clippy::expect_used)]

mod header_table;
mod headers;
mod project_errors;
mod shipped_project;
