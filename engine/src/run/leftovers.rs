//! What former attempts left in the lake: the manifests that count, and the files that nothing lists any more.

use std::collections::HashSet;

use object_store::path::Path;

use crate::error::Result;
use crate::lake::{self, Lake, Manifest, RunPaths};
use crate::progress::Step;

/// The name of the manifest of a step. Later rounds of match, resolve and load have one of their own.
pub fn manifest_name(step: Step, round: u32) -> String {
    lake::manifest_name(step.name(), round)
}

/// The place of a manifest in the order of the steps; other documents of the run have none.
fn place(name: &str) -> Option<(u32, Step)> {
    let (step, round) = match name.split_once('-') {
        Some((step, round)) => (step, round.parse().ok()?),
        None => (name, 0),
    };
    let step = Step::ALL.into_iter().find(|s| s.name() == step)?;
    // Reconcile comes after the last round, however many there were.
    Some((if step == Step::Reconcile { u32::MAX } else { round }, step))
}

/// The manifests of a run, in the order of the steps.
async fn manifests(lake: &Lake, paths: &RunPaths) -> Result<Vec<((u32, Step), Path)>> {
    let mut found: Vec<_> = lake
        .list(&paths.manifests())
        .await?
        .into_iter()
        .filter_map(|object| {
            let name = object.location.filename()?.strip_suffix(".json")?;
            Some((place(name)?, object.location.clone()))
        })
        .collect();
    found.sort_by_key(|(place, _)| *place);
    Ok(found)
}

/// Forgets a step and all steps behind it, last one first, so that a kill in between leaves the steps before it.
pub async fn forget_from(lake: &Lake, paths: &RunPaths, step: Step, round: u32) -> Result<()> {
    let first = (round, step);
    for (_, path) in manifests(lake, paths).await?.iter().rev().filter(|(place, _)| *place >= first) {
        lake.remove(path).await?;
    }
    Ok(())
}

/// Removes the files that no manifest of the run lists; with `scratch` also those that only the run itself reads.
///
/// A process that was killed leaves such files, and whoever globs over the lake would count their rows twice. Another process
/// that has the run by now would lose what it has not listed yet: whoever sweeps has the run, and keeps it meanwhile.
pub async fn sweep(lake: &Lake, paths: &RunPaths, entity: &str, scratch: bool) -> Result<()> {
    let own = paths.scratch();
    remove_unlisted(lake, paths, entity, |path| scratch && path.prefix_matches(&own), |_| true).await
}

/// Removes what this attempt wrote and no manifest lists. The run may be somebody else's by now, whose attempt has another
/// number.
pub async fn sweep_attempt(lake: &Lake, paths: &RunPaths, entity: &str) -> Result<()> {
    remove_unlisted(lake, paths, entity, |_| false, |path| paths.is_own(path)).await
}

/// Removes files that no manifest lists, of those that may go, and others that are of no use, listed or not.
async fn remove_unlisted(
    lake: &Lake,
    paths: &RunPaths,
    entity: &str,
    of_no_use: impl Fn(&Path) -> bool,
    may_go: impl Fn(&Path) -> bool,
) -> Result<()> {
    let mut listed = HashSet::new();
    for (_, path) in manifests(lake, paths).await? {
        let manifest: Manifest = serde_json::from_slice(&lake.read(&path).await?)?;
        listed.extend(manifest.data_sets.into_values().flat_map(|set| set.files).map(|file| file.path));
    }
    for folder in paths.folders(entity) {
        for object in lake.list(&folder).await? {
            let path = object.location;
            if of_no_use(&path) || (may_go(&path) && !listed.contains(path.as_ref())) {
                lake.remove(&path).await?;
            }
        }
        lake.remove_empty_folders(&folder);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{manifest_name, place};
    use crate::progress::Step;

    #[test]
    fn manifests_are_ordered_as_the_steps_are() {
        let names = ["land", "match", "resolve", "load", "match-1", "load-1", "reconcile"];
        let places: Vec<_> = names.iter().map(|n| place(n)).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(places.is_sorted(), "{places:?}");
        assert_eq!(place("summary"), None);
        assert_eq!(place(&manifest_name(Step::Load, 2)), Some((2, Step::Load)));
        assert_eq!(manifest_name(Step::Load, 0), "load");
    }
}
