//! Temporary tables filled from Arrow: how keys and changes get next to the tables they are joined with.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};
use sqlx::Connection as _;

use super::cells::sent_as;
use super::session::{Connection, Session, TempTable};
use super::{Dialect, Result, StoreError, Table, ident};

impl Session {
    /// Makes an empty temporary table with the fields of `schema`, replacing one of that name.
    ///
    /// Texts are COLLATE "C" on Postgres, so that joins with key columns need no re-sort. JSON is text here.
    pub async fn create_temp(&mut self, name: &str, schema: &SchemaRef) -> Result<Table> {
        let dialect = self.dialect();
        let mut columns = String::new();
        for field in schema.fields() {
            let declared = column_type(dialect, field.data_type()).ok_or_else(|| {
                StoreError::value(format!(
                    "column {}: a {} has no column type",
                    field.name(),
                    field.data_type()
                ))
            })?;
            if !columns.is_empty() {
                columns.push_str(", ");
            }
            columns.push_str(&ident(field.name()));
            columns.push(' ');
            columns.push_str(declared);
        }
        self.forget_statements(name, &columns).await?;
        let transactional = self.in_transaction();
        let table = Table::temp(name);
        let (quoted, plain) = (table.sql(dialect), ident(name));
        let end = if transactional && dialect == Dialect::Postgres { " ON COMMIT DROP" } else { "" };
        self.execute_script(&format!(
            "DROP TABLE IF EXISTS {quoted}; CREATE TEMPORARY TABLE {plain} ({columns}){end};"
        ))
        .await?;
        self.temp_tables.retain(|table| table.name != name);
        self.temp_tables.push(TempTable { name: name.to_owned(), transactional });
        Ok(table)
    }

    /// Makes a temporary table and fills it; on Postgres its statistics are gathered, joins need them.
    pub async fn temp_from_batches(
        &mut self,
        name: &str,
        schema: &SchemaRef,
        batches: &[RecordBatch],
    ) -> Result<Table> {
        let table = self.create_temp(name, schema).await?;
        self.copy_batches(&table, batches).await?;
        self.analyze_temp(&table).await?;
        Ok(table)
    }

    /// Gives a temporary table an index on Postgres: whatever the planner believes of the other side, no row of it then
    /// looks through all keys. SQLite makes one by itself for `IN`, and for nothing else that can be relied upon.
    pub async fn index_temp(&mut self, table: &Table, columns: &[&str]) -> Result<()> {
        if self.dialect() == Dialect::Postgres {
            let columns: Vec<String> = columns.iter().map(|column| ident(column)).collect();
            let sql = format!("CREATE INDEX ON {} ({})", table.sql(Dialect::Postgres), columns.join(", "));
            self.execute_script(&sql).await?;
        }
        Ok(())
    }

    /// Gathers a temporary table's statistics on Postgres: how many rows, roughly of what kind. A sample of the usual
    /// size would take longer than many a question that it is for.
    pub async fn analyze_temp(&mut self, table: &Table) -> Result<()> {
        if self.dialect() == Dialect::Postgres {
            let name = table.sql(Dialect::Postgres);
            let sql = format!(
                "SET default_statistics_target = 10; ANALYZE {name}; RESET default_statistics_target"
            );
            self.execute_script(&sql).await?;
        }
        Ok(())
    }

    /// Gathers a table's statistics on Postgres. SQLite plans by its indexes.
    pub async fn analyze(&mut self, table: &Table) -> Result<()> {
        if self.dialect() == Dialect::Postgres {
            self.execute_script(&format!("ANALYZE {}", table.sql(Dialect::Postgres))).await?;
        }
        Ok(())
    }

    /// Drops a temporary table before its time.
    pub async fn drop_temp(&mut self, name: &str) -> Result<()> {
        let quoted = Table::temp(name).sql(self.dialect());
        self.execute_script(&format!("DROP TABLE IF EXISTS {quoted}")).await?;
        self.temp_tables.retain(|table| table.name != name);
        Ok(())
    }

    /// The driver keeps prepared statements by their text, and a pooled connection may know a temporary table of this
    /// name with other columns: unless this session made the very same one before, the statements are forgotten.
    async fn forget_statements(&mut self, name: &str, columns: &str) -> Result<()> {
        let same = self.temp_history.iter().rev().find(|(known, _)| known == name);
        if same.is_some_and(|(_, known)| known == columns) {
            return Ok(());
        }
        self.temp_history.push((name.to_owned(), columns.to_owned()));
        if let Connection::Postgres(connection) = &mut self.connection {
            connection.clear_cached_statements().await?;
        }
        Ok(())
    }
}

/// What a field of a temporary table is declared as.
fn column_type(dialect: Dialect, data_type: &DataType) -> Option<&'static str> {
    let sent = sent_as(data_type)?;
    Some(match (dialect, sent) {
        (Dialect::Postgres, DataType::Int64) => "bigint",
        (Dialect::Postgres, DataType::Int32) => "integer",
        (Dialect::Postgres, DataType::Float64) => "double precision",
        (Dialect::Postgres, DataType::Boolean) => "boolean",
        (Dialect::Postgres, DataType::Binary | DataType::FixedSizeBinary(_)) => "bytea",
        (Dialect::Postgres, DataType::Date32) => "date",
        (Dialect::Postgres, DataType::Timestamp(..)) => "timestamptz",
        (Dialect::Postgres, _) => "text COLLATE \"C\"",
        (
            Dialect::Sqlite,
            DataType::Int64 | DataType::Int32 | DataType::Boolean | DataType::Timestamp(..),
        ) => "INTEGER",
        (Dialect::Sqlite, DataType::Float64) => "REAL",
        (Dialect::Sqlite, DataType::Binary | DataType::FixedSizeBinary(_)) => "BLOB",
        (Dialect::Sqlite, _) => "TEXT",
    })
}
