//! resolve: the changes of a run, one row per core row touched, with the winner of every field.

use std::collections::BTreeMap;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{DataType, Int64Type, SchemaRef};
use importer_plans::compile::resolve::Weighing;
use importer_plans::compile::{Keep, Query, resolve as compiled};
use importer_plans::project::Ties;
use serde::{Deserialize, Serialize};

use super::core_rows::core_rows;
use super::lookup::{column, schema};
use super::refused::REFUSED_ROWS;
use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::lake::DataSet;
use crate::progress::StepProgress;
use crate::tables;

/// What resolve gives: the parts of `changes`, and what they would count.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Resolved {
    pub created: DataSet,
    pub merged: DataSet,
    pub unchanged: DataSet,
    /// Rows that bring another value than one set by hand, which stays.
    pub manual_kept: DataSet,
    /// Rows that lost a field to a value that is as strong as theirs.
    #[serde(default)]
    pub tied: DataSet,
    pub counts: CoreCounts,
}

impl Resolved {
    /// All parts, in the order in which they are loaded.
    pub fn changes(&self) -> DataSet {
        let mut all = self.merged.clone();
        all.extend(self.created.clone());
        all.extend(self.unchanged.clone());
        all
    }
}

/// The core counters: incoming rows by what became of them, and overlays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreCounts {
    pub rows_processed: u64,
    pub rows_created: u64,
    pub rows_updated: u64,
    pub rows_reactivated: u64,
    pub rows_soft_deleted: u64,
    pub rows_skipped_duplicates: u64,
    pub rows_skipped_no_change: u64,
    pub rows_skipped_not_found: u64,
    pub rows_review: u64,
    /// Overlay: updated or reactivated rows with at least one field that differs.
    pub rows_changed: u64,
    /// Overlay: rows without an external id of their own.
    pub rows_missing_external_id: u64,
    /// Overlay: rows that were joined to another row or core row by key.
    pub rows_deduped_auto: u64,
    /// Overlay: rows that bring another value than one set by hand, which stays.
    #[serde(default)]
    pub rows_manual_kept: u64,
    /// Overlay: rows that lost a field to a value that is as strong as theirs, because that was there first.
    #[serde(default)]
    pub rows_tied: u64,
    /// Pairs that a score alone has joined; only where records are compared by likeness, as the next one.
    #[serde(default, skip_serializing_if = "is_none")]
    pub auto_merged: u64,
    /// Scored pairs that wait for a person.
    #[serde(default, skip_serializing_if = "is_none")]
    pub needs_review: u64,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

impl CoreCounts {
    /// Every processed row is in exactly one place.
    pub fn adds_up(&self) -> bool {
        self.rows_processed
            == self.rows_created
                + self.rows_updated
                + self.rows_reactivated
                + self.rows_soft_deleted
                + self.rows_skipped_duplicates
                + self.rows_skipped_no_change
                + self.rows_skipped_not_found
                + self.rows_review
    }

    /// Rows that a load writes core rows for.
    pub fn written(&self) -> u64 {
        self.rows_created + self.rows_updated + self.rows_reactivated + self.rows_soft_deleted
    }

    /// Adds what a later round decided about rows that had moved, in place of what they counted before.
    pub fn add(&mut self, other: &Self) {
        self.rows_processed += other.rows_processed;
        self.rows_created += other.rows_created;
        self.rows_updated += other.rows_updated;
        self.rows_reactivated += other.rows_reactivated;
        self.rows_soft_deleted += other.rows_soft_deleted;
        self.rows_skipped_duplicates += other.rows_skipped_duplicates;
        self.rows_skipped_no_change += other.rows_skipped_no_change;
        self.rows_skipped_not_found += other.rows_skipped_not_found;
        self.rows_review += other.rows_review;
        self.rows_changed += other.rows_changed;
        self.rows_missing_external_id += other.rows_missing_external_id;
        self.rows_deduped_auto += other.rows_deduped_auto;
        self.rows_manual_kept += other.rows_manual_kept;
        self.rows_tied += other.rows_tied;
        self.auto_merged += other.auto_merged;
        self.needs_review += other.needs_review;
    }
}

