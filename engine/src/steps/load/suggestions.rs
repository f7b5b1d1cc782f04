//! What a person may decide, or may want to know was decided: written once after the last chunk, idempotent by a
//! natural key, so that a later sighting adds nothing.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{Float64Type, Int64Type};
use futures::StreamExt;
use importer_plans::compile::fuzzy::told;
use importer_plans::compile::{Keep, Query};

use super::features::Scores;
use super::rejected::Rejected;
use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::progress::Step;
use crate::store::{MatchType, SuggestionRow};
use crate::tables;

const PEOPLE: &str = include_str!("../../../../sql/steps/load/suggestion_people.sql");
const SUGGESTIONS: &str = include_str!("../../../../sql/steps/load/suggestions.sql");
/// Suggestions are written when all rounds are over; their scratch files have a round of their own.
const AFTER: u32 = 97;

/// Makes the core ids that the rounds of a run created known under one name.
pub async fn register_all_created(cx: &RunContext, rounds: u32) -> Result<()> {
    let created: Vec<String> =
        (0..=rounds).map(|r| format!("SELECT lead_sequence_number, core_id FROM created_ids_{r}")).collect();
    tables::register_view(&cx.session, "created_ids", cx.plan(&created.join("\nUNION ALL\n")).await?)
}

/// Writes the suggestions of the run, whose created ids are known.
pub async fn write_suggestions(cx: &RunContext) -> Result<u64> {
    let people = Query::new("suggestion_people", Keep::Scratch, PEOPLE);
    cx.run_queries(&[people], AFTER, &cx.quiet(Step::Reconcile)).await?;
    let frame = cx.plan(&told::suggestions(SUGGESTIONS, cx.entity.matching.fuzzy.as_ref())).await?;
    let scores = Scores::of(cx);
    let plain = tables::compact_schema(frame.schema().as_arrow());
    let mut batches = frame.execute_stream().await?;
    let known = Rejected::of(cx).await?;
    let mut session = cx.store.begin_fenced(&cx.fence).await?;
    let mut written = 0;
    while let Some(batch) = batches.next().await {
        let rows = known.sift(rows(&tables::conform(&batch?, &plain)?, scores.as_ref())?);
        written += session.insert_suggestions(&cx.fence, &cx.entity.name, &rows).await?;
    }
    session.commit().await?;
    fail::fail_point!("run::suggestions_written", |_| Err(Error::internal(
        "failpoint run::suggestions_written"
    )));
    Ok(written)
}

fn rows(batch: &RecordBatch, scores: Option<&Scores<'_>>) -> Result<Vec<SuggestionRow>> {
    let shape = || Error::internal("the suggestions have an unexpected shape");
    let text =
        |name: &str| batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>()).ok_or_else(shape);
    let number = |name: &str| {
        batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>()).ok_or_else(shape)
    };
    let key =
        batch.column_by_name("natural_key").and_then(|c| c.as_fixed_size_binary_opt()).ok_or_else(shape)?;
    let confidence = batch
        .column_by_name("confidence_score")
        .and_then(|c| c.as_primitive_opt::<Float64Type>())
        .ok_or_else(shape)?;
    let (sequence, core, other) = (number("sequence_number")?, number("core_id")?, number("other_core_id")?);
    let other_row = number("other_row")?;
    let (system, id) = (text("link_system")?, text("link_id")?);
    let (kind, reason, decision) = (text("match_type")?, text("reason")?, text("decision")?);
    let (matched, evidence) = (text("matched_key_type")?, text("evidence")?);
    let scored = scores.map(|scores| scores.columns(batch)).transpose()?;
    (0..batch.num_rows())
        .map(|row| {
            let some = |column: &datafusion::arrow::array::StringArray| {
                column.is_valid(row).then(|| column.value(row).to_owned())
            };
            let whole = |column: &datafusion::arrow::array::Int64Array| {
                column.is_valid(row).then(|| column.value(row))
            };
            let scored = scored.as_ref().and_then(|scored| scored.row(row));
            let mut features = features(kind.value(row), some(matched), some(evidence), whole(other_row));
            if let (Some(scored), Some(seen)) = (&scored, features.as_object_mut()) {
                seen.extend(scored.features.clone());
            }
            Ok(SuggestionRow {
                natural_key: key.value(row).try_into().map_err(|_| shape())?,
                sequence_number: whole(sequence),
                link_system: some(system),
                link_id: some(id),
                core_id: whole(core),
                other_core_id: whole(other),
                // A key of a project may have any name; the column has those that all stores know.
                match_type: kind.value(row).parse().unwrap_or(MatchType::Combined),
                reason: some(reason),
                score: scored.as_ref().map(|scored| scored.probability),
                confidence_score: confidence.is_valid(row).then(|| confidence.value(row)),
                features_json: features,
                decision: decision.value(row).parse()?,
                made_of: scored.map(|scored| scored.made_of),
                reopened_from: None,
            })
        })
        .collect()
}

/// What was seen: the key, what names and birth dates said, the match type where it is a project's own, and the other row of
/// the run, which may wait and have no core row.
fn features(
    match_type: &str,
    key_type: Option<String>,
    evidence: Option<String>,
    other_row: Option<i64>,
) -> serde_json::Value {
    let own = match_type.parse::<MatchType>().is_err().then(|| match_type.to_owned());
    let seen = [
        ("key_type", key_type.map(serde_json::Value::from)),
        ("evidence", evidence.map(serde_json::Value::from)),
        ("key", own.map(serde_json::Value::from)),
        ("other_row", other_row.map(serde_json::Value::from)),
    ];
    let seen = seen.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    serde_json::Value::Object(seen.collect())
}
