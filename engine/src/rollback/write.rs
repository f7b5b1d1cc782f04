//! What a piece does to the store: rows that come back, values that go back, rows and members that go. Names come from
//! the load files and are quoted by the store; values travel by COPY.

use datafusion::arrow::array::RecordBatch;
use importer_plans::compile::load::Image;
use importer_plans::compile::{SetShape, undo};
use importer_plans::project::{LoadMode, TENANT};

use super::admitted::Admitted;
use super::keys::Keys;
use crate::context::RunContext;
use crate::error::Result;
use crate::steps::load::{LINK_COLUMNS, Lane, Rows, Target, update_provenance, with_ordinal};
use crate::steps::lookup::text;
use crate::store::{Dialect, Session, StoreError, StoreErrorKind, Table, ident};
use crate::tables;

/// The rows of the change log: values that go back on rows that stay.
pub async fn change_log(cx: &RunContext, admitted: &Admitted, round: i64) -> Result<Vec<RecordBatch>> {
    let staying =
        cx.plan("SELECT * FROM undone WHERE action NOT IN ('removed', 'created') AND differs").await?;
    let (schema, rows) = tables::collect_compact(staying).await?;
    tables::register_rows(&cx.session, undo::CHANGE_LOG_FIELDS, schema, rows)?;
    let log = rows_of(cx, &undo::change_log_sql(&cx.shape, admitted.run.id)).await?;
    log.batches.iter().map(|b| with_ordinal(b, round)).collect()
}

/// Writes a piece into an open transaction.
pub async fn apply(cx: &RunContext, session: &mut Session, log: &[RecordBatch]) -> Result<()> {
    let chunk = cx.plan("SELECT * FROM undone WHERE action <> 'removed' AND differs").await?;
    let (schema, rows) = tables::collect_compact(chunk).await?;
    tables::register_rows(&cx.session, "chunk", schema, rows)?;
    let created = targets(cx, Image::Created).await?;
    let after = targets(cx, Image::After).await?;
    for (target, rows) in &created {
        session.copy_batches(&target.place(), &rows.batches).await?;
    }
    for (target, rows) in &after {
        update(session, target, rows).await?;
    }
    for set in &cx.shape.sets {
        remove_members(cx, session, set).await?;
    }
    remove_states(cx, session).await?;
    remove_rows(cx, session).await?;
    links(cx, session).await?;
    provenance(cx, session).await?;
    session.copy_batches(&Table::control("change_log"), log).await?;
    Ok(())
}

async fn rows_of(cx: &RunContext, sql: &str) -> Result<Rows> {
    Lane::over(cx, cx.session.clone()).rows(sql).await
}

async fn targets(cx: &RunContext, image: Image) -> Result<Vec<(Target, Rows)>> {
    let rows = Lane::over(cx, cx.session.clone()).image_rows(image).await?;
    Ok(cx
        .entity
        .loads
        .iter()
        .zip(rows)
        .map(|(load, rows)| {
            let columns = rows.schema.fields().iter().map(|f| f.name().clone()).collect();
            (Target::new(load, &cx.shape, columns), rows)
        })
        .collect())
}

async fn update(session: &mut Session, target: &Target, rows: &Rows) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let dialect = session.dialect();
    let name = format!("importer_undo_{}", target.table);
    let temp = session.temp_from_batches(&name, &rows.schema, &rows.batches).await?.sql(dialect);
    let temp = target.beside(session, &rows.schema, &temp).await?;
    let conflicts = session.conflicts(&target.place()).await?;
    session.execute_script(&target.update(dialect, conflicts, &temp)).await?;
    if target.mode != LoadMode::Core {
        session.execute_script(&target.insert_missing(dialect, conflicts, &temp)).await?;
    }
    Ok(())
}

