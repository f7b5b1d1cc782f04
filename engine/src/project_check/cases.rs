//! The cases of `tests/*.yml`: given rows, landed, mapped, staged and checked; what came out, against what was expected.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema};
use importer_plans::compile::check::own_table;
use importer_plans::compile::stage::Columns;
use importer_plans::compile::texts::{FileTexts, TextPolicy, decide, survey_sql};
use importer_plans::compile::{Query, ident};
use importer_plans::project::{Entity, ExpectedRow, ExternalIdPolicy, Project, RulePolicy, Source, TestCase};

use tokio::time::timeout;

use super::bench::{Bench, CANONICAL, CaseError, LANDED};
use crate::context::blame::too_long;
use crate::error::{Error, Result};
use crate::steps::texts::surveys_of;
use crate::tables;

/// How one case went.
#[derive(Debug, Clone)]
pub struct CaseReport {
    pub entity: String,
    pub name: String,
    /// Path inside the project.
    pub path: String,
    pub line: usize,
    /// What differs, one sentence each; empty when the case holds.
    pub differences: Vec<String>,
}

/// Runs all cases of a project as if their rows had landed at a time (microseconds since 1970 UTC).
pub async fn run_cases(project: &Project, landed_at: i64) -> Result<Vec<CaseReport>> {
    let mut reports = Vec::new();
    for entity in project.entities.values() {
        for case in &entity.cases {
            let differences = match run_case(project, entity, case, landed_at).await {
                Ok(differences) => differences,
                Err(error) => vec![format!("it could not be run: {error}")],
            };
            reports.push(CaseReport {
                entity: entity.name.clone(),
                name: case.name.clone(),
                path: case.path.clone(),
                line: case.line,
                differences,
            });
        }
    }
    Ok(reports)
}

/// The source that a case names, else the project's own, else any of the entity.
fn source_of<'a>(project: &'a Project, entity: &Entity, case: &TestCase) -> Option<&'a Source> {
    let named = case.source.as_deref().or(project.settings.source.as_deref());
    let chosen = named.and_then(|name| project.sources.get(name)).filter(|s| s.entity == entity.name);
    chosen.or_else(|| project.sources.values().find(|s| s.entity == entity.name))
}

async fn run_case(
    project: &Project,
    entity: &Entity,
    case: &TestCase,
    landed_at: i64,
) -> Result<Vec<String>, CaseError> {
    let Some(source) = source_of(project, entity, case) else {
        return Ok(vec!["no source of this entity is known".to_owned()]);
    };
    let Some(mapping) = entity.mappings.get(&source.mapping) else {
        return Ok(vec![format!("there is no mapping {}", source.mapping)]);
    };
    let bench = Bench::new(entity, Some(source), landed_at)?;
    let given: BTreeSet<&str> = case.given.iter().flat_map(|row| row.keys()).map(String::as_str).collect();
    land(&bench, case, &given)?;
    let (known, unmapped): (Vec<&str>, Vec<&str>) =
        given.into_iter().partition(|name| bench.shape.field(name).is_some());
    let columns: Vec<(&str, Vec<&str>)> = known.into_iter().map(|name| (name, vec![name])).collect();
    let texts = looked_at(&bench, source, &columns, &unmapped).await?;
    let (stage, canonical) = bench.stage(mapping, &columns, &unmapped, &texts);
    bench.references((mapping, &canonical, &texts), &case.known).await?;
    let view = bench.frame(&canonical).await?;
    tables::register_view(&bench.session, CANONICAL, view)?;
    let limit = project.settings.defaults.max_query_time;
    let staged = timeout(limit, bench.keep("staged", &stage)).await;
    staged.map_err(|_| CaseError::Other(too_long(&mapping.sql, limit)))??;
    bench.empty_findings()?;
    let policy = case.external_id.unwrap_or(source.external_id);
    let enforced = |rule: &importer_plans::project::Rule| match rule.policy {
        Some(RulePolicy::ExternalId) => policy == ExternalIdPolicy::Required,
        None => true,
    };
    for query in bench.check(&columns, &texts, enforced, policy == ExternalIdPolicy::Required) {
        let ended = timeout(limit, bench.run(&query)).await;
        ended.map_err(|_| CaseError::Other(endless(entity, &query, limit)))??;
    }
    let violations = violations(&bench).await?;
    let mut differences = Vec::new();
    for expected in &case.expect {
        compare_codes(expected, &violations, &mut differences);
        compare_fields(&bench, expected, &mut differences).await?;
    }
    Ok(differences)
}

