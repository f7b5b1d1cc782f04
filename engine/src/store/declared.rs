//! The types that columns of a table of Postgres are declared as, and texts made values of them.

use std::collections::HashMap;

use arrow::datatypes::{DataType, SchemaRef};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::cells::sent_as;
use super::session::{Connection, Session};
use super::{Dialect, Result, StoreError, StoreErrorKind, Table, ident};

/// A column as Postgres declares it.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    /// The name of its type (`int8`, `jsonb`, `_text`); enums as `enum`.
    pub(super) name: String,
    /// The type as a cast names it.
    pub(super) cast: String,
}

/// Whether text is what a column of this type is filled from.
pub(super) fn is_from_text(declared: &str) -> bool {
    matches!(declared, "numeric" | "time" | "uuid") || declared.starts_with('_')
}

/// A text of a row as the type of its column.
pub(super) fn from_text(text: &str, declared: &Declared) -> String {
    if declared.name.starts_with('_') {
        return format!(
            "CASE WHEN {text} IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text(CAST({text} AS jsonb)))::{} END",
            declared.cast
        );
    }
    format!("{text}::{}", declared.cast)
}

/// The columns of a table of Postgres, by name.
pub(super) async fn declared(
    connection: &mut PgConnection,
    table_sql: &str,
) -> Result<HashMap<String, Declared>> {
    const SQL: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../sql/store/postgres/column_types.sql"));
    let rows = sqlx::query(AssertSqlSafe(SQL)).bind(table_sql).fetch_all(connection).await?;
    if rows.is_empty() {
        return Err(StoreError::new(StoreErrorKind::Schema, format!("there is no table {table_sql}")));
    }
    let named = |row: &sqlx::postgres::PgRow| -> Result<(String, Declared)> {
        Ok((row.try_get(0)?, Declared { name: row.try_get(1)?, cast: row.try_get(2)? }))
    };
    rows.iter().map(named).collect()
}

impl Session {
    /// Rows beside a table (a place in the FROM of a statement) with the types that the columns of the table have, so that
    /// both can be compared. On SQLite they are so already.
    pub async fn as_columns_of(&mut self, table: &Table, schema: &SchemaRef, rows: &str) -> Result<String> {
        let Connection::Postgres(connection) = &mut self.connection else { return Ok(rows.to_owned()) };
        let types = declared(connection, &table.sql(Dialect::Postgres)).await?;
        let mut cast = false;
        let columns: Vec<String> = schema
            .fields()
            .iter()
            .map(|field| {
                let column = format!("r.{}", ident(field.name()));
                let text = sent_as(field.data_type()).is_some_and(|sent| {
                    matches!(sent, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8)
                });
                let declared = types.get(field.name()).filter(|declared| {
                    text && (is_from_text(&declared.name)
                        || matches!(declared.name.as_str(), "jsonb" | "json" | "enum"))
                });
                match declared {
                    Some(declared) => {
                        cast = true;
                        format!("{} AS {}", from_text(&column, declared), ident(field.name()))
                    }
                    None => column,
                }
            })
            .collect();
        Ok(if cast { format!("(SELECT {} FROM {rows} r)", columns.join(", ")) } else { rows.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::{Declared, from_text};

    #[test]
    fn arrays_are_made_of_json() {
        let declared = Declared { name: "_int8".to_owned(), cast: "bigint[]".to_owned() };
        assert_eq!(
            from_text("a.c0", &declared),
            "CASE WHEN a.c0 IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text(CAST(a.c0 AS jsonb)))::bigint[] END"
        );
    }
}
