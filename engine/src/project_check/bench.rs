//! A session without lake and store, in which the SQL of one entity is planned or run over a few rows.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::ParamValues;
use datafusion::common::ScalarValue;
use datafusion::common::metadata::ScalarAndMetadata;
use datafusion::common::runtime::SpawnedTask;
use datafusion::dataframe::DataFrame;
use datafusion::prelude::SessionContext;
use importer_plans::compile::check::{LandedFile, check_queries};
use importer_plans::compile::references::{found_table, references, wanted_sql};
use importer_plans::compile::stage::{Columns, landed_sql, stage_sql};
use importer_plans::compile::texts::FileTexts;
use importer_plans::compile::{Keep, Query, Shape, literal};
use importer_plans::project::{Entity, Mapping, Rule, Source};

use crate::bounded::check_depth;
use crate::catalogue::QueryError;
use crate::error::Result;
use crate::lake::Lake;
use crate::reference_tables::register_lists;
use crate::session::{Limits, session};
use crate::steps::references::answer;
use crate::tables;
use crate::watch::{Excess, within};

/// The raw table of the only landed file.
pub const LANDED: &str = "landed_1";
/// Its canonical view.
pub const CANONICAL: &str = "landed_1_canonical";

/// How long a statement may be planned, with its constants computed.
const PLANNED_FOR: Duration = Duration::from_secs(30);

/// One entity on the bench.
pub struct Bench<'a> {
    pub session: SessionContext,
    pub entity: &'a Entity,
    pub shape: Shape,
    params: ParamValues,
}

impl<'a> Bench<'a> {
    /// A bench with the parameters that a run of this source has.
    pub fn new(entity: &'a Entity, source: Option<&Source>, landed_at: i64) -> Result<Self> {
        let limits = Limits { partitions: 1, ..Limits::default() };
        let session = session(&limits, &Lake::open("memory://")?)?;
        register_lists(&session, &entity.lists)?;
        Ok(Self { session, entity, shape: Shape::of(entity), params: params(entity, source, landed_at) })
    }

    /// Plans a statement.
    pub async fn frame(&self, sql: &str) -> Result<DataFrame, QueryError> {
        let failed = |error| QueryError::read(&error, sql, &self.session);
        let frame = self.session.sql(sql).await.map_err(failed)?;
        check_depth(frame.logical_plan()).map_err(failed)?;
        frame.with_param_values(self.params.clone()).map_err(failed)
    }

    /// Plans a statement down to its operators, which is what finds wrong types, and gives its columns.
    pub async fn columns(&self, sql: &str) -> Result<SchemaRef, QueryError> {
        let frame = self.frame(sql).await?;
        let schema = Arc::new(frame.schema().as_arrow().clone());
        // Constants are computed here.
        let planned = SpawnedTask::spawn(async move { frame.create_physical_plan().await.map(|_| ()) });
        match within(PLANNED_FOR, planned.join()).await {
            Ok(Ok(Ok(()))) => Ok(schema),
            Ok(Ok(Err(error))) => Err(QueryError::read(&error, sql, &self.session)),
            Ok(Err(fault)) => Err(QueryError::fault(&fault)),
            Err(limit) => Err(QueryError {
                code: "SQL0009",
                message: Excess::Time(limit).to_string(),
                help: Some("a constant of it has much to do: write its value".into()),
                span: None,
            }),
        }
    }

    /// Registers an empty table.
    pub fn empty(&self, name: &str, schema: &Schema) -> Result<()> {
        let fields: Vec<Field> =
            schema.fields().iter().map(|f| Field::new(f.name(), f.data_type().clone(), true)).collect();
        tables::register_rows(&self.session, name, Arc::new(Schema::new(fields)), Vec::new())
    }

    /// Registers an empty table of these columns.
    pub fn empty_of(&self, name: &str, columns: &[(&str, DataType)]) -> Result<()> {
        let fields: Vec<Field> = columns.iter().map(|(n, t)| Field::new(*n, t.clone(), true)).collect();
        self.empty(name, &Schema::new(fields))
    }

    /// Registers the tables of land that check reads.
    pub fn empty_findings(&self) -> Result<()> {
        let common =
            [("file_number", DataType::Int32), ("line_number", DataType::Int64), ("code", DataType::Utf8)];
        let text = [("reason", DataType::Utf8), ("hint", DataType::Utf8)];
        self.empty_of("rejects", &[&common[..], &text[..]].concat())?;
        self.empty_of("findings", &[&common[..], &[("column_number", DataType::Int64)], &text[..]].concat())
    }

    /// The compiled SQL of stage over the landed table, and the SQL of its canonical view.
    pub fn stage(
        &self,
        mapping: &Mapping,
        columns: &Columns<'_>,
        unmapped: &[&str],
        texts: &FileTexts,
    ) -> (String, String) {
        let canonical = |texts| landed_sql(&self.shape, LANDED, columns, unmapped, texts);
        let staged = stage_sql(&self.shape, &mapping.sql.text, &canonical(texts), texts);
        (staged, canonical(&FileTexts::default()))
    }

