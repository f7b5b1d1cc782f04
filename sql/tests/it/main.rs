//! Tests of the whole dialect: every function through DataFusion, and the reference page that is made from them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod dialect;
mod reference;
