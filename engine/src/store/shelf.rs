//! Whole rows of any table, put on a shelf and put back: with all their columns, also those that no load file knows.
//!
//! A cell is kept as the database itself writes it. On Postgres that is its text, which a cast to the type of the column reads
//! back exactly, whatever the type is. SQLite's cells have types of their own: whole numbers and texts are those of JSON, what
//! JSON has not (`real`, `blob`) is an object that says so. Two cells are equal where what is kept of them is.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::shape::shape;
use super::{
    Dialect, Result, Row, Session, Statement, StoreError, StoreErrorKind, Table, Value, ident, ident_list,
    statement,
};

const COLUMNS: Statement = statement!("shelf_columns");

/// A row by the names of its columns.
pub type ShelvedRow = Map<String, Json>;

/// A table whose rows are put on the shelf.
#[derive(Debug, Clone)]
pub struct Shelf {
    /// The table as it is written in SQL.
    pub sql: String,
    /// Name and type of its columns.
    columns: Vec<(String, String)>,
    /// Columns in which no two rows agree.
    pub unique: Vec<Vec<String>>,
    /// Its primary key; all columns where it has none.
    pub key: Vec<String>,
}

impl Shelf {
    fn column(&self, name: &str) -> Result<&(String, String)> {
        self.columns.iter().find(|(column, _)| column == name).ok_or_else(|| {
            let message = format!("the table {} no longer has the column {name}", self.sql);
            StoreError::new(StoreErrorKind::Schema, message)
        })
    }

    /// Whether it has a column.
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|(column, _)| column == name)
    }

    fn cells(&self, dialect: Dialect) -> String {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|(name, _)| match dialect {
                Dialect::Postgres => format!("CAST(t.{} AS text)", ident(name)),
                Dialect::Sqlite => format!("t.{}", ident(name)),
            })
            .collect();
        columns.join(", ")
    }
}

/// Cells of a row as a statement takes them.
struct Given {
    expressions: Vec<String>,
    params: Vec<Value>,
}

