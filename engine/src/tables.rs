//! How the rows of a query become a table for the queries after it: a view, rows in memory, or files of the lake.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::compute::{cast, concat_batches};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use datafusion::common::{Column, ScalarValue};
use datafusion::dataframe::DataFrame;
use datafusion::datasource::MemTable;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool};
use datafusion::execution::{FunctionRegistry, SendableRecordBatchStream};
use datafusion::logical_expr::{Expr, lit};
use datafusion::physical_expr::PhysicalSortExpr;
use datafusion::physical_plan::expressions::col as physical_column;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{execute_stream_partitioned, stream::RecordBatchStreamAdapter};
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use futures::StreamExt;

use crate::error::{Error, ErrorKind, Result};
use crate::lake::{DAMAGED, DataSet, Lake, Scratch};
use crate::session::lake_url;

/// Registers rows as a table, replacing one of that name.
pub fn register_rows(
    session: &SessionContext,
    name: &str,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
) -> Result<()> {
    session.deregister_table(quoted(name))?;
    let table = MemTable::try_new(schema, vec![batches])?;
    session.register_table(quoted(name), Arc::new(table))?;
    Ok(())
}

/// Takes a name away.
pub fn forget(session: &SessionContext, name: &str) -> Result<()> {
    session.deregister_table(quoted(name))?;
    Ok(())
}

/// Registers a scratch table under a name, replacing one of that name.
pub async fn register_scratch(session: &SessionContext, name: &str, scratch: Scratch) -> Result<()> {
    match scratch {
        Scratch::Rows(schema, parts) => {
            session.deregister_table(quoted(name))?;
            session.register_table(quoted(name), Arc::new(MemTable::try_new(schema, parts)?))?;
            Ok(())
        }
        Scratch::Files(files) => register_files(session, name, &files).await,
    }
}

/// Registers the files of a data set as a table, replacing one of that name.
pub async fn register_files(session: &SessionContext, name: &str, data_set: &DataSet) -> Result<()> {
    let frame = read_files(session, data_set).await?;
    session.deregister_table(quoted(name))?;
    session.register_table(quoted(name), frame.into_view())?;
    Ok(())
}

/// The column of a landed table that holds the values of the columns `typed`, in the types of their source.
pub const TYPED: &str = "typed";

/// Landed files under a name: every source column as text, as the contract reads it, and those that are no text in their
/// source once more, as they are, in the column [`TYPED`].
pub async fn register_landed(
    session: &SessionContext,
    name: &str,
    data_set: &DataSet,
    typed: &[String],
) -> Result<()> {
    if typed.is_empty() {
        return register_files(session, name, data_set).await;
    }
    let frame = read_files(session, data_set).await?;
    let text = session.udf("cell_text")?;
    let names: Vec<String> = frame.schema().fields().iter().map(|f| f.name().clone()).collect();
    let mut columns: Vec<Expr> = Vec::new();
    let mut members: Vec<Expr> = Vec::new();
    for column in &names {
        let value = Expr::Column(Column::new_unqualified(column));
        if typed.contains(column) {
            columns.push(text.call(vec![value.clone()]).alias(column));
            members.extend([lit(column.as_str()), value]);
        } else {
            columns.push(value);
        }
    }
    if !names.iter().any(|name| name == TYPED) {
        columns.push(datafusion::functions::core::named_struct().call(members).alias(TYPED));
    }
    register_view(session, name, frame.select(columns)?)
}

/// The files of a data set as a frame; its rows from memory, where they are still at hand.
pub async fn read_files(session: &SessionContext, data_set: &DataSet) -> Result<DataFrame> {
    if let Some(parts) = data_set.held()
        && let Some(schema) = parts.iter().flatten().map(RecordBatch::schema).next()
        && parts.iter().flatten().all(|batch| batch.schema() == schema)
    {
        let config = session.copied_config();
        let parts = fewer_parts(parts, config.target_partitions(), config.batch_size())?;
        return Ok(session.read_table(Arc::new(MemTable::try_new(schema, parts)?))?);
    }
    read_stored(session, data_set).await
}

/// Parts above which rows at hand are dealt out anew: each part is a task of every query over them.
const MANY_PARTS: usize = 64;

