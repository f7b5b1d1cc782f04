//! What a plan has finished, for the run that takes it over: its manifests, verified, and its files under other paths.

use std::collections::BTreeMap;

use object_store::path::Path;
use serde_json::Value;

use crate::engine::Engine;
use crate::error::{DAMAGED, Error, ErrorKind, Result};
use crate::lake::{Lake, Manifest, RunPaths};
use crate::progress::Step;
use crate::store::Run;

/// The finished steps of a plan.
pub(super) const PLANNED: [Step; 5] = [Step::Land, Step::Stage, Step::Check, Step::Match, Step::Resolve];

/// The manifests of a plan, their files verified.
pub(super) async fn manifests(engine: &Engine, run: &Run, steps: &[Step]) -> Result<Vec<Manifest>> {
    let paths = paths_of(engine, run);
    let mut found = Vec::new();
    for step in steps {
        let mut manifest = Manifest::read(&engine.lake, &paths, step.name()).await?.ok_or_else(|| {
            Error::new(ErrorKind::Lake, format!("plan {} has lost its step {}", run.id, step.name()))
                .with_help("restore the lake from a backup, or plan the file again")
                .with_code(DAMAGED)
        })?;
        // What only the plan itself read is gone, and nobody reads it again.
        let own = paths.scratch();
        manifest
            .data_sets
            .retain(|_, set| !set.files.iter().any(|f| Path::from(f.path.as_str()).prefix_matches(&own)));
        if let Some(found) = manifest.facts.pointer_mut("/facts/found_links") {
            *found = Value::Null;
        }
        for set in manifest.data_sets.values() {
            set.verify(&engine.lake).await?;
        }
        found.push(manifest);
    }
    Ok(found)
}

/// Copies the files of one step under the paths of a run, and writes its manifest; one that is there already stays.
pub(super) async fn copy(
    lake: &Lake,
    from: &RunPaths,
    to: &RunPaths,
    entity: &str,
    manifest: &Manifest,
    epoch: i64,
) -> Result<()> {
    if Manifest::read(lake, to, &manifest.step).await?.is_some() {
        return Ok(());
    }
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    let folders: Vec<(Path, Path)> = from.folders(entity).into_iter().zip(to.folders(entity)).collect();
    for file in manifest.data_sets.values().flat_map(|set| &set.files) {
        let old = Path::from(file.path.as_str());
        let new = folders.iter().find_map(|(from, to)| {
            Some(old.prefix_match(from)?.fold(to.clone(), |path, part| path.join(part)))
        });
        let new = new.ok_or_else(|| Error::internal(format!("{old} lies outside the folders of its run")))?;
        lake.copy(&old, &new).await?;
        places.insert(old.to_string(), new.to_string());
    }
    fail::fail_point!("plan::copied", |_| Err(Error::internal("failpoint plan::copied")));
    let mut document = serde_json::to_value(manifest)?;
    replace_paths(&mut document, &places);
    let manifest = Manifest { attempt: to.attempt(), epoch, ..serde_json::from_value(document)? };
    // One that another process of the run has copied meanwhile tells of the same files.
    manifest.create(lake, to).await.map(|_| ())
}

/// Puts the new place of every file where the old one stood.
fn replace_paths(document: &mut Value, places: &BTreeMap<String, String>) {
    match document {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(path) if name == "path" => {
                        if let Some(new) = places.get(path) {
                            path.clone_from(new);
                        }
                    }
                    other => replace_paths(other, places),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace_paths(item, places)),
        _ => {}
    }
}

/// Gives a run that was interrupted while it took its plan over what it lacks of it.
pub(crate) async fn provide(engine: &Engine, run: &Run, epoch: i64) -> Result<()> {
    let Some(plan) = run.plan_run_id else { return Ok(()) };
    let paths = RunPaths::new(&engine.tenant, run.id, i32::try_from(run.attempt).unwrap_or(i32::MAX), false);
    let last = Manifest::read(&engine.lake, &paths, Step::Resolve.name()).await?;
    if last.is_some() {
        return Ok(());
    }
    let plan = engine.get_run(plan).await?;
    for manifest in manifests(engine, &plan, &PLANNED).await? {
        copy(&engine.lake, &paths_of(engine, &plan), &paths, &run.entity, &manifest, epoch).await?;
    }
    Ok(())
}

pub(super) fn paths_of(engine: &Engine, run: &Run) -> RunPaths {
    RunPaths::new(&engine.tenant, run.id, i32::try_from(run.attempt).unwrap_or(i32::MAX), run.dry_run)
}
