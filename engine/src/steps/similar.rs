//! New external ids that may be known ones in another spelling: leading zeros, case, `.0`, the 15 and 18 characters of
//! Salesforce. A spreadsheet on the way is enough for that, and every such row would be a second record of somebody.
//!
//! The store is asked by the form that spellings have in common: ids that are their own form are found by the primary key,
//! the others by an index of their own. Where a namespace has none of these, only ids that are not their own form are
//! asked for: most runs ask for nothing.

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use importer_plans::compile::matching as compiled;

use super::lookup::{self, Question, column, schema, text};
use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::progress::StepProgress;
use crate::store::{Dialect, Table, id_form, id_spelt};
use crate::tables;

/// Pairs of ids that a warning names.
const NAMED: usize = 20;

/// Asks the store for the namespaces of this run that have ids which may not be their own form, as `spelt_systems`.
pub async fn ask_systems(cx: &RunContext, empty: bool, round: u32) -> Result<()> {
    let systems = schema(vec![column("link_system", DataType::Utf8)]);
    if empty {
        return lookup::no_answer(cx, SPELT_SYSTEMS, &systems);
    }
    let spelt = |dialect: Dialect, table: &str| systems_question(cx, dialect, table);
    let question = Question {
        name: SPELT_SYSTEMS,
        keys: (compiled::SYSTEMS_WITH_IDS, &systems),
        by: "link_system",
        sql: &spelt,
        answer: &systems,
    };
    lookup::ask(cx, &question, round).await
}

const SPELT_SYSTEMS: &str = "spelt_systems";

/// Looks for new ids of one form in the run, and asks the store for known ones, as `found_similar`.
pub async fn ask_forms(cx: &RunContext, empty: bool, round: u32, progress: &StepProgress) -> Result<()> {
    cx.run_queries(&compiled::new_ids(), round, progress).await?;
    let keys = schema(vec![column("link_system", DataType::Utf8), column("form", DataType::Utf8)]);
    let answer = schema(vec![
        column("link_system", DataType::Utf8),
        column("form", DataType::Utf8),
        column("external_id", DataType::Utf8),
        column("core_id", DataType::Int64),
    ]);
    if empty {
        return lookup::no_answer(cx, "found_similar", &answer);
    }
    let similar = |dialect: Dialect, table: &str| ids_question(cx, dialect, table);
    let question = Question {
        name: "found_similar",
        keys: (compiled::WANTED_FORMS, &keys),
        by: "form",
        sql: &similar,
        answer: &answer,
    };
    lookup::ask(cx, &question, round).await
}

/// The ids of this entity in the map, under the namespace of a key; `by_no` stands before what is not searched by.
fn ids_of_key(cx: &RunContext, by_no: &str) -> String {
    format!(
        "m.external_system = k.link_system AND NOT m.is_synthetic AND {by_no}m.tenant_id = {} AND {by_no}m.entity_type = {}",
        text(&cx.tenant),
        text(&cx.entity.name),
    )
}

/// Namespaces with ids that may not be their own form.
fn systems_question(cx: &RunContext, dialect: Dialect, keys: &str) -> String {
    format!(
        "SELECT k.link_system\nFROM {keys} k\nWHERE EXISTS (SELECT 1 FROM {map} m WHERE {own} AND {spelt})",
        map = Table::control("external_id_map").sql(dialect),
        own = ids_of_key(cx, dialect.unsearched()),
        spelt = id_spelt(dialect, "m.external_id"),
    )
}

