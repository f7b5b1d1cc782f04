//! A statement and its answer. The catalogue that answers is the one of `importer sql`, and so is the form of the
//! answer: whoever runs the statement there sees the same.

use datafusion::prelude::SessionContext;
use importer_plans::project::Entity;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::catalogue;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::reference_tables::register_lists;

/// One row of an answer, column by column.
pub type Row = Map<String, Value>;

/// Most rows of one answer; where there are more, it says so.
const MOST: usize = 1_000;

/// What was asked and what came back.
#[derive(Debug, Clone, Serialize)]
pub struct Asked {
    pub name: String,
    pub sql: String,
    pub rows: Vec<Row>,
    /// There are more rows than are kept here.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// Asks the catalogue and remembers what was asked.
pub struct Asker {
    context: SessionContext,
}

impl Asker {
    /// Opens the catalogue of the engine's tenant.
    pub async fn open(engine: &Engine) -> Result<Self> {
        Ok(Self { context: catalogue::open(engine).await? })
    }

    /// The lists are those of the project that a run was pinned to.
    pub fn knows_lists(&self, entity: &Entity) -> Result<()> {
        register_lists(&self.context, &entity.lists)
    }

    /// Asks one statement whose answer is small.
    pub async fn ask(&self, name: &str, sql: String) -> Result<Asked> {
        let failed = |error: catalogue::QueryError| {
            let damaged = error.code == crate::lake::DAMAGED;
            let told = Error::new(ErrorKind::Lake, format!("{name} cannot be read: {error}")).with_help(
                error
                    .help
                    .unwrap_or_else(|| "check that the files of the run are still in the lake".to_owned()),
            );
            if damaged { told.with_code(crate::lake::DAMAGED) } else { told }
        };
        let mut answer = catalogue::query(&self.context, &sql, Some(MOST + 1)).await.map_err(failed)?;
        let mut rows = Vec::new();
        while let Some(batch) = answer.next().await.map_err(failed)? {
            rows.extend(catalogue::json_rows(&batch)?);
        }
        let cut = rows.len() > MOST;
        rows.truncate(MOST);
        Ok(Asked { name: name.to_owned(), sql, rows, cut })
    }

    /// Whether any run left a column: data sets grow with the program.
    pub async fn has_column(&self, table: &str, column: &str) -> Result<bool> {
        let frame = self.context.sql(&format!("SELECT * FROM {table} LIMIT 0")).await?;
        Ok(frame.schema().has_column_with_unqualified_name(column))
    }
}

/// A cell as text; numbers and truth values as they are written.
pub fn text(row: &Row, name: &str) -> Option<String> {
    match row.get(name)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// A cell as a whole number.
pub fn int(row: &Row, name: &str) -> Option<i64> {
    row.get(name)?.as_i64()
}

/// A cell as a truth value; NULL is false.
pub fn flag(row: &Row, name: &str) -> bool {
    row.get(name).and_then(Value::as_bool).unwrap_or(false)
}
