//! What runs wrote of a row since a merge, and for whom: each change names the incoming row that won, and that row's external id
//! was one of the row that stayed or of the one that went.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;

use super::log::{MERGE_OF, OfEntity, UNMERGE_OF};
use super::winner::Side;
use crate::context::RunContext;
use crate::error::Result;
use crate::lake::{Manifest, RunPaths};
use crate::progress::Step;
use crate::run::manifest_name;
use crate::store::{ChangeRow, LinkRow, MergeFilter, MergeRow, Session};
use crate::tables;

/// The last change of a field since a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    pub side: Side,
    pub run: i64,
    /// What it says.
    pub value: Option<String>,
    /// What the records of the other side had said last, before this one said something else; nothing where they have not.
    pub others: Option<Option<String>>,
}

/// What came since a merge.
#[derive(Debug, Default)]
pub struct Came {
    /// The last change of each field.
    pub fields: BTreeMap<String, Since>,
    /// Members that sets got, by set and key: for whom, and by which run.
    pub members: BTreeMap<(String, String), (Side, i64)>,
}

/// Between the keys of a set in the change log.
const BETWEEN_KEYS: &str = ", ";

/// What became of each field, and of each set.
pub async fn since(
    cx: &RunContext,
    session: &mut Session,
    of: &OfEntity,
    (merge, run): (&MergeRow, i64),
) -> Result<Came> {
    let changes = changes(cx, session, &of.entity, (merge, run)).await?;
    let mut records = Records::of(session.links_of(&cx.tenant, &of.entity, merge.winner).await?);
    let mut came = Came::default();
    // Merges that came later are taken back by now, and what they and their way back changed with them.
    for change in changes.into_iter().filter(|change| !is_of_a_merge(change)) {
        let side = match row_of(&change) {
            Some(row) => records.side(cx, of, change.run_id, row).await?,
            None => Some(Side::Winner),
        };
        let Some(side) = side else { continue };
        if cx.shape.sets.iter().any(|set| set.name == change.field) {
            let before: Vec<&str> =
                change.before.as_deref().unwrap_or_default().split(BETWEEN_KEYS).collect();
            let after = change.after.as_deref().unwrap_or_default().split(BETWEEN_KEYS);
            for key in after.filter(|key| !before.contains(key)) {
                came.members.insert((change.field.clone(), key.to_owned()), (side, change.run_id));
            }
        }
        let others = match came.fields.remove(&change.field) {
            Some(before) if before.side == side => before.others,
            Some(before) => Some(before.value),
            None => None,
        };
        let since = Since { side, run: change.run_id, value: change.after, others };
        came.fields.insert(change.field, since);
    }
    Ok(came)
}

/// What was changed of the row that stayed, oldest first: also while it was part of another one that it had gone into.
async fn changes(
    cx: &RunContext,
    session: &mut Session,
    entity: &str,
    (merge, run): (&MergeRow, i64),
) -> Result<Vec<ChangeRow>> {
    let filter = MergeFilter { core_table: Some(merge.core_table.clone()), ..MergeFilter::default() };
    let mut held = vec![(merge.winner, run, i64::MAX)];
    for one in session.merges(&cx.tenant, &filter).await?.iter().filter(|one| one.id != merge.id) {
        let until = one.undone_run_id.unwrap_or(i64::MAX);
        let went = held.iter().filter(|(id, ..)| *id == one.loser);
        let there: Vec<(i64, i64, i64)> = went
            .map(|(_, from, to)| (one.winner, one.run_id.max(*from), until.min(*to)))
            .filter(|(_, from, to)| from < to)
            .collect();
        held.extend(there);
    }
    let mut changes = Vec::new();
    for (id, from, to) in held {
        let found = session.changes_since(&cx.tenant, (entity, id), from).await?;
        let is_own = |change: &ChangeRow| id == merge.winner || row_of(change).is_some();
        changes.extend(found.into_iter().filter(|change| change.run_id <= to && is_own(change)));
    }
    changes.sort_by_key(|change| change.run_id);
    Ok(changes)
}

/// Whether a merge made the change, or the way back of one.
fn is_of_a_merge(change: &ChangeRow) -> bool {
    let of = |words: &str| change.reason.as_deref().is_some_and(|reason| reason.starts_with(words));
    of(MERGE_OF) || of(UNMERGE_OF)
}

/// The incoming row that gave the value: the reason names it, else it is the strongest of the change.
fn row_of(change: &ChangeRow) -> Option<i64> {
    let named = change.reason.as_deref().and_then(|reason| reason.strip_prefix("row:"));
    named.and_then(|row| row.parse().ok()).or(change.sequence_number)
}

/// Incoming rows, those that were looked up already.
#[derive(Debug, Default)]
pub struct Records {
    /// The external ids of the row that stayed.
    here: Vec<LinkRow>,
    found: BTreeMap<(i64, i64), Option<(String, String)>>,
}

impl Records {
    /// `here`: the external ids of the row that stayed, as they are now.
    pub fn of(here: Vec<LinkRow>) -> Self {
        Self { here, found: BTreeMap::new() }
    }

    /// For whom a row of a run spoke; nothing where it was one of a row that has left since. A record that is not known any
    /// more counts as one of the row that stayed.
    pub async fn side(&mut self, cx: &RunContext, of: &OfEntity, run: i64, row: i64) -> Result<Option<Side>> {
        let found = match self.found.entry((run, row)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(link_of(cx, run, row).await?),
        };
        let Some((system, id)) = found.as_ref() else {
            return Ok(Some(Side::Winner));
        };
        if of.is_losers(system, id) {
            return Ok(Some(Side::Loser));
        }
        let is_here = self.here.iter().any(|link| (&link.system, &link.id) == (system, id));
        Ok(is_here.then_some(Side::Winner))
    }
}

/// Registers what a run staged under a name; false where it is no longer in the lake.
pub async fn staged(cx: &RunContext, run: i64, name: &str) -> Result<bool> {
    let run = cx.store.get_run(&cx.tenant, run).await?;
    let attempt = i32::try_from(run.attempt).unwrap_or(i32::MAX);
    let paths = RunPaths::new(&cx.tenant, run.id, attempt, false);
    let manifest = Manifest::read(&cx.lake, &paths, &manifest_name(Step::Stage, 0)).await?;
    let Some(files) = manifest.as_ref().and_then(|manifest| manifest.data_sets.get("staged")) else {
        return Ok(false);
    };
    if files.verify(&cx.lake).await.is_err() {
        return Ok(false);
    }
    tables::register_files(&cx.session, name, files).await?;
    Ok(true)
}

/// The external id of an incoming row, from what its run staged.
async fn link_of(cx: &RunContext, run: i64, row: i64) -> Result<Option<(String, String)>> {
    if !staged(cx, run, "since_staged").await? {
        return Ok(None);
    }
    let sql = format!("SELECT link_system, link_id FROM since_staged WHERE sequence_number = {row}");
    let (_, batches) = tables::collect_compact(cx.plan(&sql).await?).await?;
    let Some(batch) = batches.iter().find(|batch| batch.num_rows() > 0) else { return Ok(None) };
    let text = |column: usize| -> Result<Option<String>> {
        let texts = cast(batch.column(column), &DataType::Utf8)?;
        let texts = texts.as_string::<i32>();
        Ok(texts.is_valid(0).then(|| texts.value(0).to_owned()))
    };
    Ok(text(0)?.zip(text(1)?))
}
