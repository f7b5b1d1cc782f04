//! match analyze: what the blocking rules would make of rows, before anything is compared.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use importer_plans::compile::fuzzy;
use importer_plans::project::FuzzySpec;
use serde::Serialize;

use super::desk::{Desk, Timing};
use super::patterns;
use super::rows::{self, RowsOf};
use crate::engine::Engine;
use crate::error::{Error, Result};

/// Blocks shown per rule.
const SHOWN: usize = 3;

/// What is to be analysed.
#[derive(Debug, Clone, Default)]
pub struct AnalyzeRequest {
    pub rows: RowsOf,
    /// Pairs are counted without those that an earlier rule finds, which takes as long as finding them.
    pub exact: bool,
}

/// What the rules make of the rows.
#[derive(Debug, Clone, Serialize)]
pub struct Analysis {
    pub entity: String,
    pub runs: Vec<i64>,
    pub records: u64,
    pub rules: Vec<RuleAnalysis>,
    /// Of all rules; pairs that several rules or values find count several times unless `exact`.
    pub pairs: u64,
    pub exact: bool,
    pub timings: Vec<Timing>,
}

/// What one rule makes of them.
#[derive(Debug, Clone, Serialize)]
pub struct RuleAnalysis {
    pub rule: String,
    pub on: Vec<String>,
    pub max_block: u64,
    pub train: bool,
    /// Keys of all records: a list gives several.
    pub keys: u64,
    /// Blocks that give pairs, and the keys in them.
    pub blocks: u64,
    pub members: u64,
    /// Pairs in these blocks; of exact analyses those that no rule before finds.
    pub pairs: u64,
    /// Blocks above `max_block`, which give none.
    pub blocks_over: u64,
    pub members_over: u64,
    pub largest: Vec<LargeBlock>,
}

/// Records that share the values of a rule.
#[derive(Debug, Clone, Serialize)]
pub struct LargeBlock {
    pub records: u64,
    /// The values that they share, masked.
    pub values: Vec<String>,
}

/// Does it.
pub(super) async fn analyze(engine: &Engine, request: &AnalyzeRequest) -> Result<Analysis> {
    let chosen = rows::choose(engine, &request.rows).await?;
    let mut desk = Desk::open(engine)?;
    let done = async {
        let records = rows::records(engine, &mut desk, &chosen, None).await?;
        Ok::<_, Error>((records, rules(&mut desk, chosen.spec, request.exact).await?))
    };
    let done = done.await;
    let cleared = desk.clear().await;
    let ((records, rules), timings) = (done?, cleared?);
    Ok(Analysis {
        entity: chosen.entity.name.clone(),
        runs: chosen.numbers(),
        records,
        pairs: rules.iter().map(|rule| rule.pairs).sum(),
        rules,
        exact: request.exact,
        timings,
    })
}

async fn rules(desk: &mut Desk, spec: &FuzzySpec, exact: bool) -> Result<Vec<RuleAnalysis>> {
    let mut rules = Vec::with_capacity(spec.blocking.len());
    for (n, rule) in spec.blocking.iter().enumerate() {
        let sizes = desk.ask_numbers(&format!("sizes_{n}"), &fuzzy::block_sizes(spec, n)).await?;
        let largest = desk.ask(&format!("largest_{n}"), &fuzzy::largest_blocks(spec, n, SHOWN)).await?;
        let mut found = RuleAnalysis {
            rule: rule.name.clone(),
            on: rule.on.clone(),
            max_block: spec.max_block_of(rule),
            train: rule.train,
            keys: 0,
            blocks: 0,
            members: 0,
            pairs: 0,
            blocks_over: 0,
            members_over: 0,
            largest: largest.iter().map(blocks_of).collect::<Result<Vec<_>>>()?.concat(),
        };
        sizes.into_iter().for_each(|[records, blocks]| found.count(records, blocks));
        rules.push(found);
    }
    if exact {
        patterns::find_members(desk, spec).await?;
        for (rule, pairs) in rules.iter_mut().zip(patterns::counted(desk, spec).await?) {
            rule.pairs = pairs;
        }
    }
    Ok(rules)
}

impl RuleAnalysis {
    /// Counts blocks of one size.
    fn count(&mut self, records: u64, blocks: u64) {
        let members = records.saturating_mul(blocks);
        self.keys += members;
        if records > self.max_block {
            self.blocks_over += blocks;
            self.members_over += members;
        } else if records > 1 {
            self.blocks += blocks;
            self.members += members;
            self.pairs = self.pairs.saturating_add(members.saturating_mul(records - 1) / 2);
        }
    }
}

fn blocks_of(batch: &RecordBatch) -> Result<Vec<LargeBlock>> {
    let wrong = || Error::internal("the largest blocks are no numbers with texts");
    let columns = batch.columns().split_first().ok_or_else(wrong)?;
    let records = columns.0.as_primitive_opt::<Int64Type>().ok_or_else(wrong)?;
    let values: Vec<_> = columns
        .1
        .iter()
        .map(|column| column.as_string_opt::<i32>().ok_or_else(wrong))
        .collect::<Result<_>>()?;
    let block = |row: usize| LargeBlock {
        records: records.value(row).unsigned_abs(),
        values: values.iter().filter(|v| v.is_valid(row)).map(|v| v.value(row).to_owned()).collect(),
    };
    Ok((0..batch.num_rows()).map(block).collect())
}
