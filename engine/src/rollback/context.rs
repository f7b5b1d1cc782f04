//! What the pieces of a rollback work with, and as which run.

use std::sync::{Arc, OnceLock};

use importer_plans::project::{DateOrder, DuplicatePolicy, ImportMode};

use super::admitted::Admitted;
use super::kept::register_later_runs;
use crate::context::{RunContext, Settings, Trace};
use crate::engine::Engine;
use crate::error::Result;
use crate::lake::RunPaths;
use crate::progress::Listener;
use crate::session::{frugal, quick, session};
use crate::store::{Fence, RunKind, TableAnswers};

/// As which run a rollback works.
pub struct Identity {
    /// Its own, over that of the run that it takes back.
    pub fence: Fence,
    pub attempt: i32,
    pub dry: bool,
    pub at: i64,
    pub actor: String,
}

impl Identity {
    /// A look works under the number of the run that it looks at, apart from real runs.
    pub fn dry(admitted: &Admitted) -> Self {
        Self {
            fence: Fence::of_look(&admitted.run.tenant, admitted.run.id),
            attempt: 1,
            dry: true,
            at: admitted.now,
            actor: "operator".to_owned(),
        }
    }
}

/// What the pieces work with.
pub async fn context(
    engine: &Engine,
    admitted: &Admitted,
    identity: &Identity,
    listener: Arc<dyn Listener>,
) -> Result<RunContext> {
    let cx = bare_context(engine, admitted, identity, listener)?;
    engine.store.number_rows(&cx.entity.loads, false).await?;
    register_later_runs(&cx, admitted).await?;
    Ok(cx)
}

/// [`context`] without what later runs did.
pub fn bare_context(
    engine: &Engine,
    admitted: &Admitted,
    identity: &Identity,
    listener: Arc<dyn Listener>,
) -> Result<RunContext> {
    let session = session(&engine.limits, &engine.lake)?;
    Ok(RunContext {
        quick: quick(&session),
        frugal: frugal(&session),
        session,
        // Not that of a run: the ledger in the store names files of a rollback, so they have to be durable at once.
        lake: engine.lake.clone(),
        store: Arc::clone(&engine.store),
        paths: RunPaths::new(&engine.tenant, identity.fence.run_id(), identity.attempt, identity.dry),
        tenant: engine.tenant.clone(),
        run_id: identity.fence.run_id(),
        fence: identity.fence.clone(),
        entity: Arc::clone(&admitted.pinned.entity),
        source: admitted.pinned.source.clone(),
        shape: admitted.pinned.shape.clone(),
        settings: Settings {
            dry_run: identity.dry,
            atomic: false,
            accept_bad: false,
            max_bad: 0.0,
            policy: DuplicatePolicy::Upsert,
            mode: ImportMode::ValidOnly,
            external_system: admitted.run.external_system.clone().unwrap_or_default(),
            default_region: None,
            date_order: DateOrder::Auto,
            number_format: None,
            time_zone: String::new(),
            partitions: engine.limits.partitions,
            chunk_rows: admitted.chunk_rows,
            chunks_in_pairs: false,
            landed_at: identity.at,
            loaded_at: None,
        },
        max_violations: admitted.pinned.max_violations,
        max_query_time: admitted.pinned.max_query_time,
        kind: RunKind::Rollback,
        plan_run_id: None,
        table_answers: TableAnswers::default(),
        plans: Vec::new(),
        actor: identity.actor.clone(),
        default_namespace: false,
        suggestions: Vec::new(),
        inputs: Vec::new(),
        stop: engine.stop.clone(),
        listener,
        trace: Trace::default(),
        limits: engine.limits.clone(),
        landed_rows: OnceLock::new(),
        policy: OnceLock::new(),
    })
}
