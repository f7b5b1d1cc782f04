//! Rows of a chunk beside the tables of the store, for statements that join both.

use std::collections::HashSet;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};

use super::chunk::{Rows, int_column};
use super::statements::Target;
use crate::error::Result;
use crate::steps::lookup::{column, schema};
use crate::store::{RowsBeside, Session, StoreError};

/// See the text of the module.
pub struct Beside(RowsBeside);

impl Beside {
    /// Puts rows beside the tables, under a name where they have one.
    pub async fn of(session: &mut Session, name: &str, rows: &Rows) -> Result<Self> {
        Ok(Self(session.rows_beside(name, &rows.schema, &rows.batches).await?))
    }

    /// The same rows with the types that the columns of a target table have.
    async fn of_target(session: &mut Session, name: &str, rows: &Rows, target: &Target) -> Result<Self> {
        let Self(beside) = Self::of(session, name, rows).await?;
        let typed = target.beside(session, &rows.schema, beside.sql()).await?;
        Ok(Self(beside.seen_through(typed)))
    }

    /// [`Beside::of_target`] of rows of a chunk, which are called after what they are.
    pub async fn of_chunk(session: &mut Session, what: &str, target: &Target, rows: &Rows) -> Result<Self> {
        Self::of_target(session, &format!("importer_{what}_{}", target.table), rows, target).await
    }

    /// What stands for the rows in the FROM of a statement.
    pub fn sql(&self) -> &str {
        self.0.sql()
    }

    /// Runs a statement and gives the number of rows touched.
    pub async fn execute(&self, session: &mut Session, sql: &str) -> Result<u64, StoreError> {
        self.0.execute(session, sql).await
    }

    /// Reads a query whose result is small.
    pub async fn read(
        &self,
        session: &mut Session,
        sql: &str,
        answer: &SchemaRef,
    ) -> Result<Vec<RecordBatch>> {
        Ok(self.0.read(session, sql, answer).await?)
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
