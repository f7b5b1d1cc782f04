//! The match index at work: it is caught up with what runs have loaded, and gives the records that rows of this run may meet.
//!
//! Why records and not core rows: whether two records are one person is a function of the two, whichever came first, and a
//! merge changes none of them. Which core row a record belongs to by now is asked of the store, by its link.

use datafusion::arrow::compute::can_cast_types;
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::{Column, ScalarValue};
use datafusion::dataframe::DataFrame;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::{Expr, lit, try_cast};
use importer_plans::compile::fuzzy::RECORDS as RECORDS_TABLE;
use importer_plans::compile::{Keep, Query};
use xxhash_rust::xxh3::xxh3_128;

use super::owners;
use crate::context::{RunContext, while_ours};
use crate::error::{DAMAGED, Error, Result};
use crate::lake::{
    DataSet, Generation, Manifest, Mark, MatchIndex, Part, PartSource, RunPaths, due, manifest_name,
};
use crate::progress::StepProgress;
use crate::store::{IndexedRun, RunStatus};
use crate::tables;

const ROWS: &str = include_str!("../../../../sql/steps/match/index/rows.sql");
const RECORDS: &str = include_str!("../../../../sql/steps/match/index/records.sql");
const DISTINCT: &str = include_str!("../../../../sql/steps/match/index/distinct.sql");
const BLOCKS: &str = include_str!("../../../../sql/steps/match/index/blocks.sql");
const HITS: &str = include_str!("../../../../sql/steps/match/index/hits.sql");
const MET: &str = include_str!("../../../../sql/steps/match/index/met.sql");

/// How often others may be first to write the next generation, before this run goes on with theirs.
const TRIES: usize = 5;

/// Runs that one generation takes in: each is a branch of its query.
const MOST_RUNS: usize = 32;

/// The queries that the index is made of.
#[derive(Debug, Clone)]
pub struct IndexQueries {
    /// Records of the rows of `index_rows`.
    pub records: String,
    /// Which of several bearers of a name a row `s` is, and when they were born: what the name test asks.
    pub generation: String,
    pub born: String,
    /// The blocks of the table of records.
    pub blocks: String,
}

impl IndexQueries {
    /// What other queries would make is another index.
    fn compiled(&self) -> String {
        let parts: [&str; 6] = [&self.records, &self.generation, &self.born, &self.blocks, RECORDS, DISTINCT];
        let all = parts.join("\n;\n");
        format!("{:032x}", xxh3_128(all.as_bytes()))
    }
}

/// Takes in what runs have loaded since; gives the index as it is then, where it has anything.
pub async fn catch_up(cx: &RunContext, queries: &IndexQueries) -> Result<Option<Generation>> {
    let compiled = queries.compiled();
    let mut lost = 0;
    while lost < TRIES {
        let mut index = MatchIndex::open(&cx.lake, &cx.tenant, &cx.entity.name).await?;
        let base = index.usable(&compiled).await?.cloned();
        let mark = base.as_ref().map(|base| base.mark.clone()).unwrap_or_default();
        let open: Vec<i64> = mark.open.keys().copied().collect();
        let runs = cx.store.indexed_runs(&cx.tenant, &cx.entity.name, mark.settled, &open).await?;
        let (lacking, mark) = ahead(&mark, &runs);
        if lacking.is_empty() {
            return Ok(base);
        }
        let is_all = lacking.len() < MOST_RUNS;
        let kept = base.map(|base| base.parts).unwrap_or_default();
        let parts = grown(cx, &index, kept, &lacking, (queries, mark.anew_to)).await?;
        let next = Generation { number: index.next(), compiled: compiled.clone(), mark, parts };
        fail::fail_point!("match::before_generation", |_| Err(Error::internal(
            "failpoint match::before_generation"
        )));
        let created = while_ours(&cx.store, &cx.fence, async {
            let created = index.create(next).await?;
            if created {
                index.sweep().await?;
            }
            Ok(created)
        });
        match created.await? {
            true if is_all => return Ok(index.current().cloned()),
            true => {}
            false => lost += 1,
        }
    }
    let index = MatchIndex::open(&cx.lake, &cx.tenant, &cx.entity.name).await?;
    Ok(index.usable(&compiled).await?.cloned())
}

