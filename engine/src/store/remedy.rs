//! What people do about findings: which rows a run has taken on, what became of their findings, decisions, figures.
//!
//! A held row is named by its [`Place`]: the run that first landed it, the file and the line. Everything is set-based:
//! the rows of a batch come as temporary tables (`remedy_rows`, `remedy_findings`), whose columns are those of
//! [`row_schema`] and [`finding_schema`].

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::fence::Fence;
use super::json::json;
use super::session::Session;
use super::status::{RunStatus, Severity};
use super::{Result, Row, Statement, Store, StoreError, Value, statement};

const BY_ID: Statement = statement!("violations_by_id");
const OF_ROWS: Statement = statement!("violations_of_rows");
const KNOWN: Statement = statement!("violations_known");
const RANGE: Statement = statement!("violations_range");
const RUNS_HELD: Statement = statement!("runs_with_held_rows");
const ROWS_INDEX: Statement = statement!("remedy_rows_index");
const FINDINGS_INDEX: Statement = statement!("remedy_findings_index");
const RELEASE: Statement = statement!("promotions_release");
const CLAIM: Statement = statement!("promotions_claim");
const TAKEN: Statement = statement!("promotions_taken");
const PROMOTE: Statement = statement!("promotions_settle");
const DROP: Statement = statement!("promotions_drop");
const EDITS: Statement = statement!("remedy_edits");
const NEWER: Statement = statement!("remedy_newer");
const RESULT: Statement = statement!("remedy_result");
const FIX: Statement = statement!("remedy_fix");
const TWINS: Statement = statement!("remedy_twins");
const OPEN: Statement = statement!("remedy_open");
const INSERT: Statement = statement!("remedy_insert");
const AUDIT: Statement = statement!("remedy_audit");
const SUPERSEDED: Statement = statement!("remedy_superseded");
const SUPERSEDED_INDEX: Statement = statement!("remedy_superseded_index");
const ROLLED_BACK: Statement = statement!("remedy_rolled_back");
const COUNT: Statement = statement!("decide_count");
const DECIDE_MANY: Statement = statement!("decide_many");
const DECIDE_IDS: Statement = statement!("decide_ids");
const OUTCOMES: Statement = statement!("stats_outcomes");
const FIELDS: Statement = statement!("stats_fields");
const RULES: Statement = statement!("stats_rules");

/// Taken rows that an error names.
const TOLD: i64 = 20;

/// Where a held row was first landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The run that landed it.
    pub run_id: i64,
    /// Which of its files, from 1.
    pub file_number: i64,
    /// The line in that file.
    pub line_number: i64,
}

/// A finding as stored.
#[derive(Debug, Clone)]
pub struct StoredViolation {
    /// Its number.
    pub id: i64,
    /// The row it is about.
    pub place: Place,
    /// The row's number in its run; a rejected record has none.
    pub sequence_number: Option<i64>,
    /// The entity.
    pub entity: String,
    /// The rule.
    pub rule_code: String,
    /// The field, or empty.
    pub field: String,
    /// How bad it is.
    pub severity: Severity,
    /// `open`, `fixed`, `suppressed` or `wont_fix`.
    pub status: String,
    /// What the rule says.
    pub message: String,
    /// What stood in the file.
    pub original_value: Option<String>,
    /// How it was resolved, or why it was decided.
    pub resolution: Option<String>,
    /// The run that resolved it.
    pub resolved_run_id: Option<i64>,
    /// What was edited so far: field, before, after.
    pub edited_fields: Option<serde_json::Value>,
    /// The row with all edits so far, by column.
    pub edited_payload: Option<serde_json::Value>,
}

/// A row that another run has.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The row.
    pub place: Place,
    /// Who has it.
    pub run_id: i64,
    /// How far that run is.
    pub status: RunStatus,
    /// The row left quarantine with that run.
    pub promoted: bool,
}

/// Which findings a decision is about; an absent filter takes all.
#[derive(Debug, Clone, Default)]
pub struct ViolationFilter {
    /// Only this rule.
    pub rule: Option<String>,
    /// Only this run.
    pub run: Option<i64>,
    /// Only this severity.
    pub severity: Option<Severity>,
}

/// Findings of one run and rule.
#[derive(Debug, Clone, serde::Serialize)]
pub struct FilteredCount {
    /// The run.
    pub run_id: i64,
    /// The rule.
    pub rule_code: String,
    /// Its severity.
    pub severity: Severity,
    /// Their status.
    pub status: String,
    /// How many.
    pub count: i64,
    /// How many of them are about records that could not be read.
    pub rejects: i64,
}

