//! One chunk of changes as rows per table, made by DataFusion before the transaction opens.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch};
use datafusion::arrow::compute::{
    cast, concat_batches, filter_record_batch, sort_to_indices, take_record_batch,
};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::arrow::row::{RowConverter, SortField};
use datafusion::catalog::MemoryCatalogProviderList;
use datafusion::common::ParamValues;
use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::SessionContext;
use importer_plans::compile::Shape;
use importer_plans::compile::load as compiled;
use importer_plans::compile::load::Image;
use importer_plans::project::{Entity, LoadMode};

use super::statements::Target;
use crate::context::{RunContext, blame, plan_with};
use crate::error::{Error, Result};
use crate::store::Dialect;
use crate::tables;
use crate::watch::within;

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

    /// How many.
    pub fn count(&self) -> u64 {
        self.batches.iter().map(|b| b.num_rows() as u64).sum()
    }

    /// No rows, whose columns nobody asks for.
    fn none() -> Self {
        Self { schema: Arc::new(Schema::empty()), batches: Vec::new() }
    }

    /// The same rows with some of the columns only.
    pub fn project(&self, names: &[&str]) -> Result<Self> {
        if self.is_empty() {
            return Ok(Self::none());
        }
        let indexes = names.iter().map(|n| Ok(self.schema.index_of(n)?)).collect::<Result<Vec<_>>>()?;
        let batches = self.batches.iter().map(|b| Ok(b.project(&indexes)?)).collect::<Result<Vec<_>>>()?;
        Ok(Self { schema: Arc::new(self.schema.project(&indexes)?), batches })
    }

    /// Those of the rows that are not as they were before, or whose core row is not known to have a row in the table.
    pub fn other_than(self, before: &Self, target: &Target, has_row: impl Fn(i64) -> bool) -> Result<Self> {
        if self.is_empty() || before.is_empty() {
            return Ok(self);
        }
        let columns = target.compared();
        let (known, all) = (before.project(&columns)?, concat_batches(&self.schema, &self.batches)?);
        let known = concat_batches(&known.schema, &known.batches)?;
        let compared =
            columns.iter().map(|name| Ok(self.schema.index_of(name)?)).collect::<Result<Vec<_>>>()?;
        let compared = all.project(&compared)?;
        let kinds =
            compared.schema().fields().iter().map(|f| SortField::new(f.data_type().clone())).collect();
        let converter = RowConverter::new(kinds)?;
        let known = converter.convert_columns(known.columns())?;
        let known: HashSet<&[u8]> = known.iter().map(|row| row.data()).collect();
        let compared = converter.convert_columns(compared.columns())?;
        let owners = int_column(&all, target.owner())?;
        let other = compared
            .iter()
            .zip(owners.iter())
            .map(|(row, owner)| Some(!(owner.is_some_and(&has_row) && known.contains(row.data()))))
            .collect();
        Ok(Self { batches: vec![filter_record_batch(&all, &other)?], schema: self.schema })
    }

    /// Whether a flag is set in any of the rows.
    fn any(&self, flag: &str) -> Result<bool> {
        if self.is_empty() {
            return Ok(false);
        }
        let index = self.schema.index_of(flag)?;
        Ok(self.batches.iter().any(|b| b.column(index).as_boolean_opt().is_some_and(|f| f.true_count() > 0)))
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
    /// Rows of existing core rows that are to be other than they were.
    pub after: Rows,
    /// Rows of existing core rows as they were read, also where they stay.
    pub before: Rows,
}

/// Everything a chunk writes.
pub struct Prepared {
    pub tables: Vec<TableRows>,
    pub children_before: Rows,
    pub created_links: Rows,
    pub other_links: Rows,
    /// Some of the other links were only met again.
    pub seen_again: bool,
    pub created_provenance: Rows,
    pub other_provenance: Rows,
    pub change_log: Rows,
    pub changes: usize,
}

/// Changes of one chunk with their core ids.
#[derive(Clone)]
pub struct Chunk {
    pub number: i64,
    pub rows: RecordBatch,
}

