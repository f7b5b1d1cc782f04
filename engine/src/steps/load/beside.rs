//! Rows of a chunk beside the tables of the store, for statements that join both: arrays that go along with each statement
//! on Postgres, a temporary table on SQLite.

use std::collections::HashSet;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{DataType, SchemaRef};

use super::chunk::{Rows, int_column};
use super::statements::Target;
use crate::error::Result;
use crate::steps::lookup::{column, schema};
use crate::store::{Dialect, Session, StoreError, rows_as_arrays};

/// See the text of the module.
pub struct Beside {
    sql: String,
    arrays: Option<RecordBatch>,
}

impl Beside {
    /// Puts rows beside the tables, under a name where they have one.
    pub async fn of(session: &mut Session, name: &str, rows: &Rows) -> Result<Self> {
        Ok(match session.dialect() {
            Dialect::Postgres => Self {
                sql: rows_as_arrays(&rows.schema)?,
                arrays: Some(concat_batches(&rows.schema, &rows.batches)?),
            },
            Dialect::Sqlite => {
                let table = session.temp_from_batches(name, &rows.schema, &rows.batches).await?;
                Self { sql: table.sql(Dialect::Sqlite), arrays: None }
            }
        })
    }

    /// The same rows with the types that the columns of a target table have.
    async fn of_target(session: &mut Session, name: &str, rows: &Rows, target: &Target) -> Result<Self> {
        let mut beside = Self::of(session, name, rows).await?;
        beside.sql = target.beside(session, &rows.schema, &beside.sql).await?;
        Ok(beside)
    }

    /// [`Beside::of_target`] of rows of a chunk, which are called after what they are.
    pub async fn of_chunk(session: &mut Session, what: &str, target: &Target, rows: &Rows) -> Result<Self> {
        Self::of_target(session, &format!("importer_{what}_{}", target.table), rows, target).await
    }

    /// What stands for the rows in the FROM of a statement.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Runs a statement.
    pub async fn execute(&self, session: &mut Session, sql: &str) -> Result<(), StoreError> {
        match &self.arrays {
            Some(rows) => session.execute_about(sql, rows).await.map(|_| ()),
            None => session.execute_script(sql).await,
        }
    }

    /// Reads a query whose result is small.
    pub async fn read(
        &self,
        session: &mut Session,
        sql: &str,
        answer: &SchemaRef,
    ) -> Result<Vec<RecordBatch>> {
        let Some(rows) = &self.arrays else { return Ok(session.read_all(sql, &[], answer).await?) };
        let mut reader = session.read_about(sql, rows, answer).await?;
        let mut batches = Vec::new();
        while let Some(batch) = reader.next().await? {
            batches.push(batch);
        }
        Ok(batches)
    }

    /// Reads a query that gives core ids.
    pub async fn ids(&self, session: &mut Session, sql: &str, into: &mut HashSet<i64>) -> Result<()> {
        let answer = schema(vec![column("id", DataType::Int64)]);
        for batch in self.read(session, sql, &answer).await? {
            into.extend(int_column(&batch, "id")?.iter().flatten());
        }
        Ok(())
    }
}
