//! Records compared by likeness, between the edges of the keys and the clusters of both.
//!
//! The records are the rows that are still to be decided and, from the match index, those that core rows were made of; new
//! ones meet new ones and old ones, old ones never each other. Without the sections of `match.yml` nothing of this runs.

use std::sync::Arc;

use datafusion::arrow::array::{AsArray, Float64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Int64Type, SchemaRef};
use importer_plans::compile::fuzzy::{self as compiled, MEMBERS, PairUse, RECORDS, told};
use importer_plans::compile::matching::generation;
use importer_plans::compile::{Keep, Query, Shape, ident};
use importer_plans::project::{FuzzySpec, Model};

use super::index::{self, IndexQueries};
use super::{decided, joining};
use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::progress::StepProgress;
use crate::steps::lookup::{self, column, schema};
use crate::tables;

/// Bytes of one record on one side of a join: its values as views, its blocks.
const RECORD: u64 = 200;

/// Columns of the staged rows that are read whatever the project compares.
const OWN: [&str; 3] = ["link_system", "link_id", "is_synthetic"];

/// Compares what is left to decide, and registers `fuzzy_pairs`; what is sure enough joins `edges` and `core_edges`.
pub async fn fuzzy(cx: &RunContext, empty: bool, round: u32, progress: &StepProgress) -> Result<()> {
    let Some(spec) = &cx.entity.matching.fuzzy else { return Ok(()) };
    let model = spec.model_or_kinds();
    records(cx, (spec, &*model), empty, round, progress).await?;
    scores(cx, (spec, &*model), round, progress).await?;
    cx.run_queries(&told::judged(spec), round, progress).await?;
    decided::ask(cx, round, progress).await?;
    joining::join(cx, spec, round, progress).await?;
    cx.run_queries(&[told::pairs()], round, progress).await?;
    Ok(())
}

/// Makes the table of records: the rows of this run, and the records of core that any of them may be.
async fn records(
    cx: &RunContext,
    (spec, model): (&FuzzySpec, &Model),
    empty: bool,
    round: u32,
    progress: &StepProgress,
) -> Result<()> {
    let queries = index_queries(&cx.shape, spec);
    let caught_up = match empty {
        true => None,
        false => index::catch_up(cx, &queries).await?,
    };
    let rows = format!("({})", rows_of_run(spec));
    let own = Query::new("fuzzy_rows", Keep::Scratch, prepared(spec, &rows));
    cx.run_queries(&[own], round, progress).await?;
    tables::register_view(&cx.session, RECORDS, cx.plan("SELECT * FROM fuzzy_rows").await?)?;
    let found = match &caught_up {
        Some(generation) => index::candidates(cx, generation, &queries, round, progress).await?,
        None => false,
    };
    if !found {
        no_core_records(cx, spec).await?;
    }
    terms(cx, model)?;
    let mut last = compiled::records(spec, &rows, Some(model));
    // The values were made already, of the rows above and of core's records when they were taken in.
    if let Some(first) = last.first_mut() {
        first.sql = both(spec);
    }
    cx.run_queries(&last, round, progress).await?;
    Ok(())
}

/// The values of the rows of a table or query, without frequencies.
fn prepared(spec: &FuzzySpec, from: &str) -> String {
    compiled::records(spec, from, None).into_iter().next().map(|query| query.sql).unwrap_or_default()
}

/// Rows that are still to be decided, with the core row that their link points at.
fn rows_of_run(spec: &FuzzySpec) -> String {
    let mut fields: Vec<&str> =
        spec.compare.iter().flat_map(|value| &value.fields).map(String::as_str).collect();
    fields.sort_unstable();
    fields.dedup();
    fields.retain(|field| !OWN.contains(field));
    let columns: String = OWN.iter().chain(&fields).map(|field| format!(", s.{}", ident(field))).collect();
    format!(
        "SELECT a.seq AS node, h.core_id, true AS is_new{columns}\nFROM active a\nJOIN staged s ON s.sequence_number = a.seq\nLEFT JOIN (SELECT l.seq, l.core_id FROM link_hits l LEFT ANTI JOIN reused r ON r.seq = l.seq) h ON h.seq = a.seq"
    )
}

/// The columns that the values of `compare` have, each behind a comma.
fn values(spec: &FuzzySpec) -> String {
    spec.compare.iter().map(|value| format!(", {}", ident(&value.name))).collect()
}

fn both(spec: &FuzzySpec) -> String {
    let values = values(spec);
    format!(
        "SELECT node, core_id, is_new, link_system, link_id, id_system{values}\nFROM fuzzy_rows\nUNION ALL\nSELECT node, core_id, false AS is_new, link_system, link_id, id_system{values}\nFROM core_records"
    )
}

