//! Which of two core rows gives each field, and what is left of both: decided by the preferences of `resolve.yml`, except where
//! a person says so.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use importer_plans::compile::Shape;
use importer_plans::compile::merging::{self, Pair};
use serde::{Deserialize, Serialize};

use super::refusal::no_field;
use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::steps::core_rows::core_rows_of;
use crate::store::Session;
use crate::tables;

/// One of the two rows of a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The row that stays.
    Winner,
    /// The row that goes into it.
    Loser,
}

/// Texts of fields and sets, to be read by people.
pub type Shown = BTreeMap<String, Option<String>>;

/// What is made of two rows.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    /// Who gives each core field.
    pub sides: BTreeMap<String, Side>,
    pub winner: Shown,
    pub loser: Shown,
    pub merged: Shown,
    /// Of the row that stays, as load would write it.
    pub fingerprint: Vec<u8>,
}

/// Decides, and registers `chunk`: the row that stays as a change of load.
pub async fn choose(
    cx: &RunContext,
    session: &mut Session,
    pair: Pair,
    picks: &BTreeMap<String, Side>,
    round: u32,
) -> Result<Chosen> {
    core_rows_of(cx, session, &[pair.winner, pair.loser], round).await?;
    let sides = sides(cx, pair, picks).await?;
    let takes = sides.iter().map(|(field, side)| (field.clone(), *side == Side::Loser)).collect();
    let merged = cx.plan(&merging::merged_sql(&cx.shape, pair, &takes)).await?;
    let (schema, rows) = tables::collect_compact(merged).await?;
    tables::register_rows(&cx.session, "chunk", schema, rows)?;
    let mut chosen = Chosen { sides, fingerprint: fingerprint(cx).await?, ..Chosen::default() };
    let mut shown = shown(cx, &merging::shown_sql(&cx.shape)).await?;
    chosen.winner = shown.remove(&pair.winner).unwrap_or_default();
    chosen.loser = shown.remove(&pair.loser).unwrap_or_default();
    let mut merged = self::shown(cx, &merging::shown_merged_sql(&cx.shape)).await?;
    chosen.merged = merged.remove(&pair.winner).unwrap_or_default();
    Ok(chosen)
}

/// Core rows as they stand, to be read by people.
pub async fn shown_of(
    cx: &RunContext,
    session: &mut Session,
    ids: &[i64],
    round: u32,
) -> Result<BTreeMap<i64, Shown>> {
    core_rows_of(cx, session, ids, round).await?;
    shown(cx, &merging::shown_sql(&cx.shape)).await
}

async fn shown(cx: &RunContext, sql: &str) -> Result<BTreeMap<i64, Shown>> {
    let (_, batches) = tables::collect_compact(cx.plan(sql).await?).await?;
    let mut rows = BTreeMap::new();
    for batch in &batches {
        rows.extend(shown_rows(batch)?);
    }
    Ok(rows)
}

async fn sides(
    cx: &RunContext,
    pair: Pair,
    picks: &BTreeMap<String, Side>,
) -> Result<BTreeMap<String, Side>> {
    let (shape, spec) = (&cx.shape, &cx.entity.resolve);
    check_picks(shape, picks)?;
    let sql = merging::sides_sql(shape, spec, pair);
    let (_, batches) = tables::collect_compact(cx.plan(&sql).await?).await?;
    let row = batches.iter().find(|batch| batch.num_rows() == 1);
    let row = row.ok_or_else(|| Error::internal("one of the two core rows could not be read"))?;
    let mut sides = BTreeMap::new();
    for field in shape.core_fields() {
        let with = merging::decided_with(spec, &field.name);
        let loser = row
            .column_by_name(with)
            .and_then(|column| column.as_boolean_opt())
            .is_some_and(|column| column.is_valid(0) && column.value(0));
        let decided = if loser { Side::Loser } else { Side::Winner };
        let picked = picks.get(&field.name).or_else(|| picks.get(with));
        let side = picked.copied().unwrap_or(decided);
        sides.insert(field.name.clone(), if is_key(cx, &field.name) { Side::Winner } else { side });
    }
    Ok(sides)
}

/// Whether a field is part of the key by which a numbered row is known: the row that stays keeps its own.
fn is_key(cx: &RunContext, field: &str) -> bool {
    let load = cx.entity.core_load().filter(|load| load.numbered.is_some());
    let column = load.and_then(|load| load.column_of(field));
    column.is_some_and(|column| load.is_some_and(|load| load.own_key().iter().any(|key| key == column)))
}

/// A pick names a core field.
pub fn check_picks(shape: &Shape, picks: &BTreeMap<String, Side>) -> Result<()> {
    let known: Vec<&str> = shape.core_fields().map(|field| field.name.as_str()).collect();
    match picks.keys().find(|field| !known.contains(&field.as_str())) {
        Some(unknown) => Err(no_field(&shape.entity, unknown, &known)),
        None => Ok(()),
    }
}

async fn fingerprint(cx: &RunContext) -> Result<Vec<u8>> {
    first_bytes(cx, &merging::fingerprint_sql(&cx.shape)).await
}

/// The bytes that a query gives.
pub async fn first_bytes(cx: &RunContext, sql: &str) -> Result<Vec<u8>> {
    let (_, batches) = tables::collect_compact(cx.plan(sql).await?).await?;
    let batch = batches.iter().find(|batch| batch.num_rows() > 0);
    let bytes = batch.map(|batch| cast(batch.column(0), &DataType::Binary)).transpose()?;
    let bytes = bytes.ok_or_else(|| Error::internal("a fingerprint was not computed"))?;
    Ok(bytes.as_binary::<i32>().value(0).to_vec())
}

fn shown_rows(batch: &RecordBatch) -> Result<Vec<(i64, Shown)>> {
    let ids = cast(batch.column(0), &DataType::Int64)?;
    let ids = ids.as_primitive::<Int64Type>();
    let schema = batch.schema();
    let mut rows = vec![Shown::new(); batch.num_rows()];
    for (field, column) in schema.fields().iter().zip(batch.columns()).skip(1) {
        let texts = cast(column, &DataType::Utf8)?;
        let texts = texts.as_string::<i32>();
        for (at, row) in rows.iter_mut().enumerate() {
            let text = texts.is_valid(at).then(|| texts.value(at).to_owned()).filter(|text| !text.is_empty());
            row.insert(field.name().clone(), text);
        }
    }
    Ok(ids.values().iter().copied().zip(rows).collect())
}
