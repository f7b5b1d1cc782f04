//! Core rows asked for by their ids: the ids as a table of the store, and answers as tables of the session.

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Int64Type, SchemaRef};

use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::steps::lookup::{canonical_json, column, schema};
use crate::store::Session;
use crate::tables;

/// Core ids as a temporary table, with their bounds.
pub struct Keys {
    pub table: String,
    least: i64,
    most: i64,
}

impl Keys {
    /// Sends the core ids that a query gives; `None` when there are none.
    pub async fn send(cx: &RunContext, session: &mut Session, name: &str, sql: &str) -> Result<Option<Self>> {
        let wanted = schema(vec![column("core_id", DataType::Int64)]);
        let (_, batches) = tables::collect_compact(cx.plan(sql).await?).await?;
        let batches = batches.iter().map(|b| tables::conform(b, &wanted)).collect::<Result<Vec<_>>>()?;
        let (mut least, mut most) = (i64::MAX, i64::MIN);
        for batch in &batches {
            let ids = batch
                .column(0)
                .as_primitive_opt::<Int64Type>()
                .ok_or_else(|| Error::internal("core ids are whole numbers"))?;
            for id in ids.iter().flatten() {
                (least, most) = (least.min(id), most.max(id));
            }
        }
        if least > most {
            return Ok(None);
        }
        let table = session.temp_from_batches(name, &wanted, &batches).await?;
        session.index_temp(&table, &["core_id"]).await?;
        Ok(Some(Self { table: table.sql(session.dialect()), least, most }))
    }

    /// The condition that a column holds one of the keys.
    pub fn holds(&self, column: &str) -> String {
        format!("{} AND {column} IN (SELECT core_id FROM {})", self.between(column), self.table)
    }

    /// The condition that a column is in their range.
    pub fn between(&self, column: &str) -> String {
        format!("{column} BETWEEN {} AND {}", self.least, self.most)
    }
}

/// Reads the rows of a question and makes them a table.
pub async fn answer(
    cx: &RunContext,
    session: &mut Session,
    name: &str,
    sql: Option<String>,
    schema: &SchemaRef,
) -> Result<()> {
    let batches: Vec<RecordBatch> = match sql {
        Some(sql) => {
            let read = session.read_all(&sql, &[], schema).await?;
            let dialect = session.dialect();
            read.iter().map(|rows| canonical_json(rows, &cx.shape, dialect)).collect::<Result<_>>()?
        }
        None => Vec::new(),
    };
    tables::register_rows(&cx.session, name, SchemaRef::clone(schema), batches)
}