async fn remove_members(cx: &RunContext, session: &mut Session, set: &SetShape) -> Result<()> {
    let items = ident(&format!("set_items_{}", set.name));
    let ids = format!("SELECT DISTINCT core_id FROM {items} WHERE removed ORDER BY core_id");
    let Some(keys) = Keys::send(cx, session, "importer_undo_owners", &ids).await? else { return Ok(()) };
    let members = rows_of(cx, &format!("SELECT core_id, key FROM {items} WHERE removed")).await?;
    let dialect = session.dialect();
    let temp = session.temp_from_batches("importer_undo_members", &members.schema, &members.batches).await?;
    session.index_temp(&temp, &["core_id", "key"]).await?;
    let temp = temp.sql(dialect);
    let (owner, key) = (ident(&set.owner_column), ident(&set.key_column));
    let sql = format!(
        "DELETE FROM {} WHERE {}{} AND ({owner}, {key}) IN (SELECT core_id, key FROM {temp})",
        Table::core(&set.table).sql(dialect),
        of_tenant(cx, set.has_tenant),
        keys.between(&owner),
    );
    session.execute_script(&sql).await?;
    Ok(())
}

/// The run had given a core row of the host a row for its state.
async fn remove_states(cx: &RunContext, session: &mut Session) -> Result<()> {
    let Some(state) = &cx.shape.state else { return Ok(()) };
    let ids = "SELECT core_id FROM undone WHERE action <> 'removed' AND NOT coalesce(after['has_state'], false) ORDER BY core_id";
    let Some(keys) = Keys::send(cx, session, "importer_undo_states", ids).await? else { return Ok(()) };
    let place = (state.table.as_str(), state.owner_column.as_str(), state.has_tenant);
    let rows = belonging(cx, session.dialect(), place, &keys);
    session.execute(&format!("DELETE {rows}"), &[]).await?;
    Ok(())
}

/// Created rows go with everything that belongs to them, children first.
async fn remove_rows(cx: &RunContext, session: &mut Session) -> Result<()> {
    let ids = "SELECT core_id FROM undone WHERE action = 'removed' ORDER BY core_id";
    let Some(keys) = Keys::send(cx, session, "importer_undo_removed", ids).await? else { return Ok(()) };
    let dialect = session.dialect();
    for load in cx.entity.loads.iter().rev() {
        let target = Target::new(load, &cx.shape, Vec::new());
        let set = cx.shape.sets.iter().find(|s| s.table == load.table);
        let owner = set.map_or(target.owner(), |set| set.owner_column.as_str());
        let rows = belonging(cx, dialect, (&load.table, owner, load.has_tenant()), &keys);
        let seen = match set {
            Some(set) => Some(format!(
                "SELECT count(*) AS n FROM {} f JOIN undone u ON u.core_id = f.core_id WHERE u.action = 'removed'",
                ident(&format!("found_{}", set.name))
            )),
            None if load.mode == LoadMode::Core => {
                Some("SELECT count(*) AS n FROM undone WHERE action = 'removed'".to_owned())
            }
            None => None,
        };
        let uncounted = seen.is_some() && load.numbered.is_some() && !dialect.counts_what_triggers_do();
        let there = match uncounted {
            true => Some(session.fetch_one(&format!("SELECT count(*) {rows}"), &[]).await?.int(0)?),
            false => None,
        };
        let removed = session.execute(&format!("DELETE {rows}"), &[]).await?;
        let Some(seen) = seen else { continue };
        let removed = there.map_or(removed, |rows| u64::try_from(rows).unwrap_or(0));
        if removed != cx.count(&seen).await? {
            return Err(StoreError::new(
                StoreErrorKind::Conflict,
                format!("rows of {} were changed by somebody else at the same time", load.own_table()),
            )
            .into());
        }
    }
    Ok(())
}

/// The rows of a table that belong to these core rows, as they stand behind SELECT or DELETE.
fn belonging(
    cx: &RunContext,
    dialect: Dialect,
    (table, owner, has_tenant): (&str, &str, bool),
    keys: &Keys,
) -> String {
    format!(
        "FROM {} WHERE {}{}",
        Table::core(table).sql(dialect),
        of_tenant(cx, has_tenant),
        keys.holds(&ident(owner)),
    )
}

/// The beginning of a condition on a table whose rows say whose they are.
fn of_tenant(cx: &RunContext, has_tenant: bool) -> String {
    if has_tenant { format!("{} = {} AND ", ident(TENANT), text(&cx.tenant)) } else { String::new() }
}

const LINK: &str = "SELECT CAST($tenant AS VARCHAR) AS tenant_id, CAST($entity AS VARCHAR) AS entity_type, external_system, external_id, core_id,
       link['is_active'] AS is_active, link['is_synthetic'] AS is_synthetic, link['first_seen_at'] AS first_seen_at,
       link['last_seen_at'] AS last_seen_at, link['run_id'] AS run_id, link['last_run_id'] AS last_run_id,
       link['last_checksum'] AS last_checksum, link['last_effective_at'] AS last_effective_at,
       link['ingest_version'] AS ingest_version, link['deactivated_at'] AS deactivated_at,
       link['upstream_deleted_reason'] AS upstream_deleted_reason
