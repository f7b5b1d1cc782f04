//! One chunk of changes as rows per table, made by DataFusion before the transaction opens.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::catalog::MemoryCatalogProviderList;
use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::SessionContext;
use importer_plans::compile::load as compiled;
use importer_plans::compile::load::Image;

use super::statements::Target;
use crate::error::{Error, Result};
use crate::run::RunContext;
use crate::tables;

/// Rows of one kind, with the schema even when there are none.
#[derive(Debug, Clone)]
pub struct Rows {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

impl Rows {
    /// None at all.
    pub fn is_empty(&self) -> bool {
        self.batches.iter().all(|b| b.num_rows() == 0)
    }

    /// The same rows with some of the columns only.
    pub fn project(&self, names: &[&str]) -> Result<Self> {
        let indexes = names.iter().map(|n| Ok(self.schema.index_of(n)?)).collect::<Result<Vec<_>>>()?;
        let batches = self.batches.iter().map(|b| Ok(b.project(&indexes)?)).collect::<Result<Vec<_>>>()?;
        Ok(Self { schema: Arc::new(self.schema.project(&indexes)?), batches })
    }
}

/// What one target table gets of a chunk.
pub struct TableRows {
    pub target: Target,
    pub created: Rows,
    pub after: Rows,
    pub before: Rows,
}

/// Everything a chunk writes.
pub struct Prepared {
    pub tables: Vec<TableRows>,
    pub children_before: Rows,
    pub created_links: Rows,
    pub other_links: Rows,
    pub created_provenance: Rows,
    pub other_provenance: Rows,
    pub change_log: Rows,
    pub changes: usize,
}

/// Changes of one chunk with their core ids.
pub struct Chunk {
    pub number: i64,
    pub rows: RecordBatch,
}

impl Chunk {
    /// The changes without those of some lead rows.
    pub fn without(&self, leads: &std::collections::HashSet<i64>) -> Result<Self> {
        let column = int_column(&self.rows, "lead_sequence_number")?;
        let keep = column.iter().map(|lead| Some(!lead.is_some_and(|l| leads.contains(&l)))).collect();
        Ok(Self { number: self.number, rows: filter_record_batch(&self.rows, &keep)? })
    }

    /// The changes of some lead rows alone.
    pub fn only(&self, leads: &std::collections::HashSet<i64>) -> Result<Self> {
        let column = int_column(&self.rows, "lead_sequence_number")?;
        let keep = column.iter().map(|lead| Some(lead.is_some_and(|l| leads.contains(&l)))).collect();
        Ok(Self { number: self.number, rows: filter_record_batch(&self.rows, &keep)? })
    }

