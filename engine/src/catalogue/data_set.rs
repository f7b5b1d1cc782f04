//! A data set of the lake as one table: the Parquet files of all runs, `run_id` from their folders, and for what match
//! and resolve give the `round` from the file's name: of a row that was decided again, the last round holds.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::common::Column;
use datafusion::dataframe::DataFrame;
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::logical_expr::{Expr, lit};
use futures::{StreamExt, TryStreamExt};
use object_store::ObjectMeta;
use object_store::path::Path;

use super::merge::merged;
use super::names::Names;
use crate::error::{Error, Result};
use crate::lake::data_set_root;
use crate::session::lake_url;

/// The columns that come from the path; a column of a file with such a name cannot be shown.
const FROM_PATH: [&str; 2] = ["tenant", "run_id"];
/// Data sets that every round of a run adds to.
const IN_ROUNDS: [&str; 8] =
    ["links", "dedupe_pairs", "dedupe_scores", "hits", "changes", "created_ids", "manual_kept", "tied"];
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
    let rounds: BTreeSet<i64> =
        if IN_ROUNDS.contains(&name) { files.iter().map(round_of).collect() } else { BTreeSet::new() };
    let schema = with_newer(name, schema_of(names, &telling(name, files)).await?);
    if rounds.is_empty() {
        return Ok(Some(of_files(names, &folder, &schema, None)?.into_view()));
    }
    let mut all: Option<DataFrame> = None;
    for round in &rounds {
        // Where there is one round only, every file belongs to it.
        let glob = (rounds.len() > 1).then(|| format!("*-r{round}-*.parquet"));
        let part = of_files(names, &folder, &schema, glob.as_deref())?.with_column("round", lit(*round))?;
        all = Some(match all {
            Some(before) => before.union(part)?,
            None => part,
        });
    }
    Ok(all.map(DataFrame::into_view))
}

/// The round that a file's name tells: `a1-r0-part-0.parquet`.
fn round_of(file: &ObjectMeta) -> i64 {
    let name = file.location.filename().unwrap_or_default();
    let round = name.split('-').nth(1).and_then(|part| part.strip_prefix('r'));
    round.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// The files of a folder whose names fit.
fn of_files(names: &Names, folder: &Path, schema: &SchemaRef, glob: Option<&str>) -> Result<DataFrame> {
    let url = lake_url()?.join(&format!("{folder}/")).map_err(|e| Error::internal(e.to_string()))?;
    let glob = glob.map(glob::Pattern::new).transpose().map_err(|e| Error::internal(e.to_string()))?;
    let options = ListingOptions::new(Arc::new(ParquetFormat::default()))
        .with_file_extension(".parquet")
        .with_table_partition_cols(vec![("run_id".to_owned(), DataType::Int64)]);
    let config = ListingTableConfig::new(ListingTableUrl::try_new(url, glob)?)
        .with_listing_options(options)
        .with_schema(Arc::clone(schema));
    let files = names.planner.0.read_table(Arc::new(ListingTable::try_new(config)?))?;
    let mut columns: Vec<Expr> =
        vec![lit(names.tenant.as_str()).alias("tenant"), Expr::Column(Column::from_name("run_id"))];
    columns.extend(schema.fields().iter().map(|f| Expr::Column(Column::from_name(f.name()))));
    Ok(files.select(columns)?)
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

/// Columns that runs of older versions did not write are NULL there, and can be asked for.
fn with_newer(name: &str, schema: SchemaRef) -> SchemaRef {
    if name != "rejects" {
        return schema;
    }
    Arc::new(Schema::new(
        merged(&[schema, crate::steps::rejects::reject_schema()])
            .into_iter()
            .filter(|f| !FROM_PATH.contains(&f.name().as_str()))
            .collect::<Vec<_>>(),
    ))
}

async fn schema_of(names: &Names, files: &[ObjectMeta]) -> Result<SchemaRef> {
    let state = names.planner.0.state();
    let store = names.lake.object_store();
    let format = ParquetFormat::default();
    let format = &format;
    let state = &state;
    let schemas: Vec<SchemaRef> = futures::stream::iter(files)
        .map(|file| async move {
            let schema = format.infer_schema(state, store, std::slice::from_ref(file)).await;
            schema.map_err(|error| names.lake.told(Error::from(error), &file.location))
        })
        .boxed()
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let fields = merged(&schemas);
    Ok(Arc::new(Schema::new(
        fields.into_iter().filter(|f| !FROM_PATH.contains(&f.name().as_str())).collect::<Vec<_>>(),
    )))
}
