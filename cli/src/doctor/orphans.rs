//! Children without their parent. Postgres has no foreign key that would refuse them (ADR 0005); Importer writes both
//! in one transaction, so an orphan is what somebody else left.

use importer_engine::store::{Store, Table, ident};
use importer_plans::compile::{Shape, with_tenant};
use importer_plans::project::{LoadMode, Project, own_name};

use super::verdict::Look;

/// Looks at every table that belongs to a core table.
pub async fn look(project: &Project, store: &Store, looks: &mut Vec<Look>) {
    for entity in project.entities.values() {
        let shape = Shape::of(entity);
        let (name, dialect) = (&shape.core_table, store.dialect());
        // Whosever rows they are: an orphan is nobody's.
        let core = shape.core.relation(&Table::core(name).sql(dialect), "''");
        for load in entity.loads.iter().filter(|l| l.mode != LoadMode::Core) {
            let owner = match load.mode {
                LoadMode::Row => load
                    .insert_only
                    .iter()
                    .find(|c| c.ends_with("_id"))
                    .map_or(load.owner_column(), String::as_str),
                _ => load.owner_column(),
            };
            let child = Table::core(load.table.as_str()).sql(dialect);
            match orphans(store, &core, &with_tenant(&child, "''", load.has_tenant()), owner).await {
                Ok(false) => {}
                Ok(true) => looks.push(Look::warn(
                    "orphans",
                    format!("{} has rows whose {owner} is in no row of {}", load.own_table(), own_name(name)),
                    format!("find out who removed the rows of {}, then remove these", own_name(name)),
                )),
                Err(found) => looks.push(Look::warn("orphans", found, "importer db status")),
            }
        }
    }
}

async fn orphans(store: &Store, core: &str, child: &str, owner: &str) -> Result<bool, String> {
    let sql = format!(
        "SELECT 1 FROM {child} x WHERE NOT EXISTS (SELECT 1 FROM {core} c WHERE c.tenant_id = x.tenant_id AND c.id = x.{}) LIMIT 1",
        ident(owner)
    );
    let mut session = store.session().await.map_err(|e| e.to_string())?;
    Ok(session.fetch_optional(&sql, &[]).await.map_err(|e| e.to_string())?.is_some())
}
