//! The SQL of `match.yml`: values over the rows of `staged`, conditions over two records with these values.

use datafusion::arrow::datatypes::{DataType, Field, Schema};
use importer_plans::compile::fuzzy::{Planned, RECORDS, planned_conditions, planned_values};

use super::bench::Bench;
use super::finding::Finding;
use crate::catalogue::{QueryError, Span};
use crate::error::Result;

/// Plans what compares records by likeness, if anything does. `staged` is there.
pub async fn plan_fuzzy(bench: &Bench<'_>, found: &mut Vec<Finding>) -> Result<()> {
    let Some(spec) = &bench.entity.matching.fuzzy else { return Ok(()) };
    let before = found.len();
    let texts = ["id_system", "link_id"].map(|name| Field::new(name, DataType::Utf8View, true));
    let mut columns: Vec<Field> = texts.into();
    for value in planned_values(spec) {
        match bench.columns(&value.sql).await {
            Ok(schema) => {
                let made = schema.fields().first().map_or(DataType::Null, |field| field.data_type().clone());
                found.extend(wrong_list(bench, &value, &made));
                columns.push(Field::new(&value.name, made, true));
            }
            Err(error) => found.push(finding(bench, &value, error)),
        }
    }
    // What reads a value that cannot be made would only repeat that.
    if found.len() > before {
        return Ok(());
    }
    bench.empty(RECORDS, &Schema::new(columns))?;
    for condition in planned_conditions(spec) {
        match bench.columns(&condition.sql).await {
            Ok(schema) => found.extend(no_condition(bench, &condition, &schema)),
            Err(error) => found.push(finding(bench, &condition, error)),
        }
    }
    Ok(())
}

fn finding(bench: &Bench<'_>, planned: &Planned, error: QueryError) -> Finding {
    let path = format!("entities/{}/match.yml", bench.entity.name);
    // The place is that of the words in the file: what was planned is more than them.
    let span = planned.place.bytes().map(|(offset, length)| Span { offset, length });
    Finding { path, text: String::new(), error: QueryError { span, ..error }, is_warning: false }
}

/// Blocking unnests lists, and must know which values are such.
fn wrong_list(bench: &Bench<'_>, value: &Planned, made: &DataType) -> Option<Finding> {
    let is_list = matches!(made, DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..));
    if is_list == value.is_list {
        return None;
    }
    let (is, list) = if is_list { ("is a list", "true") } else { ("is no list", "false") };
    let error = QueryError {
        code: "PRJ0013",
        message: format!("the value `{}` {is}", value.name),
        help: Some(format!("say so: `{}: {{sql: …, list: {list}}}`", value.name)),
        span: None,
    };
    Some(finding(bench, value, error))
}

fn no_condition(bench: &Bench<'_>, condition: &Planned, schema: &Schema) -> Option<Finding> {
    let made = schema.fields().first()?.data_type();
    if matches!(made, DataType::Boolean | DataType::Null) {
        return None;
    }
    let error = QueryError {
        code: "SQL0006",
        message: format!("a condition of `{}` comes out as {made}", condition.name),
        help: Some("a condition is true or false, such as `a.city = b.city`".into()),
        span: None,
    };
    Some(finding(bench, condition, error))
}
