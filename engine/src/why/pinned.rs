//! What a run was made with and what it left: the project pinned to it, the manifests of its steps, its parameters.

use std::collections::BTreeMap;

use importer_plans::compile::why::Place;
use importer_plans::compile::{Bound, Shape};
use importer_plans::project::{Entity, Mapping, Source};

use crate::engine::Engine;
use crate::error::{DAMAGED, DAMAGED_HELP, Error, ErrorKind, Result};
use crate::lake::{Manifest, RunPaths};
use crate::run::{RunParams, pinned_project};
use crate::steps::land::Landed;
use crate::store::{Run, RunKind};

/// A run as it can be asked about.
pub struct Pinned {
    pub run: Run,
    pub place: Place,
    pub entity: Entity,
    pub source: Source,
    pub shape: Shape,
    pub landed: Landed,
    manifests: BTreeMap<String, Manifest>,
}

/// The steps that leave a manifest.
const STEPS: [&str; 6] = ["land", "stage", "check", "match", "resolve", "load"];

/// Reads what the lake has of a run.
pub async fn pinned(engine: &Engine, run: Run) -> Result<Pinned> {
    if let Some(undone) = run.parent_run_id.filter(|_| run.kind == RunKind::Rollback) {
        let message = format!("run {} is a rollback of run {undone} and has no rows of its own", run.id);
        let help = format!(
            "ask about the row that was taken back, importer why {undone} ROW, or about the core row, importer why core …"
        );
        return Err(Error::new(ErrorKind::Usage, message).with_help(help).with_code("NOT_FOUND"));
    }
    let (entity, source) = entity_of(engine, &run).await?;
    let manifests = manifests(engine, &run).await?;
    let landed = manifests.get("land").ok_or_else(|| {
        Error::new(
            ErrorKind::Usage,
            format!("run {} ({}) left no row: it stopped before the end of land", run.id, run.status),
        )
        .with_help(format!("`importer show {}` tells how it ended", run.id))
    })?;
    let landed: Landed = landed.read_facts()?;
    Ok(Pinned {
        place: Place { run_id: run.id, dry: run.dry_run },
        shape: Shape::of(&entity),
        entity,
        source,
        landed,
        manifests,
        run,
    })
}

/// The entity and the source as they were when the run began.
async fn entity_of(engine: &Engine, run: &Run) -> Result<(Entity, Source)> {
    let project = pinned_project(engine, run).await?;
    let entity = project.entities.get(&run.entity).cloned();
    let source = project.sources.get(&run.source).cloned();
    entity.zip(source).ok_or_else(|| {
        Error::new(
            ErrorKind::Lake,
            format!("the project of run {} has no entity {} or no source {}", run.id, run.entity, run.source),
        )
    })
}

async fn manifests(engine: &Engine, run: &Run) -> Result<BTreeMap<String, Manifest>> {
    let attempt = i32::try_from(run.attempt).unwrap_or(i32::MAX);
    let paths = RunPaths::new(&engine.tenant, run.id, attempt, run.dry_run);
    let mut found = BTreeMap::new();
    for object in engine.lake.list(&paths.manifests()).await? {
        let Some(name) = object.location.filename().and_then(|n| n.strip_suffix(".json")) else { continue };
        // Other documents of a run are no manifests.
        if STEPS.contains(&name.split('-').next().unwrap_or(name))
            && let Some(manifest) = Manifest::read(&engine.lake, &paths, name).await?
        {
            found.insert(name.to_owned(), manifest);
        }
    }
    Ok(found)
}

impl Pinned {
    /// Why the run cannot be told: where a file that it left is gone, that is the reason, and it is named.
    pub async fn or_missing(&self, engine: &Engine, error: Error) -> Error {
        let landed = self.landed.files.iter().map(|file| &file.data_set);
        let left = self.manifests.values().flat_map(|manifest| manifest.data_sets.values());
        for data_set in landed.chain([&self.landed.rejects, &self.landed.findings]).chain(left) {
            if let Err(damage) = data_set.require(&engine.lake).await
                && damage.code() == Some(DAMAGED)
            {
                let help = format!("{DAMAGED_HELP}; what the database still knows: importer why core …");
                return damage.with_help(help);
            }
        }
        error
    }

    /// Whether a step was finished, so that its data sets are whole.
    pub fn finished(&self, step: &str) -> bool {
        self.manifests.contains_key(step)
    }

    /// What a step left in a round.
    pub fn manifest(&self, step: &str, round: i64) -> Option<&Manifest> {
        match round {
            0 => self.manifests.get(step),
            round => self.manifests.get(&format!("{step}-{round}")),
        }
    }

    /// The mapping of the run's source.
    pub fn mapping(&self) -> Option<&Mapping> {
        self.entity.mappings.get(&self.source.mapping)
    }

    /// The parameters of the run's SQL. None where the run did not keep them: then its SQL cannot be run again exactly.
    pub fn params(&self) -> Option<Vec<Bound>> {
        let kept = RunParams::of(&self.run).ok()?.settings;
        Some(vec![
            Bound::instant("landed_at", &instant(kept.landed_at)),
            Bound::instant("loaded_at", &instant(kept.loaded_at.unwrap_or(kept.landed_at))),
            Bound::instant("latest_at", &instant(kept.landed_at.saturating_add(24 * 3600 * 1_000_000))),
            Bound::text("tenant", Some(&self.run.tenant)),
            Bound::text("entity", Some(&self.run.entity)),
            Bound::number("run_id", self.run.id),
            Bound::text("external_system", Some(&kept.external_system)),
            Bound::text("default_region", kept.default_region.as_deref()),
            Bound::text("date_order", Some(kept.date_order.as_str())),
            Bound::text("time_zone", Some(&kept.time_zone)),
        ])
    }
}

/// Microseconds since 1970 UTC as RFC 3339.
pub fn instant(micros: i64) -> String {
    chrono::DateTime::from_timestamp_micros(micros)
        .map_or_else(String::new, |time| time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))
}
