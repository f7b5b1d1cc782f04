//! What rules and mappings read beside the rows of their file: the project's own lists as `lists.<name>`, and tables of the
//! store as `core.<table>`.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use datafusion::arrow::csv::ReaderBuilder;
use datafusion::arrow::csv::reader::Format;
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::{MemorySchemaProvider, SchemaProvider, TableProvider};
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;
use importer_plans::project::{CORE_SCHEMA, Entity, LISTS_SCHEMA, List};

use crate::catalogue::{StoreTable, locate};
use crate::context::blame;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Store, Table};

/// Makes the lists known to a session under their names.
///
/// # Errors
/// A list is no CSV file with a header, with file and line.
pub fn register_lists<'l>(
    session: &SessionContext,
    lists: impl IntoIterator<Item = (&'l String, &'l List)>,
) -> Result<()> {
    let tables: Result<BTreeMap<&String, Arc<dyn TableProvider>>> =
        lists.into_iter().map(|(name, list)| Ok((name, read(list)?))).collect();
    register(session, LISTS_SCHEMA, tables?)
}

/// Makes the tables of the store that an entity's rules and mappings name known to a session, as they stand when they are
/// read.
///
/// # Errors
/// The store has no such table: the place where it is named.
pub async fn register_core(
    session: &SessionContext,
    entity: &Entity,
    store: &Arc<Store>,
    tenant: &str,
) -> Result<()> {
    let mut tables: BTreeMap<&String, Arc<dyn TableProvider>> = BTreeMap::new();
    for (file, name) in entity.reads().filter(|(_, name)| name.schema == CORE_SCHEMA) {
        if tables.contains_key(&name.table) {
            continue;
        }
        let found = store.describe_table(&Table::core(&name.table)).await.map_err(|error| {
            let message = format!("the table `{}` cannot be read: {error}", name.table);
            blame::at(file, locate::word(&file.text, &name.table), &message)
                .with_help("name a table of the store: core.<table>; make it before the run")
        })?;
        tables.insert(&name.table, Arc::new(StoreTable::new(Arc::clone(store), found, tenant)));
    }
    register(session, CORE_SCHEMA, tables)
}

fn register(
    session: &SessionContext,
    schema: &str,
    tables: BTreeMap<&String, Arc<dyn TableProvider>>,
) -> Result<()> {
    if tables.is_empty() {
        return Ok(());
    }
    let provider = Arc::new(MemorySchemaProvider::new());
    for (name, table) in tables {
        provider.register_table(name.clone(), table)?;
    }
    let catalog =
        session.catalog("datafusion").ok_or_else(|| Error::internal("the session has no catalogue"))?;
    catalog.register_schema(schema, provider)?;
    Ok(())
}

/// A list as a table; every column is text, and an empty cell is NULL.
fn read(list: &List) -> Result<Arc<dyn TableProvider>> {
    let wrong = |what: String| {
        Error::new(ErrorKind::Project, format!("{}: {what}", list.path))
            .with_help("a list is a CSV file in UTF-8 with commas, its first line names its columns")
            .with_code("PRJ0004")
    };
    let (header, _) = Format::default()
        .with_header(true)
        .infer_schema(Cursor::new(list.text.as_bytes()), Some(0))
        .map_err(|error| wrong(error.to_string()))?;
    let mut fields: Vec<Field> = Vec::new();
    for field in header.fields() {
        // As SQL reads a name without quotes.
        let name = field.name().trim().to_lowercase();
        if name.is_empty() || fields.iter().any(|known| *known.name() == name) {
            return Err(wrong(format!("line 1: the column {name:?} is empty or there twice")));
        }
        fields.push(Field::new(name, DataType::Utf8, true));
    }
    let schema = Arc::new(Schema::new(fields));
    let reader = ReaderBuilder::new(Arc::clone(&schema))
        .with_header(true)
        .build(Cursor::new(list.text.as_bytes()))
        .map_err(|error| wrong(error.to_string()))?;
    let batches: Result<Vec<_>, _> = reader.collect();
    let batches = batches.map_err(|error| wrong(error.to_string()))?;
    Ok(Arc::new(MemTable::try_new(schema, vec![batches])?))
}
