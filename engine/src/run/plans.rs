//! Dry runs that stand before a run in its set: what they would create counts as there.

use crate::context::RunContext;
use crate::error::{DAMAGED, Error, ErrorKind, Result};
use crate::lake::{Lake, Manifest, RunPaths};
use crate::progress::Step;
use crate::steps::references::Plan;
use crate::steps::resolve::Resolved;
use crate::store::{Run, RunKind, RunStatus, Store};

/// The plans of a run at work. One that was loaded meanwhile is none any more: the store knows its records. What a plan is
/// applied as brings its own rows and asks for none.
pub(super) async fn plans_of(cx: &RunContext) -> Result<Vec<Plan>> {
    if !cx.settings.dry_run {
        return Ok(Vec::new());
    }
    let mut plans = Vec::new();
    for plan in not_loaded(cx).await? {
        let run = cx.store.get_run(&cx.tenant, plan).await?;
        let resolved: Resolved = resolved(&cx.lake, &cx.tenant, &run).await?.read_facts()?;
        let mut changes = resolved.merged;
        changes.extend(resolved.created);
        plans.push(Plan { run: run.id, entity: run.entity, changes });
    }
    Ok(plans)
}

/// Fails unless these runs are finished dry runs, and the run that counts on them is one itself.
pub async fn require_plans(lake: &Lake, store: &Store, tenant: &str, plans: &[i64], dry: bool) -> Result<()> {
    if !plans.is_empty() && !dry {
        return Err(Error::new(ErrorKind::Usage, "a run that loads its rows cannot count on plans")
            .with_help("make it a dry run, or leave the plans out"));
    }
    for plan in plans {
        let run = store.get_run(tenant, *plan).await?;
        if (run.kind, run.status) != (RunKind::DryRun, RunStatus::Succeeded) {
            let message =
                format!("run {plan} is no finished dry run: it is of kind {}, and {}", run.kind, run.status);
            return Err(Error::new(ErrorKind::Usage, message)
                .with_help("name the dry runs of the lists that come before this one"));
        }
        resolved(lake, tenant, &run).await?;
    }
    Ok(())
}

/// Those of the plans that a run counts on whose records the store does not know yet. What was loaded is often not the plan
/// itself: where core had moved, it was made anew, and that is a dry run of its own.
pub(super) async fn not_loaded(cx: &RunContext) -> Result<Vec<i64>> {
    let loaded = cx.store.loaded_plans(&cx.tenant, &cx.plans).await?;
    Ok(cx.plans.iter().copied().filter(|plan| !loaded.contains(plan)).collect())
}

async fn resolved(lake: &Lake, tenant: &str, run: &Run) -> Result<Manifest> {
    let attempt = i32::try_from(run.attempt).unwrap_or(i32::MAX);
    let paths = RunPaths::new(tenant, run.id, attempt, run.dry_run);
    Manifest::read(lake, &paths, Step::Resolve.name()).await?.ok_or_else(|| {
        Error::new(ErrorKind::Lake, format!("plan {} has lost its step {}", run.id, Step::Resolve.name()))
            .with_help("restore the lake from a backup, or plan the set again")
            .with_code(DAMAGED)
    })
}
