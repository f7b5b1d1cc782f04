//! Lake and store as one catalogue, for `importer sql` and everything that reads what runs left behind.
//!
//! | name | what it is |
//! | --- | --- |
//! | `landed`, `rejects`, `findings`, `dq_violations` | data sets of the lake, all runs of the tenant, with `tenant` and `run_id` |
//! | `links`, `dedupe_pairs`, `hits`, `changes`, `created_ids` | the same, with `round` besides |
//! | `staging_<entity>` | staged rows with `status` and `last_error` |
//! | `dry.<data set>` | the same of dry runs |
//! | `lists.<name>` | lists of the project that its rules and mappings read |
//! | `store.<table>`, `core.<table>`, and plain `<table>` where the lake has no such name | tables and views of the database |
//!
//! Everything is opened when a query names it, and reads only: filters on `run_id` skip the folders of other runs,
//! columns, simple filters and limits go to the database.
//!
//! - [`open`]: the catalogue as a session; [`query`]: one query, read-only, with errors that say where and what instead;
//!   [`query_within`]: for as long as it may take
//! - `names`: which names there are; `tables`: what they mean; `data_set`: files of many runs as one table; `merge`: their columns as one schema
//! - `staging`: the view with status; `store_table`, `filter`: tables of the database
//! - `cells`: the cells of an answer as text and JSON
//! - `failure`, `nearest`: what is wrong with a query, and what was meant; `locate`: where in it something failed that ran

mod answer;
mod cells;
mod data_set;
mod failure;
mod filter;
pub(crate) mod locate;
mod merge;
mod names;
mod nearest;
mod staging;
mod store_table;
mod tables;

use std::sync::Arc;

use datafusion::catalog::SchemaProvider;
use datafusion::prelude::SessionContext;
use importer_plans::project::CORE_SCHEMA;

pub use answer::{Answer, query, query_within};
pub use cells::{CELLS, json_rows};
pub use failure::{QueryError, Span};
pub use nearest::nearest;
pub(crate) use store_table::StoreTable;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::reference_tables::register_lists;
use crate::session::session;
use names::Names;
use tables::{Shelf, Tables};

/// The schema of dry runs.
const DRY: &str = "dry";
/// The schema of the database's tables.
const STORE: &str = "store";

/// Opens the catalogue of a tenant.
pub async fn open(engine: &Engine) -> Result<SessionContext> {
    let context = session(&engine.limits, &engine.lake)?;
    let names = Arc::new(Names::read(engine).await?);
    let catalog =
        context.catalog("datafusion").ok_or_else(|| Error::internal("the session has no catalogue"))?;
    let shelves = [
        ("public", Shelf::Everything),
        (DRY, Shelf::DryRuns),
        (STORE, Shelf::Store),
        (CORE_SCHEMA, Shelf::Store),
    ];
    for (schema, shelf) in shelves {
        let provider: Arc<dyn SchemaProvider> = Arc::new(Tables::new(Arc::clone(&names), shelf));
        catalog.register_schema(schema, provider)?;
    }
    register_lists(&context, engine.project.entities.values().flat_map(|entity| &entity.lists))?;
    Ok(context)
}