/// Resolves the links of one round.
pub async fn resolve(cx: &RunContext, round: u32, progress: &StepProgress) -> Result<Resolved> {
    cx.run_queries(&compiled::touched(), round, progress).await?;
    let edits = super::promotions::at_work(cx);
    let lead = [compiled::lead_query(&cx.shape)];
    let apart = compiled::apart_queries(&cx.shape, round > 0, edits);
    let mut data_sets = BTreeMap::new();
    if cx.is_small() {
        // Each of them has work for one core and waits now and then: for the store, or for a query to be planned.
        let decided = async {
            let (_, (), weighing) = futures::try_join!(
                cx.run_queries(&lead, round, progress),
                core_rows(cx, round, progress),
                weighing(cx)
            )?;
            cx.run_queries(&deciding(cx, &weighing), round, progress).await
        };
        let (apart, decided) = futures::try_join!(cx.run_queries_aside(&apart, round, progress), decided)?;
        data_sets.extend(apart.into_iter().chain(decided));
    } else {
        core_rows(cx, round, progress).await?;
        let decide = deciding(cx, &weighing(cx).await?);
        for queries in [&lead[..], &apart, &decide] {
            data_sets.extend(cx.run_queries(queries, round, progress).await?);
        }
    }
    let by_hand = cx.count("SELECT n FROM by_hand").await?;
    let kept = compiled::manual_kept(&cx.shape, &cx.entity.resolve, by_hand > 0);
    data_sets.extend(cx.run_queries(&[kept], round, progress).await?);
    let mut take = |name: &str| {
        data_sets.remove(name).ok_or_else(|| Error::internal(format!("resolve gave no data set {name}")))
    };
    let (created, merged, unchanged) =
        (take("changes_created")?, take("changes_merged")?, take("changes_unchanged")?);
    let (manual_kept, tied) = (take("manual_kept")?, take("tied")?);
    let counts = core_counts(cx).await?;
    if !counts.adds_up() {
        return Err(Error::internal(format!("the rows of this run do not add up: {counts:?}")));
    }
    Ok(Resolved { created, merged, unchanged, manual_kept, tied, counts })
}

/// What has to be weighed in this round beside the values.
async fn weighing(cx: &RunContext) -> Result<Weighing> {
    let (late, again) = futures::try_join!(cx.count(compiled::COUNT_LATE), cx.count(compiled::COUNT_AGAIN))?;
    Ok(Weighing {
        edits: super::promotions::at_work(cx),
        late: late > 0,
        again: again > 0,
        incoming_wins_ties: cx.source.ties == Ties::Incoming,
    })
}

fn deciding(cx: &RunContext, weighing: &Weighing) -> Vec<Query> {
    let mut decide = compiled::resolve_queries(&cx.shape, &cx.entity.resolve, weighing);
    decide.push(Query::new("by_hand", Keep::Memory, compiled::count_by_hand(&cx.shape)));
    decide
}

/// Makes what resolve gave known to the steps after it, as if it had just been done.
pub async fn register_resolved(cx: &RunContext, resolved: &Resolved) -> Result<()> {
    let parts = [
        ("changes_created", &resolved.created),
        ("changes_merged", &resolved.merged),
        ("changes_unchanged", &resolved.unchanged),
        ("manual_kept", &resolved.manual_kept),
    ];
    for (name, part) in parts {
        tables::register_files(&cx.session, name, part).await?;
    }
    if resolved.tied.files.is_empty() {
        // A run of an older version did not look for them.
        return tables::register_rows(&cx.session, "tied", tied_schema(), Vec::new());
    }
    tables::register_files(&cx.session, "tied", &resolved.tied).await
}

fn tied_schema() -> SchemaRef {
    schema(vec![
        column("sequence_number", DataType::Int64),
        column("fields", DataType::Utf8),
        column("gave", DataType::Boolean),
    ])
}

const COUNTS: &str = include_str!("../../../sql/steps/resolve/counts.sql");

async fn core_counts(cx: &RunContext) -> Result<CoreCounts> {
    let (_, batches) = tables::collect_compact(cx.plan(COUNTS).await?).await?;
    let row = batches.first().ok_or_else(|| Error::internal("the core counts gave no row"))?;
    let count = |name: &str| {
        row.column_by_name(name)
            .and_then(|column| column.as_primitive_opt::<Int64Type>())
            .map(|column| u64::try_from(column.value(0)).unwrap_or(0))
            .ok_or_else(|| Error::internal(format!("the core counts have no counter {name}")))
    };
    let (auto_merged, needs_review) = scored_counts(cx).await?;
    Ok(CoreCounts {
        rows_processed: count("processed")?,
        rows_created: count("created")?,
        rows_updated: count("updated")?,
        rows_reactivated: count("reactivated")?,
        rows_soft_deleted: count("soft_deleted")?,
        rows_skipped_duplicates: count("skipped_duplicates")?,
        rows_skipped_no_change: count("skipped_no_change")?,
        rows_skipped_not_found: count("skipped_not_found")?,
        rows_review: count("review")?,
        rows_changed: count("changed")?,
        rows_missing_external_id: count("missing_external_id")?,
        rows_deduped_auto: count("deduped_auto")?,
        rows_manual_kept: count("manual_kept")?,
        rows_tied: count("tied")?,
        auto_merged,
        needs_review,
    })
}

/// Scored pairs by what became of them.
async fn scored_counts(cx: &RunContext) -> Result<(u64, u64)> {
    if cx.entity.matching.fuzzy.is_none() {
        return Ok((0, 0));
    }
    let decided = |word: &str| format!("SELECT count(*) AS n FROM dedupe_scores WHERE decision = '{word}'");
    let (merged, waiting) = (decided("auto_merged"), decided("pending"));
    Ok(futures::try_join!(cx.count(&merged), cx.count(&waiting))?)
}

