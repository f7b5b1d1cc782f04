//! Tables of the store as Arrow schemas, for the catalogue of `importer sql`.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::{
    Dialect, Result, Statement, Store, StoreError, StoreErrorKind, Table, ident, statement, timestamp_type,
};

const CATALOGUE: Statement = statement!("catalogue_columns");

/// A table or view with the query that reads it.
#[derive(Debug, Clone)]
pub struct TableSource {
    /// Its columns.
    pub schema: SchemaRef,
    /// One SQL expression per column, cast where Arrow has no such type; to be put between SELECT and FROM.
    pub expressions: Vec<String>,
    /// The quoted name to be put after FROM.
    pub from: String,
}

impl Store {
    /// Describes a table or view. A type that has no counterpart is read as text.
    ///
    /// SQLite knows only storage classes, so there names decide: `*_at` is a time, `*_date` a date, `is_*` and
    /// `dry_run` a truth value.
    pub async fn describe_table(&self, table: &Table) -> Result<TableSource> {
        let dialect = self.dialect();
        let from = table.sql(dialect);
        let mut session = self.session().await?;
        let rows = session.rows(&CATALOGUE, &[table.in_catalogue(dialect).into()]).await?;
        if rows.is_empty() {
            return Err(StoreError::new(StoreErrorKind::Schema, format!("there is no table {table}")));
        }
        let mut fields = Vec::with_capacity(rows.len());
        let mut expressions = Vec::with_capacity(rows.len());
        for row in &rows {
            let (name, declared) = (row.text(0)?, row.text(1)?);
            let known = match dialect {
                Dialect::Postgres => postgres_type(declared),
                Dialect::Sqlite => Some(sqlite_type(name, declared)),
            };
            let quoted = ident(name);
            expressions.push(match known {
                Some(_) => quoted,
                None => super::stored_text(dialect, &quoted, declared.starts_with('_')),
            });
            fields.push(Field::new(name, known.unwrap_or(DataType::Utf8), true));
        }
        Ok(TableSource { schema: Arc::new(Schema::new(fields)), expressions, from })
    }

    /// Importer's own tables, the core tables and the views that migrations made.
    pub fn known_tables(&self) -> Vec<Table> {
        let migrations = match self.dialect() {
            Dialect::Postgres => importer_sql::migrations::POSTGRES,
            Dialect::Sqlite => importer_sql::migrations::SQLITE,
        };
        migrations.iter().flat_map(|migration| super::migrate::objects(migration.up)).collect()
    }
}

fn postgres_type(declared: &str) -> Option<DataType> {
    Some(match declared {
        "int8" => DataType::Int64,
        "int4" | "int2" => DataType::Int32,
        "float8" | "float4" => DataType::Float64,
        "bool" => DataType::Boolean,
        "text" | "varchar" | "bpchar" | "name" | "citext" | "json" | "jsonb" | "enum" => DataType::Utf8,
        "bytea" => DataType::Binary,
        "date" => DataType::Date32,
        "timestamptz" | "timestamp" => timestamp_type(),
        _ => return None,
    })
}

fn sqlite_type(name: &str, declared: &str) -> DataType {
    let declared = declared.to_ascii_uppercase();
    if declared.contains("INT") {
        return match name {
            _ if name.ends_with("_at") => timestamp_type(),
            _ if name.starts_with("is_") || name == "dry_run" => DataType::Boolean,
            _ => DataType::Int64,
        };
    }
    match declared.as_str() {
        "BLOB" => DataType::Binary,
        "REAL" | "DOUBLE" | "FLOAT" => DataType::Float64,
        // The column of a view that is an expression has no declared type.
        "" if name.ends_with("_at") => timestamp_type(),
        _ if name.ends_with("_date") => DataType::Date32,
        _ => DataType::Utf8,
    }
}
