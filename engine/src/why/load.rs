//! load: whether core has it, in which chunk, when and through whom. Chunks are cut from the changes in the order of
//! their files, so the place of a change in them tells its chunk; the ledger tells which chunks were committed.

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use importer_plans::compile::Bound;
use importer_plans::compile::why::{Fixed, fixed_sql};

use super::ask::{Asker, int, text};
use super::pinned::Pinned;
use super::story::{Load, LoadState, Match, Resolve};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::lake::DataSet;
use crate::run::RunParams;
use crate::session::{Limits, session};
use crate::steps::load::Cut;
use crate::steps::resolve::Resolved;
use crate::store::RunStatus;
use crate::tables::read_files;

/// Whether the change of a row is in core.
pub async fn of_row(
    engine: &Engine,
    asker: &Asker,
    pinned: &Pinned,
    matched: &Match,
    resolve: &Resolve,
) -> Result<Load> {
    let mut load = Load {
        state: LoadState::WouldBe,
        core_id: matched.core_id,
        round: Some(matched.round),
        chunk: None,
        committed_at: None,
        loaded_by: None,
        asked: Vec::new(),
    };
    if pinned.run.dry_run {
        return Ok(load);
    }
    load.state = LoadState::NotLoaded;
    let Some(manifest) = pinned.manifest("resolve", matched.round) else { return Ok(load) };
    let Some(lead) = resolve.lead_row else { return Ok(load) };
    let (Ok(params), Ok(resolved)) = (RunParams::of(&pinned.run), manifest.read_facts::<Resolved>()) else {
        // A run of an older version did not keep how it cut its chunks.
        let whole = matches!(pinned.run.status, RunStatus::Succeeded | RunStatus::RolledBack);
        load.state = if whole { LoadState::Loaded } else { LoadState::Unknown };
        return Ok(load);
    };
    let changes = resolved.changes();
    let Some(position) = position(engine, &changes, lead).await? else { return Ok(load) };
    let Some(number) = Cut::of(&params.settings, &resolved).chunk_at(position) else { return Ok(load) };
    let values = [
        Bound::number("run_id", pinned.run.id),
        Bound::text("entity", Some(&pinned.run.entity)),
        Bound::number("round", matched.round),
        Bound::number("chunk", i64::try_from(number).unwrap_or(i64::MAX)),
    ];
    let chunk = asker.ask("chunk", fixed_sql(Fixed::Chunk, pinned.place, &values)).await?;
    if let Some(found) = chunk.rows.first() {
        let noted = resolve.action == "unchanged";
        load.state = if noted { LoadState::NothingToWrite } else { LoadState::Loaded };
        load.chunk = int(found, "chunk");
        load.committed_at = text(found, "committed_at");
        load.loaded_by.clone_from(&pinned.run.triggered_by);
    }
    load.asked.push(chunk);
    let keeps_ids =
        pinned.manifest("load", matched.round).is_some_and(|m| m.data_sets.contains_key("created_ids"));
    if load.state == LoadState::Loaded && load.core_id.is_none() && keeps_ids {
        let values = [
            Bound::number("run_id", pinned.run.id),
            Bound::number("round", matched.round),
            Bound::number("lead", lead),
        ];
        let created = asker.ask("core id", fixed_sql(Fixed::CreatedId, pinned.place, &values)).await?;
        load.core_id = created.rows.first().and_then(|row| int(row, "core_id"));
        load.asked.push(created);
    }
    Ok(load)
}

/// The place of a change among those of its round, in the order in which they were loaded. One column is read, batch by
/// batch, and no further than the change.
async fn position(engine: &Engine, changes: &DataSet, lead: i64) -> Result<Option<u64>> {
    let reader = session(&Limits { partitions: 1, ..engine.limits.clone() }, &engine.lake)?;
    let mut before = 0;
    for file in &changes.files {
        match within(&reader, DataSet { files: vec![file.clone()] }, lead).await? {
            Some(place) => return Ok(Some(before + place)),
            None => before += file.rows,
        }
    }
    Ok(None)
}

async fn within(reader: &SessionContext, file: DataSet, lead: i64) -> Result<Option<u64>> {
    let frame = read_files(reader, &file).await?.select_columns(&["lead_sequence_number"])?;
    let mut stream = frame.execute_stream().await?;
    let mut before = 0;
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        let leads = batch
            .column(0)
            .as_primitive_opt::<Int64Type>()
            .ok_or_else(|| Error::internal("changes have no lead row"))?;
        if let Some(place) = leads.iter().position(|l| l == Some(lead)) {
            return Ok(Some(before + place as u64));
        }
        before += batch.num_rows() as u64;
    }
    Ok(None)
}
