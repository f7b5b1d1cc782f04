//! What stands in FROM for the tables of an entity: their names, or relations where they are the organisation's own and
//! call things otherwise.

use importer_plans::compile::{SetShape, StateTable, with_tenant};

use super::lookup::text;
use crate::context::RunContext;
use crate::error::Result;
use crate::store::{Dialect, Table};

/// The core table, with `tenant_id`, `id` and the fields under the names of the contract.
pub fn core(cx: &RunContext, dialect: Dialect) -> String {
    let table = Table::core(&cx.shape.core_table).sql(dialect);
    cx.shape.core.relation(&table, &text(&cx.tenant))
}

/// The table of a set, with `tenant_id`.
pub fn set(cx: &RunContext, set: &SetShape, dialect: Dialect) -> String {
    with_tenant(&Table::core(&set.table).sql(dialect), &text(&cx.tenant), set.has_tenant)
}

/// The table that says whether a record is active, with `tenant_id`.
pub fn state(cx: &RunContext, state: &StateTable, dialect: Dialect) -> String {
    with_tenant(&Table::core(&state.table).sql(dialect), &text(&cx.tenant), state.has_tenant)
}

/// Whether the entity has any core row that rows could meet; a first load asks nothing else.
pub async fn core_is_empty(cx: &RunContext) -> Result<bool> {
    let mut session = cx.store.session().await?;
    let dialect = session.dialect();
    let tenant = text(&cx.tenant);
    let sql = format!("SELECT 1 FROM {} c WHERE c.tenant_id = {tenant} LIMIT 1", core(cx, dialect));
    let core = session.fetch_optional(&sql, &[]).await?;
    Ok(core.is_none())
}
