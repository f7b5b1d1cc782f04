//! A data set of the lake as one table: the Parquet files of all runs, `run_id` from their folders.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::common::Column;
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::logical_expr::{Expr, lit};
use futures::{StreamExt, TryStreamExt};
use object_store::ObjectMeta;

use super::merge::merged;
use super::tables::Names;
use crate::error::{Error, Result};
use crate::lake::data_set_root;
use crate::session::lake_url;

/// The columns that come from the path; a column of a file with such a name cannot be shown.
const FROM_PATH: [&str; 2] = ["tenant", "run_id"];
/// Footers read at once.
const AT_ONCE: usize = 16;

/// Opens a data set over all runs of the tenant; nothing when it has no file.
pub async fn open(names: &Names, name: &str, dry: bool) -> Result<Option<Arc<dyn TableProvider>>> {
    let folder = data_set_root(name, dry).join(format!("tenant={}", names.tenant));
    let files: Vec<ObjectMeta> = names
        .lake
        .list(&folder)
        .await?
        .into_iter()
        .filter(|file| file.location.as_ref().ends_with(".parquet"))
        .collect();
    if files.is_empty() {
        return Ok(None);
    }
    let schema = schema_of(names, &telling(name, files)).await?;
    let url = lake_url()?.join(&format!("{folder}/")).map_err(|e| Error::internal(e.to_string()))?;
    let options = ListingOptions::new(Arc::new(ParquetFormat::default()))
        .with_file_extension(".parquet")
        .with_table_partition_cols(vec![("run_id".to_owned(), DataType::Int64)]);
    let config = ListingTableConfig::new(ListingTableUrl::parse(url.as_str())?)
        .with_listing_options(options)
        .with_schema(Arc::clone(&schema));
    let files = names.planner.0.read_table(Arc::new(ListingTable::try_new(config)?))?;
    let mut columns: Vec<Expr> =
        vec![lit(names.tenant.as_str()).alias("tenant"), Expr::Column(Column::from_name("run_id"))];
    columns.extend(schema.fields().iter().map(|f| Expr::Column(Column::from_name(f.name()))));
    Ok(Some(files.select(columns)?.into_view()))
}

/// The files whose columns say all. The parts that one step of one run wrote are alike; landed files are not, for
/// every input has columns of its own.
fn telling(name: &str, files: Vec<ObjectMeta>) -> Vec<ObjectMeta> {
    if name == "landed" {
        return files;
    }
    let mut seen = HashSet::new();
    files
        .into_iter()
        .filter(|file| {
            let path = file.location.as_ref();
            seen.insert(path.rfind("part-").map_or(path, |at| &path[..at]).to_owned())
        })
        .collect()
}

async fn schema_of(names: &Names, files: &[ObjectMeta]) -> Result<SchemaRef> {
    let state = names.planner.0.state();
    let store = names.lake.object_store();
    let format = ParquetFormat::default();
    let format = &format;
    let state = &state;
    let schemas: Vec<SchemaRef> = futures::stream::iter(files)
        .map(|file| async move { format.infer_schema(state, store, std::slice::from_ref(file)).await })
        .boxed()
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let fields = merged(&schemas);
    Ok(Arc::new(Schema::new(
        fields.into_iter().filter(|f| !FROM_PATH.contains(&f.name().as_str())).collect::<Vec<_>>(),
    )))
}