    /// The queries of check over the landed table.
    pub fn check(
        &self,
        columns: &Columns<'_>,
        texts: &FileTexts,
        enforced: impl Fn(&Rule) -> bool,
        ids_required: bool,
    ) -> Vec<Query> {
        let file =
            LandedFile { view: CANONICAL.to_owned(), number: "CAST(1 AS INT)".to_owned(), columns, texts };
        // Here is no store whose tables a rule could read.
        let enforced = |rule: &Rule| !rule.reads_core() && enforced(rule);
        check_queries(&self.shape, &self.entity.rules, enforced, ids_required, &[file])
    }

    /// Registers what a store would know of the records that rows name: nothing.
    pub fn no_references(&self) -> Result<()> {
        for (field, reference) in references(&self.shape) {
            for way in 0..reference.ways.len() {
                self.empty(&found_table(field, way), &answer())?;
            }
        }
        Ok(())
    }

    /// Registers the records that rows name: those of the texts that are `known` of a field, all of them where nothing is
    /// said of it. Their core ids are their places, from 1.
    pub async fn references(
        &self,
        (mapping, canonical, texts): (&Mapping, &str, &FileTexts),
        known: &BTreeMap<String, Vec<String>>,
    ) -> Result<(), CaseError> {
        self.no_references()?;
        for (field, reference) in references(&self.shape) {
            for (n, (_, way)) in reference.ways.iter().enumerate() {
                let wanted = wanted_sql(&self.shape, (&mapping.sql.text, canonical, texts), field, way);
                let is_known = known.get(&field.name).map_or("true".to_owned(), |texts| {
                    let texts: Vec<String> = texts.iter().map(|text| literal(text)).collect();
                    format!("split_part(key, chr(31), -1) IN ({})", texts.join(", "))
                });
                // A text that several ways can read is a record of the first.
                let first = if n == 0 {
                    is_known
                } else {
                    format!("{is_known} AND {}", known.contains_key(&field.name))
                };
                let sql = format!(
                    "SELECT key, CAST(row_number() OVER (ORDER BY key) AS BIGINT) AS core_id, CAST(1 AS BIGINT) AS owners FROM ({wanted}) WHERE {first}"
                );
                self.keep(&found_table(field, n), &sql).await?;
            }
        }
        Ok(())
    }

    /// Runs a statement and keeps its rows as a table.
    pub async fn keep(&self, name: &str, sql: &str) -> Result<Vec<RecordBatch>, CaseError> {
        let (schema, rows) = collected(self.frame(sql).await?).await?;
        tables::register_rows(&self.session, name, schema, rows.clone())?;
        Ok(rows)
    }

    /// Registers a query as a view, or its rows, as a run does.
    pub async fn run(&self, query: &Query) -> Result<(), CaseError> {
        if query.keep == Keep::View {
            let frame = self.frame(&query.sql).await?;
            tables::register_view(&self.session, &query.name, frame)?;
            return Ok(());
        }
        self.keep(&query.name, &query.sql).await.map(|_| ())
    }
}

/// The rows of a frame, made in a task of their own, so that a clock is heard meanwhile.
pub async fn collected(frame: DataFrame) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    SpawnedTask::spawn(tables::collect_compact(frame)).join_unwind().await?
}

/// Either the SQL is wrong, or something else went wrong.
#[derive(Debug)]
pub enum CaseError {
    Query(QueryError),
    Other(crate::Error),
}

impl From<QueryError> for CaseError {
    fn from(error: QueryError) -> Self {
        Self::Query(error)
    }
}

impl From<crate::Error> for CaseError {
    fn from(error: crate::Error) -> Self {
        Self::Other(error)
    }
}

impl std::fmt::Display for CaseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Query(error) => error.fmt(f),
            Self::Other(error) => error.fmt(f),
        }
    }
}

/// The parameters of a run, by the same names as `RunContext::params`.
fn params(entity: &Entity, source: Option<&Source>, landed_at: i64) -> ParamValues {
    let text = |value: &str| ScalarValue::Utf8View(Some(value.to_owned()));
    let instant = |micros: i64| ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into()));
    let limit = |n: u64| ScalarValue::Int64(Some(i64::try_from(n).unwrap_or(i64::MAX)));
    let region = source.and_then(|s| s.default_region.clone());
    let values = [
        ("landed_at", instant(landed_at)),
        ("latest_at", instant(landed_at.saturating_add(24 * 3600 * 1_000_000))),
        ("loaded_at", instant(landed_at)),
        ("tenant", text("default")),
        ("entity", text(&entity.name)),
        ("run_id", ScalarValue::Int64(Some(1))),
        ("external_system", text(source.and_then(|s| s.external_system.as_deref()).unwrap_or("csv"))),
        ("default_region", ScalarValue::Utf8View(region)),
        ("date_order", text(source.map_or("auto", |s| s.date_order.as_str()))),
        ("time_zone", text(source.map_or("UTC", |s| s.time_zone.as_str()))),
        ("policy", text(source.map_or("upsert", |s| s.policy.as_str()))),
        ("max_key_people", limit(entity.matching.max_key_people)),
        ("max_key_group", limit(entity.matching.max_key_group)),
        ("max_cluster", limit(entity.matching.max_cluster)),
    ];
    let map: HashMap<String, ScalarAndMetadata> = values
        .into_iter()
        .map(|(name, value)| (name.to_owned(), ScalarAndMetadata::new(value, None)))
        .collect();
    ParamValues::Map(map)
}
