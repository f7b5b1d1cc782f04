//! What people decided about pairs: suggestions, and verdicts about two records that later runs are bound by.

use super::fence::Fence;
use super::json::json;
use super::status::Decision;
use super::{Result, Row, Session, Statement, Store, StoreError, Value, statement};

const LIST: Statement = statement!("suggestions_list");
const DECIDE: Statement = statement!("suggestion_decide");
const REOPEN: Statement = statement!("suggestion_reopen");
const OF: Statement = statement!("suggestions_of");
const MOVED: Statement = statement!("suggestions_moved");
const REJECTED: Statement = statement!("suggestions_rejected");
const PAIR_DECIDE: Statement = statement!("pair_decide");
const PAIR_REVOKE: Statement = statement!("pair_revoke");
const PAIR_LIST: Statement = statement!("pair_list");

/// A suggestion as it stands.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct StoredSuggestion {
    pub id: i64,
    pub entity: String,
    pub run_id: i64,
    pub sequence_number: Option<i64>,
    pub link_system: Option<String>,
    pub link_id: Option<String>,
    pub core_id: Option<i64>,
    pub other_core_id: Option<i64>,
    pub match_type: String,
    pub reason: Option<String>,
    pub score: Option<f64>,
    pub features: serde_json::Value,
    pub decision: Decision,
    /// Microseconds since 1970 UTC.
    pub decided_at: Option<i64>,
    pub decided_by: Option<String>,
    pub created_at: i64,
    pub deferred_until: Option<i64>,
    /// The suggestion about the same two that was rejected before.
    pub reopened_from: Option<i64>,
    pub cluster: Option<String>,
}

impl StoredSuggestion {
    fn from_row(row: &Row) -> Result<Self> {
        let text = |index| Ok::<_, StoreError>(row.opt_text(index)?.map(str::to_owned));
        Ok(Self {
            id: row.int(0)?,
            entity: row.text(1)?.to_owned(),
            run_id: row.int(2)?,
            sequence_number: row.opt_int(3)?,
            link_system: text(4)?,
            link_id: text(5)?,
            core_id: row.opt_int(6)?,
            other_core_id: row.opt_int(7)?,
            match_type: row.text(8)?.to_owned(),
            reason: text(9)?,
            score: match row.values().get(10) {
                Some(Value::Float(score)) => Some(*score),
                _ => None,
            },
            features: json(row, 11)?.unwrap_or_default(),
            decision: row.text(12)?.parse()?,
            decided_at: row.opt_timestamp(13)?,
            decided_by: text(14)?,
            created_at: row.opt_timestamp(15)?.unwrap_or_default(),
            deferred_until: row.opt_timestamp(16)?,
            reopened_from: row.opt_int(17)?,
            cluster: text(18)?,
        })
    }
}

/// Which suggestions to read; an absent filter takes all.
#[derive(Debug, Clone, Default)]
pub struct SuggestionFilter {
    pub id: Option<i64>,
    pub entity: Option<String>,
    pub decision: Option<Decision>,
    pub match_type: Option<String>,
    pub min_score: Option<f64>,
    /// The namespace of the incoming row.
    pub source: Option<String>,
    pub run: Option<i64>,
    pub reason: Option<String>,
    pub cluster: Option<String>,
    pub limit: Option<i64>,
}

/// A pair that somebody rejected, with what spoke for it then.
#[derive(Debug, Clone, PartialEq)]
pub struct RejectedPair {
    /// The suggestion; nothing where two were parted that no suggestion had been about.
    pub id: Option<i64>,
    pub core_id: Option<i64>,
    pub other_core_id: Option<i64>,
    pub match_type: Option<String>,
    pub reason: Option<String>,
    pub features: serde_json::Value,
}

/// A record by its link: system and id.
pub type RecordLink = (String, String);

/// What was decided about two records.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PairVerdict {
    pub one: RecordLink,
    pub other: RecordLink,
    /// `same` or `different`.
    pub verdict: String,
    pub suggestion: Option<i64>,
    pub decided_by: Option<String>,
    pub decided_at: Option<i64>,
}

/// A verdict to be written down.
#[derive(Debug, Clone)]
pub struct NewVerdict<'a> {
    pub core_table: &'a str,
    pub records: (&'a RecordLink, &'a RecordLink),
    pub same: bool,
    pub suggestion: Option<i64>,
    pub run: Option<i64>,
    pub actor: &'a str,
}

impl Store {
    /// Suggestions, the best first.
    pub async fn suggestions(
        &self,
        tenant: &str,
        filter: &SuggestionFilter,
    ) -> Result<Vec<StoredSuggestion>> {
        self.session().await?.suggestions(tenant, filter).await
    }

    /// Pairs of an entity that somebody rejected.
    pub async fn rejected_pairs(
        &self,
        tenant: &str,
        entity: &str,
        core_table: &str,
    ) -> Result<Vec<RejectedPair>> {
        let mut session = self.session().await?;
        let rows = session.rows(&REJECTED, &[tenant.into(), entity.into(), core_table.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(RejectedPair {
                    id: row.opt_int(0)?,
                    core_id: row.opt_int(1)?,
                    other_core_id: row.opt_int(2)?,
                    match_type: row.opt_text(3)?.map(str::to_owned),
                    reason: row.opt_text(4)?.map(str::to_owned),
                    features: json(row, 5)?.unwrap_or_default(),
                })
            })
            .collect()
    }
}

