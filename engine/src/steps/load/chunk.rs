//! One chunk of changes as rows per table, made by DataFusion before the transaction opens.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch};
use datafusion::arrow::compute::{concat_batches, filter_record_batch, sort_to_indices, take_record_batch};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::catalog::MemoryCatalogProviderList;
use datafusion::common::ParamValues;
use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::SessionContext;
use importer_plans::compile::Shape;
use importer_plans::compile::load as compiled;
use importer_plans::compile::load::Image;
use importer_plans::project::Entity;

use super::statements::Target;
use crate::error::{Error, Result};
use crate::run::{RunContext, plan_with};
use crate::store::Dialect;
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

    /// The same rows in the order of a column.
    fn sorted_by(self, column: &str) -> Result<Self> {
        if self.is_empty() {
            return Ok(self);
        }
        let rows = concat_batches(&self.schema, &self.batches)?;
        let order = sort_to_indices(rows.column(self.schema.index_of(column)?), None, None)?;
        Ok(Self { batches: vec![take_record_batch(&rows, &order)?], schema: self.schema })
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

/// A place where chunks are prepared, one at a time: a session with tables of its own, and what the run has for its SQL.
#[derive(Clone)]
pub struct Lane {
    session: SessionContext,
    params: ParamValues,
    entity: Arc<Entity>,
    shape: Arc<Shape>,
    dialect: Dialect,
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
        Self::over(cx, SessionContext::new_with_state(state))
    }

    /// A session that has the table `chunk` already.
    pub fn over(cx: &RunContext, session: SessionContext) -> Self {
        Self {
            session,
            params: cx.params(),
            entity: Arc::clone(&cx.entity),
            shape: Arc::new(cx.shape.clone()),
            dialect: cx.store.dialect(),
        }
    }

    /// New rows that the store finds by a column other than their core id go in the order of that column on Postgres: the
    /// pages of its index are read and written one after the other, by the guard and by COPY. On SQLite e-mails and phones
    /// lie in the order of their core ids, which is the order they come in.
    fn in_index_order(&self, rows: Rows, column: &str) -> Result<Rows> {
        match self.dialect {
            Dialect::Postgres => rows.sorted_by(column),
            Dialect::Sqlite => Ok(rows),
        }
    }

    /// Starts to turn a chunk into rows per table, beside what else is going on.
    pub fn start(&self, chunk: &Chunk) -> SpawnedTask<Result<Prepared>> {
        let (lane, rows) = (self.clone(), chunk.rows.clone());
        SpawnedTask::spawn(async move { lane.prepare(rows).await })
    }

    /// Turns a chunk into rows per table.
    pub async fn prepare(&self, rows: RecordBatch) -> Result<Prepared> {
        let changes = rows.num_rows();
        tables::register_rows(&self.session, "chunk", rows.schema(), vec![rows])?;
        let mut per_image = Vec::new();
        for image in [Image::Created, Image::After, Image::Before] {
            per_image.push(self.image_rows(image).await?);
        }
        let [created, after, before] =
            <[Vec<Rows>; 3]>::try_from(per_image).map_err(|_| Error::internal("a chunk has three images"))?;
        let mut prepared = Vec::new();
        for (load, ((created, after), before)) in
            self.entity.loads.iter().zip(created.into_iter().zip(after).zip(before))
        {
            let columns: Vec<String> = created.schema.fields().iter().map(|f| f.name().clone()).collect();
            let created = match self.shape.sets.iter().find(|set| set.table == load.table) {
                Some(set) => self.in_index_order(created, &set.key_column)?,
                None => created,
            };
            prepared.push(TableRows {
                target: Target::new(load, &self.shape, columns),
                created,
                after,
                before,
            });
        }
        let links = compiled::links_sql();
        let provenance = compiled::provenance_sql();
        let of = |sql: &str, condition: &str| format!("SELECT * FROM (\n{sql}\n) WHERE {condition}");
        let created_links = self.rows(&of(links, "action = 'created'")).await?;
        Ok(Prepared {
            tables: prepared,
            children_before: self.rows(&compiled::children_before_sql(&self.shape)).await?,
            created_links: self.in_index_order(created_links, "external_id")?,
            other_links: self.rows(&of(links, "action <> 'created'")).await?,
            created_provenance: self.rows(&of(provenance, "load_action = 'created'")).await?,
            other_provenance: self.rows(&of(provenance, "load_action <> 'created'")).await?,
            change_log: self.rows(&compiled::change_log_sql(&self.shape)).await?,
            changes,
        })
    }

    /// What the load files make of the changes in the table `chunk`, in their order.
    pub async fn image_rows(&self, image: Image) -> Result<Vec<Rows>> {
        let resolved = compiled::resolved_sql(&self.shape, image);
        let frame = plan_with(&self.session, &resolved, self.params.clone()).await?;
        tables::register_view(&self.session, "resolved", frame)?;
        let mut rows = Vec::new();
        for load in &self.entity.loads {
            rows.push(self.rows(&load.sql.text).await.map_err(|e| e.context(&load.sql.path))?);
        }
        Ok(rows)
    }

    /// The rows of a query.
    pub async fn rows(&self, sql: &str) -> Result<Rows> {
        let frame = plan_with(&self.session, sql, self.params.clone()).await?;
        let (schema, batches) = tables::collect_compact(frame).await?;
        Ok(Rows { schema, batches })
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