impl Session {
    /// A table by its name, in a schema of its own where it has one.
    pub async fn shelf(&mut self, schema: Option<&str>, table: &str) -> Result<Shelf> {
        let dialect = self.dialect();
        let core = Table::core(table);
        let (sql, known) = match schema.filter(|_| dialect == Dialect::Postgres) {
            Some(schema) => {
                let sql = format!("{}.{}", ident(schema), ident(table));
                (sql.clone(), sql)
            }
            None => (core.sql(dialect), core.in_catalogue(dialect)),
        };
        let rows = self.rows(&COLUMNS, &[known.as_str().into()]).await?;
        let columns = rows
            .iter()
            .map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned())))
            .collect::<Result<Vec<_>>>()?;
        if columns.is_empty() {
            return Err(StoreError::new(StoreErrorKind::Schema, format!("there is no table {table}")));
        }
        let shape = shape(self, &known).await?;
        let unique =
            shape.indexes.into_iter().filter(|index| index.unique).map(|index| index.columns).collect();
        let mut key: Vec<String> =
            shape.columns.into_iter().filter(|column| column.key).map(|column| column.name).collect();
        if key.is_empty() {
            key = columns.iter().map(|(name, _)| name.clone()).collect();
        }
        Ok(Shelf { sql, columns, unique, key })
    }

    /// The rows of which a condition over `t` holds, in the order of their cells.
    pub async fn shelve(&mut self, shelf: &Shelf, condition: &str) -> Result<Vec<ShelvedRow>> {
        let sql = format!(
            "SELECT {} FROM {} t WHERE {condition} ORDER BY {}",
            shelf.cells(self.dialect()),
            shelf.sql,
            (1..=shelf.columns.len()).map(|n| n.to_string()).collect::<Vec<_>>().join(", ")
        );
        let rows = self.fetch(&sql, &[]).await?;
        Ok(rows.iter().map(|row| kept(shelf, row)).collect())
    }

    /// A whole number as a cell.
    pub fn number_cell(&self, number: i64) -> Json {
        match self.dialect() {
            Dialect::Postgres => json!(number.to_string()),
            Dialect::Sqlite => json!(number),
        }
    }

    /// The text of a field, as the change log has it, as a cell of a column.
    pub fn text_cell(&self, shelf: &Shelf, column: &str, text: &str) -> Result<Json> {
        let (_, declared) = shelf.column(column)?;
        let numeric = declared.to_ascii_uppercase().contains("INT");
        if self.dialect() == Dialect::Postgres || !numeric {
            return Ok(json!(text));
        }
        let instant = || chrono::DateTime::parse_from_rfc3339(text).ok().map(|t| t.timestamp_micros());
        Ok(match text {
            "true" => json!(1),
            "false" => json!(0),
            _ => text.parse().ok().or_else(instant).map_or_else(|| json!(text), |n: i64| json!(n)),
        })
    }

    /// Puts a row back, with all that was kept of it.
    pub async fn put_back(&mut self, shelf: &Shelf, row: &ShelvedRow) -> Result<()> {
        let names: Vec<&str> = row.keys().map(String::as_str).collect();
        let given = self.given(shelf, row, &names)?;
        let overriding = match self.dialect() {
            Dialect::Postgres => " OVERRIDING SYSTEM VALUE",
            Dialect::Sqlite => "",
        };
        let sql = format!(
            "INSERT INTO {} ({}){overriding} VALUES ({})",
            shelf.sql,
            ident_list(&names),
            given.expressions.join(", ")
        );
        self.execute(&sql, &given.params).await.map(|_| ())
    }

    /// Sets cells of the row that agrees with `row` in the columns of `key`.
    pub async fn set_cells(
        &mut self,
        shelf: &Shelf,
        key: &[String],
        row: &ShelvedRow,
        cells: &ShelvedRow,
    ) -> Result<u64> {
        if cells.is_empty() {
            return Ok(0);
        }
        let together = together(row, key, cells);
        let names: Vec<&str> = together.keys().map(String::as_str).collect();
        let given = self.given(shelf, &together, &names)?;
        let values: BTreeMap<&str, &str> =
            names.iter().copied().zip(given.expressions.iter().map(String::as_str)).collect();
        let mut set = Vec::new();
        for name in cells.keys() {
            let value = values.get(format!("{NEW}{name}").as_str()).ok_or_else(|| no_cell(name))?;
            set.push(format!("{} = {value}", ident(name)));
        }
        let mut found = Vec::new();
        for name in key {
            let value = values.get(name.as_str()).ok_or_else(|| no_cell(name))?;
            found.push(is(row, name, value));
        }
        let sql = format!("UPDATE {} AS t SET {} WHERE {}", shelf.sql, set.join(", "), found.join(" AND "));
        self.execute(&sql, &given.params).await
    }

    /// Takes the row away that agrees with `row` in the columns of `key`.
    pub async fn take_away(&mut self, shelf: &Shelf, key: &[String], row: &ShelvedRow) -> Result<u64> {
        let names: Vec<&str> = key.iter().map(String::as_str).collect();
        let given = self.given(shelf, row, &names)?;
        let same = names.iter().zip(&given.expressions).map(|(name, value)| is(row, name, value));
        let sql = format!("DELETE FROM {} AS t WHERE {}", shelf.sql, same.collect::<Vec<_>>().join(" AND "));
        self.execute(&sql, &given.params).await
    }

    /// The rows that agree with `row` in some columns.
    pub async fn like(
        &mut self,
        shelf: &Shelf,
        columns: &[String],
        row: &ShelvedRow,
    ) -> Result<Vec<ShelvedRow>> {
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        let given = self.given(shelf, row, &names)?;
        let same = names.iter().zip(&given.expressions).map(|(name, value)| is(row, name, value));
        let sql = format!(
            "SELECT {} FROM {} t WHERE {}",
            shelf.cells(self.dialect()),
            shelf.sql,
            same.collect::<Vec<_>>().join(" AND ")
        );
        let rows = self.fetch(&sql, &given.params).await?;
        Ok(rows.iter().map(|row| kept(shelf, row)).collect())
    }

    /// Expressions for cells, and what they stand for: all texts as one parameter on Postgres, one each on SQLite.
    fn given(&self, shelf: &Shelf, row: &ShelvedRow, names: &[&str]) -> Result<Given> {
        let mut given = Given { expressions: Vec::new(), params: Vec::new() };
        if self.dialect() == Dialect::Postgres {
            given.params.push(Value::Text(Json::Object(row.clone()).to_string()));
        }
        for name in names {
            let (_, declared) = shelf.column(name.strip_prefix(NEW).unwrap_or(name))?;
            let cell = row.get(*name).ok_or_else(|| no_cell(name))?;
            given.expressions.push(match self.dialect() {
                Dialect::Postgres => {
                    format!("CAST(CAST($1 AS jsonb) ->> '{}' AS {declared})", name.replace('\'', "''"))
                }
                Dialect::Sqlite => {
                    given.params.push(cell_value(cell)?);
                    format!("${}", given.params.len())
                }
            });
        }
        Ok(given)
    }
}

