//! Rows of other entities that are held because a record was missing which may be here now.

use importer_plans::compile::references::UNRESOLVED;
use importer_plans::project::{Entity, Project};
use serde::{Deserialize, Serialize};

use crate::context::RunContext;
use crate::error::Result;
use crate::steps::resolve::CoreCounts;

/// Held rows of one entity that wait for records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub entity: String,
    /// The field that names the record.
    pub field: String,
    /// At least so many, where a run had more findings than the store keeps.
    pub rows: u64,
}

/// Rows that wait for records of the entity of a run that created some.
pub(super) async fn waiting(
    cx: &RunContext,
    project: &Project,
    core: Option<&CoreCounts>,
) -> Result<Vec<Waiting>> {
    let created = core.is_some_and(|core| core.rows_created > 0);
    let referring: Vec<(&str, &str)> = project
        .entities
        .values()
        .flat_map(Entity::references)
        .filter(|(.., reference)| reference.to == cx.entity.name)
        .map(|(entity, field, _)| (entity, field.name.as_str()))
        .collect();
    if !created || referring.is_empty() {
        return Ok(Vec::new());
    }
    let found = cx.store.rows_waiting(&cx.tenant, UNRESOLVED).await?;
    Ok(found
        .into_iter()
        .filter(|(entity, field, _)| referring.contains(&(entity.as_str(), field.as_str())))
        .map(|(entity, field, rows)| Waiting { entity, field, rows: u64::try_from(rows).unwrap_or(0) })
        .collect())
}