/// What the index is made of: the same values, of rows that other runs have staged.
fn index_queries(shape: &Shape, spec: &FuzzySpec) -> IndexQueries {
    let from = "(SELECT *, sequence_number AS node, CAST(NULL AS BIGINT) AS core_id, false AS is_new FROM index_rows)";
    let field = |name: &Option<String>| name.as_ref().map(|name| format!("s.{}", ident(name)));
    IndexQueries {
        records: prepared(spec, from),
        generation: generation(field(&shape.family).as_deref(), field(&shape.given).as_deref()),
        born: field(&shape.born).unwrap_or_else(|| "CAST(NULL AS DATE)".to_owned()),
        blocks: compiled::block_keys(spec).sql,
    }
}

/// `core_records` without rows: their values have the types of those of the run.
async fn no_core_records(cx: &RunContext, spec: &FuzzySpec) -> Result<()> {
    let rows = cx.session.table("fuzzy_rows").await?;
    let rows = rows.schema().as_arrow();
    let mut fields = vec![
        column("node", DataType::Int64),
        column("core_id", DataType::Int64),
        column("_given", DataType::Utf8),
        column("_family", DataType::Utf8),
        column("_generation", DataType::Int64),
        column("_born", DataType::Date32),
    ];
    let own = ["link_system", "link_id", "id_system"].into_iter();
    for name in own.chain(spec.compare.iter().map(|value| value.name.as_str())) {
        fields.push(rows.field_with_name(name)?.clone().with_nullable(true));
    }
    lookup::no_answer(cx, "core_records", &schema(fields))
}

/// Registers the frequencies that the model knows.
fn terms(cx: &RunContext, model: &Model) -> Result<()> {
    let columns: SchemaRef =
        schema(vec![column("value", DataType::Utf8), column("frequency", DataType::Float64)]);
    for (name, terms) in &model.terms {
        let values: StringArray = terms.values.iter().map(|(value, _)| Some(value.as_str())).collect();
        let frequencies = Float64Array::from_iter_values(terms.values.iter().map(|(_, part)| *part));
        let rows = RecordBatch::try_new(Arc::clone(&columns), vec![Arc::new(values), Arc::new(frequencies)])?;
        tables::register_rows(&cx.session, &compiled::terms_table(name), Arc::clone(&columns), vec![rows])?;
    }
    Ok(())
}

/// Finds the pairs and scores them: `fuzzy_scores`, all that a person may be told of. Where one side of the join would not find
/// room, the blocks are taken in parts, one after the other.
async fn scores(
    cx: &RunContext,
    (spec, model): (&FuzzySpec, &Model),
    round: u32,
    progress: &StepProgress,
) -> Result<()> {
    cx.run_queries(&compiled::members(spec), round, progress).await?;
    let pairs = compiled::pairs(spec, PairUse::Scores { model, floor: spec.thresholds.review });
    let mut parts = Vec::new();
    let buckets = buckets(cx).await?;
    for bucket in 0..buckets {
        let sql = pairs.sql.replace("$buckets", &buckets.to_string());
        let sql = sql.replace("$bucket", &bucket.to_string());
        let part = Query::new(format!("fuzzy_scores_{bucket}"), Keep::Scratch, sql);
        cx.run_queries(std::slice::from_ref(&part), round, progress).await?;
        parts.push(format!("SELECT * FROM {}", part.name));
    }
    let all = Query::new("fuzzy_scores", Keep::View, parts.join("\nUNION ALL\n"));
    cx.run_queries(&[all], round, progress).await?;
    Ok(())
}

async fn buckets(cx: &RunContext) -> Result<u64> {
    let members = cx.count(&format!("SELECT count(*) AS n FROM {MEMBERS}")).await?;
    let room = u64::try_from(cx.limits.memory / 4).unwrap_or(u64::MAX).max(1);
    Ok(members.saturating_mul(RECORD).div_ceil(room).max(1))
}

/// Tells the listener what was decided without a person, by what joined them.
pub async fn tell(cx: &RunContext) -> Result<()> {
    if cx.entity.matching.fuzzy.is_none() {
        return Ok(());
    }
    let sql = "SELECT CAST(match_type AS VARCHAR) AS match_type, count(*) AS n\nFROM dedupe_pairs\nWHERE decision IN ('auto_resolved', 'auto_merged')\nGROUP BY 1\nORDER BY 1";
    let (_, batches) = tables::collect_compact(cx.plan(sql).await?).await?;
    for batch in &batches {
        let shape = || Error::internal("counts by match type have an unexpected shape");
        let types = batch.column(0).as_string_opt::<i32>().ok_or_else(shape)?;
        let counts = batch.column(1).as_primitive_opt::<Int64Type>().ok_or_else(shape)?;
        for (match_type, count) in types.iter().zip(counts.values()) {
            cx.listener.deduped(match_type.unwrap_or_default(), count.unsigned_abs());
        }
    }
    Ok(())
}