/// Before the name of a column that gets a new cell beside the one that it is found by.
const NEW: &str = "new ";

/// The cells of the key, and those to be set under names of their own.
fn together(row: &ShelvedRow, key: &[String], cells: &ShelvedRow) -> ShelvedRow {
    let mut together: ShelvedRow =
        key.iter().filter_map(|name| Some((name.clone(), row.get(name)?.clone()))).collect();
    together.extend(cells.iter().map(|(name, cell)| (format!("{NEW}{name}"), cell.clone())));
    together
}

/// The condition that a row `t` has the cell of another one in a column; the value stands for that cell.
fn is(row: &ShelvedRow, name: &str, value: &str) -> String {
    match row.get(name) {
        // The value is named, so that the statement has as many parameters as it is given.
        Some(Json::Null) => format!("(t.{} IS NULL AND {value} IS NULL)", ident(name)),
        _ => format!("t.{} = {value}", ident(name)),
    }
}

fn no_cell(name: &str) -> StoreError {
    StoreError::internal(format!("a row from the shelf has no cell {name}"))
}

fn kept(shelf: &Shelf, row: &Row) -> ShelvedRow {
    let cells = row.values().iter().map(|value| match value {
        Value::Null => Json::Null,
        Value::Int(number) | Value::Timestamp(number) => json!(number),
        Value::Bool(flag) => json!(i64::from(*flag)),
        Value::Date(days) => json!(days),
        Value::Text(text) => json!(text),
        Value::Float(number) => json!({ "real": number.to_string() }),
        Value::Bytes(bytes) => json!({ "blob": hex(bytes) }),
    });
    shelf.columns.iter().map(|(name, _)| name.clone()).zip(cells).collect()
}

fn cell_value(cell: &Json) -> Result<Value> {
    let wrong = || StoreError::internal("a cell from the shelf cannot be read");
    Ok(match cell {
        Json::Null => Value::Null,
        Json::Number(number) => Value::Int(number.as_i64().ok_or_else(wrong)?),
        Json::String(text) => Value::Text(text.clone()),
        Json::Object(object) => match (object.get("real"), object.get("blob")) {
            (Some(Json::String(text)), _) => Value::Float(text.parse().map_err(|_| wrong())?),
            (_, Some(Json::String(text))) => Value::Bytes(bytes(text).ok_or_else(wrong)?),
            _ => return Err(wrong()),
        },
        Json::Bool(_) | Json::Array(_) => return Err(wrong()),
    })
}

/// Bytes as JSON keeps them.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What [`hex`] was made of; nothing where it was made of nothing.
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_as_they_were() {
        for value in [
            Value::Null,
            Value::Int(i64::MIN),
            Value::Text("a'\"ü".into()),
            Value::Float(0.1 + 0.2),
            Value::Float(-0.0),
            Value::Bytes(vec![0, 255, 16]),
        ] {
            let shelf = Shelf {
                sql: "t".into(),
                columns: vec![("c".into(), "x".into())],
                unique: vec![],
                key: vec![],
            };
            let row = kept(&shelf, &Row::of(vec![value.clone()]));
            assert_eq!(cell_value(&row["c"]).unwrap(), value);
        }
        assert!(bytes("0").is_none() && bytes("zz").is_none());
    }
}