/// Keeps the decisions of a round under names of their own before the next round replaces them.
pub async fn keep_round(cx: &RunContext, round: u32) -> Result<()> {
    for name in round_tables(cx) {
        let frame = cx.plan(&format!("SELECT * FROM {name}")).await?;
        tables::register_view(&cx.session, &format!("{name}_{round}"), frame)?;
    }
    Ok(())
}

const ROUND_TABLES: [&str; 6] =
    ["links", "dedupe_pairs", "changes_merged", "changes_created", "manual_kept", "tied"];

/// What each round gives; scores where records are compared by likeness.
fn round_tables(cx: &RunContext) -> impl Iterator<Item = &'static str> {
    let scores = cx.entity.matching.fuzzy.as_ref().map(|_| "dedupe_scores");
    ROUND_TABLES.into_iter().chain(scores)
}

/// The rows of refused changes, all members of their clusters included, as the table `retry`; all rows of the run
/// where nothing of it was kept.
pub async fn register_retry(cx: &RunContext, moved: &[i64], all: bool) -> Result<()> {
    use datafusion::arrow::array::{Int64Array, RecordBatch};
    let leads = schema(vec![column("lead", DataType::Int64)]);
    let batch = RecordBatch::try_new(
        std::sync::Arc::clone(&leads),
        vec![std::sync::Arc::new(Int64Array::from(moved.to_vec()))],
    )?;
    tables::register_rows(&cx.session, "moved_leads", leads, vec![batch])?;
    let (rows_schema, rows) =
        tables::collect_compact(cx.plan(if all { RETRY_ALL } else { RETRY }).await?).await?;
    tables::register_rows(&cx.session, "retry", rows_schema, rows)
}

const RETRY_ALL: &str = "SELECT sequence_number FROM links";
const RETRY: &str = include_str!("../../../sql/steps/resolve/retry.sql");

/// The decisions and counts of all rounds together: every row counts as the last round that looked at it decided.
/// Rows that moved in every round (`waiting`) wait for a person.
pub async fn final_counts(cx: &RunContext, rounds: u32, waiting: bool) -> Result<CoreCounts> {
    let refused = cx.session.table_exist(REFUSED_ROWS)?;
    let no_score = cx.entity.matching.fuzzy.as_ref().map_or("", |_| ", CAST(NULL AS DOUBLE) AS score");
    for name in round_tables(cx) {
        let parts: Vec<String> = (0..=rounds).map(|r| last_word(name, r, rounds)).collect();
        let mut all = parts.join("\nUNION ALL\n");
        if refused {
            // Rows that the target tables did not take are held: they are none of those that were processed.
            all = format!(
                "SELECT x.* FROM ({all}) x LEFT ANTI JOIN {REFUSED_ROWS} f ON f.sequence_number = x.{}",
                row_column(name)
            );
        }
        let sql = match (waiting, name) {
            (false, _) | (true, "manual_kept" | "tied" | "dedupe_scores") => all,
            (true, "links") => WAITING_LINKS.replace("{all}", &all),
            (true, "dedupe_pairs") => WAITING_PAIRS.replace("{all}", &all).replace("{no_score}", no_score),
            (true, _) => {
                format!(
                    "SELECT x.* FROM ({all}) x LEFT ANTI JOIN moved_leads m ON m.lead = x.lead_sequence_number"
                )
            }
        };
        tables::register_view(&cx.session, name, cx.plan(&sql).await?)?;
    }
    core_counts(cx).await
}

const WAITING_LINKS: &str = "SELECT l.sequence_number, CASE WHEN r.moved IS NOT NULL THEN 'review' ELSE l.outcome END AS outcome,
       l.core_id, l.cluster_id, l.cluster_rows, l.match_type, CASE WHEN r.moved IS NOT NULL THEN 'moved' ELSE l.reason END AS reason, l.evidence
FROM ({all}) l LEFT JOIN (SELECT sequence_number AS moved FROM retry) r ON r.moved = l.sequence_number";

const WAITING_PAIRS: &str = "SELECT * FROM ({all}) UNION ALL
SELECT sequence_number, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), 'none', CAST(NULL AS VARCHAR), 'pending', 'moved', CAST(NULL AS VARCHAR), CAST(NULL AS DOUBLE){no_score} FROM retry";

/// The column with the row that decisions of a kind are about.
fn row_column(name: &str) -> &'static str {
    match name {
        "links" | "manual_kept" | "tied" => "sequence_number",
        "dedupe_pairs" | "dedupe_scores" => "left_seq",
        _ => "lead_sequence_number",
    }
}

/// The rows of one round that no later round decided again.
fn last_word(name: &str, round: u32, rounds: u32) -> String {
    let column = row_column(name);
    let mut sql = format!("SELECT x.* FROM {name}_{round} x");
    for later in round + 1..=rounds {
        sql.push_str(&format!(
            " LEFT ANTI JOIN (SELECT sequence_number AS s FROM links_{later}) l{later} ON l{later}.s = x.{column}"
        ));
    }
    sql
}
