//! A question to core by keys, and where its answer is written.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;

use crate::context::RunContext;
use crate::lake::{DataSetName, ScratchWriter};
use crate::store::Dialect;

/// A question to core by keys.
pub struct Question<'a> {
    /// The name of its answer.
    pub name: &'a str,
    /// The query that gives the keys, and their columns.
    pub keys: (&'a str, &'a SchemaRef),
    /// The column of the keys that the store finds rows by.
    pub by: &'static str,
    /// The SQL, given the name of the table with the keys; it is answered for each key on its own.
    pub sql: &'a (dyn Fn(Dialect, &str) -> String + Sync),
    /// The columns of the answer.
    pub answer: &'a SchemaRef,
}

/// A part of the answer.
pub fn answer_part(cx: &RunContext, question: &Question<'_>, round: u32, lane: usize) -> ScratchWriter {
    let path = cx.paths.part(&DataSetName::Scratch(question.name.to_owned()), round, lane);
    ScratchWriter::new(&cx.lake, path, Arc::clone(question.answer))
}
