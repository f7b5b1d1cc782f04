//! What stands in FROM for the tables of an entity: their names, or relations where they are the organisation's own and
//! call things otherwise.

use importer_plans::compile::{SetShape, StateTable, with_tenant};

use super::lookup::text;
use crate::run::RunContext;
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
