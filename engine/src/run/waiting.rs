//! Rows of other entities that are held because a record was missing which may be here now.

use importer_plans::compile::references::UNRESOLVED;
use importer_plans::project::{Entity, Project};
use serde::{Deserialize, Serialize};

use super::RunContext;
use super::summary::SummaryParts;
use crate::error::Result;

/// Held rows of one entity that wait for records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub entity: String,
    /// Their findings; at least so many, where a run had more than the store keeps.
    pub findings: u64,
}

/// The entities whose rows name records of this one.
fn referring<'p>(project: &'p Project, to: &'p str) -> impl Iterator<Item = &'p Entity> {
    project.entities.values().filter(move |entity| entity.references().any(|(.., found)| found.to == to))
}

/// Rows that wait for records of the entity of a run that created some.
pub(super) async fn waiting(
    cx: &RunContext,
    project: &Project,
    parts: &SummaryParts,
) -> Result<Vec<Waiting>> {
    let created = parts.core.as_ref().is_some_and(|core| core.rows_created > 0);
    let referring: Vec<&str> = referring(project, &cx.entity.name).map(|e| e.name.as_str()).collect();
    if !created || referring.is_empty() {
        return Ok(Vec::new());
    }
    let found = cx.store.rows_waiting(&cx.tenant, UNRESOLVED).await?;
    Ok(found
        .into_iter()
        .filter(|(entity, _)| referring.contains(&entity.as_str()))
        .map(|(entity, findings)| Waiting { entity, findings: u64::try_from(findings).unwrap_or(0) })
        .collect())
}