/// A query that takes longer than it may, as an error of the rule that it is.
fn endless(entity: &Entity, query: &Query, limit: Duration) -> Error {
    let rule = entity.rules.iter().find(|rule| rule.as_filter().is_none() && own_table(rule) == query.name);
    match rule.or(entity.rules.iter().find(|rule| rule.as_filter().is_some())) {
        Some(rule) => too_long(&rule.sql, limit),
        None => Error::internal(format!("the query {} did not end within {limit:?}", query.name)),
    }
}

/// What the columns of the given rows show as a whole, as in a run.
async fn looked_at(
    bench: &Bench<'_>,
    source: &Source,
    columns: &Columns<'_>,
    others: &[&str],
) -> Result<FileTexts, CaseError> {
    let policy = TextPolicy::of(source, source.date_order.as_str(), source.number_format, &source.time_zone);
    let Some(sql) = survey_sql(&bench.shape, LANDED, columns, &policy) else {
        return Ok(FileTexts::default());
    };
    let (_, rows) = tables::collect_compact(bench.frame(&sql).await?).await?;
    let surveys = surveys_of(&bench.shape, columns, &rows)?;
    let others: Vec<String> = others.iter().map(|name| (*name).to_owned()).collect();
    Ok(decide(&bench.shape, columns, &others, &surveys, &policy))
}

/// The given rows as a landed file; an empty cell is NULL, as in a file.
fn land(bench: &Bench<'_>, case: &TestCase, given: &BTreeSet<&str>) -> Result<()> {
    let rows = i64::try_from(case.given.len()).unwrap_or(i64::MAX);
    let mut fields = vec![
        Field::new("sequence_number", DataType::Int64, true),
        Field::new("line_number", DataType::Int64, true),
    ];
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(1..=rows)),
        Arc::new(Int64Array::from_iter_values(2..rows + 2)),
    ];
    for name in given {
        let cells = case.given.iter().map(|row| row.get(*name).map(String::as_str).filter(|c| !c.is_empty()));
        fields.push(Field::new(*name, DataType::Utf8, true));
        columns.push(Arc::new(cells.collect::<StringArray>()));
    }
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns)?;
    tables::register_rows(&bench.session, LANDED, schema, vec![batch])
}

/// Codes by row number, sorted.
async fn violations(bench: &Bench<'_>) -> Result<BTreeMap<i64, Vec<String>>, CaseError> {
    let sql = "SELECT sequence_number, CAST(rule_code AS VARCHAR) AS rule_code FROM dq_violations WHERE sequence_number IS NOT NULL ORDER BY sequence_number, rule_code";
    let mut found: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for batch in bench.keep("violations by row", sql).await? {
        let (rows, codes) = (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_string::<i32>());
        for n in 0..batch.num_rows() {
            found.entry(rows.value(n)).or_default().push(codes.value(n).to_owned());
        }
    }
    Ok(found)
}

fn compare_codes(expected: &ExpectedRow, found: &BTreeMap<i64, Vec<String>>, differences: &mut Vec<String>) {
    let row = i64::try_from(expected.row).unwrap_or(i64::MAX);
    let found = found.get(&row).cloned().unwrap_or_default();
    if found != expected.violations {
        differences.push(format!(
            "row {row}: expected {}, found {}",
            listed(&expected.violations),
            listed(&found)
        ));
    }
}

fn listed(codes: &[String]) -> String {
    if codes.is_empty() { "no violation".to_owned() } else { codes.join(", ") }
}

async fn compare_fields(
    bench: &Bench<'_>,
    expected: &ExpectedRow,
    differences: &mut Vec<String>,
) -> Result<(), CaseError> {
    if expected.fields.is_empty() {
        return Ok(());
    }
    let texts: Vec<String> = expected.fields.keys().map(|name| as_text(bench, name)).collect();
    let sql = format!("SELECT {} FROM staged WHERE sequence_number = {}", texts.join(", "), expected.row);
    for batch in bench.keep("fields of a row", &sql).await? {
        for (n, (name, wanted)) in expected.fields.iter().enumerate() {
            let column = datafusion::arrow::compute::cast(batch.column(n), &DataType::Utf8)
                .map_err(crate::Error::from)?;
            let cells = column.as_string::<i32>();
            let found = (!cells.is_empty() && cells.is_valid(0)).then(|| cells.value(0));
            if found != wanted.as_deref() {
                differences.push(format!(
                    "row {}, {name}: expected {}, found {}",
                    expected.row,
                    shown(wanted.as_deref()),
                    shown(found)
                ));
            }
        }
    }
    Ok(())
}

fn as_text(bench: &Bench<'_>, name: &str) -> String {
    let column = ident(name);
    let text = bench.shape.field(name).map_or(format!("CAST({column} AS VARCHAR)"), |f| f.shown(&column));
    format!("{text} AS {column}")
}

fn shown(value: Option<&str>) -> String {
    value.map_or("nothing".to_owned(), |v| format!("{v:?}"))
}
