//! A table as the database's catalogue describes it: what it takes and what it insists on.

use super::{Result, Session, Statement, Store, StoreError, Table, statement};

const COLUMNS: Statement = statement!("adopt_columns");
const INDEXES: Statement = statement!("adopt_indexes");

/// A table as its catalogue describes it.
#[derive(Debug, Clone, Default)]
pub struct TableShape {
    pub columns: Vec<TableColumn>,
    pub indexes: Vec<TableIndex>,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct TableColumn {
    pub name: String,
    /// Its type as declared, with length.
    pub declared: String,
    /// The name of its type alone.
    pub base: String,
    /// It must be filled.
    pub required: bool,
    pub default: Option<String>,
    /// Part of the primary key.
    pub key: bool,
}

/// An index over whole columns, the primary key among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableIndex {
    pub unique: bool,
    pub columns: Vec<String>,
}

impl TableShape {
    /// A column by name.
    pub fn column(&self, name: &str) -> Option<&TableColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether no two rows can have the same values in these columns.
    pub fn is_unique_by(&self, columns: &[String]) -> bool {
        self.indexes.iter().any(|index| index.unique && index.columns.iter().all(|c| columns.contains(c)))
    }
}

impl Store {
    /// What a table is like; nothing where there is none.
    pub async fn table_shape(&self, table: &Table) -> Result<Option<TableShape>> {
        let mut session = self.session().await?;
        let shape = shape(&mut session, &table.in_catalogue(self.dialect())).await?;
        Ok((!shape.columns.is_empty()).then_some(shape))
    }
}

/// Reads the catalogue; no columns where there is no such table.
pub(super) async fn shape(session: &mut Session, table: &str) -> Result<TableShape> {
    let mut columns = Vec::new();
    for row in session.rows(&COLUMNS, &[table.into()]).await? {
        columns.push(TableColumn {
            name: row.text(0)?.to_owned(),
            declared: row.text(1)?.to_owned(),
            base: row.text(2)?.to_owned(),
            required: row.bool(3)?,
            default: row.opt_text(4)?.map(str::to_owned),
            key: row.bool(5)?,
        });
    }
    let mut indexes: Vec<TableIndex> = Vec::new();
    for row in session.rows(&INDEXES, &[table.into()]).await? {
        let columns: Vec<String> = serde_json::from_str(row.text(1)?)
            .map_err(|_| StoreError::internal("the catalogue gave a list that is not JSON"))?;
        let index = TableIndex { unique: row.bool(0)?, columns };
        if !index.columns.is_empty() && !indexes.contains(&index) {
            indexes.push(index);
        }
    }
    Ok(TableShape { columns, indexes })
}
