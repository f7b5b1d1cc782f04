//! The core ids of a round: taken before its first chunk, and by which rows they were used.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, SchemaRef};

use super::chunk::int_column;
use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::lake::{DataSet, DataSetName, DataSetWriter};
use crate::steps::lookup::{column, schema};
use crate::steps::resolve::Resolved;
use crate::store::{IdRequest, NUMBER};

/// Core ids of new people by their lead row, written down chunk by chunk.
pub struct CreatedIds {
    writer: DataSetWriter,
    schema: SchemaRef,
}

impl CreatedIds {
    pub fn new(cx: &RunContext, round: u32) -> Result<Self> {
        let schema =
            schema(vec![column("lead_sequence_number", DataType::Int64), column("core_id", DataType::Int64)]);
        let path = cx.paths.part(&DataSetName::CreatedIds, round, 0);
        Ok(Self { writer: DataSetWriter::new(&cx.lake, path, Arc::clone(&schema))?, schema })
    }

    /// Those of one chunk, without the ones whose change was refused.
    pub async fn remember(&mut self, rows: &RecordBatch, left_out: impl Iterator<Item = i64>) -> Result<()> {
        let moved: HashSet<i64> = left_out.collect();
        let action = cast(rows.column(rows.schema().index_of("action")?), &DataType::Utf8)?;
        let action = action.as_string::<i32>();
        let (core, lead) = (int_column(rows, "core_id")?, int_column(rows, "lead_sequence_number")?);
        let (mut leads, mut cores) = (Vec::new(), Vec::new());
        for row in 0..rows.num_rows() {
            if action.value(row) == "created" && !moved.contains(&lead.value(row)) {
                leads.push(lead.value(row));
                cores.push(core.value(row));
            }
        }
        let columns: Vec<ArrayRef> =
            vec![Arc::new(Int64Array::from(leads)), Arc::new(Int64Array::from(cores))];
        self.writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), columns)?).await
    }

    pub async fn finish(self) -> Result<DataSet> {
        Ok(DataSet { files: vec![self.writer.finish().await?] })
    }
}

/// The core ids of a round, committed before its first chunk: create k gets id k, in every attempt.
pub struct Ids {
    ranges: std::vec::IntoIter<(i64, i64)>,
    current: std::ops::Range<i64>,
}

impl Ids {
    pub fn of(ranges: &[(i64, i64)]) -> Self {
        Self { ranges: Vec::from(ranges).into_iter(), current: 0..0 }
    }

    pub async fn take(cx: &RunContext, resolved: &Resolved, round: u32) -> Result<(Self, Vec<(i64, i64)>)> {
        let merged = cx.count("SELECT count(*) AS n FROM changes_merged WHERE action = 'created'").await?;
        let wanted = i64::try_from(resolved.created.rows() + merged).unwrap_or(i64::MAX);
        let ranges = if wanted == 0 {
            Vec::new()
        } else {
            // The table's own sequence gives the ids, or that of the numbers beside it.
            let core = &cx.shape.core;
            let (table, id_column) = match &core.numbers {
                Some(numbers) => (numbers, NUMBER),
                None => (&cx.shape.core_table, core.id_column.as_str()),
            };
            let request = IdRequest {
                entity: cx.entity.name.clone(),
                round: i64::from(round),
                table: table.clone(),
                id_column: id_column.to_owned(),
                has_tenant: core.has_tenant && core.numbers.is_none(),
                count: wanted,
            };
            cx.store.take_ids(&cx.fence, &request).await?.iter().map(|r| (r.first, r.count)).collect()
        };
        fail::fail_point!("load::ids_taken", |_| Err(Error::internal("failpoint load::ids_taken")));
        Ok((Self::of(&ranges), ranges))
    }

    pub fn next(&mut self) -> Result<i64> {
        loop {
            if let Some(id) = self.current.next() {
                return Ok(id);
            }
            let (first, count) = self
                .ranges
                .next()
                .ok_or_else(|| Error::internal("fewer core ids were taken than rows are created"))?;
            self.current = first..first + count;
        }
    }
}
