//! Rows beside the tables of the store, for statements that join both: arrays that go along with each statement on Postgres
//! (`arrays`), a temporary table on SQLite (`temp`). For some thousands of rows; more go into a temporary table on both.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;

use super::{Dialect, Result, Session, StoreError, rows_as_arrays};

/// See the text of the module.
#[derive(Debug)]
pub struct RowsBeside {
    sql: String,
    arrays: Option<RecordBatch>,
}

impl Session {
    /// Puts rows beside the tables, under a name where they have one.
    pub async fn rows_beside(
        &mut self,
        name: &str,
        schema: &SchemaRef,
        batches: &[RecordBatch],
    ) -> Result<RowsBeside> {
        Ok(match self.dialect() {
            Dialect::Postgres => RowsBeside {
                sql: rows_as_arrays(schema)?,
                arrays: Some(
                    concat_batches(schema, batches)
                        .map_err(|_| StoreError::internal("rows of one kind have different columns"))?,
                ),
            },
            Dialect::Sqlite => {
                let table = self.temp_from_batches(name, schema, batches).await?;
                RowsBeside { sql: table.sql(Dialect::Sqlite), arrays: None }
            }
        })
    }
}

impl RowsBeside {
    /// What stands for the rows in the FROM of a statement.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The same rows seen through a query over what stood for them.
    #[must_use]
    pub fn seen_through(self, sql: String) -> Self {
        Self { sql, ..self }
    }

    /// Runs a statement and gives the number of rows touched.
    pub async fn execute(&self, session: &mut Session, sql: &str) -> Result<u64> {
        match &self.arrays {
            Some(rows) => session.execute_about(sql, rows).await,
            None => session.execute_text(sql).await,
        }
    }

    /// Reads a query whose result is small.
    pub async fn read(
        &self,
        session: &mut Session,
        sql: &str,
        answer: &SchemaRef,
    ) -> Result<Vec<RecordBatch>> {
        let Some(rows) = &self.arrays else { return session.read_all(sql, &[], answer).await };
        let mut reader = session.read_about(sql, rows, answer).await?;
        let mut batches = Vec::new();
        while let Some(batch) = reader.next().await? {
            batches.push(batch);
        }
        Ok(batches)
    }
}