/// The same rows in few parts, where thousands of small files have left as many.
fn fewer_parts(
    parts: Vec<Vec<RecordBatch>>,
    wanted: usize,
    batch_rows: usize,
) -> Result<Vec<Vec<RecordBatch>>> {
    if parts.len() <= MANY_PARTS {
        return Ok(parts);
    }
    let per_part = parts.len().div_ceil(wanted.max(1));
    parts.chunks(per_part).map(|chunk| fuller_batches(chunk.iter().flatten(), batch_rows)).collect()
}

/// The same rows in batches of the usual size, or a little more.
fn fuller_batches<'a>(
    batches: impl Iterator<Item = &'a RecordBatch>,
    batch_rows: usize,
) -> Result<Vec<RecordBatch>> {
    let (mut full, mut waiting, mut rows) = (Vec::new(), Vec::new(), 0);
    let joined = |waiting: &mut Vec<RecordBatch>| -> Result<Option<RecordBatch>> {
        let some = std::mem::take(waiting);
        Ok(some.first().map(|first| concat_batches(&first.schema(), &some)).transpose()?)
    };
    for batch in batches {
        rows += batch.num_rows();
        waiting.push(batch.clone());
        if rows >= batch_rows {
            full.extend(joined(&mut waiting)?);
            rows = 0;
        }
    }
    full.extend(joined(&mut waiting)?);
    Ok(full)
}

/// The files of a data set as a frame, read from where they lie.
pub async fn read_stored(session: &SessionContext, data_set: &DataSet) -> Result<DataFrame> {
    let base = lake_url()?;
    let urls = data_set
        .files
        .iter()
        .map(|f| base.join(&f.path).map(String::from).map_err(|e| Error::internal(e.to_string())))
        .collect::<Result<Vec<_>>>()?;
    if urls.is_empty() {
        return Err(Error::internal("a data set without files cannot be read"));
    }
    match session.read_parquet(urls, ParquetReadOptions::default()).await {
        Ok(frame) => Ok(frame),
        Err(error) => Err(of_the_file(session, data_set, error.into()).await),
    }
}

/// An error of reading a data set: where one of its files is not what was written, it is that one's, with its name.
async fn of_the_file(session: &SessionContext, data_set: &DataSet, error: Error) -> Error {
    let Some(lake) = session.copied_config().get_extension::<Lake>() else { return error };
    match data_set.verify(&lake).await {
        Err(damage) if damage.code() == Some(DAMAGED) => damage,
        _ => error,
    }
}

/// A frame with the columns of another schema, in its order: what the frame lacks is NULL. Its columns have their types.
pub fn widened(frame: DataFrame, schema: &Schema) -> Result<DataFrame> {
    let columns = schema
        .fields()
        .iter()
        .map(|field| {
            if frame.schema().has_column_with_unqualified_name(field.name()) {
                return Ok(Expr::Column(Column::from_name(field.name())));
            }
            Ok(lit(ScalarValue::try_new_null(field.data_type())?).alias(field.name()))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(frame.select(columns)?)
}

/// Registers a frame under a name without running it.
pub fn register_view(session: &SessionContext, name: &str, frame: DataFrame) -> Result<()> {
    session.deregister_table(quoted(name))?;
    session.register_table(quoted(name), frame.into_view())?;
    Ok(())
}

/// Runs a frame and keeps its rows in memory, with plain strings so that no shared buffer is held.
pub async fn collect_compact(frame: DataFrame) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let schema = compact_schema(frame.schema().as_arrow());
    let mut stream = frame.execute_stream().await?;
    let mut batches = Vec::new();
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        if batch.num_rows() > 0 {
            batches.push(conform(&batch, &schema)?);
        }
    }
    Ok((schema, batches))
}

/// [`collect_compact`] of a frame that may give any number of rows: they are counted against the memory of the session.
pub async fn collect_within(
    frame: DataFrame,
    pool: &Arc<dyn MemoryPool>,
    what: &str,
) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let held = MemoryConsumer::new(format!("rows of {what}")).register(pool);
    let schema = compact_schema(frame.schema().as_arrow());
    let mut stream = frame.execute_stream().await?;
    let mut batches = Vec::new();
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        if batch.num_rows() > 0 {
            let batch = conform(&batch, &schema)?;
            held.try_grow(batch.get_array_memory_size())?;
            batches.push(batch);
        }
    }
    Ok((schema, batches))
}