/// Which runs are to be taken in next, with their last rounds, and the mark once they are. `runs` are those that the mark knows
/// as open, and all after it, in order.
fn ahead(mark: &Mark, runs: &[IndexedRun]) -> (Vec<(i64, u32)>, Mark) {
    let mut next = mark.clone();
    if *mark == Mark::default() {
        next.anew_to = runs.iter().map(|run| run.id).max().unwrap_or_default();
    }
    let mut lacking = Vec::new();
    for run in runs {
        if lacking.len() == MOST_RUNS {
            break;
        }
        let known = mark.open.get(&run.id).copied().flatten();
        if run.round > known
            && let Some(round) = run.round.and_then(|round| u32::try_from(round).ok())
        {
            lacking.push((run.id, round));
        }
        // A run that was rolled back is taken in as well: it may come to stand again, and meanwhile none of its records has
        // an owner.
        match run.status {
            RunStatus::Succeeded | RunStatus::RolledBack => next.open.remove(&run.id),
            _ => next.open.insert(run.id, run.round),
        };
        next.settled = next.settled.max(run.id);
    }
    (lacking, next)
}

/// The parts of the next generation: those that stay, and one of the new records and of the parts that they go together with.
async fn grown(
    cx: &RunContext,
    index: &MatchIndex,
    mut kept: Vec<Part>,
    runs: &[(i64, u32)],
    (queries, anew_to): (&IndexQueries, i64),
) -> Result<Vec<Part>> {
    let mut found: Option<DataFrame> = None;
    let mut add = |frame: DataFrame| -> Result<()> {
        found = Some(match found.take() {
            Some(before) => before.union(frame)?,
            None => frame,
        });
        Ok(())
    };
    for &(run, round) in runs {
        if let Some(frame) = records_of(cx, (run, round), queries, run <= anew_to).await? {
            add(frame)?;
        }
    }
    let places = due(&kept);
    for place in places.into_iter().rev() {
        let part = kept.remove(place);
        tables::register_files(&cx.session, "index_part", &part.records).await?;
        add(cx.plan("SELECT * EXCEPT (record) FROM index_part").await?)?;
    }
    if let Some(found) = found {
        kept.push(written(cx, index, found, queries).await?);
    }
    Ok(kept)
}

/// Writes the records of a frame as a part.
async fn written(
    cx: &RunContext,
    index: &MatchIndex,
    found: DataFrame,
    queries: &IndexQueries,
) -> Result<Part> {
    let source = PartSource { run_id: cx.run_id, attempt: cx.paths.attempt() };
    tables::register_view(&cx.session, "index_found", found)?;
    let begun = cx.trace.begin();
    let records = index.write_records(source, one_stream(cx.plan(DISTINCT).await?).await?).await?;
    cx.trace.end(&begun, "match_index", DISTINCT, records.rows());
    tables::register_files(&cx.session, "index_part", &records).await?;
    let nodes = "SELECT record AS node, false AS is_new, * EXCEPT (record) FROM index_part";
    tables::register_view(&cx.session, RECORDS_TABLE, cx.plan(nodes).await?)?;
    let sql = BLOCKS.replace("{blocks}", &queries.blocks);
    let begun = cx.trace.begin();
    let blocks = index.write_blocks(source, one_stream(cx.plan(&sql).await?).await?).await?;
    cx.trace.end(&begun, "match_index_blocks", &sql, blocks.rows());
    Ok(Part { generation: index.next(), records, blocks })
}

/// The rows of a frame that has an order, as one stream.
async fn one_stream(frame: DataFrame) -> Result<SendableRecordBatchStream> {
    let mut streams = tables::nullable_streams(frame).await?;
    match (streams.pop(), streams.is_empty()) {
        (Some(stream), true) => Ok(stream),
        _ => Err(Error::internal("rows with an order come in several parts")),
    }
}

