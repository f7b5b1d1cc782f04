//! Which names there are: the data sets that runs left in the lake, and the tables of the store.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::prelude::SessionContext;

use super::store_table::StoreTable;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Lake, data_set_root};
use crate::session::session;
use crate::store::{Store, Table};

/// Before the name of an entity, in the names of the data sets that stage gives.
pub const STAGING: &str = "staging_";
/// Data sets that every run can leave, whether or not one did.
const DATA_SETS: [&str; 14] = [
    "landed",
    "rejects",
    "findings",
    "origins",
    "dq_violations",
    "links",
    "dedupe_pairs",
    "hits",
    "changes",
    "created_ids",
    "manual_kept",
    "tied",
    "rollback_kept",
    "moved",
];
/// Folders of the lake that are no data sets.
const NO_DATA_SETS: [&str; 1] = ["reports"];

/// What is known before the first query.
#[derive(Debug)]
pub struct Names {
    pub lake: Lake,
    pub store: Arc<Store>,
    pub tenant: String,
    /// Plans views; queries run in the caller's session.
    pub planner: Planner,
    /// Data sets that a run can leave, with files or not: asking for one that is not there gets an answer that helps.
    pub data_sets: BTreeSet<String>,
    /// Data sets of the tenant that are there, of real runs and of dry runs.
    pub present: [BTreeSet<String>; 2],
    pub store_tables: Vec<Table>,
}

/// A session that only plans.
pub struct Planner(pub SessionContext);

impl std::fmt::Debug for Planner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Planner")
    }
}

impl Names {
    /// Looks at the lake's folders and the store's migrations.
    pub async fn read(engine: &Engine) -> Result<Self> {
        let present = [present(engine, false).await?, present(engine, true).await?];
        let mut data_sets: BTreeSet<String> = DATA_SETS.map(str::to_owned).into();
        data_sets.extend(engine.project.entities.keys().map(|entity| format!("{STAGING}{entity}")));
        data_sets.extend(present.iter().flatten().cloned());
        let mut store_tables = engine.store.known_tables();
        let status = engine.store.migration_status().await?;
        store_tables.retain(|table| !status.iter().any(|m| m.left_out.contains(&table.name)));
        own_tables(engine, &mut store_tables).await;
        Ok(Self {
            lake: engine.lake.clone(),
            store: Arc::clone(&engine.store),
            tenant: engine.tenant.clone(),
            planner: Planner(session(&engine.limits, &engine.lake)?),
            data_sets,
            present,
            store_tables,
        })
    }

    /// A table of the database.
    pub async fn store_table(&self, table: &Table) -> Result<Arc<dyn TableProvider>> {
        let source = self.store.describe_table(table).await?;
        Ok(Arc::new(StoreTable::new(Arc::clone(&self.store), source, &self.tenant)))
    }

    /// Says that nothing is there yet, and where it would come from.
    pub fn missing(&self, name: &str, dry: bool) -> Error {
        let (what, help) = if dry {
            (format!("no dry run has left {name} yet"), "make one with `importer run --dry-run --file …`")
        } else {
            (
                format!("no run has left {name} yet"),
                "import a file with `importer run --file …`; what dry runs left is in the schema dry",
            )
        };
        Error::new(ErrorKind::Usage, what).with_help(help)
    }

    /// The table of the database that has this name.
    pub fn find_store_table(&self, name: &str) -> Option<&Table> {
        self.store_tables.iter().find(|table| table.name == name)
    }
}

/// Core tables that a project brings along, where they are there.
async fn own_tables(engine: &Engine, known: &mut Vec<Table>) {
    let loads = engine.project.entities.values().flat_map(|entity| &entity.loads);
    for name in loads.flat_map(|load| BTreeSet::from([&*load.table, load.own_table()])) {
        let table = Table::core(name);
        if !known.iter().any(|k| k.name == table.name) && engine.store.describe_table(&table).await.is_ok() {
            known.push(table);
        }
    }
}

/// The data sets that runs of the tenant left.
async fn present(engine: &Engine, dry: bool) -> Result<BTreeSet<String>> {
    let root = if dry { data_set_root("", true) } else { object_store::path::Path::default() };
    let own = format!("tenant={}", engine.tenant);
    let mut found = BTreeSet::new();
    for name in engine.lake.folders(&root).await? {
        let folder = data_set_root(&name, dry);
        let is_data_set = !name.starts_with('_') && !NO_DATA_SETS.contains(&name.as_str());
        if is_data_set && engine.lake.folders(&folder).await?.contains(&own) {
            found.insert(name);
        }
    }
    Ok(found)
}