/// What happened to the findings of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Settled {
    /// Findings that no longer occur.
    pub fixed: u64,
    /// Findings that are new.
    pub found: u64,
    /// Rows that left quarantine.
    pub promoted: u64,
}

/// Figures of remediation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemedyFigures {
    /// Edited rows by outcome.
    pub outcomes: Vec<(String, i64)>,
    /// Fields by how often they were edited.
    pub fields: Vec<(String, i64)>,
    /// Rules by how often a finding was resolved: rule, resolution, times.
    pub rules: Vec<(String, String, i64)>,
}

fn schema(fields: &[(&str, DataType)]) -> SchemaRef {
    Arc::new(Schema::new(fields.iter().map(|(n, t)| Field::new(*n, t.clone(), true)).collect::<Vec<_>>()))
}

/// The columns of the temporary table `remedy_rows`.
pub fn row_schema() -> SchemaRef {
    use DataType::{Boolean, Int64, Utf8};
    schema(&[
        ("run_id", Int64),
        ("file_number", Int64),
        ("line_number", Int64),
        ("sequence_number", Int64),
        ("own_number", Int64),
        ("promoted", Boolean),
        ("edited", Boolean),
        ("fields_json", Utf8),
        ("payload_json", Utf8),
    ])
}

/// The columns of the temporary table `remedy_findings`.
pub fn finding_schema() -> SchemaRef {
    use DataType::{Int64, Utf8};
    schema(&[
        ("run_id", Int64),
        ("file_number", Int64),
        ("line_number", Int64),
        ("sequence_number", Int64),
        ("rule_code", Utf8),
        ("field", Utf8),
        ("severity", Utf8),
        ("original_value", Utf8),
        ("normalised_value", Utf8),
        ("message", Utf8),
        ("hint", Utf8),
        ("details_json", Utf8),
        ("link_system", Utf8),
        ("link_id", Utf8),
        ("fields_json", Utf8),
        ("payload_json", Utf8),
    ])
}

/// The columns of the temporary table `remedy_audit`.
pub fn audit_schema() -> SchemaRef {
    schema(&[("ordinal", DataType::Int64), ("target_id", DataType::Utf8), ("details_json", DataType::Utf8)])
}

/// The names of the temporary tables.
pub const ROWS: &str = "remedy_rows";
/// The findings of a batch.
pub const FINDINGS: &str = "remedy_findings";
/// The audit of a batch.
pub const AUDITED: &str = "remedy_audit";
/// Rows that newer ones have taken the place of.
pub const REPLACED: &str = "remedy_superseded";

impl StoredViolation {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.int(0)?,
            place: Place { run_id: row.int(1)?, file_number: row.int(4)?, line_number: row.int(5)? },
            entity: row.text(2)?.to_owned(),
            sequence_number: row.opt_int(3)?,
            rule_code: row.text(6)?.to_owned(),
            field: row.text(7)?.to_owned(),
            severity: row.text(8)?.parse()?,
            status: row.text(9)?.to_owned(),
            message: row.text(10)?.to_owned(),
            resolution: row.opt_text(11)?.map(str::to_owned),
            resolved_run_id: row.opt_int(12)?,
            edited_fields: json(row, 13)?,
            edited_payload: json(row, 14)?,
            original_value: row.opt_text(15)?.map(str::to_owned),
        })
    }
}

impl Store {
    /// Findings by number; those that are not there are left out.
    pub async fn violations_by_id(&self, tenant: &str, ids: &[i64]) -> Result<Vec<StoredViolation>> {
        let mut session = self.begin().await?;
        send_ids(&mut session, ids).await?;
        let rows = session.rows(&BY_ID, &[tenant.into()]).await?;
        session.rollback().await?;
        rows.iter().map(StoredViolation::from_row).collect()
    }

    /// Every finding about these rows.
    pub async fn violations_of_rows(&self, tenant: &str, places: &[Place]) -> Result<Vec<StoredViolation>> {
        let mut session = self.begin().await?;
        let batch = place_batch(places)?;
        session.temp_from_batches("remedy_places", &batch.schema(), &[batch]).await?;
        let rows = session.rows(&OF_ROWS, &[tenant.into()]).await?;
        session.rollback().await?;
        rows.iter().map(StoredViolation::from_row).collect()
    }

    /// Which of these rows a run has, or promoted.
    pub async fn rows_taken(&self, tenant: &str, places: &[Place]) -> Result<Vec<Taken>> {
        let mut session = self.begin().await?;
        let batch = place_batch(places)?;
        session.temp_from_batches(ROWS, &batch.schema(), &[batch]).await?;
        let taken = session.taken(tenant, 0, i64::MAX).await?;
        session.rollback().await?;
        Ok(taken)
    }

