//! What others do with a table of the organisation's, as the catalogue of the database tells: columns that they may fill,
//! tables of theirs that refer to it.

use super::{Result, Session, Statement, Table, statement};

const OPEN_COLUMNS: Statement = statement!("open_columns");
const REFERENCES: Statement = statement!("references");

/// A column of a table that refers to another table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The schema of the table, where the database has schemas.
    pub schema: Option<String>,
    pub table: String,
    pub column: String,
    /// The column that carries the tenant, where the key has one.
    pub tenant_column: Option<String>,
}

impl Session {
    /// Columns of a table that are empty unless somebody fills them.
    pub async fn open_columns(&mut self, table: &str) -> Result<Vec<String>> {
        let table = Table::core(table).in_catalogue(self.dialect());
        let rows = self.rows(&OPEN_COLUMNS, &[table.into()]).await?;
        rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
    }

    /// The foreign keys that refer to a column of a table.
    pub async fn references_to(&mut self, table: &str, column: &str) -> Result<Vec<ForeignKey>> {
        let table = Table::core(table).in_catalogue(self.dialect());
        let rows = self.rows(&REFERENCES, &[table.into(), column.into()]).await?;
        let key = |row: &super::Row| -> Result<ForeignKey> {
            Ok(ForeignKey {
                schema: row.opt_text(0)?.map(str::to_owned),
                table: row.text(1)?.to_owned(),
                column: row.text(2)?.to_owned(),
                tenant_column: row.opt_text(3)?.map(str::to_owned),
            })
        };
        rows.iter().map(key).collect()
    }
}
