//! Tests of the whole dialect: every function through DataFusion, and the reference page that is made from them.

mod dialect;
mod reference;
