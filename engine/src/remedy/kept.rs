//! Rows that shall go again, written down before their run exists: which rows, and their edits. A run that dies before
//! it has landed them is resumed from there; when it has succeeded they are removed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use datafusion::dataframe::DataFrame;
use futures::StreamExt;
use object_store::path::Path;

use super::batch::{Batch, edit_schema, held_schema};
use super::origin::{Origin, Origins};
use crate::engine::Engine;
use crate::error::Result;
use crate::lake::{DataSet, DataSetWriter, Lake, Manifest, RunPaths, kept_rows_root};
use crate::progress::Step;
use crate::run::{KeptRows, LandRows, RunParams, manifest_name};
use crate::store::Run;
use crate::tables;

/// Requests that no run has taken up for so long belong to a process that died before it had one.
const FORSAKEN: Duration = Duration::from_secs(24 * 60 * 60);

/// Writes the rows down.
pub async fn keep(
    engine: &Engine,
    origins: &[Origin],
    held: DataFrame,
    edits: DataFrame,
) -> Result<KeptRows> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = format!(
        "{}-{}-{}",
        chrono::Utc::now().timestamp_micros(),
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let folder = kept_rows_root(&engine.tenant).join(name);
    let held = written(&engine.lake, folder.clone().join("held.parquet"), held, &held_schema()).await?;
    let edits = written(&engine.lake, folder.clone().join("edits.parquet"), edits, &edit_schema()).await?;
    let origins = origins.iter().map(|origin| origin.run.id).collect();
    Ok(KeptRows { folder: folder.to_string(), held, edits, origins })
}

async fn written(
    lake: &Lake,
    path: Path,
    frame: DataFrame,
    schema: &datafusion::arrow::datatypes::SchemaRef,
) -> Result<DataSet> {
    let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    let mut stream = frame.select_columns(&names)?.execute_stream().await?;
    let mut writer = DataSetWriter::new(lake, path, std::sync::Arc::clone(schema))?;
    while let Some(batch) = stream.next().await {
        writer.write(&tables::conform(&batch?, schema)?).await?;
    }
    Ok(DataSet { files: vec![writer.finish().await?] })
}

/// The rows that a run was asked for, where it has not landed them yet.
pub async fn kept_rows(engine: &Engine, run: &Run, params: &RunParams) -> Result<Option<Box<dyn LandRows>>> {
    let Some(kept) = &params.rows else { return Ok(None) };
    let paths = RunPaths::new(&engine.tenant, run.id, 0, run.dry_run);
    if Manifest::read(&engine.lake, &paths, &manifest_name(Step::Land, 0)).await?.is_some() {
        return Ok(None);
    }
    kept.held.verify(&engine.lake).await?;
    kept.edits.verify(&engine.lake).await?;
    let mut known = Origins::default();
    let mut origins = Vec::with_capacity(kept.origins.len());
    for &run_id in &kept.origins {
        origins.push(known.get(engine, run_id).await?.clone());
    }
    Ok(Some(Box::new(Batch { origins, kept: kept.clone() })))
}

/// Removes what a run that has succeeded was asked for. Failing to do so harms nothing.
pub async fn forget(lake: &Lake, kept: &KeptRows) {
    for file in kept.held.files.iter().chain(&kept.edits.files) {
        if let Err(error) = lake.remove(&Path::from(file.path.as_str())).await {
            tracing::warn!(file = file.path, "a file of no use was not removed: {error}");
        }
    }
    lake.remove_empty_folders(&Path::from(kept.folder.as_str()));
}

/// Removes requests that no run knows: their process died before it had one, and the command that it ran said nothing.
pub async fn forget_forsaken(engine: &Engine) -> Result<()> {
    let root = kept_rows_root(&engine.tenant);
    let before = chrono::Utc::now() - FORSAKEN;
    for name in engine.lake.folders(&root).await? {
        let folder = root.clone().join(name.as_str());
        let files = engine.lake.list(&folder).await?;
        if files.iter().any(|file| file.last_modified > before)
            || engine.store.knows_kept_rows(&engine.tenant, folder.as_ref()).await?
        {
            continue;
        }
        for file in files {
            engine.lake.remove(&file.location).await?;
        }
        engine.lake.remove_empty_folders(&folder);
    }
    Ok(())
}
