//! What a run was made with and what it left: the project pinned to it, the manifests of its steps, its parameters.

use std::collections::BTreeMap;

use importer_plans::compile::why::Place;
use importer_plans::compile::{Bound, Shape};
use importer_plans::project::{Bundle, Entity, Mapping, Project, Source};
use serde_json::Value;

use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{DataSet, Manifest, RunPaths, project_bundle};
use crate::steps::land::Landed;
use crate::store::Run;

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
const STEPS: [&str; 5] = ["land", "stage", "check", "match", "resolve"];

/// Reads what the lake has of a run.
pub async fn pinned(engine: &Engine, run: Run) -> Result<Pinned> {
    let (entity, source) = entity_of(engine, &run).await?;
    let manifests = manifests(engine, &run).await?;
    let landed = manifests.get("land").ok_or_else(|| {
        Error::new(
            ErrorKind::Usage,
            format!("run {} ({}) left no row: it stopped before the end of land", run.id, run.status),
        )
        .with_help(format!("`importer show {}` tells how it ended", run.id))
    })?;
    let landed: Landed = serde_json::from_value(landed.facts["facts"].clone())?;
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

/// The project that was pinned to a run.
pub async fn project_of(engine: &Engine, run: &Run) -> Result<Project> {
    let lost = |what: String| {
        Error::new(ErrorKind::Lake, format!("the project of run {} {what}", run.id)).with_help(
            "every run pins its project below _projects in the lake; without it nothing can be told",
        )
    };
    let hash = run.project_hash.as_deref().ok_or_else(|| lost("was not pinned".to_owned()))?;
    let path = project_bundle(hash);
    let bytes = engine
        .lake
        .read_if_exists(&path)
        .await?
        .ok_or_else(|| lost(format!("is no longer in the lake ({path})")))?;
    let text = String::from_utf8_lossy(&bytes);
    if Bundle::hash_of(&text) != hash {
        return Err(lost(format!("is damaged ({path})")));
    }
    Project::from_bundle(&text).map_err(|e| lost(format!("cannot be read ({path}): {e}")))
}

/// The entity and the source as they were when the run began.
async fn entity_of(engine: &Engine, run: &Run) -> Result<(Entity, Source)> {
    let project = project_of(engine, run).await?;
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
    for step in STEPS {
        if let Some(manifest) = Manifest::read(&engine.lake, &paths, step).await? {
            found.insert(step.to_owned(), manifest);
        }
    }
    Ok(found)
}

impl Pinned {
    /// Whether a step was finished, so that its data sets are whole.
    pub fn finished(&self, step: &str) -> bool {
        self.manifests.contains_key(step)
    }

    /// What a step left.
    pub fn manifest(&self, step: &str) -> Option<&Manifest> {
        self.manifests.get(step)
    }

    /// A data set that a step left in a round.
    pub fn data_set(&self, step: &str, name: &str, round: i64) -> Option<&DataSet> {
        let manifest =
            if round == 0 { self.manifest(step) } else { self.manifest(&format!("{step}-{round}")) };
        manifest?.data_sets.get(name)
    }

    /// The mapping of the run's source.
    pub fn mapping(&self) -> Option<&Mapping> {
        self.entity.mappings.get(&self.source.mapping)
    }

    /// The parameters of the run's SQL. None where the run did not keep them: then its SQL cannot be run again exactly.
    pub fn params(&self) -> Option<Vec<Bound>> {
        let kept = &self.run.ingest_params_json;
        let landed_at = kept.get("landed_at").and_then(Value::as_i64)?;
        let word = |name: &str| kept.get(name).and_then(Value::as_str);
        // A key that is there may be null: no region is an answer too.
        kept.get("default_region")?;
        Some(vec![
            Bound::instant("landed_at", &instant(landed_at)),
            Bound::instant("loaded_at", &instant(landed_at)),
            Bound::instant("latest_at", &instant(landed_at.saturating_add(24 * 3600 * 1_000_000))),
            Bound::text("tenant", Some(&self.run.tenant)),
            Bound::text("entity", Some(&self.run.entity)),
            Bound::number("run_id", self.run.id),
            Bound::text("external_system", Some(self.run.external_system.as_deref()?)),
            Bound::text("default_region", word("default_region")),
            Bound::text("date_order", Some(word("date_order")?)),
            Bound::text("time_zone", Some(word("time_zone")?)),
        ])
    }
}

/// Microseconds since 1970 UTC as RFC 3339.
pub fn instant(micros: i64) -> String {
    chrono::DateTime::from_timestamp_micros(micros)
        .map_or_else(String::new, |time| time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))
}
