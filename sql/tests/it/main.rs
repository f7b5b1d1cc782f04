//! Tests of the whole dialect: every function through DataFusion, the reference page that is made from them, and steps that
//! are run by themselves.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod dialect;
mod reference;
mod signatures;