impl Chunk {
    /// The changes without those of some lead rows.
    pub fn without(&self, leads: &HashSet<i64>) -> Result<Self> {
        let column = int_column(&self.rows, "lead_sequence_number")?;
        let keep = column.iter().map(|lead| Some(!lead.is_some_and(|l| leads.contains(&l)))).collect();
        Ok(Self { number: self.number, rows: filter_record_batch(&self.rows, &keep)? })
    }

    /// The changes of some lead rows alone.
    pub fn only(&self, leads: &HashSet<i64>) -> Result<Self> {
        let column = int_column(&self.rows, "lead_sequence_number")?;
        let keep = column.iter().map(|lead| Some(lead.is_some_and(|l| leads.contains(&l)))).collect();
        Ok(Self { number: self.number, rows: filter_record_batch(&self.rows, &keep)? })
    }

    /// Lead rows of the changes that touch these core ids.
    pub fn leads_of(&self, cores: &HashSet<i64>) -> Result<Vec<i64>> {
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
    let action = cast(batch.column(batch.schema().index_of("action")?), &DataType::Utf8)?;
    let ids = known
        .iter()
        .zip(action.as_string::<i32>())
        .map(|(id, action)| if action == Some("created") { next_id().map(Some) } else { Ok(id) })
        .collect::<Result<Vec<Option<i64>>>>()?;
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    columns[index] = Arc::new(Int64Array::from(ids));
    Ok(RecordBatch::try_new(batch.schema(), columns)?)
}

/// What kinds of changes a chunk has.
struct Has {
    created: bool,
    others: bool,
    /// Core rows that had a row for their state.
    state: HashSet<i64>,
}

impl Has {
    fn of(rows: &RecordBatch) -> Result<Self> {
        let action = cast(rows.column(rows.schema().index_of("action")?), &DataType::Utf8)?;
        let action = action.as_string::<i32>();
        let before = rows.column_by_name("before").and_then(|b| b.as_struct_opt());
        let stateful = before
            .and_then(|b| b.column_by_name("has_state").map(|has| (b, has)))
            .and_then(|(b, has)| has.as_boolean_opt().map(|has| (b, has)));
        let core = int_column(rows, "core_id")?;
        let mut has = Self { created: false, others: false, state: HashSet::new() };
        for row in 0..action.len() {
            match action.value(row) {
                "created" => has.created = true,
                _ => has.others = true,
            }
            if let Some((before, stateful)) = stateful
                && before.is_valid(row)
                && stateful.is_valid(row)
                && stateful.value(row)
                && core.is_valid(row)
            {
                has.state.insert(core.value(row));
            }
        }
        Ok(has)
    }
}

/// A place where chunks are prepared, one at a time: a session with tables of its own, and what the run has for its SQL.
#[derive(Clone)]
pub struct Lane {
    session: SessionContext,
    params: ParamValues,
    entity: Arc<Entity>,
    shape: Arc<Shape>,
    dialect: Dialect,
    max_query_time: Duration,
}

impl Lane {
    /// One partition: a chunk is small.
    pub fn new(cx: &RunContext) -> Self {
        let config = cx
            .planner()
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
            max_query_time: cx.max_query_time,
        }
    }

    /// New rows that the store finds by a column other than their core id, in the order of that column where it likes them so.
    fn in_index_order(&self, rows: Rows, column: &str) -> Result<Rows> {
        if self.dialect.takes_rows_in_index_order() { rows.sorted_by(column) } else { Ok(rows) }
    }

    /// Starts to turn a chunk into rows per table, beside what else is going on.
    pub fn start(&self, chunk: &Chunk) -> SpawnedTask<Result<Prepared>> {
        let (lane, rows) = (self.clone(), chunk.rows.clone());
        SpawnedTask::spawn(async move { lane.prepare(rows).await })
    }