/// Known ids of a form.
fn ids_question(cx: &RunContext, dialect: Dialect, keys: &str) -> String {
    let (map, finds) = (Table::control("external_id_map").sql(dialect), dialect.finds());
    let columns = "k.link_system, k.form, m.external_id, m.core_id";
    let of_form = format!(
        "{own} AND {form} = {key} AND {spelt}",
        form = id_form(dialect, "m.external_id"),
        spelt = id_spelt(dialect, "m.external_id"),
        key = dialect.untyped("k.form"),
        own = ids_of_key(cx, dialect.unsearched()),
    );
    let found = dialect.finds_by_expression(&["external_id", "core_id"], &map, &of_form);
    format!(
        "SELECT {columns}\nFROM {keys} k\n{found}\nUNION ALL\nSELECT {columns}\nFROM {keys} k\n{finds} {map} m ON m.external_id = k.form AND {by_key}",
        by_key = ids_of_key(cx, ""),
    )
}

/// Decides which rows make nobody new for it, as `similar_ids`. Most runs have none.
pub async fn decide(cx: &RunContext, round: u32, progress: &StepProgress) -> Result<()> {
    let found =
        cx.count("SELECT (SELECT count(*) FROM found_similar) + (SELECT count(*) FROM similar_forms) AS n");
    if found.await? > 0 {
        cx.run_queries(&compiled::similar_ids(), round, progress).await?;
        return Ok(());
    }
    let ids = vec![column("link_system", DataType::Utf8), column("link_id", DataType::Utf8)];
    let mut known = ids.clone();
    known.extend([
        column("seq", DataType::Int64),
        column("other_id", DataType::Utf8),
        column("core_id", DataType::Int64),
    ]);
    lookup::no_answer(cx, "similar_known", &schema(known))?;
    let in_run = vec![
        column("link_system", DataType::Utf8),
        column("left_id", DataType::Utf8),
        column("right_id", DataType::Utf8),
        column("seq", DataType::Int64),
        column("one_person", DataType::Boolean),
    ];
    lookup::no_answer(cx, "similar_in_run", &schema(in_run))?;
    lookup::no_answer(cx, "similar_ids", &schema(vec![column("seq", DataType::Int64)]))
}

/// Ids that differ by their spelling only, with the first of them.
#[derive(Debug, Default)]
pub struct Told {
    /// How many pairs there are.
    pub pairs: u64,
    /// The first of them, in the order of their rows.
    pub named: Vec<(String, String)>,
}

/// New ids and the known ones that they may be.
pub async fn known(cx: &RunContext) -> Result<Told> {
    told(cx, "SELECT link_id AS one, other_id AS other, seq FROM similar_known").await
}

/// New ids of this run that may be one.
pub async fn in_run(cx: &RunContext) -> Result<Told> {
    told(cx, "SELECT left_id AS one, right_id AS other, seq FROM similar_in_run").await
}

async fn told(cx: &RunContext, pairs: &str) -> Result<Told> {
    let sql = format!(
        "SELECT CAST(one AS VARCHAR) AS one, CAST(other AS VARCHAR) AS other, count(*) OVER () AS pairs\nFROM ({pairs})\nORDER BY seq, one, other\nLIMIT {NAMED}"
    );
    let (_, batches) = tables::collect_compact(cx.plan(&sql).await?).await?;
    let shape = || Error::internal("the similar ids have an unexpected shape");
    let mut told = Told::default();
    for batch in &batches {
        let one = batch.column(0).as_string_opt::<i32>().ok_or_else(shape)?;
        let other = batch.column(1).as_string_opt::<i32>().ok_or_else(shape)?;
        let all = batch.column(2).as_primitive_opt::<Int64Type>().ok_or_else(shape)?;
        for row in 0..batch.num_rows() {
            told.pairs = u64::try_from(all.value(row)).unwrap_or(0);
            told.named.push((one.value(row).to_owned(), other.value(row).to_owned()));
        }
    }
    Ok(told)
}

impl Told {
    /// The pairs as they stand in a sentence.
    pub fn words(&self) -> String {
        let named: Vec<String> =
            self.named.iter().map(|(one, other)| format!("{one:?} and {other:?}")).collect();
        let more = self.pairs.saturating_sub(named.len() as u64);
        let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
        format!("{}{rest}", named.join(", "))
    }
}
