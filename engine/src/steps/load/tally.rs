//! The rows of a round whose chunks are in: what a run that ended before its time can say of itself.

use std::collections::HashSet;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use futures::StreamExt;

use super::chunk::int_column;
use super::cut::Cut;
use super::ledger::committed;
use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::lake::DataSet;
use crate::steps::resolve::{CoreCounts, Resolved};
use crate::tables;

/// Counts incoming rows by what became of them, as far as the ledger has their chunks.
pub async fn loaded_rows(cx: &RunContext, resolved: &Resolved, round: u32) -> Result<CoreCounts> {
    let done = committed(cx, round).await?;
    let mut tally = Tally::default();
    if done.is_empty() {
        return Ok(tally.counts);
    }
    let moved: HashSet<i64> = done.values().flat_map(|outcome| outcome.moved.iter().copied()).collect();
    // The place of each change among those of its round tells its chunk.
    let mut loaded = Cut::of(&cx.settings, resolved)
        .sizes()
        .enumerate()
        .map(|(chunk, rows)| (rows, i64::try_from(chunk).is_ok_and(|chunk| done.contains_key(&chunk))));
    let (mut left, mut is_in) = (0, false);
    for file in &resolved.changes().files {
        let frame = tables::read_files(&cx.session, &DataSet { files: vec![file.clone()] }).await?;
        let columns = ["action", "incoming_rows", "differs", "lead_sequence_number"];
        let mut stream = frame.select_columns(&columns)?.execute_stream().await?;
        while let Some(batch) = stream.next().await {
            let batch = batch?;
            let mut from = 0;
            while from < batch.num_rows() {
                while left == 0 {
                    let Some(next) = loaded.next() else { return Ok(tally.counts) };
                    (left, is_in) = next;
                }
                let rows = left.min(batch.num_rows() - from);
                if is_in {
                    tally.add(&batch.slice(from, rows), &moved)?;
                }
                (from, left) = (from + rows, left - rows);
            }
        }
    }
    Ok(tally.counts)
}

#[derive(Default)]
struct Tally {
    counts: CoreCounts,
}

impl Tally {
    fn add(&mut self, changes: &RecordBatch, moved: &HashSet<i64>) -> Result<()> {
        let action = cast(changes.column(0), &DataType::Utf8)?;
        let action = action.as_string::<i32>();
        let incoming = int_column(changes, "incoming_rows")?;
        let differs = cast(changes.column(2), &DataType::Boolean)?;
        let differs = differs.as_boolean();
        let leads = int_column(changes, "lead_sequence_number")?;
        let counts = &mut self.counts;
        for row in 0..changes.num_rows() {
            if moved.contains(&leads.value(row)) {
                continue;
            }
            let rows = u64::try_from(incoming.value(row))
                .map_err(|_| Error::internal("a change has fewer rows than none"))?;
            counts.rows_processed += rows;
            counts.rows_skipped_duplicates += rows.saturating_sub(1);
            counts.rows_deduped_auto += rows.saturating_sub(1);
            let (counter, changed) = match action.value(row) {
                "created" => (&mut counts.rows_created, false),
                "updated" => (&mut counts.rows_updated, true),
                "reactivated" => (&mut counts.rows_reactivated, differs.value(row)),
                "soft_deleted" => (&mut counts.rows_soft_deleted, false),
                _ => (&mut counts.rows_skipped_no_change, false),
            };
            *counter += u64::from(rows > 0);
            counts.rows_changed += u64::from(changed);
        }
        Ok(())
    }
}