impl Session {
    /// The same in the caller's transaction.
    pub async fn suggestions(
        &mut self,
        tenant: &str,
        filter: &SuggestionFilter,
    ) -> Result<Vec<StoredSuggestion>> {
        let params = [
            tenant.into(),
            filter.entity.clone().into(),
            filter.decision.map(|d| d.as_str().to_owned()).into(),
            filter.match_type.clone().into(),
            filter.min_score.map_or(Value::Null, Value::Float),
            filter.source.clone().into(),
            filter.run.into(),
            filter.reason.clone().into(),
            filter.cluster.clone().into(),
            filter.id.into(),
            filter.limit.unwrap_or(i64::MAX).max(0).into(),
        ];
        self.rows(&LIST, &params).await?.iter().map(StoredSuggestion::from_row).collect()
    }

    /// Writes down what a person decided about a suggestion, in the caller's transaction; false where it is decided already.
    pub async fn decide_suggestion(
        &mut self,
        tenant: &str,
        id: i64,
        (decision, until): (Decision, Option<i64>),
        actor: &str,
    ) -> Result<bool> {
        let params = [
            tenant.into(),
            id.into(),
            decision.as_str().into(),
            actor.into(),
            until.map_or(Value::Null, Value::Timestamp),
        ];
        Ok(self.run(&DECIDE, &params).await? == 1)
    }

    /// A suggestion whose merge was taken back.
    pub async fn reopen_suggestion(
        &mut self,
        fence: &Fence,
        id: i64,
        decision: Decision,
        actor: &str,
    ) -> Result<()> {
        self.fence(fence).await?;
        let params = [fence.tenant().into(), id.into(), decision.as_str().into(), actor.into()];
        self.run(&REOPEN, &params).await.map(|_| ())
    }

    /// Suggestions that speak of a row of core: their numbers and both rows.
    pub async fn suggestions_of(
        &mut self,
        tenant: &str,
        entity: &str,
        core_id: i64,
    ) -> Result<Vec<(i64, Option<i64>, Option<i64>)>> {
        let rows = self.rows(&OF, &[tenant.into(), entity.into(), core_id.into()]).await?;
        rows.iter().map(|row| Ok((row.int(0)?, row.opt_int(1)?, row.opt_int(2)?))).collect()
    }

    /// A suggestion speaks of another row of core than before.
    pub async fn move_suggestion(&mut self, fence: &Fence, id: i64, from: i64, to: i64) -> Result<()> {
        self.fence(fence).await?;
        let params = [fence.tenant().into(), id.into(), from.into(), to.into()];
        self.run(&MOVED, &params).await.map(|_| ())
    }

    /// Writes a verdict about two records down, in the caller's transaction. People do so beside runs, so it asks for no
    /// fence.
    pub async fn decide_pair(&mut self, tenant: &str, verdict: &NewVerdict<'_>) -> Result<()> {
        let (one, other) = in_order(verdict.records);
        if one == other {
            return Ok(());
        }
        let params = [
            tenant.into(),
            verdict.core_table.into(),
            one.0.as_str().into(),
            one.1.as_str().into(),
            other.0.as_str().into(),
            other.1.as_str().into(),
            if verdict.same { "same" } else { "different" }.into(),
            verdict.suggestion.into(),
            verdict.run.into(),
            verdict.actor.into(),
        ];
        self.run(&PAIR_DECIDE, &params).await.map(|_| ())
    }

    /// A verdict about two records counts no more.
    pub async fn revoke_pair(
        &mut self,
        fence: &Fence,
        core_table: &str,
        records: (&RecordLink, &RecordLink),
    ) -> Result<()> {
        self.fence(fence).await?;
        let (one, other) = in_order(records);
        let params = [
            fence.tenant().into(),
            core_table.into(),
            one.0.as_str().into(),
            one.1.as_str().into(),
            other.0.as_str().into(),
            other.1.as_str().into(),
        ];
        self.run(&PAIR_REVOKE, &params).await.map(|_| ())
    }

    /// What was decided about a record, and counts.
    pub async fn verdicts_of(
        &mut self,
        tenant: &str,
        core_table: &str,
        record: &RecordLink,
    ) -> Result<Vec<PairVerdict>> {
        let params = [tenant.into(), core_table.into(), record.0.as_str().into(), record.1.as_str().into()];
        let rows = self.rows(&PAIR_LIST, &params).await?;
        let text = |row: &Row, index| Ok::<_, StoreError>(row.text(index)?.to_owned());
        rows.iter()
            .map(|row| {
                Ok(PairVerdict {
                    one: (text(row, 0)?, text(row, 1)?),
                    other: (text(row, 2)?, text(row, 3)?),
                    verdict: text(row, 4)?,
                    suggestion: row.opt_int(5)?,
                    decided_by: row.opt_text(6)?.map(str::to_owned),
                    decided_at: row.opt_timestamp(7)?,
                })
            })
            .collect()
    }
}

/// The smaller link first, by bytes, as the table wants it.
fn in_order<'a>(records: (&'a RecordLink, &'a RecordLink)) -> (&'a RecordLink, &'a RecordLink) {
    if records.0 <= records.1 { records } else { (records.1, records.0) }
}
