//! The writes of a chunk, in a transaction that keeps others out of its entity.

use importer_plans::project::{LoadMode, own_name};

use super::beside::Beside;
use super::chunk::{Prepared, with_ordinal};
use super::kept;
use super::statements;
use crate::context::RunContext;
use crate::error::Result;
use crate::store::{Session, StoreError, Table};

/// How a chunk's transaction keeps others out of its entity.
#[derive(Debug, Clone, Copy)]
pub enum Lock {
    Alone,
    Shared,
}

/// Keeps others out, and makes sure that the run is still ours. What was asked of the tables is asked no more.
pub async fn enter(cx: &RunContext, session: &mut Session, lock: Lock) -> Result<()> {
    session.share(&cx.table_answers);
    match lock {
        Lock::Alone => session.lock_entity(&cx.tenant, &cx.entity.name).await?,
        Lock::Shared => session.share_entity(&cx.tenant, &cx.entity.name).await?,
    }
    Ok(session.fence(&cx.fence).await?)
}

/// Writes changes into the tables.
pub async fn write_changes(session: &mut Session, prepared: &Prepared, round: u32) -> Result<()> {
    write_existing(session, prepared).await?;
    write_created(session, prepared).await?;
    fail::fail_point!("load::after_copy", |_| Err(crate::Error::internal("failpoint load::after_copy")));
    let log = Table::control("change_log");
    let changed = prepared.change_log.batches.iter().map(|b| with_ordinal(b, i64::from(round)));
    session.copy_batches(&log, &changed.collect::<Result<Vec<_>>>()?).await?;
    Ok(())
}

async fn write_existing(session: &mut Session, prepared: &Prepared) -> Result<()> {
    let dialect = session.dialect();
    for rows in &prepared.tables {
        if rows.after.is_empty() {
            continue;
        }
        let after = Beside::of_chunk(session, "after", &rows.target, &rows.after).await?;
        let of_table = |e: StoreError| e.of_table(own_name(&rows.target.table));
        let conflicts = session.conflicts(&rows.target.place()).await?;
        let update = rows.target.update(dialect, conflicts, after.sql());
        let mut written = after.execute(session, &update).await.map_err(of_table)?;
        if rows.target.mode != LoadMode::Core {
            let missing = rows.target.insert_missing(dialect, conflicts, after.sql());
            written += after.execute(session, &missing).await.map_err(of_table)?;
        }
        kept::changed(session, rows, &after, written).await?;
    }
    if !prepared.other_links.is_empty() {
        let links = Beside::of(session, "importer_links", &prepared.other_links).await?;
        if prepared.seen_again {
            links.execute(session, &statements::bump_links(dialect, links.sql())).await?;
        }
        links.execute(session, &statements::update_links(dialect, links.sql())).await?;
        links.execute(session, &statements::insert_links(dialect, links.sql())).await?;
    }
    if !prepared.other_provenance.is_empty() {
        let rows = Beside::of(session, "importer_provenance", &prepared.other_provenance).await?;
        for sql in statements::update_provenance(dialect, rows.sql()) {
            rows.execute(session, &sql).await?;
        }
    }
    Ok(())
}

async fn write_created(session: &mut Session, prepared: &Prepared) -> Result<()> {
    for rows in &prepared.tables {
        let written = session.copy_batches(&rows.target.place(), &rows.created.batches).await;
        let written = written.map_err(|e| e.of_table(own_name(&rows.target.table)))?;
        kept::created(session, rows, written).await?;
        fail::fail_point!("load::in_copy", |_| Err(crate::Error::internal("failpoint load::in_copy")));
    }
    let links = prepared.created_links.project(statements::link_columns())?;
    session.copy_batches(&Table::control("external_id_map"), &links.batches).await?;
    session.copy_batches(&Table::control("core_provenance"), &prepared.created_provenance.batches).await?;
    Ok(())
}
