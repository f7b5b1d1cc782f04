//! Between land and stage: the columns of each file are looked at as a whole, and how their cells are read is decided.
//!
//! What was decided is a fact of land: kept in its manifest, taken again by whoever goes on with the run, asks why, or takes
//! on rows that it held.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use importer_plans::compile::Shape;
use importer_plans::compile::stage::Columns;
use importer_plans::compile::texts::{TextPolicy, decide, survey_sql, surveyed, told};
use importer_sql::functions::ColumnSurvey;

use super::land::{Landed, LandedFile};
use super::stage::raw_table;
use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::tables;

/// Looks at all files and says what was found. Rows that another run has landed are read as they were read there, and
/// nothing is said of them.
pub async fn survey(cx: &RunContext, landed: &mut Landed) -> Result<Vec<String>> {
    let policy = TextPolicy::of(
        &cx.source,
        cx.settings.date_order,
        cx.settings.number_format(&cx.source),
        &cx.settings.time_zone,
    );
    let mut sentences = Vec::new();
    for file in &mut landed.files {
        if file.counts.records > 0 {
            sentences.extend(of_file(cx, file, &policy).await?);
        }
    }
    Ok(sentences)
}

async fn of_file(cx: &RunContext, file: &mut LandedFile, policy: &TextPolicy) -> Result<Vec<String>> {
    let table = raw_table(file.number);
    let columns: Vec<(String, Vec<String>)> = file.assignments.clone();
    let columns: Vec<(&str, Vec<&str>)> =
        columns.iter().map(|(f, c)| (f.as_str(), c.iter().map(String::as_str).collect())).collect();
    let Some(sql) = survey_sql(&cx.shape, &table, &columns, policy) else { return Ok(Vec::new()) };
    tables::register_landed(&cx.session, &table, &file.data_set, &file.typed).await?;
    let begun = cx.trace.begin();
    let (_, rows) = tables::collect_compact(cx.plan(&sql).await?).await?;
    cx.trace.end(&begun, &format!("survey_{}", file.number), &sql, 1);
    let mut surveys = surveys_of(&cx.shape, &columns, &rows)?;
    for column in &file.typed {
        surveys.entry(column.clone()).and_modify(|survey| survey.typed = true);
    }
    let decided = decide(&cx.shape, &columns, &file.unmapped, &surveys, policy);
    if file.reading.is_some() {
        file.texts.take_in(decided);
        return Ok(Vec::new());
    }
    let sentences = told(&file.name, &cx.shape, &columns, &surveys, (&decided, policy));
    file.texts = decided;
    Ok(sentences)
}

/// The surveys by column, from the one row of their query.
pub fn surveys_of(
    shape: &Shape,
    columns: &Columns<'_>,
    rows: &[RecordBatch],
) -> Result<BTreeMap<String, ColumnSurvey>> {
    let unexpected = || Error::internal("a survey has an unexpected shape");
    let row = rows.iter().find(|batch| batch.num_rows() > 0).ok_or_else(unexpected)?;
    let mut found = BTreeMap::new();
    for (column, answer) in surveyed(shape, columns).into_iter().zip(row.columns()) {
        let text = answer.as_string_opt::<i32>().filter(|text| text.is_valid(0)).ok_or_else(unexpected)?;
        found.insert(column.to_owned(), ColumnSurvey::from_json(text.value(0)).ok_or_else(unexpected)?);
    }
    Ok(found)
}