    /// Lead rows of the changes that touch these core ids.
    pub fn leads_of(&self, cores: &std::collections::HashSet<i64>) -> Result<Vec<i64>> {
        let (core, lead) =
            (int_column(&self.rows, "core_id")?, int_column(&self.rows, "lead_sequence_number")?);
        Ok(core
            .iter()
            .zip(lead.iter())
            .filter(|(c, _)| c.is_some_and(|c| cores.contains(&c)))
            .filter_map(|(_, l)| l)
            .collect())
    }
}

/// A column of whole numbers.
pub fn int_column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Int64Array> {
    batch
        .column_by_name(name)
        .and_then(|c| c.as_primitive_opt::<Int64Type>())
        .ok_or_else(|| Error::internal(format!("changes have no column {name} of whole numbers")))
}

/// Gives the created changes of a batch their ids, in order.
pub fn with_ids(batch: &RecordBatch, mut next_id: impl FnMut() -> Result<i64>) -> Result<RecordBatch> {
    let index = batch.schema().index_of("core_id")?;
    let known = int_column(batch, "core_id")?;
    let action =
        datafusion::arrow::compute::cast(batch.column(batch.schema().index_of("action")?), &DataType::Utf8)?;
    let ids = known
        .iter()
        .zip(action.as_string::<i32>())
        .map(|(id, action)| if action == Some("created") { next_id().map(Some) } else { Ok(id) })
        .collect::<Result<Vec<Option<i64>>>>()?;
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    columns[index] = Arc::new(Int64Array::from(ids));
    Ok(RecordBatch::try_new(batch.schema(), columns)?)
}

/// A place where chunks are prepared, one at a time: a session with tables of its own and the run's functions and limits.
pub struct Lane {
    session: SessionContext,
}

impl Lane {
    /// One partition: a chunk is small.
    pub fn new(cx: &RunContext) -> Self {
        let config = cx
            .session
            .copied_config()
            .with_target_partitions(1)
            .with_create_default_catalog_and_schema(true)
            .with_information_schema(false);
        let state = SessionStateBuilder::new_from_existing(cx.session.state())
            .with_config(config)
            .with_catalog_list(Arc::new(MemoryCatalogProviderList::new()))
            .build();
        Self { session: SessionContext::new_with_state(state) }
    }
}

/// Rows of the change log with their round as `ordinal`: two rounds may change one field of one core row.
pub fn with_ordinal(batch: &RecordBatch, round: i64) -> Result<RecordBatch> {
    let mut fields: Vec<Arc<Field>> = batch.schema().fields().to_vec();
    fields.push(Arc::new(Field::new("ordinal", DataType::Int64, true)));
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    columns.push(Arc::new(Int64Array::from(vec![round; batch.num_rows()])));
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// Turns a chunk into rows per table.
pub async fn prepare(cx: &RunContext, lane: &Lane, chunk: &Chunk) -> Result<Prepared> {
    let session = &lane.session;
    tables::register_rows(session, "chunk", chunk.rows.schema(), vec![chunk.rows.clone()])?;
    let mut per_image = Vec::new();
    for image in [Image::Created, Image::After, Image::Before] {
        per_image.push(image_rows(cx, session, image).await?);
    }
    let [created, after, before] =
        <[Vec<Rows>; 3]>::try_from(per_image).map_err(|_| Error::internal("a chunk has three images"))?;
    let mut prepared = Vec::new();
    for (load, ((created, after), before)) in
        cx.entity.loads.iter().zip(created.into_iter().zip(after).zip(before))
    {
        let columns: Vec<String> = created.schema.fields().iter().map(|f| f.name().clone()).collect();
        prepared.push(TableRows { target: Target::new(load, &cx.shape, columns), created, after, before });
    }
    let links = compiled::links_sql();
    let provenance = compiled::provenance_sql();
    Ok(Prepared {
        tables: prepared,
        children_before: query(cx, session, &compiled::children_before_sql(&cx.shape)).await?,
        created_links: query(cx, session, &format!("SELECT * FROM (\n{links}\n) WHERE action = 'created'"))
            .await?,
        other_links: query(cx, session, &format!("SELECT * FROM (\n{links}\n) WHERE action <> 'created'"))
            .await?,
        created_provenance: query(
            cx,
            session,
            &format!("SELECT * FROM (\n{provenance}\n) WHERE load_action = 'created'"),
        )
        .await?,
        other_provenance: query(
            cx,
            session,
            &format!("SELECT * FROM (\n{provenance}\n) WHERE load_action <> 'created'"),
        )
        .await?,
        change_log: query(cx, session, &compiled::change_log_sql(&cx.shape)).await?,
        changes: chunk.rows.num_rows(),
    })
}

/// What the load files make of the changes in the session's table `chunk`, in their order.
pub async fn image_rows(cx: &RunContext, session: &SessionContext, image: Image) -> Result<Vec<Rows>> {
    let frame = cx.plan_in(session, &compiled::resolved_sql(&cx.shape, image)).await?;
    tables::register_view(session, "resolved", frame)?;
    let mut rows = Vec::new();
    for load in &cx.entity.loads {
        rows.push(query(cx, session, &load.sql.text).await.map_err(|e| e.context(&load.sql.path))?);
    }
    Ok(rows)
}

/// The rows of a query in a session.
pub async fn query(cx: &RunContext, session: &SessionContext, sql: &str) -> Result<Rows> {
    let (schema, batches) = tables::collect_compact(cx.plan_in(session, sql).await?).await?;
    Ok(Rows { schema, batches })
}
