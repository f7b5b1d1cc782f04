//! Pairs that somebody has rejected. A run does not suggest them again, unless other evidence stands for them now: then the new
//! suggestion names the old one, and says what is other.

use std::collections::HashMap;

use importer_plans::project::own_name;
use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_128;

use crate::context::RunContext;
use crate::error::Result;
use crate::store::{Decision, RejectedPair, SuggestionRow};

/// Those of an entity, by both core rows.
pub struct Rejected(HashMap<(i64, i64), Vec<RejectedPair>>);

/// What speaks for a pair: members of its features.
const EVIDENCE: [&str; 3] = ["key", "key_type", "evidence"];

impl Rejected {
    pub async fn of(cx: &RunContext) -> Result<Self> {
        let table = own_name(&cx.shape.core_table);
        let mut pairs: HashMap<(i64, i64), Vec<RejectedPair>> = HashMap::new();
        for pair in cx.store.rejected_pairs(&cx.tenant, &cx.entity.name, table).await? {
            if let Some(rows) = in_order(pair.core_id, pair.other_core_id) {
                pairs.entry(rows).or_default().push(pair);
            }
        }
        Ok(Self(pairs))
    }

    /// The suggestions without those that say nothing new.
    pub fn sift(&self, rows: Vec<SuggestionRow>) -> Vec<SuggestionRow> {
        if self.0.is_empty() {
            return rows;
        }
        rows.into_iter().filter_map(|row| self.judge(row)).collect()
    }

    fn judge(&self, mut row: SuggestionRow) -> Option<SuggestionRow> {
        if row.decision != Decision::Pending {
            return Some(row);
        }
        let rows = in_order(row.core_id, row.other_core_id);
        let Some(known) = rows.and_then(|rows| self.0.get(&rows)) else { return Some(row) };
        let now = evidence(row.match_type.as_str(), row.reason.as_deref(), &row.features_json);
        let mut last = None;
        for pair in known {
            let (Some(id), Some(match_type)) = (pair.id, &pair.match_type) else { return None };
            let then = evidence(match_type, pair.reason.as_deref(), &pair.features);
            if then == now && !is_likelier(&pair.features, &row.features_json) {
                return None;
            }
            last = Some((id, then, pair.features.get("weight").cloned()));
        }
        let (id, then, last_weight) = last?;
        let mut changed: serde_json::Map<String, Value> = now
            .iter()
            .zip(&then)
            .filter(|(now, then)| now != then)
            .map(|((name, now), (_, then))| ((*name).to_owned(), json!([then, now])))
            .collect();
        if let (Some(was), Some(is)) = (&last_weight, row.features_json.get("weight")) {
            changed.insert("weight".to_owned(), json!([was, is]));
        }
        // Under a key of its own: the one of what is suggested is that of the rejected one.
        row.natural_key =
            xxh3_128(format!("{:?}{now:?}{last_weight:?}", row.natural_key).as_bytes()).to_be_bytes();
        if let Value::Object(features) = &mut row.features_json {
            features.insert("changed".to_owned(), Value::Object(changed));
        }
        row.reopened_from = Some(id);
        Some(row)
    }
}

/// A scored pair says more than it did: a bit or more speaks for it beyond what did when it was rejected.
fn is_likelier(then: &Value, now: &Value) -> bool {
    let bits = |features: &Value| features.get("weight").and_then(Value::as_f64);
    bits(then).zip(bits(now)).is_some_and(|(then, now)| now >= then + 1.0)
}

fn in_order(one: Option<i64>, other: Option<i64>) -> Option<(i64, i64)> {
    let (one, other) = one.zip(other).filter(|(one, other)| one != other)?;
    Some((one.min(other), one.max(other)))
}

fn evidence(match_type: &str, reason: Option<&str>, features: &Value) -> Vec<(&'static str, Value)> {
    let mut seen = vec![("match_type", json!(match_type)), ("reason", json!(reason))];
    seen.extend(EVIDENCE.map(|name| (name, features.get(name).cloned().unwrap_or_default())));
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MatchType;

    fn row(key_type: &str) -> SuggestionRow {
        SuggestionRow {
            natural_key: [7; 16],
            sequence_number: None,
            link_system: None,
            link_id: None,
            core_id: Some(2),
            other_core_id: Some(1),
            match_type: MatchType::Household,
            reason: None,
            score: None,
            confidence_score: None,
            features_json: json!({ "key_type": key_type }),
            decision: Decision::Pending,
            reopened_from: None,
            made_of: None,
        }
    }

    fn rejected(id: Option<i64>, key_type: &str) -> Rejected {
        let pair = RejectedPair {
            id,
            core_id: Some(1),
            other_core_id: Some(2),
            match_type: id.map(|_| "household".to_owned()),
            reason: None,
            features: json!({ "key_type": key_type, "other_row": 9 }),
        };
        Rejected(HashMap::from([((1, 2), vec![pair])]))
    }

    #[test]
    fn a_rejected_pair_comes_back_with_other_evidence_only() {
        assert_eq!(rejected(Some(5), "email").sift(vec![row("email")]), []);
        let back = rejected(Some(5), "email").sift(vec![row("phone")]);
        assert_eq!(back[0].reopened_from, Some(5));
        assert_eq!(back[0].features_json["changed"], json!({ "key_type": ["email", "phone"] }));
        assert_ne!(back[0].natural_key, [7; 16]);
    }

    #[test]
    fn two_that_were_parted_are_not_suggested() {
        assert_eq!(rejected(None, "").sift(vec![row("phone")]), []);
        let others = SuggestionRow { other_core_id: Some(3), ..row("phone") };
        assert_eq!(rejected(None, "").sift(vec![others.clone()]), [others]);
    }
}
