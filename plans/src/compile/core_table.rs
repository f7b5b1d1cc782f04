//! Core tables as the road reads them. A table of the organisation's own has its own names: its key need not be called
//! `id`, it may have no column for the tenant, and its columns may be called otherwise than the fields of the contract. All
//! of that stands in the load file: the columns of `key`, and `field AS column` in the SELECT. Whoever reads such a table
//! reads a relation in which the names are those of the contract; the database sees through it, indexes are used as ever.

use super::ident::ident;
use crate::project::{Entity, TENANT};

/// The table that holds the core fields, and what it calls them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CoreTable {
    /// Its column with the core id.
    pub id_column: String,
    /// Its rows say whose they are; all rows of other tables are those of one tenant.
    pub has_tenant: bool,
    /// Where its rows get their numbers, if not from a sequence of its own: a table with a column `core_id`.
    pub numbers: Option<String>,
    /// Fields that are called otherwise there: field and column.
    renamed: Vec<(String, String)>,
    /// All fields, for the relation of a table with names of its own.
    fields: Vec<String>,
}

impl CoreTable {
    pub(super) fn of(entity: &Entity) -> Self {
        let Some(load) = entity.core_load() else { return Self::default() };
        let fields: Vec<String> = entity.contract.core_fields().map(|field| field.name.clone()).collect();
        // The time of the last write is shown to people where the table has it.
        let shown = std::iter::once("updated_at").filter(|c| load.columns.iter().flatten().any(|l| l == c));
        let renamed = fields.iter().filter_map(|field| {
            let column = load.column_of(field).filter(|column| column != field)?;
            Some((field.clone(), column.to_owned()))
        });
        Self {
            id_column: load.owner_column().to_owned(),
            has_tenant: load.has_tenant(),
            numbers: load.numbered.as_ref().map(|numbered| numbered.numbers.clone()),
            renamed: renamed.collect(),
            fields: fields.iter().cloned().chain(shown.map(str::to_owned)).collect(),
        }
    }

    /// What stands in FROM for the core table: its name, or a relation with the names of the contract. `table` and `tenant`
    /// are SQL already.
    pub fn relation(&self, table: &str, tenant: &str) -> String {
        if self.has_tenant && self.id_column == "id" && self.renamed.is_empty() {
            return table.to_owned();
        }
        let mut columns = match self.has_tenant {
            true => vec![format!("t.{TENANT}")],
            false => vec![format!("{tenant} AS {TENANT}")],
        };
        columns.push(format!("t.{} AS id", ident(&self.id_column)));
        columns.extend(self.fields.iter().filter(|field| *field != "id").map(|field| {
            let renamed = self.renamed.iter().find(|(name, _)| name == field);
            let column = renamed.map_or(field, |(_, column)| column);
            format!("t.{} AS {}", ident(column), ident(field))
        }));
        format!("(SELECT {} FROM {table} t)", columns.join(", "))
    }
}

/// What stands in FROM for another table of the entity, whose columns keep their names.
pub fn with_tenant(table: &str, tenant: &str, has_tenant: bool) -> String {
    match has_tenant {
        true => table.to_owned(),
        false => format!("(SELECT {tenant} AS {TENANT}, t.* FROM {table} t)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_with_our_names_is_read_as_it_is() {
        let plain = CoreTable { id_column: "id".into(), has_tenant: true, ..CoreTable::default() };
        assert_eq!(plain.relation("\"contacts\"", "'x'"), "\"contacts\"");
    }

    #[test]
    fn other_names_are_told_by_a_relation() {
        let own = CoreTable {
            id_column: "Nr".into(),
            has_tenant: false,
            numbers: None,
            renamed: vec![("first_name".into(), "vorname".into())],
            fields: vec!["first_name".into(), "city".into()],
        };
        assert_eq!(
            own.relation("k", "'x'"),
            "(SELECT 'x' AS tenant_id, t.\"Nr\" AS id, t.\"vorname\" AS \"first_name\", t.\"city\" AS \"city\" FROM k t)"
        );
    }
}