FROM link_results WHERE op = ";

async fn links(cx: &RunContext, session: &mut Session) -> Result<()> {
    let dialect = session.dialect();
    let map = Table::control("external_id_map");
    let (tenant, entity) = (text(&cx.tenant), text(&cx.entity.name));
    let ids = "SELECT DISTINCT core_id FROM link_results WHERE op = 'delete' ORDER BY core_id";
    if let Some(keys) = Keys::send(cx, session, "importer_undo_linked", ids).await? {
        let gone = rows_of(
            cx,
            "SELECT external_system, external_id FROM link_results WHERE op = 'delete' ORDER BY 1, 2",
        )
        .await?;
        let temp = session.temp_from_batches("importer_undo_gone", &gone.schema, &gone.batches).await?;
        session.index_temp(&temp, &["external_system", "external_id"]).await?;
        let temp = temp.sql(dialect);
        let sql = format!(
            "DELETE FROM {} WHERE tenant_id = {tenant} AND entity_type = {entity} AND {} AND (external_system, external_id) IN (SELECT external_system, external_id FROM {temp})",
            map.sql(dialect),
            keys.between("core_id"),
        );
        session.execute_script(&sql).await?;
    }
    let back = rows_of(cx, &format!("{LINK}'restore'")).await?;
    if !back.is_empty() {
        let temp =
            session.temp_from_batches("importer_undo_back", &back.schema, &back.batches).await?.sql(dialect);
        let set: Vec<String> = LINK_COLUMNS.iter().skip(4).map(|c| format!("{c} = l.{c}")).collect();
        let sql = format!(
            "UPDATE {} AS m SET {}, last_confirmed_at = NULL FROM {temp} l WHERE m.tenant_id = l.tenant_id AND m.entity_type = l.entity_type AND m.external_system = l.external_system AND m.external_id = l.external_id",
            map.sql(dialect),
            set.join(", "),
        );
        session.execute_script(&sql).await?;
    }
    let again = rows_of(cx, &format!("{LINK}'insert'")).await?;
    session.copy_batches(&map, &again.batches).await?;
    Ok(())
}

const NO_PROVENANCE: &str = "SELECT core_id FROM undone WHERE after_provenance IS NULL AND before_provenance IS NOT NULL ORDER BY core_id";

const PROVENANCE: &str = "SELECT CAST($tenant AS VARCHAR) AS tenant_id, CAST($entity AS VARCHAR) AS entity_type, core_id, p['fingerprint'] AS fingerprint,
       p['source'] AS source, p['effective_at'] AS effective_at, p['run_id'] AS run_id, p['sequence_number'] AS sequence_number,
       p['load_action'] AS load_action, p['fields_json'] AS fields_json
FROM (SELECT core_id, after_provenance AS p, before_provenance AS b FROM undone)
WHERE p IS NOT NULL AND ((p['fingerprint'] IS DISTINCT FROM b['fingerprint']) OR (p['run_id'] IS DISTINCT FROM b['run_id'])
      OR (p['fields_json'] IS DISTINCT FROM b['fields_json']) OR (p['sequence_number'] IS DISTINCT FROM b['sequence_number']))";

async fn provenance(cx: &RunContext, session: &mut Session) -> Result<()> {
    let dialect = session.dialect();
    if let Some(keys) = Keys::send(cx, session, "importer_undo_written", NO_PROVENANCE).await? {
        let sql = format!(
            "DELETE FROM {} WHERE tenant_id = {} AND entity_type = {} AND {}",
            Table::control("core_provenance").sql(dialect),
            text(&cx.tenant),
            text(&cx.entity.name),
            keys.holds("core_id"),
        );
        session.execute_script(&sql).await?;
    }
    let rows = rows_of(cx, PROVENANCE).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let temp =
        session.temp_from_batches("importer_undo_prov", &rows.schema, &rows.batches).await?.sql(dialect);
    for sql in update_provenance(dialect, &temp) {
        session.execute_script(&sql).await?;
    }
    Ok(())
}
