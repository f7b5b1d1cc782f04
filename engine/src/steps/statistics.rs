//! What the database's planner believes of our tables. Postgres looks at them in its own time, a minute or more after a
//! load; until then it believes that they are as empty as before, and reads whole tables for a handful of keys.

use importer_plans::project::LoadFile;

use crate::context::RunContext;
use crate::error::Result;
use crate::store::Table;

/// The tables beside core that questions go to.
const CONTROL: [&str; 4] = ["external_id_map", "core_provenance", "change_log", "dedupe_suggestions"];

/// Gathers statistics of the entity's tables. Tables of others are passed over by the database with a warning.
pub async fn gather(cx: &RunContext) -> Result<()> {
    let mut session = cx.store.session().await?;
    let core = cx.entity.loads.iter().map(LoadFile::own_table);
    let numbers = cx.shape.core.numbers.iter().map(String::as_str);
    let core = core.chain(numbers).map(Table::core);
    for table in core.chain(CONTROL.map(Table::control)) {
        session.analyze(&table).await?;
    }
    Ok(())
}
