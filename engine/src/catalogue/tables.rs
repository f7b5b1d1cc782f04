//! Which tables there are, and what a name means. A table is opened when a query names it, not before: the footers of
//! a thousand runs are read only where they are needed.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use datafusion::catalog::{SchemaProvider, TableProvider};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::TableType;
use datafusion::prelude::SessionContext;

use super::staging::STAGING;
use super::store_table::StoreTable;
use super::{data_set, staging};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Lake, data_set_root};
use crate::session::session;
use crate::store::{Store, Table};

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
    data_sets: BTreeSet<String>,
    /// Data sets of the tenant that are there, of real runs and of dry runs.
    present: [BTreeSet<String>; 2],
    store_tables: Vec<Table>,
}

/// A session that only plans.
pub struct Planner(pub SessionContext);

impl std::fmt::Debug for Planner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Planner")
    }
}

/// Which tables a schema shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// The lake, and the store where the lake has no such name.
    Everything,
    DryRuns,
    Store,
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

    /// A data set of the lake over all runs.
    pub async fn data_set(&self, name: &str, dry: bool) -> Result<Arc<dyn TableProvider>> {
        if name.starts_with(STAGING) {
            return staging::view(self, name, dry).await;
        }
        self.files(name, dry).await?.ok_or_else(|| self.missing(name, dry))
    }

    /// The plain files of a data set; nothing when no run left any.
    pub async fn files(&self, name: &str, dry: bool) -> Result<Option<Arc<dyn TableProvider>>> {
        data_set::open(self, name, dry).await
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

    fn find_store_table(&self, name: &str) -> Option<&Table> {
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

/// One schema of the catalogue.
#[derive(Debug)]
pub struct Tables {
    names: Arc<Names>,
    shelf: Shelf,
}

impl Tables {
    /// A schema over what is known.
    pub fn new(names: Arc<Names>, shelf: Shelf) -> Self {
        Self { names, shelf }
    }

    fn has_data_sets(&self) -> bool {
        self.shelf != Shelf::Store
    }

    fn has_store(&self) -> bool {
        self.shelf != Shelf::DryRuns
    }

    async fn open(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        if self.has_data_sets() && self.names.data_sets.contains(name) {
            return self.names.data_set(name, self.shelf == Shelf::DryRuns).await.map(Some);
        }
        match self.names.find_store_table(name).filter(|_| self.has_store()) {
            Some(table) => self.names.store_table(table).await.map(Some),
            None => Ok(None),
        }
    }
}

type Opening<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Arc<dyn TableProvider>>, DataFusionError>> + Send + 'a>>;

type Typing<'a> = Pin<Box<dyn Future<Output = Result<Option<TableType>, DataFusionError>> + Send + 'a>>;

impl SchemaProvider for Tables {
    fn table_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        if self.has_data_sets() {
            names.extend(self.names.present[usize::from(self.shelf == Shelf::DryRuns)].iter().cloned());
        }
        if self.has_store() {
            names.extend(self.names.store_tables.iter().map(|table| table.name.clone()));
        }
        names.sort();
        names.dedup();
        names
    }

    fn table<'a, 'b, 'c>(&'a self, name: &'b str) -> Opening<'c>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(
            async move { self.open(name).await.map_err(|error| DataFusionError::External(Box::new(error))) },
        )
    }

    fn table_type<'a, 'b, 'c>(&'a self, name: &'b str) -> Typing<'c>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        let in_lake = self.has_data_sets() && self.names.data_sets.contains(name);
        let kind = if in_lake && name.starts_with(STAGING) { TableType::View } else { TableType::Base };
        Box::pin(std::future::ready(Ok(self.table_exist(name).then_some(kind))))
    }

    fn table_exist(&self, name: &str) -> bool {
        let in_lake = self.has_data_sets() && self.names.data_sets.contains(name);
        in_lake || (self.has_store() && self.names.find_store_table(name).is_some())
    }
}
