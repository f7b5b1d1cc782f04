//! Values whose types Arrow and a database write in different ways: decimals, times of day, JSON, UUIDs, enums, lists.
//!
//! They travel as text, both ways, and the database makes them its own type: on the way in by a cast to what the column is
//! declared as, on the way out by [`stored_text`]. Lists travel as JSON. SQLite keeps the texts as they are.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, StringBuilder};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, SchemaRef};
use importer_sql::functions::lists_of_json;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

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

/// The text of a value of the store, whatever type its column has.
pub fn stored_text(dialect: Dialect, column: &str, is_list: bool) -> String {
    match (dialect, is_list) {
        (Dialect::Sqlite, _) => column.to_owned(),
        (Dialect::Postgres, false) => format!("{column}::text"),
        (Dialect::Postgres, true) => format!("to_jsonb({column})::text"),
    }
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
                let text = super::cells::sent_as(field.data_type()).is_some_and(|sent| {
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

/// Lists as JSON.
pub(super) fn json_of_lists(array: &ArrayRef, column: &str) -> Result<ArrayRef> {
    let wrong = || StoreError::value(format!("column {column}: a list does not fit JSON"));
    let lists = array.as_list_opt::<i32>().ok_or_else(wrong)?;
    let numeric = lists.value_type().is_integer() || lists.value_type() == DataType::Boolean;
    let items = cast_with_options(lists.values(), &DataType::Utf8, &strict()).map_err(|_| wrong())?;
    let items = items.as_string::<i32>();
    let mut texts = StringBuilder::new();
    for row in 0..lists.len() {
        if lists.is_null(row) {
            texts.append_null();
            continue;
        }
        let offsets = lists.value_offsets();
        let (from, to) = (place(offsets[row])?, place(offsets[row + 1])?);
        let mut text = String::from("[");
        for item in from..to {
            if item > from {
                text.push(',');
            }
            match items.is_valid(item) {
                false => text.push_str("null"),
                true if numeric => text.push_str(items.value(item)),
                // Decimals too: as numbers of JSON they could lose digits.
                true => {
                    let clean = items.value(item).replace('\0', "");
                    text.push_str(&serde_json::to_string(&clean).map_err(|_| wrong())?);
                }
            }
        }
        text.push(']');
        texts.append_value(text);
    }
    Ok(Arc::new(texts.finish()))
}

fn place(offset: i32) -> Result<usize> {
    usize::try_from(offset).map_err(|_| StoreError::internal("a list begins before its values"))
}

/// Whether values of a type come out of the store as text.
pub(super) fn is_read_as_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Decimal128(..) | DataType::Time64(_) | DataType::List(_))
}

/// Texts of the store as the values that they are.
pub(super) fn from_texts(texts: &StringArray, wanted: &DataType, column: &str) -> Result<ArrayRef> {
    let wrong = || StoreError::value(format!("column {column} of the query cannot be read as {wanted}"));
    if let DataType::List(item) = wanted {
        return Ok(Arc::new(lists_of_json(texts, item).map_err(|_| wrong())?));
    }
    let texts: ArrayRef = Arc::new(texts.clone());
    cast_with_options(&texts, wanted, &strict()).map_err(|_| wrong())
}

fn strict() -> CastOptions<'static> {
    CastOptions { safe: false, ..CastOptions::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Decimal128Array, ListArray, ListBuilder, Time64MicrosecondArray};
    use arrow::datatypes::{Field, Int64Type, TimeUnit};

    fn there_and_back(array: ArrayRef) {
        let kind = array.data_type().clone();
        let sent = super::super::cells::cast(&array, &DataType::Utf8, "x").unwrap();
        let back = from_texts(sent.as_string::<i32>(), &kind, "x").unwrap();
        assert_eq!(&back, &array);
    }

    #[test]
    fn values_come_back_as_they_were() {
        let decimals = Decimal128Array::from(vec![Some(1_250), None, Some(-7), Some(0)]);
        there_and_back(Arc::new(decimals.with_precision_and_scale(18, 2).unwrap()));
        there_and_back(Arc::new(Time64MicrosecondArray::from(vec![Some(30_600_000_000), None, Some(1)])));
        let lists = vec![Some(vec![Some(1), Some(2)]), None, Some(vec![]), Some(vec![None])];
        there_and_back(Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists)));
        let mut texts = ListBuilder::new(StringBuilder::new());
        texts.append_value([Some("a\"b"), Some("ä, {x}")]);
        there_and_back(Arc::new(texts.finish()));
        let decimals = Decimal128Array::from(vec![12_345_678_901_234_567_890_i128]);
        let decimals = decimals.with_precision_and_scale(38, 2).unwrap();
        let item = Arc::new(Field::new_list_field(decimals.data_type().clone(), true));
        let offsets = arrow::buffer::OffsetBuffer::from_lengths([1]);
        there_and_back(Arc::new(ListArray::new(item, offsets, Arc::new(decimals), None)));
    }

    #[test]
    fn what_is_none_is_an_error() {
        let wrong = StringArray::from(vec!["x"]);
        for kind in [
            DataType::Decimal128(9, 2),
            DataType::Time64(TimeUnit::Microsecond),
            DataType::new_list(DataType::Int64, true),
        ] {
            assert!(from_texts(&wrong, &kind, "x").is_err(), "{kind}");
        }
    }

    #[test]
    fn arrays_are_made_of_json() {
        let declared = Declared { name: "_int8".to_owned(), cast: "bigint[]".to_owned() };
        assert_eq!(
            from_text("a.c0", &declared),
            "CASE WHEN a.c0 IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text(CAST(a.c0 AS jsonb)))::bigint[] END"
        );
    }
}
