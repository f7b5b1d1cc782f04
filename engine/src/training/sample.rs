//! Strangers: how two records answer that have nothing to do with each other, and how frequent values are.

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;
use importer_plans::compile::fuzzy;
use importer_plans::project::{FuzzySpec, Patterns, Terms};

use super::desk::Desk;
use super::patterns::sorted;
use crate::error::{Error, Result};

/// Records of a sample at most.
const MOST_RECORDS: u64 = 200_000;
/// Values of one column whose frequencies a model keeps.
const MOST_TERMS: usize = 5_000;

/// How strangers answer: pairs of a sample that the seed draws.
pub(super) async fn strangers(desk: &mut Desk, spec: &FuzzySpec, seed: i64, pairs: u64) -> Result<Patterns> {
    desk.set("seed", seed);
    desk.run(&[fuzzy::sample(spec, MOST_RECORDS)]).await?;
    let records = desk.rows_of("sample");
    if records < 2 {
        return Ok(Patterns::new());
    }
    let neighbours = pairs.div_ceil(records).clamp(1, records - 1);
    let found = desk.ask_numbers("strangers", &fuzzy::strangers(spec, neighbours)).await?;
    Ok(sorted(found.into_iter().map(|[pattern, pairs]| (pattern, pairs))))
}

/// The frequencies of one value among the records that have one: what they are held against, how often two strangers agree in
/// it, is counted among these as well.
pub(super) async fn terms(desk: &mut Desk, spec: &FuzzySpec, name: &str) -> Result<Terms> {
    let known = desk.ask_numbers(&format!("known_{name}"), &fuzzy::known_count(name)).await?;
    let known = known.first().map_or(0, |[records]| *records).max(1);
    let sql = fuzzy::term_counts(spec, name, MOST_TERMS + 1);
    let batches = desk.ask(&fuzzy::terms_table(name), &sql).await?;
    let mut counted: Vec<(String, i64)> = Vec::new();
    for batch in &batches {
        let columns =
            (batch.column(0).as_string_opt::<i32>(), batch.column(1).as_primitive_opt::<Int64Type>());
        let (Some(values), Some(numbers)) = columns else {
            return Err(Error::internal("frequencies are no texts with whole numbers"));
        };
        let texts = values.iter().map(|value| value.unwrap_or_default().to_owned());
        counted.extend(texts.zip(numbers.values().iter().copied()));
    }
    let part = |n: i64| n as f64 / known as f64;
    let next = counted.get(MOST_TERMS).map_or(1, |(_, n)| *n);
    // What is no more frequent than all others counts as they do: it need not be named.
    counted.retain(|(_, n)| *n > next);
    counted.sort_unstable();
    let values = counted.into_iter().map(|(value, n)| (value, part(n))).collect();
    Ok(Terms { values, floor: part(next) })
}