/// The records that a run loaded; none where what it staged is not there any more.
async fn records_of(
    cx: &RunContext,
    (run, round): (i64, u32),
    queries: &IndexQueries,
    anew: bool,
) -> Result<Option<DataFrame>> {
    let Some((staged, links)) = left_by(cx, run, round).await? else {
        tracing::warn!(run_id = cx.run_id, "run {run} left nothing that rows could be compared with");
        return Ok(None);
    };
    let wanted = cx.session.table("staged").await?.schema().inner().clone();
    let staged = adapted(tables::read_stored(&cx.session, &staged).await?, &wanted)?;
    tables::register_view(&cx.session, "index_staged", staged)?;
    let mut decided: Option<DataFrame> = None;
    for (round, set) in (0_i64..).zip(&links) {
        let frame = tables::read_stored(&cx.session, set).await?;
        let columns =
            ["sequence_number", "outcome", "reason"].map(|name| Expr::Column(Column::from_name(name)));
        let frame =
            frame.select(columns.into_iter().chain([lit(round).alias("round")]).collect::<Vec<_>>())?;
        decided = Some(match decided {
            Some(before) => before.union(frame)?,
            None => frame,
        });
    }
    let Some(decided) = decided else { return Ok(None) };
    tables::register_view(&cx.session, "index_links", decided)?;
    let rows = ROWS.replace("{anew}", if anew { "true" } else { "false" });
    tables::register_view(&cx.session, "index_rows", cx.plan(&rows).await?)?;
    let records = RECORDS
        .replace("{run}", &run.to_string())
        .replace("{generation}", &queries.generation)
        .replace("{born}", &queries.born)
        .replace("{records}", &queries.records);
    Ok(Some(cx.plan(&records).await?))
}

/// What a run staged, and what each round decided about it. Nothing where a document or a file is missing: the index is a
/// cache, and a lake that somebody has tidied is no reason to stop.
async fn left_by(cx: &RunContext, run: i64, rounds: u32) -> Result<Option<(DataSet, Vec<DataSet>)>> {
    let paths = RunPaths::new(&cx.tenant, run, 1, false);
    let read = async {
        let Some(stage) = Manifest::read(&cx.lake, &paths, "stage").await? else { return Ok(None) };
        let staged = stage.data_set("staged")?.clone();
        staged.require(&cx.lake).await?;
        let mut links = Vec::new();
        for round in 0..=rounds {
            let name = manifest_name("match", round);
            let Some(matched) = Manifest::read(&cx.lake, &paths, &name).await? else { continue };
            let decided = matched.data_set("links")?.clone();
            decided.require(&cx.lake).await?;
            links.push(decided);
        }
        let is_there = !staged.files.is_empty() && !links.is_empty();
        Ok::<_, Error>(is_there.then_some((staged, links)))
    };
    match read.await {
        Err(error) if error.code() == Some(DAMAGED) => Ok(None),
        read => read,
    }
}