/// Streams that fail together when they give more rows than this.
pub fn no_more_than(streams: Vec<SendableRecordBatchStream>, most: u64) -> Vec<SendableRecordBatchStream> {
    let seen = Arc::new(AtomicU64::new(0));
    streams
        .into_iter()
        .map(|stream| {
            let (schema, seen) = (stream.schema(), Arc::clone(&seen));
            let counted = stream.map(move |batch| {
                let batch = batch?;
                let rows = batch.num_rows() as u64;
                if seen.fetch_add(rows, Ordering::Relaxed).saturating_add(rows) > most {
                    return Err(DataFusionError::External(Box::new(
                        Error::new(ErrorKind::Project, format!("more than {most} rows come out"))
                            .with_code(TOO_MANY_ROWS),
                    )));
                }
                Ok(batch)
            });
            Box::pin(RecordBatchStreamAdapter::new(schema, counted)) as SendableRecordBatchStream
        })
        .collect()
}

/// The code of an error of [`no_more_than`].
pub const TOO_MANY_ROWS: &str = "SQL0010";

/// Runs a frame partition by partition, with every column nullable and plain text, so that all files of one data set
/// have one schema, whatever the queries behind them.
pub async fn nullable_streams(frame: DataFrame) -> Result<Vec<SendableRecordBatchStream>> {
    Ok(streams(frame)
        .await?
        .into_iter()
        .map(|stream| {
            let schema = compact_schema(&stream.schema());
            let wanted = Arc::clone(&schema);
            let conformed = stream.map(move |batch| {
                let batch = batch?;
                conform(&batch, &wanted).map_err(|e| DataFusionError::External(Box::new(e)))
            });
            Box::pin(RecordBatchStreamAdapter::new(schema, conformed)) as SendableRecordBatchStream
        })
        .collect())
}

/// Runs a frame partition by partition.
pub async fn streams(frame: DataFrame) -> Result<Vec<SendableRecordBatchStream>> {
    let context = Arc::new(frame.task_ctx());
    let plan = frame.create_physical_plan().await?;
    Ok(execute_stream_partitioned(plan, context)?)
}

/// [`streams`], each in the order of one of its columns.
pub async fn sorted_streams(frame: DataFrame, by: &str) -> Result<Vec<SendableRecordBatchStream>> {
    let context = Arc::new(frame.task_ctx());
    let plan = frame.create_physical_plan().await?;
    let key = PhysicalSortExpr::new_default(physical_column(by, &plan.schema())?);
    let sorted = SortExec::new([key].into(), plan).with_preserve_partitioning(true);
    Ok(execute_stream_partitioned(Arc::new(sorted), context)?)
}

/// The rows of a frame as one batch of this schema.
pub async fn collect(frame: DataFrame, schema: &SchemaRef) -> Result<RecordBatch> {
    let mut stream = frame.execute_stream().await?;
    let mut batches = Vec::new();
    while let Some(batch) = stream.next().await {
        batches.push(conform(&batch?, schema)?);
    }
    Ok(concat_batches(schema, &batches)?)
}

/// A batch under another schema that differs in string layout and nullability only.
pub fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = batch
        .columns()
        .iter()
        .zip(schema.fields())
        .map(|(column, field)| {
            if column.data_type() == field.data_type() {
                Ok(Arc::clone(column))
            } else {
                Ok(cast(column, field.data_type())?)
            }
        })
        .collect::<Result<Vec<ArrayRef>>>()?;
    Ok(RecordBatch::try_new_with_options(
        Arc::clone(schema),
        columns,
        &datafusion::arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows())),
    )?)
}

/// The schema of a frame with plain strings and everything nullable.
pub fn compact_schema(schema: &Schema) -> SchemaRef {
    Arc::new(Schema::new(schema.fields().iter().map(plain).collect::<Fields>()))
}

fn plain(field: &FieldRef) -> FieldRef {
    let data_type = match field.data_type() {
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(plain).collect()),
        DataType::List(item) => DataType::List(plain(item)),
        DataType::LargeList(item) => DataType::LargeList(plain(item)),
        DataType::Utf8View => DataType::Utf8,
        DataType::BinaryView => DataType::Binary,
        other => other.clone(),
    };
    Arc::new(Field::new(field.name(), data_type, true))
}

/// A table name taken literally: without this, names with capitals or dots would be read as SQL.
fn quoted(name: &str) -> datafusion::common::TableReference {
    datafusion::common::TableReference::bare(name)
}
