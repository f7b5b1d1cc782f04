//! Bulk in: Arrow batches into a table, at the speed of the database.
//!
//! Postgres takes them by binary COPY; the table's own column types are looked up first, so that a batch may bring
//! Int64 for an `integer` column (checked) or text for a `jsonb` one. SQLite takes many rows per prepared INSERT.
//! Both run inside the caller's transaction when one is open. NUL characters are taken out of texts.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::copy_postgres::PostgresCopy;
use super::copy_sqlite::SqliteCopy;
use super::session::{Connection, Session};
use super::{Result, Table};

/// A table being filled. Batches go in with [`send`](Self::send); [`finish`](Self::finish) ends it. Dropped before,
/// nothing of it stays (Postgres) or it must be rolled back by the caller's transaction (SQLite).
#[must_use = "rows are only in the table after finish()"]
pub struct CopyIn<'a> {
    target: Target<'a>,
}

enum Target<'a> {
    Postgres(Box<PostgresCopy<'a>>),
    Sqlite(SqliteCopy<'a>),
}

impl Session {
    /// Starts to fill `table`: the fields of `schema`, by name, are the columns.
    pub async fn copy_in(&mut self, table: &Table, schema: &SchemaRef) -> Result<CopyIn<'_>> {
        let conflicts = self.conflicts(table).await?;
        let target = match &mut self.connection {
            Connection::Postgres(connection) => {
                Target::Postgres(Box::new(PostgresCopy::begin(connection, table, schema).await?))
            }
            Connection::Sqlite(connection) => {
                Target::Sqlite(SqliteCopy::begin(connection, table, schema, conflicts)?)
            }
        };
        Ok(CopyIn { target })
    }

    /// Fills `table` with these batches, all of one schema, and gives the number of rows that
    /// the database says it took: fewer where a trigger passes over some, and where it counts none that go into a view.
    pub async fn copy_batches(&mut self, table: &Table, batches: &[RecordBatch]) -> Result<u64> {
        let Some(first) = batches.first() else { return Ok(0) };
        let mut copy = self.copy_in(table, &first.schema()).await?;
        for batch in batches {
            copy.send(batch).await?;
        }
        copy.finish().await
    }
}

impl CopyIn<'_> {
    /// Sends the rows of one batch, whose columns are in the order of the schema given at the start.
    pub async fn send(&mut self, batch: &RecordBatch) -> Result<()> {
        match &mut self.target {
            Target::Postgres(copy) => copy.send(batch).await,
            Target::Sqlite(copy) => copy.send(batch).await,
        }
    }

    /// Ends the copy: the rows are in the table (and visible to others after COMMIT).
    pub async fn finish(self) -> Result<u64> {
        match self.target {
            Target::Postgres(copy) => copy.finish().await,
            Target::Sqlite(copy) => copy.finish().await,
        }
    }
}
