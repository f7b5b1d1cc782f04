//! Pairs that a person may decide on, or that were decided by rule; each is written once.

use std::sync::Arc;

use arrow::array::{ArrayRef, FixedSizeBinaryArray, Float64Array, Int64Array, RecordBatch, StringArray};

use super::fence::Fence;
use super::json::json_text;
use super::session::Session;
use super::status::{Decision, MatchType};
use super::{Result, Statement, StoreError, statement};

const MERGE: Statement = statement!("suggestions_merge");

/// One suggestion. Its natural key is a hash that the match step makes of what is being suggested (not of the run), so
/// that the same suggestion is met again and not queued again, and a decision outlives reruns.
#[derive(Debug, Clone, PartialEq)]
pub struct SuggestionRow {
    /// The hash.
    pub natural_key: [u8; 16],
    /// The incoming row, if one is concerned.
    pub sequence_number: Option<i64>,
    /// The namespace of its link.
    pub link_system: Option<String>,
    /// The id of its link.
    pub link_id: Option<String>,
    /// The core row it was, or might be, resolved to.
    pub core_id: Option<i64>,
    /// The other core row, if two are compared.
    pub other_core_id: Option<i64>,
    /// What brought them together.
    pub match_type: MatchType,
    /// Why it waits: `id_reused`, `no_key`, `several`, …
    pub reason: Option<String>,
    /// The score of a fuzzy pair.
    pub score: Option<f64>,
    /// 1.0 for a deterministic match.
    pub confidence_score: Option<f64>,
    /// What the score is made of.
    pub features_json: serde_json::Value,
    /// What was decided.
    pub decision: Decision,
    /// How the score of a fuzzy pair was found.
    pub made_of: Option<MadeOf>,
    /// A suggestion about the same two that somebody rejected, and that other evidence stands for now.
    pub reopened_from: Option<i64>,
}

/// What a score was made of: enough to score the pair again under another model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeOf {
    /// How the pair answered the comparisons, as one number.
    pub pattern: i64,
    /// The blocking rule that found it.
    pub rule: Option<String>,
    /// The model that scored it.
    pub model_hash: String,
}

impl Session {
    /// Writes suggestions inside the caller's transaction and gives how many were new.
    pub async fn insert_suggestions(
        &mut self,
        fence: &Fence,
        entity_type: &str,
        rows: &[SuggestionRow],
    ) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        self.fence(fence).await?;
        let batch = batch(fence.tenant(), entity_type, fence.run_id(), rows)?;
        self.temp_from_batches("suggestions_in", &batch.schema(), &[batch]).await?;
        let written = self.run(&MERGE, &[]).await?;
        self.drop_temp("suggestions_in").await?;
        Ok(written)
    }
}

fn batch(tenant: &str, entity_type: &str, run_id: i64, rows: &[SuggestionRow]) -> Result<RecordBatch> {
    let internal = |_| StoreError::internal("suggestions do not make a batch");
    let numbers = |value: &dyn Fn(&SuggestionRow) -> Option<i64>| -> ArrayRef {
        Arc::new(rows.iter().map(value).collect::<Int64Array>())
    };
    let floats = |value: &dyn Fn(&SuggestionRow) -> Option<f64>| -> ArrayRef {
        Arc::new(rows.iter().map(value).collect::<Float64Array>())
    };
    let texts = |value: &dyn for<'a> Fn(&'a SuggestionRow) -> Option<&'a str>| -> ArrayRef {
        Arc::new(rows.iter().map(value).collect::<StringArray>())
    };
    let constant = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text; rows.len()])) };
    let keys =
        FixedSizeBinaryArray::try_from_iter(rows.iter().map(|row| row.natural_key)).map_err(internal)?;
    let features = StringArray::from_iter_values(rows.iter().map(|row| json_text(&row.features_json)));
    RecordBatch::try_from_iter_with_nullable([
        ("ordinal", Arc::new(Int64Array::from_iter_values((0i64..).take(rows.len()))) as ArrayRef, false),
        ("tenant_id", constant(tenant), false),
        ("entity_type", constant(entity_type), false),
        ("natural_key", Arc::new(keys), false),
        ("run_id", numbers(&|_| Some(run_id)), false),
        ("sequence_number", numbers(&|row| row.sequence_number), true),
        ("link_system", texts(&|row| row.link_system.as_deref()), true),
        ("link_id", texts(&|row| row.link_id.as_deref()), true),
        ("core_id", numbers(&|row| row.core_id), true),
        ("other_core_id", numbers(&|row| row.other_core_id), true),
        ("match_type", texts(&|row| Some(row.match_type.as_str())), false),
        ("reason", texts(&|row| row.reason.as_deref()), true),
        ("score", floats(&|row| row.score), true),
        ("confidence_score", floats(&|row| row.confidence_score), true),
        ("features_json", Arc::new(features), false),
        ("decision", texts(&|row| Some(row.decision.as_str())), false),
        ("pattern", numbers(&|row| Some(row.made_of.as_ref()?.pattern)), true),
        ("rule", texts(&|row| row.made_of.as_ref()?.rule.as_deref()), true),
        ("model_hash", texts(&|row| Some(row.made_of.as_ref()?.model_hash.as_str())), true),
        ("reopened_from", numbers(&|row| row.reopened_from), true),
    ])
    .map_err(internal)
}
