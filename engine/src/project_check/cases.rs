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
use importer_plans::project::{
    Entity, ExpectedRow, ExternalIdPolicy, Project, Rule, Source, SqlFile, TestCase,
};

use super::bench::{Bench, CANONICAL, CaseError, LANDED, collected};
use crate::catalogue::locate;
use crate::context::blame::{at, of_file, too_long};
use crate::error::{Error, Result};
use crate::steps::texts::surveys_of;
use crate::tables;
use crate::watch::within;

/// A query over the few rows of a case that takes longer does not end.
const CASE_LIMIT: Duration = Duration::from_secs(10);

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
        // Files whose query did not end: each case would wait for it again.
        let mut endless: BTreeSet<String> = BTreeSet::new();
        for case in &entity.cases {
            let differences = match run_case(project, entity, case, landed_at, &mut endless).await {
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
    endless: &mut BTreeSet<String>,
) -> Result<Vec<String>, CaseError> {
    let Some(source) = source_of(project, entity, case) else {
        return Ok(vec!["no source of this entity is known".to_owned()]);
    };
    let Some(mapping) = entity.mappings.get(&source.mapping) else {
        return Ok(vec![format!("there is no mapping {}", source.mapping)]);
    };
    let ran = [&mapping.sql].into_iter().chain(entity.rules.iter().map(|rule| &rule.sql));
    if let Some(file) = ran.into_iter().find(|file| endless.contains(&file.path)) {
        return Ok(vec![format!("it was not run: the query of {} did not end in a case before", file.path)]);
    }
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
    let limit = project.settings.defaults.max_query_time.min(CASE_LIMIT);
    match within(limit, bench.keep("staged", &stage)).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            // A mapping reads it under this name.
            let landed = bench.frame(&format!("SELECT * FROM {}", ident(CANONICAL))).await?;
            tables::register_view(&bench.session, "landed", landed)?;
            return Err(blamed(&bench, error, &[&mapping.sql], limit).await);
        }
        Err(_) => {
            endless.insert(mapping.sql.path.clone());
            return Err(CaseError::Other(too_long(&mapping.sql, limit)));
        }
    }
    bench.empty_findings()?;
    let policy = case.external_id.unwrap_or(source.external_id);
    let enforced = |rule: &Rule| rule.is_enforced(policy);
    let mut differences = Vec::new();
    for query in bench.check(&columns, &texts, enforced, policy == ExternalIdPolicy::Required) {
        let rule = rule_of(entity, &query);
        let ended = within(limit, async {
            bench.run(&query).await?;
            match rule {
                Some(rule) => strangers(&bench, rule, &query).await,
                None => Ok(None),
            }
        });
        match ended.await {
            Ok(Ok(found)) => differences.extend(found),
            Ok(Err(error)) => {
                let files: Vec<&SqlFile> = match rule {
                    Some(rule) => vec![&rule.sql],
                    None => filters(entity),
                };
                return Err(blamed(&bench, error, &files, limit).await);
            }
            Err(_) => {
                let Some(file) = rule.map(|rule| &rule.sql).or(filters(entity).first().copied()) else {
                    let message = format!("the query {} did not end within {limit:?}", query.name);
                    return Err(CaseError::Other(Error::internal(message)));
                };
                endless.insert(file.path.clone());
                return Err(CaseError::Other(too_long(file, limit)));
            }
        }
    }
    let violations = violations(&bench).await?;
    for expected in &case.expect {
        compare_codes(expected, &violations, &mut differences);
        compare_fields(&bench, expected, &mut differences).await?;
    }
    Ok(differences)
}

/// The rule whose own query it is; several that are plain filters share one.
fn rule_of<'e>(entity: &'e Entity, query: &Query) -> Option<&'e Rule> {
    entity.rules.iter().find(|rule| rule.as_filter().is_none() && own_table(rule) == query.name)
}

/// The rules that are plain filters.
fn filters(entity: &Entity) -> Vec<&SqlFile> {
    entity.rules.iter().filter(|rule| rule.as_filter().is_some()).map(|rule| &rule.sql).collect()
}

const STRANGERS: &str = include_str!("../../../sql/steps/check/strangers.sql");

/// Findings of a rule for rows that are not there, which would end every run.
async fn strangers(bench: &Bench<'_>, rule: &Rule, query: &Query) -> Result<Option<String>, CaseError> {
    let sql = STRANGERS.replace("{rule}", &ident(&query.name));
    let rows = bench.keep("strangers of a rule", &sql).await?;
    let found = rows.iter().find(|batch| batch.num_rows() > 0);
    let count =
        found.and_then(|batch| batch.column(0).as_primitive_opt::<Int64Type>()).map_or(0, |n| n.value(0));
    Ok((count > 0).then(|| {
        let message = format!("the rule gives {count} findings for rows that are not in this case");
        at(&rule.sql, locate::word(&rule.sql.text, "sequence_number"), &message).to_string()
    }))
}

/// An error as that of the file that fails in the same way alone, with its place in it.
async fn blamed(bench: &Bench<'_>, error: CaseError, files: &[&SqlFile], limit: Duration) -> CaseError {
    if !matches!(error, CaseError::Other(_)) {
        return error;
    }
    for file in files {
        let alone = async {
            collected(bench.frame(&file.text).await?).await?;
            Ok::<_, CaseError>(())
        };
        if let Ok(Err(CaseError::Other(found))) = within(limit, alone).await {
            return CaseError::Other(of_file(found, file, &bench.session));
        }
    }
    error
}

/// What the columns of the given rows show as a whole, as in a run.
async fn looked_at(
    bench: &Bench<'_>,
    source: &Source,
    columns: &Columns<'_>,
    others: &[&str],
) -> Result<FileTexts, CaseError> {
    let policy = TextPolicy::of(source, source.date_order, source.number_format, &source.time_zone);
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
