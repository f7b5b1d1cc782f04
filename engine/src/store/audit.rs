//! Who did what: written with every action, read newest first.

use super::fence::Fence;
use super::json::{json, json_text};
use super::session::Session;
use super::{Result, Row, Statement, Store, Value, statement};

const INSERT: Statement = statement!("audit_insert");
const LIST: Statement = statement!("audit_list");
const WORDS: Statement = statement!("audit_words");

/// Who did what.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// For instance `IMPORT_RUN_RETRIED`.
    pub action: String,
    /// Who.
    pub actor: String,
    /// What sort of thing it was done to.
    pub target_type: Option<String>,
    /// Which one.
    pub target_id: Option<String>,
    /// The run it belongs to.
    pub run_id: Option<i64>,
    /// More; no cell values, but those that a person edited.
    pub details_json: serde_json::Value,
}

/// An entry as it was written down.
#[derive(Debug, Clone)]
pub struct AuditRecord {
    /// Rising with time.
    pub id: i64,
    /// Microseconds since 1970 UTC.
    pub created_at: i64,
    /// What was written.
    pub entry: AuditEntry,
}

/// Which entries to read; an absent filter takes all.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only this action.
    pub action: Option<String>,
    /// Only this actor.
    pub actor: Option<String>,
    /// Only what belongs to this run.
    pub run_id: Option<i64>,
    /// Only this sort of thing.
    pub target_type: Option<String>,
    /// Only this one.
    pub target_id: Option<String>,
    /// Only the last days, by the store's clock.
    pub days: Option<i64>,
    /// Only since then, microseconds since 1970 UTC.
    pub since: Option<i64>,
    /// Only below this id: the last id of the page before.
    pub before_id: Option<i64>,
    /// Most entries to give; 50 when absent.
    pub limit: Option<i64>,
}

/// The words that entries were written with.
#[derive(Debug, Clone, Default)]
pub struct AuditWords {
    pub actions: Vec<String>,
    pub actors: Vec<String>,
    pub target_types: Vec<String>,
}

impl Store {
    /// Writes down what a person did, in a transaction of its own.
    pub async fn audit(&self, tenant: &str, entry: &AuditEntry) -> Result<()> {
        let mut session = self.begin().await?;
        session.audit(tenant, entry).await?;
        session.commit().await
    }

    /// Writes down what a run at work did, in a transaction of its own.
    pub async fn audit_of_run(&self, fence: &Fence, entry: &AuditEntry) -> Result<()> {
        let mut session = self.begin_fenced(fence).await?;
        session.audit_of_run(fence, entry).await?;
        session.commit().await
    }

    /// Entries, newest first.
    pub async fn list_audit(&self, tenant: &str, filter: &AuditFilter) -> Result<Vec<AuditRecord>> {
        let mut session = self.session().await?;
        let params = [
            tenant.into(),
            filter.action.clone().into(),
            filter.actor.clone().into(),
            filter.run_id.into(),
            filter.target_type.clone().into(),
            filter.target_id.clone().into(),
            filter.days.into(),
            filter.since.map_or(Value::Null, Value::Timestamp),
            filter.before_id.unwrap_or(i64::MAX).into(),
            filter.limit.unwrap_or(50).max(0).into(),
        ];
        session.rows(&LIST, &params).await?.iter().map(AuditRecord::from_row).collect()
    }

    /// The actions, actors and targets that the audit knows, sorted.
    pub async fn audit_words(&self, tenant: &str) -> Result<AuditWords> {
        let mut session = self.session().await?;
        let rows = session.rows(&WORDS, &[tenant.into()]).await?;
        let distinct = |column: usize| -> Result<Vec<String>> {
            let mut words = Vec::new();
            for row in &rows {
                words.extend(row.opt_text(column)?.map(str::to_owned));
            }
            words.sort();
            words.dedup();
            Ok(words)
        };
        Ok(AuditWords { actions: distinct(0)?, actors: distinct(1)?, target_types: distinct(2)? })
    }
}

impl Session {
    /// Writes down what a run at work did, in the caller's transaction.
    pub async fn audit_of_run(&mut self, fence: &Fence, entry: &AuditEntry) -> Result<()> {
        self.fence(fence).await?;
        self.audit(fence.tenant(), entry).await
    }

    /// Writes down what a person did, in the caller's transaction. People do so beside runs, so it asks for no fence.
    pub async fn audit(&mut self, tenant: &str, entry: &AuditEntry) -> Result<()> {
        let params = [
            tenant.into(),
            entry.action.as_str().into(),
            entry.actor.as_str().into(),
            entry.target_type.clone().into(),
            entry.target_id.clone().into(),
            entry.run_id.into(),
            json_text(&entry.details_json).into(),
        ];
        self.run(&INSERT, &params).await.map(|_| ())
    }
}

impl AuditRecord {
    fn from_row(row: &Row) -> Result<Self> {
        let text = |index| Ok::<_, super::StoreError>(row.opt_text(index)?.map(str::to_owned));
        Ok(Self {
            id: row.int(0)?,
            created_at: row.opt_timestamp(1)?.unwrap_or_default(),
            entry: AuditEntry {
                action: row.text(2)?.to_owned(),
                actor: row.text(3)?.to_owned(),
                target_type: text(4)?,
                target_id: text(5)?,
                run_id: row.opt_int(6)?,
                details_json: json(row, 7)?.unwrap_or_default(),
            },
        })
    }
}
