//! What a name means. A table is opened when a query names it, not before: the footers of a thousand runs are read only
//! where they are needed.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use datafusion::catalog::{SchemaProvider, TableProvider};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::TableType;

use super::names::{Names, STAGING};
use super::{data_set, staging};
use crate::error::Result;

/// Which tables a schema shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// The lake, and the store where the lake has no such name.
    Everything,
    DryRuns,
    Store,
}

impl Names {
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
