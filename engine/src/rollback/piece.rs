//! One piece in one transaction: lock, look, judge, write, ledger, commit. Either all of it is visible or nothing.

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use importer_plans::compile::{Query, undo};

use super::admitted::Admitted;
use super::found;
use super::keys::Keys;
use super::outcome::{Outcome, RollbackCounts};
use super::taken::Piece;
use super::{kept, patch, write};
use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::lake::{DataFile, DataSetName, DataSetWriter};
use crate::store::{LedgerEntry, Session};
use crate::tables;

/// Takes a piece back; a dry one only says what would happen.
pub async fn take_back(cx: &RunContext, admitted: &Admitted, piece: &Piece, dry: bool) -> Result<Outcome> {
    let raw = cx.session.read_batch(piece.changes.clone())?;
    let (schema, rows) = tables::collect_compact(raw).await?;
    tables::register_rows(&cx.session, "taken", schema, rows)?;
    run(cx, &undo::sides(admitted.undone)).await?;
    let mut session = cx.store.begin().await?;
    session.share(&cx.table_answers);
    match inside(cx, &mut session, admitted, piece, dry).await {
        Ok(outcome) if dry => {
            session.rollback().await?;
            Ok(outcome)
        }
        Ok(outcome) => {
            session.commit().await?;
            Ok(outcome)
        }
        Err(error) => {
            // The first error is the one to tell; a rollback that fails ends with the connection.
            let _ = session.rollback().await;
            Err(error)
        }
    }
}

const KEYS: &str = "SELECT DISTINCT core_id FROM undo WHERE core_id IS NOT NULL ORDER BY core_id";

async fn inside(
    cx: &RunContext,
    session: &mut Session,
    admitted: &Admitted,
    piece: &Piece,
    dry: bool,
) -> Result<Outcome> {
    if !dry {
        session.lock_entity(&cx.tenant, &cx.entity.name).await?;
        session.fence(&cx.fence).await?;
    }
    let keys = Keys::send(cx, session, "importer_undo_keys", KEYS).await?;
    if let Some(keys) = keys.as_ref().filter(|_| !dry) {
        found::lock(cx, session, keys).await?;
    }
    found::register(cx, session, keys.as_ref(), &admitted.foreign).await?;
    run(cx, &undo::judge(&cx.shape, &admitted.narrow)).await?;
    patch::register(cx).await?;
    run(cx, &undo::results(&cx.shape, &admitted.narrow)).await?;
    let mut outcome = Outcome::default();
    let log = write::change_log(cx, admitted, piece.place().0).await?;
    let told = kept::told(cx, session, admitted).await?;
    count(cx, piece, &mut outcome).await?;
    outcome.counts.fields = log.iter().map(|b| b.num_rows() as u64).sum();
    outcome.sample = kept::sample(&told)?;
    outcome.reasons = kept::reasons(&told)?;
    outcome.kept = keep(cx, piece, &DataSetName::Kept, told).await?;
    if dry {
        return Ok(outcome);
    }
    let (_, undone) = tables::collect_compact(cx.plan("SELECT * FROM undone").await?).await?;
    outcome.changes = keep(cx, piece, &DataSetName::Changes("undone".to_owned()), undone).await?;
    fail::fail_point!("rollback::before_write", |_| Err(Error::internal("failpoint rollback::before_write")));
    write::apply(cx, session, &log).await?;
    fail::fail_point!("rollback::after_write", |_| Err(Error::internal("failpoint rollback::after_write")));
    ledger(cx, session, piece, &outcome).await?;
    Ok(outcome)
}

/// Runs queries whose rows are bounded by the piece.
async fn run(cx: &RunContext, queries: &[Query]) -> Result<()> {
    for query in queries {
        let step = |e: Error| e.context(format!("query {}", query.name));
        let frame = cx.plan(&query.sql).await.map_err(step)?;
        let (schema, rows) = tables::collect_compact(frame).await.map_err(step)?;
        tables::register_rows(&cx.session, &query.name, schema, rows)?;
    }
    Ok(())
}

/// Writes rows down before anything is committed; no file for no rows.
async fn keep(
    cx: &RunContext,
    piece: &Piece,
    name: &DataSetName,
    batches: Vec<RecordBatch>,
) -> Result<Option<DataFile>> {
    let Some(first) = batches.first() else { return Ok(None) };
    let (round, number) = piece.place();
    let path = cx.paths.part(
        name,
        u32::try_from(round).unwrap_or(u32::MAX),
        usize::try_from(number).unwrap_or(usize::MAX),
    );
    let mut writer = DataSetWriter::new(&cx.lake, path, first.schema())?;
    for batch in &batches {
        writer.write(batch).await?;
    }
    Ok(Some(writer.finish().await?))
}

const COUNTS: &str = "SELECT count(*) FILTER (WHERE action = 'removed') AS removed, count(*) FILTER (WHERE action = 'created') AS returned,
       count(*) FILTER (WHERE action NOT IN ('removed', 'created') AND differs) AS restored,
       coalesce(sum(array_length(links)), 0) AS links,
       (SELECT count(DISTINCT core_id) FROM kept) AS rows_kept, (SELECT count(*) FROM kept) AS kept
FROM undone";

async fn count(cx: &RunContext, piece: &Piece, outcome: &mut Outcome) -> Result<()> {
    let shape = || Error::internal("the counts of a rollback have an unexpected shape");
    let (_, batches) = tables::collect_compact(cx.plan(COUNTS).await?).await?;
    let batch = batches.first().ok_or_else(shape)?;
    let number = |name: &str| -> Result<u64> {
        let column = batch.column_by_name(name).ok_or_else(shape)?;
        let column =
            datafusion::arrow::compute::cast(column, &datafusion::arrow::datatypes::DataType::Int64)?;
        Ok(u64::try_from(column.as_primitive::<Int64Type>().value(0)).unwrap_or(0))
    };
    outcome.counts = RollbackCounts {
        changes: piece.rows() as u64,
        removed: number("removed")?,
        returned: number("returned")?,
        restored: number("restored")?,
        fields: 0,
        links: number("links")?,
        rows_kept: number("rows_kept")?,
        kept: number("kept")?,
    };
    Ok(())
}

async fn ledger(cx: &RunContext, session: &mut Session, piece: &Piece, outcome: &Outcome) -> Result<()> {
    let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let changes = whole(outcome.counts.changes);
    // A core row is in a piece once, so no more rows stay than were looked at.
    let refused = whole(outcome.counts.rows_kept).min(changes);
    let (round, chunk) = piece.place();
    let entry = LedgerEntry {
        entity: cx.entity.name.clone(),
        round,
        chunk,
        attempt: i64::from(cx.paths.attempt()),
        lease_epoch: cx.fence.epoch(),
        changes,
        applied: changes - refused,
        refused,
        detail_json: serde_json::to_value(outcome)?,
    };
    Ok(session.insert_ledger(&cx.fence, &entry).await?)
}
