//! Whose the records of the index are by now: the core rows that have their links.

use datafusion::arrow::datatypes::DataType;
use importer_plans::compile::{Keep, Query};

use crate::context::RunContext;
use crate::error::Result;
use crate::steps::core_tables;
use crate::steps::lookup::{self, Question, column, schema};
use crate::store::{Dialect, Table};

const CANDIDATES: &str = include_str!("../../../../sql/steps/match/index/candidates.sql");
const LINKS: &str = "SELECT DISTINCT link_system, link_id, \"_run\" AS run_id FROM index_met";

/// Asks the store for the owners of the links in `index_met`, and registers them as `index_owners`. A link that was merged
/// into another core row answers with that one; a row that is gone, or whose run was rolled back, with none.
pub async fn ask(cx: &RunContext, round: u32) -> Result<()> {
    let links = vec![
        column("link_system", DataType::Utf8),
        column("link_id", DataType::Utf8),
        column("run_id", DataType::Int64),
    ];
    let mut answer = links.clone();
    answer.push(column("core_id", DataType::Int64));
    let (keys, answer) = (schema(links), schema(answer));
    let sql = |dialect: Dialect, table: &str| link_owners(cx, dialect, table);
    let question =
        Question { name: "index_owners", keys: (LINKS, &keys), by: "link_id", sql: &sql, answer: &answer };
    lookup::ask(cx, &question, round).await
}

/// The records of `index_met` under their owners, as `core_records`.
pub fn records() -> Query {
    Query::new("core_records", Keep::Scratch, CANDIDATES)
}

fn link_owners(cx: &RunContext, dialect: Dialect, keys: &str) -> String {
    let (map, core) = (Table::control("external_id_map").sql(dialect), core_tables::core(cx, dialect));
    let runs = Table::control("import_runs").sql(dialect);
    let (tenant, entity) = (lookup::text(&cx.tenant), lookup::text(&cx.entity.name));
    let finds = dialect.finds();
    format!(
        "SELECT k.link_system, k.link_id, k.run_id, m.core_id\nFROM {keys} k\n{finds} {map} m ON m.tenant_id = {tenant} AND m.entity_type = {entity}\n           AND m.external_system = k.link_system AND m.external_id = k.link_id\n{finds} {core} c ON c.tenant_id = {tenant} AND c.id = m.core_id\nWHERE NOT EXISTS (SELECT 1 FROM {runs} r WHERE r.tenant_id = {tenant} AND r.id = k.run_id AND r.status = 'rolled_back')"
    )
}