    /// Rules that findings name, the most frequent first, for an answer that helps.
    pub async fn rules_with_violations(&self, tenant: &str) -> Result<Vec<String>> {
        let mut session = self.session().await?;
        let rows = session.rows(&KNOWN, &[tenant.into()]).await?;
        rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
    }

    /// The lowest and highest number that a finding has, where there is any.
    pub async fn violation_range(&self, tenant: &str) -> Result<Option<(i64, i64)>> {
        let mut session = self.session().await?;
        let rows = session.rows(&RANGE, &[tenant.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(row.opt_int(0)?.zip(row.opt_int(1)?))
    }

    /// Runs with findings that hold rows back, that a person has suppressed since, or of which the lake may have more
    /// than the store: as many of one rule as the store takes.
    pub async fn runs_with_held_rows(
        &self,
        tenant: &str,
        run: Option<i64>,
        per_rule: u64,
    ) -> Result<Vec<i64>> {
        let mut session = self.session().await?;
        let per_rule = i64::try_from(per_rule).unwrap_or(i64::MAX);
        let rows = session.rows(&RUNS_HELD, &[tenant.into(), run.into(), per_rule.into()]).await?;
        rows.iter().map(|row| row.int(0)).collect()
    }

    /// What a run made of the rows that it took on: rows that left quarantine, findings closed.
    pub async fn remedy_result(&self, tenant: &str, run_id: i64) -> Result<(i64, i64)> {
        let mut session = self.session().await?;
        let rows = session.rows(&RESULT, &[tenant.into(), run_id.into()]).await?;
        let row = rows.first().ok_or_else(|| StoreError::internal("a count gave no row"))?;
        Ok((row.int(0)?, row.int(1)?))
    }

    /// Opens the findings again that a run had closed which was rolled back since. Done for whoever asks next, before there
    /// is a run, so it asks for no fence.
    pub async fn reopen_rolled_back(&self, tenant: &str) -> Result<u64> {
        let mut session = self.begin().await?;
        let opened = session.run(&ROLLED_BACK, &[tenant.into()]).await?;
        session.commit().await?;
        Ok(opened)
    }

    /// How many findings fit, by run, rule and status.
    pub async fn count_filtered(&self, tenant: &str, filter: &ViolationFilter) -> Result<Vec<FilteredCount>> {
        let mut session = self.session().await?;
        let rows = session.rows(&COUNT, &filter.params(tenant)).await?;
        rows.iter()
            .map(|row| {
                Ok(FilteredCount {
                    run_id: row.int(0)?,
                    rule_code: row.text(1)?.to_owned(),
                    severity: row.text(2)?.parse()?,
                    status: row.text(3)?.to_owned(),
                    count: row.int(4)?,
                    rejects: row.int(5)?,
                })
            })
            .collect()
    }

    /// Figures of the last days.
    pub async fn remedy_figures(&self, tenant: &str, days: i64) -> Result<RemedyFigures> {
        let mut session = self.session().await?;
        let params: [Value; 2] = [tenant.into(), days.into()];
        let mut figures = RemedyFigures::default();
        for row in session.rows(&OUTCOMES, &params).await? {
            figures.outcomes.push((row.opt_text(0)?.unwrap_or_default().to_owned(), row.int(1)?));
        }
        for row in session.rows(&FIELDS, &params).await? {
            figures.fields.push((row.text(0)?.to_owned(), row.int(1)?));
        }
        for row in session.rows(&RULES, &params).await? {
            figures.rules.push((row.text(0)?.to_owned(), row.text(1)?.to_owned(), row.int(2)?));
        }
        Ok(figures)
    }
}

impl ViolationFilter {
    fn params(&self, tenant: &str) -> [Value; 4] {
        [
            tenant.into(),
            self.rule.clone().into(),
            self.run.into(),
            self.severity.map(|s| s.as_str().to_owned()).into(),
        ]
    }
}

impl Session {
    /// Takes the rows of `remedy_rows` for a run. What another run has is given back as a list, and then the caller
    /// rolls back.
    pub async fn claim_rows(&mut self, fence: &Fence) -> Result<Vec<Taken>> {
        self.fence(fence).await?;
        let (tenant, run_id) = (fence.tenant(), fence.run_id());
        self.run(&ROWS_INDEX, &[]).await?;
        let params: [Value; 2] = [tenant.into(), run_id.into()];
        self.run(&RELEASE, &params).await?;
        self.run(&CLAIM, &params).await?;
        self.taken(tenant, run_id, TOLD).await
    }

    async fn taken(&mut self, tenant: &str, run_id: i64, most: i64) -> Result<Vec<Taken>> {
        let rows = self.rows(&TAKEN, &[tenant.into(), run_id.into(), most.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Taken {
                    place: Place { run_id: row.int(0)?, file_number: row.int(1)?, line_number: row.int(2)? },
                    run_id: row.int(3)?,
                    status: row.text(4)?.parse()?,
                    promoted: row.bool(5)?,
                })
            })
            .collect()
    }

    /// Brings the findings about the rows of a batch up to date with what `remedy_findings` says.
    pub async fn settle_rows(&mut self, fence: &Fence, entity: &str, actor: &str) -> Result<Settled> {
        self.fence(fence).await?;
        let (tenant, run_id) = (fence.tenant(), fence.run_id());
        self.run(&ROWS_INDEX, &[]).await?;
        self.run(&FINDINGS_INDEX, &[]).await?;
        let fixed = self.run(&FIX, &[tenant.into(), run_id.into(), actor.into()]).await?;
        self.run(&TWINS, &[tenant.into(), run_id.into(), actor.into()]).await?;
        self.run(&OPEN, &[tenant.into(), actor.into()]).await?;
        self.run(&EDITS, &[tenant.into(), actor.into()]).await?;
        let found = self.run(&INSERT, &[tenant.into(), entity.into()]).await?;
        let promoted = self.run(&PROMOTE, &[tenant.into(), run_id.into()]).await?;
        self.run(&DROP, &[tenant.into(), run_id.into()]).await?;
        Ok(Settled { fixed, found, promoted })
    }

    /// Writes the rows of `remedy_audit` into the audit.
    pub async fn audit_remedies(&mut self, fence: &Fence, actor: &str) -> Result<u64> {
        self.fence(fence).await?;
        self.run(&AUDIT, &[fence.tenant().into(), actor.into(), fence.run_id().into()]).await
    }

    /// Rows of `remedy_links` whose link was seen later, with the run that saw it last.
    pub async fn newer_rows(&mut self, tenant: &str, entity: &str) -> Result<Vec<(Place, i64)>> {
        let rows = self.rows(&NEWER, &[tenant.into(), entity.into()]).await?;
        rows.iter()
            .map(|row| {
                let place = Place { run_id: row.int(0)?, file_number: row.int(1)?, line_number: row.int(2)? };
                Ok((place, row.int(3)?))
            })
            .collect()
    }

    /// Closes the findings about the rows of `remedy_superseded`. A person's request does so before it has a run, so it asks
    /// for no fence.
    pub async fn close_replaced(&mut self, tenant: &str, actor: &str) -> Result<u64> {
        self.run(&SUPERSEDED_INDEX, &[]).await?;
        self.run(&SUPERSEDED, &[tenant.into(), actor.into()]).await
    }

    /// Writes a person's decision about all open findings that fit; those about unreadable records only where asked.
    pub async fn decide_filtered(
        &mut self,
        tenant: &str,
        filter: &ViolationFilter,
        decision: (&str, &str),
        actor: &str,
        with_rejects: bool,
    ) -> Result<u64> {
        let mut params = filter.params(tenant).to_vec();
        params.extend([decision.0.into(), decision.1.into(), actor.into(), with_rejects.into()]);
        self.run(&DECIDE_MANY, &params).await
    }

    /// Writes a person's decision about these findings, as far as they are open.
    pub async fn decide_ids(
        &mut self,
        tenant: &str,
        ids: &[i64],
        decision: (&str, &str),
        actor: &str,
    ) -> Result<u64> {
        send_ids(self, ids).await?;
        let params: [Value; 4] = [tenant.into(), decision.0.into(), decision.1.into(), actor.into()];
        self.run(&DECIDE_IDS, &params).await
    }
}

fn place_batch(places: &[Place]) -> Result<RecordBatch> {
    let numbers = |value: &dyn Fn(&Place) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(places.iter().map(value)))
    };
    batch([
        ("run_id", numbers(&|p| p.run_id)),
        ("file_number", numbers(&|p| p.file_number)),
        ("line_number", numbers(&|p| p.line_number)),
    ])
}

async fn send_ids(session: &mut Session, ids: &[i64]) -> Result<()> {
    let ids: ArrayRef = Arc::new(Int64Array::from(ids.to_vec()));
    let batch = batch([("id", ids)])?;
    session.temp_from_batches("remedy_ids", &batch.schema(), &[batch]).await.map(|_| ())
}

fn batch<const N: usize>(columns: [(&str, ArrayRef); N]) -> Result<RecordBatch> {
    RecordBatch::try_from_iter(columns).map_err(|_| StoreError::internal("numbers do not make a batch"))
}