/// A frame with the columns of another project's rows: what it lacks, and what has become of another type, is NULL.
fn adapted(frame: DataFrame, wanted: &Schema) -> Result<DataFrame> {
    let columns = wanted
        .fields()
        .iter()
        .map(|field| {
            let column = Expr::Column(Column::from_name(field.name()));
            let there = frame.schema().field_with_unqualified_name(field.name());
            Ok(match there.map(|there| there.data_type()) {
                Ok(there) if plainly(there) == plainly(field.data_type()) => column,
                Ok(there) if can_cast_types(there, field.data_type()) => {
                    try_cast(column, field.data_type().clone()).alias(field.name())
                }
                _ => lit(ScalarValue::try_new_null(field.data_type())?).alias(field.name()),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(frame.select(columns)?)
}

/// A type as queries see it, whether its texts are views or not.
fn plainly(data_type: &DataType) -> DataType {
    let of_one = Schema::new(vec![Field::new("value", data_type.clone(), true)]);
    tables::compact_schema(&of_one).field(0).data_type().clone()
}

/// Registers the records of core that share a block with one of the table of records, under their core rows, as
/// `core_records`; says whether there are any.
pub async fn candidates(
    cx: &RunContext,
    generation: &Generation,
    queries: &IndexQueries,
    round: u32,
    progress: &StepProgress,
) -> Result<bool> {
    tables::register_files(&cx.session, "index_records", &generation.records()).await?;
    tables::register_files(&cx.session, "index_blocks", &generation.blocks()).await?;
    let wanted = format!("SELECT DISTINCT rule, block\nFROM ({})", queries.blocks);
    let found = [
        Query::new("index_wanted", Keep::Scratch, wanted),
        Query::new("index_hits", Keep::Scratch, HITS),
        Query::new("index_met", Keep::Scratch, MET),
    ];
    cx.run_queries(&found, round, progress).await?;
    if cx.count("SELECT count(*) AS n FROM index_met").await? == 0 {
        return Ok(false);
    }
    owners::ask(cx, round).await?;
    cx.run_queries(&[owners::records()], round, progress).await?;
    Ok(cx.count("SELECT count(*) AS n FROM core_records").await? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: i64, status: RunStatus, round: Option<i64>) -> IndexedRun {
        IndexedRun { id, status, round }
    }

    #[test]
    fn a_run_is_taken_in_once_and_again_with_another_round() {
        use RunStatus::{Failed, PartiallyFailed, RolledBack, Running, Succeeded};
        let runs = [
            run(3, Succeeded, Some(0)),
            run(4, Failed, None),
            run(5, RolledBack, Some(1)),
            run(6, Running, Some(0)),
            run(7, PartiallyFailed, Some(0)),
            run(8, Running, None),
        ];
        let (lacking, mark) = ahead(&Mark::default(), &runs);
        assert_eq!(lacking, [(3, 0), (5, 1), (6, 0), (7, 0)]);
        assert_eq!(mark.settled, 8);
        let open: Vec<_> = mark.open.iter().map(|(run, round)| (*run, *round)).collect();
        assert_eq!(open, [(4, None), (6, Some(0)), (7, Some(0)), (8, None)]);

        // Of the next question come the open runs, and those after the last.
        let later = [
            run(4, Succeeded, Some(0)),
            run(6, Succeeded, Some(0)),
            run(7, Running, Some(1)),
            run(8, Running, None),
            run(9, Succeeded, Some(0)),
        ];
        let (lacking, mark) = ahead(&mark, &later);
        assert_eq!(lacking, [(4, 0), (7, 1), (9, 0)]);
        assert_eq!((mark.settled, mark.open.keys().copied().collect::<Vec<_>>()), (9, vec![7, 8]));
        assert_eq!(mark.anew_to, 8, "what was there when the index was begun");
        let (lacking, same) = ahead(&mark, &[]);
        assert_eq!((lacking, same), (vec![], mark));
    }

    #[test]
    fn many_runs_are_taken_in_by_and_by() {
        let all: Vec<_> = (1..=100).map(|id| run(id, RunStatus::Succeeded, Some(0))).collect();
        let (mut mark, mut taken, mut passes) = (Mark::default(), Vec::new(), 0);
        loop {
            let behind: Vec<_> = all.iter().filter(|run| run.id > mark.settled).cloned().collect();
            let (lacking, next) = ahead(&mark, &behind);
            if lacking.is_empty() {
                break;
            }
            taken.extend(lacking.into_iter().map(|(run, _)| run));
            (mark, passes) = (next, passes + 1);
        }
        assert_eq!((taken, passes), ((1..=100).collect(), 4));
        assert_eq!(mark.anew_to, 100);
    }

    #[test]
    fn other_queries_are_another_index() {
        let text = str::to_owned;
        let one = IndexQueries {
            records: text("SELECT a"),
            generation: text("g"),
            born: text("b"),
            blocks: text("SELECT b"),
        };
        let other = IndexQueries { records: text("SELECT a, b"), ..one.clone() };
        assert_ne!(one.compiled(), other.compiled());
        assert_eq!(one.compiled(), one.clone().compiled());
    }
}
