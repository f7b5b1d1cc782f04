//! The changes of a run as they were committed: its files in the order of its ledger, last round first, cut into pieces,
//! created rows with the core ids that they got.

use std::collections::{HashMap, HashSet};

use datafusion::arrow::array::RecordBatch;

use crate::context::RunContext;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{DataFile, DataSet, Lake, Manifest, RunPaths};
use crate::progress::Step;
use crate::run::manifest_name;
use crate::steps::load::{Chunk, ChunkReader, refused_of, with_ids};
use crate::store::{IdRange, LedgerEntry, Run, RunKind, Store};

/// What a run wrote, by round, the last one first.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    rounds: Vec<Round>,
    /// Rows per piece at most.
    piece_rows: usize,
    /// Lead rows that the rollback is narrowed to.
    pub leads: Option<HashSet<i64>>,
}

#[derive(Debug, Clone)]
struct Round {
    number: i64,
    files: Vec<DataFile>,
    ids: Vec<IdRange>,
    /// Rows that were created stand with their core ids already.
    has_ids: bool,
    /// Committed chunks in order: how many changes each had.
    chunks: Vec<usize>,
    /// Lead rows of changes that were refused because core had moved.
    refused: HashSet<i64>,
}

/// Changes that are taken back in one transaction.
pub struct Piece {
    round: i64,
    number: i64,
    pub changes: RecordBatch,
}

impl Piece {
    /// Round and chunk in the ledger of the rollback.
    pub fn place(&self) -> (i64, i64) {
        (self.round, self.number)
    }

    pub fn rows(&self) -> usize {
        self.changes.num_rows()
    }
}

impl Taken {
    /// Reads ledger, id ranges and manifests of a run, and looks whether its files are whole.
    pub async fn of(store: &Store, lake: &Lake, tenant: &str, run: &Run, piece_rows: usize) -> Result<Self> {
        let ledger = store.committed_chunks(tenant, run.id).await?;
        let mut by_round: HashMap<i64, Vec<LedgerEntry>> = HashMap::new();
        for entry in ledger {
            by_round.entry(entry.round).or_default().push(entry);
        }
        let mut numbers: Vec<i64> = by_round.keys().copied().filter(|n| *n < CLOSING).collect();
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        let mut rounds = Vec::new();
        for number in numbers {
            let mut entries = by_round.remove(&number).unwrap_or_default();
            entries.sort_by_key(|e| e.chunk);
            let files = if run.kind == RunKind::Rollback {
                files_of_rollback(&entries)?
            } else {
                files_of_import(lake, tenant, run, number).await?
            };
            DataSet { files: files.clone() }.verify(lake).await.map_err(|e| {
                e.context(format!("the changes of run {} are needed to roll it back", run.id)).with_help(
                    "restore the files of the lake from a backup; without them nothing can be taken back",
                )
            })?;
            let is_rollback = run.kind == RunKind::Rollback;
            rounds.push(Round {
                number,
                has_ids: is_rollback,
                ids: match is_rollback {
                    true => Vec::new(),
                    false => store.ids_of(tenant, run.id, &run.entity, number).await?,
                },
                chunks: chunks(run, &entries, &files)?,
                refused: refused(run, &entries)?,
                files,
            });
        }
        Ok(Self { rounds, piece_rows, leads: None })
    }

    /// Changes that will be looked at.
    pub fn rows(&self) -> u64 {
        self.rounds.iter().flat_map(|r| &r.chunks).map(|n| *n as u64).sum()
    }

    /// Whether anything was committed that may have touched core.
    pub fn is_empty(&self) -> bool {
        self.rows() == 0
    }

    /// Core ids that the run took, as ranges.
    pub fn ids(&self) -> Vec<IdRange> {
        self.rounds.iter().flat_map(|r| r.ids.iter().copied()).collect()
    }

    /// The pieces, from the first.
    pub fn open<'a>(&'a self, cx: &'a RunContext) -> Pieces<'a> {
        Pieces { cx, taken: self, round: 0, open: None }
    }
}

/// The round under which a rollback writes down that everything besides core rows is done.
pub const CLOSING: i64 = 1_000_000;

async fn files_of_import(lake: &Lake, tenant: &str, run: &Run, round: i64) -> Result<Vec<DataFile>> {
    let attempt = i32::try_from(run.attempt).unwrap_or(i32::MAX);
    let paths = RunPaths::new(tenant, run.id, attempt, false);
    let step = manifest_name(Step::Resolve, u32::try_from(round).unwrap_or(u32::MAX));
    let manifest = Manifest::read(lake, &paths, &step).await?.ok_or_else(|| {
        missing(run, format!("the manifest {} is missing", lake.display(&paths.manifest(&step))))
    })?;
    // In the order in which they are loaded. Unchanged rows come last and were only met again: nothing to undo.
    let parts = ["changes_merged", "changes_created"].map(|part| manifest.data_sets.get(part));
    let [Some(merged), Some(created)] = parts else {
        return Err(missing(
            run,
            format!("the manifest {} lists no changes", lake.display(&paths.manifest(&step))),
        ));
    };
    Ok(merged.files.iter().chain(&created.files).cloned().collect())
}

