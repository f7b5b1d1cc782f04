//! Which scored pairs join without a person, where the project allows it at all: what the graph of pairs, keys and decisions
//! says, until no group of it holds two people or two core rows.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{AsArray, BooleanArray, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};
use importer_plans::compile::fuzzy::told;
use importer_plans::project::{Auto, FuzzySpec};

use super::edges::{OF_ROWS, TO_CORE, pairs, register, take_over};
use super::graph::{Bounds, Held, Joined, ScoredEdge, groups, joined};
use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::progress::StepProgress;
use crate::steps::lookup::{column, schema};
use crate::tables;

/// Nodes of core rows lie below all those of records.
const CORES: i64 = -(1 << 61);

/// The node of a core row.
fn core_node(core_id: i64) -> i64 {
    CORES.wrapping_sub(core_id)
}

/// Decides which scored pairs join, registers what became of each as `fuzzy_fates`, and has `edges` and `core_edges` follow.
pub async fn join(cx: &RunContext, spec: &FuzzySpec, round: u32, progress: &StepProgress) -> Result<()> {
    let Some(auto) = spec.auto else { return register_fates(cx, &Joined::default()) };
    let decided = settled(cx, spec, auto, round, progress).await?;
    register_fates(cx, &decided)?;
    if !decided.edges.is_empty() {
        cx.run_queries(&told::joined(), round, progress).await?;
        take_over(cx, "joined_edges", "joined_core_edges").await?;
    }
    Ok(())
}

/// Joins, looks whether a group holds what no score may join, and joins anew without those groups.
async fn settled(
    cx: &RunContext,
    spec: &FuzzySpec,
    auto: Auto,
    round: u32,
    progress: &StepProgress,
) -> Result<Joined> {
    let mut edges = scored(cx, spec.thresholds.matched).await?;
    if edges.is_empty() {
        return Ok(Joined::default());
    }
    let certain = certain(cx).await?;
    edges.extend(certain.iter().map(|&(left, right)| ScoredEdge {
        left,
        right,
        probability: 1.0,
        certain: true,
    }));
    let bounds = Bounds {
        match_at: spec.thresholds.matched,
        bridge: auto.at.max(spec.cluster.bridge),
        budget: auto.budget,
        max_size: usize::try_from(cx.entity.matching.max_cluster).unwrap_or(usize::MAX),
    };
    let everybody = told::everybody(&format!("({CORES} - core_id)"));
    cx.run_queries(&[everybody], round, progress).await?;
    let mut against = against(cx).await?;
    let columns = schema(vec![column("node", DataType::Int64), column("group_id", DataType::Int64)]);
    loop {
        let result = joined(&edges, bounds, &against);
        let groups = groups(&certain, &result.edges);
        register(cx, "fuzzy_groups", &columns, &groups)?;
        let before = against.len();
        let found = pairs(cx, told::contradictions()).await?;
        against.extend(found.into_iter().map(|(one, other)| (one.min(other), one.max(other))));
        // Each pass holds at least one more group, so that it ends.
        if against.len() == before {
            return Ok(result);
        }
    }
}

/// Scored pairs that may join: likely, with nothing that speaks against them, and nobody has decided about them.
async fn scored(cx: &RunContext, match_at: f64) -> Result<Vec<ScoredEdge>> {
    let sql = format!(
        "SELECT j.left_node, j.right_node, j.probability\nFROM fuzzy_judged j\nLEFT ANTI JOIN fuzzy_decided d ON d.left_node = j.left_node AND d.right_node = j.right_node\nWHERE NOT j.against AND j.probability >= {match_at:?}"
    );
    let mut edges = Vec::new();
    for batch in cx.plan(&sql).await?.collect().await? {
        let shape = || Error::internal("a scored pair has an unexpected shape");
        let left = batch.column(0).as_primitive_opt::<Int64Type>().ok_or_else(shape)?;
        let right = batch.column(1).as_primitive_opt::<Int64Type>().ok_or_else(shape)?;
        let likely = batch.column(2).as_primitive_opt::<Float64Type>().ok_or_else(shape)?;
        let ends = left.values().iter().zip(right.values());
        edges.extend(ends.zip(likely.values()).map(|((&left, &right), &probability)| ScoredEdge {
            left,
            right,
            probability,
            certain: false,
        }));
    }
    Ok(edges)
}

/// What is known without a score: rows that keys and people have joined, and records of one core row.
async fn certain(cx: &RunContext) -> Result<Vec<(i64, i64)>> {
    let mut certain = pairs(cx, OF_ROWS).await?;
    let to_core = pairs(cx, TO_CORE).await?;
    let records = pairs(cx, "SELECT node, core_id FROM core_records").await?;
    certain.extend(to_core.into_iter().chain(records).map(|(node, core)| (node, core_node(core))));
    Ok(certain)
}

/// Pairs that are two people whatever else speaks for one, smaller node first.
async fn against(cx: &RunContext) -> Result<HashSet<(i64, i64)>> {
    let mut against: HashSet<(i64, i64)> =
        pairs(cx, "SELECT left_node, right_node FROM fuzzy_judged WHERE against")
            .await?
            .into_iter()
            .collect();
    let rows = "SELECT seq, other_seq FROM decided WHERE NOT same AND other_seq IS NOT NULL";
    let cores = "SELECT seq, core_id FROM decided WHERE NOT same AND core_id IS NOT NULL";
    let to_core = pairs(cx, cores).await?.into_iter().map(|(row, core)| (row, core_node(core)));
    let decided = pairs(cx, rows).await?.into_iter().chain(to_core);
    against.extend(decided.map(|(one, other)| (one.min(other), one.max(other))));
    Ok(against)
}

/// What became of the pairs: joined, or held back and why. A bridge that was cut has no reason but its score.
fn register_fates(cx: &RunContext, decided: &Joined) -> Result<()> {
    let columns = schema(vec![
        column("left_node", DataType::Int64),
        column("right_node", DataType::Int64),
        column("joined", DataType::Boolean),
        column("held", DataType::Utf8),
    ]);
    let held = decided.held.iter().map(|(pair, why)| (*pair, false, Some(*why)));
    let all: Vec<((i64, i64), bool, Option<Held>)> =
        decided.edges.iter().map(|pair| (*pair, true, None)).chain(held).collect();
    let rows = RecordBatch::try_new(
        Arc::clone(&columns),
        vec![
            Arc::new(Int64Array::from_iter_values(all.iter().map(|(pair, ..)| pair.0))),
            Arc::new(Int64Array::from_iter_values(all.iter().map(|(pair, ..)| pair.1))),
            Arc::new(BooleanArray::from_iter(all.iter().map(|(_, joined, _)| Some(*joined)))),
            Arc::new(all.iter().map(|(.., why)| why.map(Held::as_str)).collect::<StringArray>()),
        ],
    )?;
    tables::register_rows(&cx.session, "fuzzy_fates", columns, vec![rows])
}

#[cfg(test)]
mod tests {
    use super::core_node;

    #[test]
    fn core_rows_have_nodes_of_their_own() {
        for core in [-3, 0, 1, i64::from(i32::MAX), 1 << 60] {
            let node = core_node(core);
            assert!(
                node < -(1 << 60),
                "records are numbered downwards from -1, and there are fewer than that"
            );
            assert_ne!(node, core_node(core + 1));
        }
    }
}
