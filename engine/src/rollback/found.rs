//! What the store holds now of the core rows of a piece. Asked by keys inside the piece's transaction, after their rows
//! were locked. The keys of created rows are neighbours, so every question also names the range: the database then
//! reads a stretch of the index instead of the whole table.

use datafusion::arrow::datatypes::{DataType, SchemaRef};
use importer_plans::compile::{SetShape, Shape};

use super::blocks::{self, Foreign};
use super::keys::{Keys, answer};
use crate::context::RunContext;
use crate::error::Result;
use crate::steps::core_rows::{link_schema, set_schema, state_columns};
use crate::steps::core_tables;
use crate::steps::lookup::{column, core_type, core_value, schema, text, time};
use crate::store::{Dialect, Session, Table, ident};
use crate::tables;

/// Locks the core rows in key order, so that two writers cannot wait for each other.
pub async fn lock(cx: &RunContext, session: &mut Session, keys: &Keys) -> Result<()> {
    let dialect = session.dialect();
    if !dialect.locks_rows() {
        return Ok(());
    }
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM {} c WHERE c.tenant_id = {} AND {} ORDER BY c.id FOR UPDATE) AS held",
        core_tables::core(cx, dialect),
        text(&cx.tenant),
        keys.holds("c.id"),
    );
    session.fetch_one(&sql, &[]).await?;
    Ok(())
}

/// Registers `found`, `found_<set>`, `found_links`, `taken_links` and `blocks`.
pub async fn register(
    cx: &RunContext,
    session: &mut Session,
    keys: Option<&Keys>,
    foreign: &Foreign,
) -> Result<()> {
    let dialect = session.dialect();
    let shape = &cx.shape;
    let image = keys.map(|k| image_question(cx, dialect, k));
    answer(cx, session, "found", image, &image_schema(shape)).await?;
    for set in &shape.sets {
        let sql = keys.map(|k| set_question(cx, set, dialect, k));
        answer(cx, session, &format!("found_{}", set.name), sql, &set_schema()).await?;
    }
    let links = keys.map(|k| link_question(cx, dialect, k));
    answer(cx, session, "found_links", links, &link_schema()).await?;
    taken_links(cx, session).await?;
    blocks::register(cx, session, keys, foreign).await
}

fn image_schema(shape: &Shape) -> SchemaRef {
    let mut fields = vec![column("core_id", DataType::Int64)];
    fields.extend(shape.core_fields().map(|f| column(&f.name, core_type(f))));
    fields.extend([
        column("is_active", DataType::Boolean),
        column("has_state", DataType::Boolean),
        column("deactivated_at", time()),
        column("deleted_reason", DataType::Utf8),
        column("touched_at", time()),
        column("prov_fingerprint", DataType::Binary),
        column("prov_source", DataType::Utf8),
        column("prov_at", time()),
        column("prov_run_id", DataType::Int64),
        column("prov_row", DataType::Int64),
        column("prov_action", DataType::Utf8),
        column("prov_json", DataType::Utf8),
    ]);
    schema(fields)
}

fn image_question(cx: &RunContext, dialect: Dialect, keys: &Keys) -> String {
    let shape = &cx.shape;
    let (tenant, entity) = (text(&cx.tenant), text(&cx.entity.name));
    let fields: String = shape.core_fields().map(|f| format!(", {}", core_value(f, dialect))).collect();
    let (active, kept, state) = match &shape.state {
        Some(state) => (
            format!("coalesce(v.{}, TRUE)", ident(&state.active_column)),
            state_columns(state),
            format!(
                "\nLEFT JOIN {} v ON v.tenant_id = {tenant} AND v.{owner} = c.id AND {}",
                core_tables::state(cx, state, dialect),
                keys.between(&format!("v.{}", ident(&state.owner_column))),
                owner = ident(&state.owner_column),
            ),
        ),
        None => ("TRUE".to_owned(), "FALSE, NULL, NULL".to_owned(), String::new()),
    };
    format!(
        "SELECT c.id{fields}, {active}, {kept}, {touched},\n       p.fingerprint, p.source, p.effective_at, p.run_id, p.sequence_number, p.load_action, p.fields_json\nFROM {core} c{state}\nLEFT JOIN {provenance} p ON p.tenant_id = {tenant} AND p.entity_type = {entity} AND p.core_id = c.id AND {near}\nWHERE c.tenant_id = {tenant} AND {here}",
        touched = touched_at(cx, dialect),
        core = core_tables::core(cx, dialect),
        provenance = Table::control("core_provenance").sql(dialect),
        near = keys.between("p.core_id"),
        here = keys.holds("c.id"),
    )
}

/// When the row says that it was touched last. A hint for people, nothing is decided by it.
fn touched_at(cx: &RunContext, dialect: Dialect) -> String {
    let load = cx.entity.loads.iter().find(|l| l.table == cx.shape.core_table);
    let told = load.and_then(|l| l.columns.as_ref()).is_some_and(|c| c.iter().any(|c| c == "updated_at"));
    if told { dialect.as_instant("c.updated_at") } else { "NULL".to_owned() }
}

fn set_question(cx: &RunContext, set: &SetShape, dialect: Dialect, keys: &Keys) -> String {
    let owner = format!("x.{}", ident(&set.owner_column));
    format!(
        "SELECT {owner}, x.{}, x.{}, x.{}\nFROM {} x\nWHERE x.tenant_id = {} AND {}",
        ident(&set.key_column),
        ident(&set.value_column),
        ident(&set.primary_column),
        core_tables::set(cx, set, dialect),
        text(&cx.tenant),
        keys.holds(&owner),
    )
}

fn link_columns() -> String {
    let columns: Vec<String> =
        link_schema().fields().iter().map(|f| format!("m.{}", ident(f.name()))).collect();
    columns.join(", ")
}

fn link_question(cx: &RunContext, dialect: Dialect, keys: &Keys) -> String {
    format!(
        "SELECT {}\nFROM {} m\nWHERE m.tenant_id = {} AND m.entity_type = {} AND {}",
        link_columns(),
        Table::control("external_id_map").sql(dialect),
        text(&cx.tenant),
        text(&cx.entity.name),
        keys.holds("m.core_id"),
    )
}

const COMING_BACK: &str =
    "SELECT external_system, external_id FROM undo_links WHERE became IS NULL AND was IS NOT NULL";

/// Links that a rollback had removed and that stand in the map again.
async fn taken_links(cx: &RunContext, session: &mut Session) -> Result<()> {
    let keys = schema(vec![column("external_system", DataType::Utf8), column("external_id", DataType::Utf8)]);
    let (_, batches) = tables::collect_compact(cx.plan(COMING_BACK).await?).await?;
    let batches = batches.iter().map(|b| tables::conform(b, &keys)).collect::<Result<Vec<_>>>()?;
    let sql = if batches.is_empty() {
        None
    } else {
        let dialect = session.dialect();
        let table = session.temp_from_batches("importer_undo_links", &keys, &batches).await?;
        session.index_temp(&table, &["external_system", "external_id"]).await?;
        Some(format!(
            "SELECT {}\nFROM {} k\n{} {} m ON m.tenant_id = {} AND m.entity_type = {} AND m.external_system = k.external_system AND m.external_id = k.external_id",
            link_columns(),
            table.sql(dialect),
            dialect.finds(),
            Table::control("external_id_map").sql(dialect),
            text(&cx.tenant),
            text(&cx.entity.name),
        ))
    };
    answer(cx, session, "taken_links", sql, &link_schema()).await
}