fn missing(run: &Run, what: String) -> Error {
    Error::new(ErrorKind::Lake, format!("run {} cannot be rolled back: {what}", run.id))
        .with_code("ROLLBACK_CHANGES")
        .with_help(
            "restore the files of the lake from a backup; without the run's changes nothing can be taken back",
        )
}

/// The files of a rollback stand in its ledger: each chunk names its own.
fn files_of_rollback(entries: &[LedgerEntry]) -> Result<Vec<DataFile>> {
    entries
        .iter()
        .filter_map(|e| e.detail_json.get("changes").filter(|f| !f.is_null()))
        .map(|file| Ok(serde_json::from_value(file.clone())?))
        .collect()
}

/// How many changes each committed chunk had. Chunks are committed in order, so they are the first rows of the files.
fn chunks(run: &Run, entries: &[LedgerEntry], files: &[DataFile]) -> Result<Vec<usize>> {
    let mut left: u64 = files.iter().map(|f| f.rows).sum();
    let mut sizes = Vec::new();
    if run.kind == RunKind::Rollback {
        return Ok(files.iter().map(|f| usize::try_from(f.rows).unwrap_or(usize::MAX)).collect());
    }
    for (expected, entry) in (0_i64..).zip(entries) {
        if entry.chunk != expected {
            return Err(Error::new(
                ErrorKind::Store,
                format!("the ledger of run {} has no chunk {expected} of round {}", run.id, entry.round),
            )
            .with_help("the table load_ledger was changed by hand; restore it from a backup"));
        }
        // What lies behind the files read here are rows that were only met again.
        let size = u64::try_from(entry.changes).unwrap_or(0).min(left);
        left -= size;
        sizes.push(usize::try_from(size).unwrap_or(usize::MAX));
    }
    Ok(sizes)
}

fn refused(run: &Run, entries: &[LedgerEntry]) -> Result<HashSet<i64>> {
    let mut refused = HashSet::new();
    if run.kind == RunKind::Rollback {
        return Ok(refused);
    }
    for entry in entries.iter().filter(|e| e.refused > 0) {
        let moved = entry.detail_json.get("moved").ok_or_else(|| {
            missing(
                run,
                format!("its ledger does not say which changes of chunk {} were refused", entry.chunk),
            )
        })?;
        refused.extend(serde_json::from_value::<Vec<i64>>(moved.clone())?);
        refused.extend(refused_of(entry)?.iter().map(|refusal| refusal.lead));
    }
    Ok(refused)
}

/// Reads the pieces one after the other.
pub struct Pieces<'a> {
    cx: &'a RunContext,
    taken: &'a Taken,
    round: usize,
    open: Option<OpenRound>,
}

struct OpenRound {
    reader: ChunkReader,
    ids: Vec<IdRange>,
    /// Sizes of the pieces that are still to come.
    sizes: std::vec::IntoIter<usize>,
    next: i64,
}

impl OpenRound {
    fn next_id(&mut self) -> Result<i64> {
        let range = self
            .ids
            .first_mut()
            .ok_or_else(|| Error::internal("fewer core ids were taken than rows were created"))?;
        let id = range.first;
        range.first += 1;
        range.count -= 1;
        if range.count == 0 {
            self.ids.remove(0);
        }
        Ok(id)
    }
}

impl Pieces<'_> {
    /// The next piece; a piece of which nothing is wanted is passed over.
    pub async fn next(&mut self) -> Result<Option<Piece>> {
        loop {
            let Some(round) = self.taken.rounds.get(self.round) else { return Ok(None) };
            let place = i64::try_from(self.round).unwrap_or(i64::MAX);
            let open = self.open.get_or_insert_with(|| OpenRound {
                reader: ChunkReader::new(self.cx, &round.files),
                ids: round.ids.clone(),
                sizes: pieces(&round.chunks, self.taken.piece_rows).into_iter(),
                next: 0,
            });
            let size = open.sizes.next();
            let batch = match size {
                Some(size) => open.reader.next_of(size).await?,
                None => None,
            };
            let Some(batch) = batch else {
                self.open = None;
                self.round += 1;
                continue;
            };
            let rows = if round.has_ids { batch } else { with_ids(&batch, || open.next_id())? };
            let number = open.next;
            open.next += 1;
            let chunk = Chunk { number, rows };
            let chunk = if round.refused.is_empty() { chunk } else { chunk.without(&round.refused)? };
            let chunk = match &self.taken.leads {
                Some(leads) => chunk.only(leads)?,
                None => chunk,
            };
            if chunk.rows.num_rows() > 0 {
                tracing::debug!(round = round.number, piece = number, "taking back");
                return Ok(Some(Piece { round: place, number, changes: chunk.rows }));
            }
        }
    }
}

/// Chunks as they were committed, cut where they are larger than a piece may be.
fn pieces(chunks: &[usize], most: usize) -> Vec<usize> {
    let most = most.max(1);
    chunks
        .iter()
        .flat_map(|&rows| {
            (0..rows.div_ceil(most)).map(move |n| most.min(rows - n * most)).collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn pieces_are_no_larger_than_allowed() {
        assert_eq!(pieces(&[5, 0, 12, 3], 5), [5, 5, 5, 2, 3]);
        assert_eq!(pieces(&[], 5), Vec::<usize>::new());
    }
}
