//! Findings of check and land, written so that writing them again adds nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};

use super::fence::Fence;
use super::json::json_text;
use super::session::Session;
use super::status::Severity;
use super::{Result, Statement, Store, StoreError, statement};

const MERGE: Statement = statement!("violations_merge");
const COUNT: Statement = statement!("violations_count");
const WAITING: Statement = statement!("rows_waiting");
const TWINS: Statement = statement!("violations_twins");

/// Most findings per rule that go to the store; the lake has all of them.
pub const MAX_VIOLATIONS_PER_RULE: u64 = 10_000;

/// One finding: a row and a rule that failed. The natural key is run, rule, sequence number, file, line and field.
#[derive(Debug, Clone, PartialEq)]
pub struct ViolationRow {
    /// The row's number in its run; a rejected record has none.
    pub sequence_number: Option<i64>,
    /// Which of the run's files, from 0.
    pub file_number: i64,
    /// The line in that file.
    pub line_number: i64,
    /// The rule's code.
    pub rule_code: String,
    /// The field, or empty.
    pub field: String,
    /// How bad it is.
    pub severity: Severity,
    /// What stood in the file.
    pub original_value: Option<String>,
    /// What it was read as.
    pub normalised_value: Option<String>,
    /// The sentence for people.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Offending fields and values, and whatever else helps.
    pub details_json: serde_json::Value,
    /// The namespace of the row's link.
    pub link_system: Option<String>,
    /// The id of the row's link, synthetic or not.
    pub link_id: Option<String>,
    /// Tells the same row in another place.
    pub row_checksum: Option<String>,
}

/// How many findings one rule gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViolationCount {
    /// The rule.
    pub rule_code: String,
    /// Its severity.
    pub severity: Severity,
    /// `open`, `fixed`, `suppressed` or `wont_fix`.
    pub status: String,
    /// How many are in the store.
    pub count: i64,
}

/// Writes the findings of one run, in the order given, up to a number per rule.
///
/// All calls belong in one transaction. The same findings in the same order give the same rows in the store, however
/// often they are written.
#[derive(Debug)]
pub struct ViolationWriter {
    fence: Fence,
    entity: String,
    per_rule: u64,
    seen: HashMap<String, u64>,
    written: u64,
}

impl ViolationWriter {
    /// For one run.
    pub fn new(fence: &Fence, entity: impl Into<String>, per_rule: u64) -> Self {
        Self { fence: fence.clone(), entity: entity.into(), per_rule, seen: HashMap::new(), written: 0 }
    }

    /// Writes these findings inside the session's transaction; a few thousand at a time are best.
    pub async fn write(&mut self, session: &mut Session, rows: Vec<ViolationRow>) -> Result<()> {
        session.fence(&self.fence).await?;
        let mut kept = Vec::with_capacity(rows.len());
        for row in rows {
            let seen = self.seen.entry(row.rule_code.clone()).or_default();
            *seen += 1;
            if *seen <= self.per_rule {
                kept.push(row);
            }
        }
        if kept.is_empty() {
            return Ok(());
        }
        let batch = self.batch(&kept)?;
        session.temp_from_batches("violations_in", &batch.schema(), &[batch]).await?;
        self.written += session.run(&MERGE, &[]).await?;
        session.drop_temp("violations_in").await
    }

    /// Findings met so far per rule, more than were written when a rule passed its limit.
    pub fn seen(&self) -> BTreeMap<&str, u64> {
        self.seen.iter().map(|(rule, count)| (rule.as_str(), *count)).collect()
    }

    /// Rows that were new to the store.
    pub fn written(&self) -> u64 {
        self.written
    }

    fn batch(&self, rows: &[ViolationRow]) -> Result<RecordBatch> {
        let numbers = |value: &dyn Fn(&ViolationRow) -> Option<i64>| -> ArrayRef {
            Arc::new(rows.iter().map(value).collect::<Int64Array>())
        };
        let details: Vec<String> = rows.iter().map(|row| json_text(&row.details_json)).collect();
        let texts = |value: &dyn for<'a> Fn(&'a ViolationRow) -> Option<&'a str>| -> ArrayRef {
            Arc::new(rows.iter().map(value).collect::<StringArray>())
        };
        let details: ArrayRef = Arc::new(StringArray::from_iter_values(details));
        let constant = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text; rows.len()])) };
        let ordinal: ArrayRef = Arc::new(Int64Array::from_iter_values((0i64..).take(rows.len())));
        RecordBatch::try_from_iter_with_nullable([
            ("ordinal", ordinal, false),
            ("tenant_id", constant(self.fence.tenant()), false),
            ("run_id", numbers(&|_| Some(self.fence.run_id())), false),
            ("entity", constant(&self.entity), false),
            ("sequence_number", numbers(&|row| row.sequence_number), true),
            ("file_number", numbers(&|row| Some(row.file_number)), false),
            ("line_number", numbers(&|row| Some(row.line_number)), false),
            ("rule_code", texts(&|row| Some(&row.rule_code)), false),
            ("field", texts(&|row| Some(&row.field)), false),
            ("severity", texts(&|row| Some(row.severity.as_str())), false),
            ("original_value", texts(&|row| row.original_value.as_deref()), true),
            ("normalised_value", texts(&|row| row.normalised_value.as_deref()), true),
            ("message", texts(&|row| Some(&row.message)), false),
            ("hint", texts(&|row| row.hint.as_deref()), true),
            ("details_json", details, false),
            ("link_system", texts(&|row| row.link_system.as_deref()), true),
            ("link_id", texts(&|row| row.link_id.as_deref()), true),
            ("row_checksum", texts(&|row| row.row_checksum.as_deref()), true),
        ])
        .map_err(|_| StoreError::internal("findings do not make a batch"))
    }
}

impl Store {
    /// Closes open findings of earlier runs about rows without a link that this run has again. Gives how many.
    pub async fn close_twins(&self, fence: &Fence) -> Result<u64> {
        let mut session = self.begin_fenced(fence).await?;
        let closed = session.run(&TWINS, &[fence.tenant().into(), fence.run_id().into()]).await?;
        session.commit().await?;
        Ok(closed)
    }

    /// Rows that a rule holds until a record is there: entity, field and how many.
    pub async fn rows_waiting(&self, tenant: &str, rule: &str) -> Result<Vec<(String, String, i64)>> {
        let mut session = self.session().await?;
        let rows = session.rows(&WAITING, &[tenant.into(), rule.into()]).await?;
        rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned(), row.int(2)?))).collect()
    }

    /// Findings of a run in the store, by rule and status.
    pub async fn count_violations(&self, tenant: &str, run_id: i64) -> Result<Vec<ViolationCount>> {
        let mut session = self.session().await?;
        let rows = session.rows(&COUNT, &[tenant.into(), run_id.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(ViolationCount {
                    rule_code: row.text(0)?.to_owned(),
                    severity: row.text(1)?.parse()?,
                    status: row.text(2)?.to_owned(),
                    count: row.int(3)?,
                })
            })
            .collect()
    }
}
