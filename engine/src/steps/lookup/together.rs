//! Questions whose keys go along with them, as arrays: several at once, over as many connections as there are lanes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use datafusion::arrow::array::{RecordBatch, UInt32Array};
use datafusion::arrow::compute::{sort_to_indices, take_record_batch};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::runtime::SpawnedTask;
use futures::future::try_join_all;

use super::question::{Question, answer_part};
use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::lake::ScratchWriter;
use crate::store::{Store, rows_as_arrays};
use crate::tables;

/// Keys whose question is not worth a second connection.
const FEW: usize = 20_000;

/// Keys in the order of the store's index, whose pages are then read one after the other.
#[derive(Clone)]
pub struct Keys {
    rows: RecordBatch,
    order: UInt32Array,
}

impl Keys {
    fn range(&self, first: usize, rows: usize) -> Self {
        Self { rows: self.rows.clone(), order: self.order.slice(first, rows) }
    }

    fn batch(&self) -> Result<RecordBatch> {
        Ok(take_record_batch(&self.rows, &self.order)?)
    }
}

/// The keys of a question.
pub async fn gathered(cx: &RunContext, question: &Question<'_>) -> Result<Keys> {
    let planned = cx.plan(question.keys.0).await?;
    let (keys, by) = (Arc::clone(question.keys.1), question.by);
    let sorted = async move {
        let rows = tables::collect(planned, &keys).await?;
        let order = sort_to_indices(rows.column(keys.index_of(by)?), None, None)?;
        Ok(Keys { rows, order })
    };
    SpawnedTask::spawn(sorted).join_unwind().await?
}

/// A range of the keys of a question, and what is found for them.
struct Range {
    question: usize,
    part: usize,
    sql: Arc<str>,
    keys: Keys,
    answer: SchemaRef,
    writer: ScratchWriter,
}

/// The answers, question by question; none where there are no keys. Many keys are cut into ranges, so that a connection
/// touches pages of the index that the others leave alone; each connection takes one range after the other, so that all of
/// them have work to the end.
pub(super) async fn asked_together(
    cx: &RunContext,
    questions: &[(&Question<'_>, &Keys)],
    round: u32,
) -> Result<Vec<Vec<ScratchWriter>>> {
    let dialect = cx.store.dialect();
    let mut ranges = VecDeque::new();
    for (n, (question, keys)) in questions.iter().enumerate() {
        let sql: Arc<str> = (question.sql)(dialect, &rows_as_arrays(question.keys.1)?).into();
        let rows = keys.order.len();
        let size = rows.div_ceil(if rows <= FEW { 1 } else { dialect.question_lanes() });
        ranges.extend((0..rows).step_by(size.max(1)).enumerate().map(|(part, first)| Range {
            question: n,
            part,
            sql: Arc::clone(&sql),
            keys: keys.range(first, size.min(rows - first)),
            answer: Arc::clone(question.answer),
            writer: answer_part(cx, question, round, part),
        }));
    }
    let lanes = dialect.question_lanes().min(ranges.len());
    let ranges = Arc::new(Mutex::new(ranges));
    let lanes = (0..lanes).map(|_| {
        let lane = answer_ranges(Arc::clone(&cx.store), Arc::clone(&ranges));
        SpawnedTask::spawn(lane).join_unwind()
    });
    let mut answered = Vec::new();
    for lane in try_join_all(lanes).await? {
        answered.extend(lane?);
    }
    answered.sort_by_key(|range| range.part);
    let mut parts: Vec<Vec<ScratchWriter>> = questions.iter().map(|_| Vec::new()).collect();
    for range in answered {
        parts[range.question].push(range.writer);
    }
    Ok(parts)
}

/// Takes one range after the other, over one connection.
async fn answer_ranges(store: Arc<Store>, ranges: Arc<Mutex<VecDeque<Range>>>) -> Result<Vec<Range>> {
    let next = || match ranges.lock() {
        Ok(mut ranges) => Ok(ranges.pop_front()),
        Err(_) => Err(Error::internal("a question panicked")),
    };
    let mut session = store.session().await?;
    let mut answered = Vec::new();
    while let Some(mut range) = next()? {
        let mut reader = session.read_about(&range.sql, &range.keys.batch()?, &range.answer).await?;
        while let Some(batch) = reader.next().await? {
            range.writer.write(batch).await?;
        }
        drop(reader);
        answered.push(range);
    }
    Ok(answered)
}
