//! The one place where a DataFusion session is made, so that every step, `sql`, `explain` and a later cluster
//! engine see the same functions, limits and settings.

use std::sync::{Arc, OnceLock};

use datafusion::execution::SessionStateBuilder;
use datafusion::execution::memory_pool::{FairSpillPool, MemoryLimit, MemoryPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::bounded::{BOUNDED_CONSTANTS, bound};
use crate::error::Result;
use crate::lake::Lake;
use crate::policy::Policy;

/// What bounds a session.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes that operators may hold before they spill or fail.
    pub memory: usize,
    /// Partitions that work side by side.
    pub partitions: usize,
    /// Rows per batch.
    pub batch_rows: usize,
    /// Bytes of what a small run writes that it keeps at hand for the queries after it, beside `memory`.
    pub held: usize,
    /// Folder for spilled data; the system's when not given.
    pub spill: Option<std::path::PathBuf>,
    /// How runs are executed, whatever their size; by their size when not given.
    pub policy: Option<Policy>,
    /// What all sessions of these limits, and of their clones, take their memory from.
    pub pool: SharedPool,
}

/// One memory pool for all sessions of an engine, made with the first of them.
#[derive(Debug, Clone, Default)]
pub struct SharedPool(Arc<OnceLock<Arc<dyn MemoryPool>>>);

impl SharedPool {
    fn of(&self, memory: usize) -> Arc<dyn MemoryPool> {
        let pool = self.0.get_or_init(|| {
            let consumers = std::num::NonZeroUsize::MIN.saturating_add(4);
            Arc::new(TrackConsumersPool::new(FairSpillPool::new(memory), consumers))
        });
        Arc::clone(pool)
    }
}

impl Default for Limits {
    fn default() -> Self {
        let partitions = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            memory: 768 << 20,
            partitions,
            batch_rows: 8192,
            held: 192 << 20,
            spill: None,
            policy: None,
            pool: SharedPool::default(),
        }
    }
}

/// A session over the lake, with Importer's functions and bounded memory.
pub fn session(limits: &Limits, lake: &Lake) -> Result<SessionContext> {
    let mut runtime = RuntimeEnvBuilder::new().with_memory_pool(limits.pool.of(limits.memory));
    if let Some(folder) = &limits.spill {
        runtime = runtime.with_temp_file_path(folder);
    }
    let config = SessionConfig::new()
        .with_target_partitions(limits.partitions)
        .with_batch_size(limits.batch_rows)
        .with_information_schema(true)
        .with_collect_statistics(true)
        // Whoever meets a damaged file can name it.
        .with_extension(Arc::new(lake.clone()))
        // Columns that it takes out of structs can get the name of another one ("would be ambiguous").
        .set_bool("datafusion.optimizer.enable_leaf_expression_pushdown", false)
        .set_bool("datafusion.sql_parser.collect_spans", true);
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime.build_arc()?)
        .with_default_features()
        .build();
    let mut context = SessionContext::new_with_state(state);
    datafusion_functions_json::register_all(&mut context)?;
    for function in importer_sql::functions::all() {
        context.register_udf(function);
    }
    for function in importer_sql::functions::aggregates() {
        context.register_udaf(function);
    }
    bound(&mut context, limits.memory, limits.batch_rows)?;
    context.register_object_store(&lake_url()?, Arc::clone(lake.object_store()));
    Ok(context)
}

/// The same session for statements of our own over few rows, where planning is most of the work: its optimizer goes over a
/// plan once and not until nothing changes any more, and without the rules that find nothing there. No rule changes a result.
pub fn quick(context: &SessionContext) -> SessionContext {
    let state = context.state();
    let mut config = context.copied_config().with_create_default_catalog_and_schema(false);
    config.options_mut().optimizer.max_passes = 1;
    let logical =
        state.optimizers().iter().filter(|rule| !IN_VAIN.contains(&rule.name())).map(Arc::clone).collect();
    let physical = state.physical_optimizers().iter();
    let physical = physical.filter(|rule| !IN_VAIN.contains(&rule.name())).map(Arc::clone).collect();
    let state = SessionStateBuilder::new_from_existing(state)
        .with_config(config)
        .with_optimizer_rules(logical)
        .with_physical_optimizer_rules(physical)
        .build();
    SessionContext::new_with_state(state)
}

/// The same session for more rows than memory has room for: joins sort their sides instead of building a table of one of them,
/// and what does not fit is spilled.
pub fn frugal(context: &SessionContext) -> SessionContext {
    let mut config = context.copied_config().with_create_default_catalog_and_schema(false);
    config.options_mut().optimizer.prefer_hash_join = false;
    if let MemoryLimit::Finite(bytes) = context.runtime_env().memory_pool.memory_limit() {
        let reserved = &mut config.options_mut().execution.sort_spill_reservation_bytes;
        *reserved = (bytes / SORT_RESERVED).min(*reserved);
    }
    // The planner sorts and merges only what is partitioned.
    let partitions = config.target_partitions().max(2);
    let batch_rows = config.batch_size().min(FRUGAL_BATCH);
    let config = config.with_target_partitions(partitions).with_batch_size(batch_rows);
    let state = SessionStateBuilder::new_from_existing(context.state()).with_config(config).build();
    SessionContext::new_with_state(state)
}

/// The part of the memory that each sort of a frugal run has for merging what it spilled. As many sorts are at work at once as a
/// statement has sides of joins, in every partition: sixty of them are not rare.
const SORT_RESERVED: usize = 256;
/// Rows per batch of a frugal run: a merge holds a batch of everything that it merges.
const FRUGAL_BATCH: usize = 1024;

/// Optimizer rules that our statements give nothing to do: they look for clumsy SQL, for limits and windows, or for filters
/// that a file could be read with. By the names that DataFusion gives them.
const IN_VAIN: [&str; 21] = [
    "optimize_unions",
    "unions_to_filter",
    "eliminate_join",
    "eliminate_duplicated_expr",
    "eliminate_limit",
    "propagate_empty_relation",
    "filter_null_join_keys",
    "eliminate_outer_join",
    "eliminate_group_by_constant",
    "extract_leaf_expressions",
    "push_down_leaf_projections",
    "FilterPushdown",
    "FilterPushdown(Post)",
    "WindowTopN",
    "LimitAggregation",
    "LimitPushPastWindows",
    "HashJoinBuffering",
    "TopKRepartition",
    "PushdownSort",
    "SanityCheckPlan",
    // Ours are small.
    BOUNDED_CONSTANTS,
];

/// The URL under which sessions know the lake's object store.
pub fn lake_url() -> Result<url::Url> {
    url::Url::parse("lake://lake/").map_err(|e| crate::error::Error::internal(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_left_out_are_rules_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path().to_str().unwrap()).unwrap();
        let all = session(&Limits::default(), &lake).unwrap();
        let count = |context: &SessionContext| {
            let state = context.state();
            state.optimizers().len() + state.physical_optimizers().len()
        };
        assert_eq!(count(&all) - count(&quick(&all)), IN_VAIN.len());
    }
}
