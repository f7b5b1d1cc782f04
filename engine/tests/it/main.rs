//! Integration tests of the engine: one binary, one module per subject.

// The futures of whole runs are deep, and tests hold several of them in one.
#![recursion_limit = "256"]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

/// Planning is what most of these tests do, and a sixth of its time went into the allocator of the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod deciding;
mod fuzzy;
mod golden;
mod project;
mod remedy;
mod road;
mod rollback;
mod store;
