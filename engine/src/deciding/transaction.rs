//! The transaction of a decision: nobody else writes what it may write, and all of it is visible or nothing.

use importer_plans::project::Entity;

use super::read::entities;
use crate::context::RunContext;
use crate::engine::Engine;
use crate::error::Result;
use crate::store::{AuditEntry, Session};

/// One that keeps others out of all entities that it may write.
pub async fn open(engine: &Engine, cx: &RunContext) -> Result<Session> {
    let mut session = cx.store.begin().await?;
    session.share(&cx.table_answers);
    let here = entities(&engine.project, &cx.entity);
    let refers =
        |entity: &&Entity| entity.references().any(|(_, _, to)| here.iter().any(|here| here.name == to.to));
    let mut names: Vec<&str> = here
        .iter()
        .copied()
        .chain(engine.project.entities.values().filter(refers))
        .map(|e| e.name.as_str())
        .collect();
    // One order for everybody, so that nobody waits for each other.
    names.sort_unstable();
    names.dedup();
    for name in names {
        session.lock_entity(&cx.tenant, name).await?;
    }
    session.fence(&cx.fence).await?;
    Ok(session)
}

/// Ends it.
pub async fn close<T>(mut session: Session, done: Result<T>) -> Result<T> {
    match done {
        Ok(done) => {
            session.commit().await?;
            fail::fail_point!("deciding::committed", |_| Err(crate::error::Error::internal(
                "failpoint deciding::committed"
            )));
            Ok(done)
        }
        Err(error) => {
            // The first error is the one to tell; a rollback that fails ends with the connection.
            let _ = session.rollback().await;
            Err(error)
        }
    }
}

/// Writes down who did what.
pub async fn audit(
    cx: &RunContext,
    session: &mut Session,
    (action, target, id): (&str, &str, i64),
    details: serde_json::Value,
) -> Result<()> {
    let entry = AuditEntry {
        action: action.to_owned(),
        actor: cx.actor.clone(),
        target_type: Some(target.to_owned()),
        target_id: Some(id.to_string()),
        run_id: Some(cx.run_id),
        details_json: details,
    };
    Ok(session.audit_of_run(&cx.fence, &entry).await?)
}