    /// Turns a chunk into rows per table. Most chunks are of new people alone, and nothing else is asked of them.
    pub async fn prepare(&self, rows: RecordBatch) -> Result<Prepared> {
        let (changes, has) = (rows.num_rows(), Has::of(&rows)?);
        tables::register_rows(&self.session, "chunk", rows.schema(), vec![rows])?;
        let created = self.image_rows_if(has.created, Image::Created).await?;
        let after = self.image_rows_if(has.others, Image::After).await?;
        let before = self.image_rows_if(has.others, Image::Before).await?;
        let mut prepared = Vec::new();
        for (load, ((created, after), before)) in
            self.entity.loads.iter().zip(created.into_iter().zip(after).zip(before))
        {
            let named = if has.created { &created } else { &after };
            let columns: Vec<String> = named.schema.fields().iter().map(|f| f.name().clone()).collect();
            let created = match self.shape.sets.iter().find(|set| set.table == load.table) {
                Some(set) => self.in_index_order(created, &set.key_column)?,
                None => created,
            };
            let target = Target::new(load, &self.shape, columns);
            // A table row that is known to be there, and stays as it is, is not written.
            let after = match (target.mode, &self.shape.state) {
                (LoadMode::Core | LoadMode::ChildSet, _) => after.other_than(&before, &target, |_| true)?,
                (LoadMode::Row, Some(state)) if state.table == load.table => {
                    after.other_than(&before, &target, |core| has.state.contains(&core))?
                }
                (LoadMode::Row, _) => after,
            };
            prepared.push(TableRows { target, created, after, before });
        }
        let links = compiled::links_sql();
        let provenance = compiled::provenance_sql();
        let of = |sql: &str, condition: &str| format!("SELECT * FROM (\n{sql}\n) WHERE {condition}");
        let created_links = self.rows_if(has.created, &of(links, "action = 'created'")).await?;
        let other_links = self.rows_if(has.others, &of(links, "action <> 'created'")).await?;
        Ok(Prepared {
            tables: prepared,
            children_before: self.rows_if(has.others, &compiled::children_before_sql(&self.shape)).await?,
            created_links: self.in_index_order(created_links, "external_id")?,
            seen_again: other_links.any("seen_only")?,
            other_links,
            created_provenance: self.rows_if(has.created, &of(provenance, "load_action = 'created'")).await?,
            other_provenance: self.rows_if(has.others, &of(provenance, "load_action <> 'created'")).await?,
            change_log: self.rows_if(has.others, &compiled::change_log_sql(&self.shape)).await?,
            changes,
        })
    }

    async fn rows_if(&self, wanted: bool, sql: &str) -> Result<Rows> {
        if wanted { self.rows(sql).await } else { Ok(Rows::none()) }
    }

    async fn image_rows_if(&self, wanted: bool, image: Image) -> Result<Vec<Rows>> {
        if wanted {
            return self.image_rows(image).await;
        }
        Ok(self.entity.loads.iter().map(|_| Rows::none()).collect())
    }

    /// What the load files make of the changes in the table `chunk`, in their order.
    pub async fn image_rows(&self, image: Image) -> Result<Vec<Rows>> {
        let resolved = compiled::resolved_sql(&self.shape, image);
        let frame = plan_with(&self.session, &resolved, self.params.clone()).await?;
        tables::register_view(&self.session, "resolved", frame)?;
        let mut rows = Vec::new();
        for load in &self.entity.loads {
            let (lane, sql) = (self.clone(), load.sql.text.clone());
            let work = SpawnedTask::spawn(async move { lane.rows(&sql).await });
            let made = match within(self.max_query_time, work.join_unwind()).await {
                Ok(made) => made?,
                Err(limit) => Err(blame::too_long(&load.sql, limit)),
            };
            rows.push(made.map_err(|e| blame::of_file(e, &load.sql, &self.session))?);
        }
        Ok(rows)
    }

    /// The rows of a query.
    pub async fn rows(&self, sql: &str) -> Result<Rows> {
        let frame = plan_with(&self.session, sql, self.params.clone()).await?;
        let pool = Arc::clone(&self.session.runtime_env().memory_pool);
        let (schema, batches) = tables::collect_within(frame, &pool, "a chunk").await?;
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
