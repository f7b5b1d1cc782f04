//! What a person may decide, or may want to know was decided: written once after the last chunk, idempotent by a
//! natural key, so that a later sighting adds nothing.

use crate::error::Result;
use crate::run::RunContext;
use crate::store::SuggestionBatch;
use crate::tables;

const SUGGESTIONS: &str = include_str!("../../../../sql/steps/load/suggestions.sql");

/// Writes the suggestions of the run.
pub async fn write_suggestions(cx: &RunContext, rounds: u32) -> Result<u64> {
    let created: Vec<String> = (0..=rounds).map(|r| format!("SELECT lead, core_id FROM created_ids_{r}")).collect();
    let frame = cx.plan(&created.join("\nUNION ALL\n")).await?;
    tables::register_view(&cx.session, "created_ids", frame)?;
    let (_, batches) = tables::collect_compact(cx.plan(SUGGESTIONS).await?).await?;
    Ok(cx.store.insert_suggestions(&cx.tenant, cx.run_id, &cx.entity.name, &SuggestionBatch(batches)).await?)
}
