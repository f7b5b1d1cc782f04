//! Children without their parent. Postgres has no foreign key that would refuse them (ADR 0005); Importer writes both
//! in one transaction, so an orphan is what somebody else left.

use importer_engine::store::{Store, Table, ident};
use importer_plans::compile::Shape;
use importer_plans::project::{LoadMode, Project};

use super::Look;

/// Looks at every table that belongs to a core table.
pub async fn look(project: &Project, store: &Store, looks: &mut Vec<Look>) {
    for entity in project.entities.values() {
        let core = Shape::of(entity).core_table;
        for load in entity.loads.iter().filter(|l| l.mode != LoadMode::Core) {
            let owner = match load.mode {
                LoadMode::Row => {
                    load.insert_only.iter().find(|c| c.ends_with("_id")).or_else(|| load.key.get(1))
                }
                _ => load.key.get(1),
            };
            let Some(owner) = owner else { continue };
            match orphans(store, &core, &load.table, owner).await {
                Ok(false) => {}
                Ok(true) => looks.push(Look::warn(
                    "orphans",
                    format!("{} has rows whose {owner} is in no row of {core}", load.table),
                    format!("find out who removed the rows of {core}, then remove these"),
                )),
                Err(found) => looks.push(Look::warn("orphans", found, "importer db status")),
            }
        }
    }
}

async fn orphans(store: &Store, core: &str, child: &str, owner: &str) -> Result<bool, String> {
    let dialect = store.dialect();
    let sql = format!(
        "SELECT 1 FROM {} x WHERE NOT EXISTS (SELECT 1 FROM {} c WHERE c.tenant_id = x.tenant_id AND c.id = x.{}) LIMIT 1",
        Table::core(child).sql(dialect),
        Table::core(core).sql(dialect),
        ident(owner)
    );
    let mut session = store.session().await.map_err(|e| e.to_string())?;
    Ok(session.fetch_optional(&sql, &[]).await.map_err(|e| e.to_string())?.is_some())
}
