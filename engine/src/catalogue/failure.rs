//! What is wrong with a query: a sentence, the place in its text, and what was probably meant.
//!
//! | code | says |
//! | --- | --- |
//! | `SQL0001` | the text is not SQL, or has no statement |
//! | `SQL0002` | there is no such table |
//! | `SQL0003` | there is no such column, or several |
//! | `SQL0004` | there is no such function |
//! | `SQL0005` | the query would change something |
//! | `SQL0006` | types do not fit, there are several statements, or another rule of SQL is broken |
//! | `SQL0007` | it failed while it ran |
//! | `SQL0008` | nothing is there yet |
//! | `SQL0009` | it took longer than it may |
//! | `LAKE_DAMAGED` | a file of the lake is not what was written |

use std::fmt;

use datafusion::arrow::error::ArrowError;
use datafusion::common::{SchemaError, Span as SqlSpan};
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;

use super::nearest;
use crate::error::{DAMAGED_HELP, Error, STORE_DAMAGED};
use crate::lake::DAMAGED;
use crate::watch::Excess;

const MORE_MEMORY: &str = "give it more with --memory, or read fewer rows: WHERE run_id = …";

/// A stretch of bytes of the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub offset: usize,
    pub length: usize,
}

/// A query that cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    pub code: &'static str,
    pub message: String,
    pub help: Option<String>,
    pub span: Option<Span>,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for QueryError {}

impl QueryError {
    /// Reads an error of the planner or of the execution of this query.
    pub fn read(error: &DataFusionError, sql: &str, context: &SessionContext) -> Self {
        if let Some(ours) = find_ours(error) {
            return Self {
                code: ours.code().filter(|code| [DAMAGED, STORE_DAMAGED].contains(code)).unwrap_or("SQL0008"),
                message: ours.to_string(),
                help: ours.help().map(str::to_owned),
                span: None,
            };
        }
        let diagnostic = error.diagnostic();
        let span = diagnostic.and_then(|d| d.span).and_then(|span| bytes_of(sql, span));
        let mut read = Self::of_root(error.find_root(), sql, context);
        read.span = span.or(read.span);
        if read.help.is_none()
            && let Some(diagnostic) = diagnostic
        {
            let hints = diagnostic
                .helps
                .iter()
                .map(|h| &h.message)
                .chain(diagnostic.notes.iter().map(|n| &n.message));
            read.help = hints.map(|hint| plain(hint)).next();
        }
        read
    }

    /// A query that took too much.
    pub(super) fn excess(excess: Excess) -> Self {
        let (code, help) = match excess {
            Excess::Time(_) => (
                "SQL0009",
                "give it more time with --timeout, such as --timeout 2h, or read fewer rows; look for a recursion without end or a join without a condition",
            ),
            Excess::Memory(_) => ("SQL0007", MORE_MEMORY),
        };
        Self::new(code, excess.to_string()).help(help)
    }

    /// A query in which an operator or a function gave up, for an error of its own.
    pub(crate) fn fault(fault: &tokio::task::JoinError) -> Self {
        Self::new("SQL0007", format!("a fault of an operator or a function: {fault}"))
            .help("write it in another way; the cause stands above")
    }

    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None, span: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn of_root(root: &DataFusionError, sql: &str, context: &SessionContext) -> Self {
        match root {
            DataFusionError::SQL(error, _) => syntax(&error.to_string(), sql),
            DataFusionError::SchemaError(error, _) => column(error),
            DataFusionError::Plan(text) => plan(&plain(text), context),
            DataFusionError::ResourcesExhausted(text) => {
                Self::new("SQL0007", format!("the memory limit was reached: {}", first_line(text)))
                    .help(MORE_MEMORY)
            }
            DataFusionError::NotImplemented(text)
                if text.contains("only supports a single SQL statement") =>
            {
                Self::new("SQL0006", "there are several statements, and only one is answered at a time")
                    .help("ask them one after another, or put them together with UNION ALL or WITH")
            }
            DataFusionError::ArrowError(arrow, _) if matches!(**arrow, ArrowError::DivideByZero) => {
                Self::new("SQL0007", "a division by zero")
                    .help("guard what it divides by with nullif: a / nullif(b, 0) is NULL where b is 0")
            }
            DataFusionError::ParquetError(_) => Self::new(
                DAMAGED,
                format!("a file of the lake is damaged: {}", plain(&root.strip_backtrace())),
            )
            .help(DAMAGED_HELP),
            other => {
                let text = plain(&other.strip_backtrace());
                let code =
                    if matches!(other, DataFusionError::NotImplemented(_)) { "SQL0006" } else { "SQL0007" };
                Self::new(code, text)
            }
        }
    }
}

/// An error of ours that DataFusion carries.
fn find_ours(error: &DataFusionError) -> Option<&Error> {
    match error.find_root() {
        DataFusionError::External(inner) => inner.downcast_ref::<Error>(),
        _ => None,
    }
}

/// Without the names of the catalogue, and without the words DataFusion puts before a message.
fn plain(text: &str) -> String {
    let text = text.replace("datafusion.public.", "").replace("datafusion.", "");
    let text = text.trim().trim_start_matches("Error during planning: ");
    first_line(text).to_owned()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim()
}

/// `Expected: …, found: … at Line: 1, Column: 8`
fn syntax(text: &str, sql: &str) -> QueryError {
    let text = text.trim_start_matches("sql parser error: ");
    let (message, place) = text.split_once(" at Line: ").unwrap_or((text, ""));
    let mut numbers = place.split(", Column: ").map(|n| {
        let digits: String = n.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().ok()
    });
    let span = match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(line), Some(column)) => {
            offset_of(sql, line, column).map(|offset| Span { offset, length: word_at(sql, offset) })
        }
        _ => message.contains("EOF").then(|| Span { offset: sql.trim_end().len(), length: 0 }),
    };
    let mut error = QueryError::new("SQL0001", format!("this is not SQL: {message}"));
    error.span = span;
    error
}

pub(super) fn word_at(sql: &str, offset: usize) -> usize {
    let rest = sql.get(offset..).unwrap_or_default();
    let word: usize = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').map(char::len_utf8).sum();
    word.max(rest.chars().next().map_or(0, char::len_utf8))
}

fn column(error: &SchemaError) -> QueryError {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let message = format!("there is no column `{}`", field.name);
            let names: Vec<&str> = valid_fields.iter().map(|c| c.name.as_str()).collect();
            let known = QueryError::new("SQL0003", message);
            match nearest(&field.name, names.iter().copied()) {
                Some(near) => known.help(format!("did you mean `{near}`?{}", quoting(near))),
                None => known.help(columns(&names)),
            }
        }
        SchemaError::AmbiguousReference { field } => {
            QueryError::new("SQL0003", format!("`{}` stands in several tables", field.name))
                .help(format!("write which one: t.{}", field.name))
        }
        other => QueryError::new("SQL0006", plain(&other.to_string())),
    }
}

/// Names with capitals or blanks are found in double quotes only.
fn quoting(name: &str) -> String {
    let simple = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if simple {
        String::new()
    } else {
        format!(" Write it in double quotes: \"{}\"", name.replace('"', "\"\""))
    }
}

fn columns(names: &[&str]) -> String {
    if names.is_empty() {
        return "no table is named in FROM".to_owned();
    }
    let shown: Vec<&str> = names.iter().take(16).copied().collect();
    let more = if names.len() > shown.len() { ", …" } else { "" };
    format!("columns here: {}{more}", shown.join(", "))
}

fn plan(text: &str, context: &SessionContext) -> QueryError {
    if let Some(name) = between(text, "table '", "' not found") {
        let tables = table_names(context);
        let error = QueryError::new("SQL0002", format!("there is no table `{name}`"));
        return match nearest(&name, tables.iter().map(String::as_str)) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help("see what there is: importer sql \"SHOW TABLES\""),
        };
    }
    if let Some(name) = between(text, "Invalid function '", "'") {
        let functions = function_names(context);
        let error = QueryError::new("SQL0004", format!("there is no function `{name}`"));
        return match nearest(&name, functions.iter().map(String::as_str)) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error
                .help("the functions stand in docs/reference/functions.md, and DataFusion's own beside them"),
        };
    }
    if text.starts_with("No SQL statements were provided") {
        return QueryError::new("SQL0001", "there is no statement").help(
            "write one, such as SELECT count(*) FROM landed; what stands after -- or in /* */ is a comment",
        );
    }
    if ["DDL not supported", "DML not supported", "Statement not supported"]
        .iter()
        .any(|s| text.starts_with(s))
    {
        return QueryError::new("SQL0005", "this would change something, and `importer sql` only reads")
            .help("write a SELECT");
    }
    QueryError::new("SQL0006", text)
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let start = text.find(before)? + before.len();
    let length = text[start..].find(after)?;
    Some(text[start..start + length].to_owned())
}

fn table_names(context: &SessionContext) -> Vec<String> {
    let Some(catalog) = context.catalog("datafusion") else { return Vec::new() };
    let mut names = Vec::new();
    for schema in catalog.schema_names() {
        let prefix = if schema == "public" { String::new() } else { format!("{schema}.") };
        let tables = catalog.schema(&schema).map(|s| s.table_names()).unwrap_or_default();
        names.extend(tables.into_iter().map(|table| format!("{prefix}{table}")));
    }
    names
}

fn function_names(context: &SessionContext) -> Vec<String> {
    let state = context.state();
    let scalar = state.scalar_functions().keys();
    scalar.chain(state.aggregate_functions().keys()).chain(state.window_functions().keys()).cloned().collect()
}

/// Lines and columns of the parser as bytes of the text.
pub(super) fn bytes_of(sql: &str, span: SqlSpan) -> Option<Span> {
    let start = offset_of(sql, span.start.line, span.start.column)?;
    let end = offset_of(sql, span.end.line, span.end.column).unwrap_or(start);
    Some(Span { offset: start, length: end.saturating_sub(start) })
}

fn offset_of(sql: &str, line: u64, column: u64) -> Option<usize> {
    let (line, column) =
        (usize::try_from(line).ok()?.checked_sub(1)?, usize::try_from(column).ok()?.checked_sub(1)?);
    let mut offset = 0;
    for (number, text) in sql.split_inclusive('\n').enumerate() {
        if number == line {
            let within = text.char_indices().nth(column).map_or(text.len(), |(at, _)| at);
            return Some(offset + within);
        }
        offset += text.len();
    }
    Some(sql.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn error(sql: &str) -> QueryError {
        let config = datafusion::prelude::SessionConfig::new()
            .set_bool("datafusion.sql_parser.collect_spans", true)
            .with_information_schema(true);
        let context = SessionContext::new_with_config(config);
        let made = context.sql("CREATE TABLE landed AS SELECT 1 AS line_number, 'x' AS \"E-Mail\"").await;
        made.unwrap().collect().await.unwrap();
        match super::super::query(&context, sql, None).await {
            Err(error) => error,
            Ok(_) => panic!("{sql} was taken"),
        }
    }

    fn marked<'a>(sql: &'a str, error: &QueryError) -> &'a str {
        error.span.map_or("", |s| &sql[s.offset..s.offset + s.length])
    }

    #[tokio::test]
    async fn names_that_do_not_exist_are_marked_and_meant_ones_proposed() {
        let sql = "SELECT line_nubmer\nFROM landed";
        let found = error(sql).await;
        assert_eq!((found.code, marked(sql, &found)), ("SQL0003", "line_nubmer"));
        assert_eq!(found.help.as_deref(), Some("did you mean `line_number`?"));

        let sql = "SELECT email FROM landed";
        assert_eq!(
            error(sql).await.help.as_deref(),
            Some("did you mean `E-Mail`? Write it in double quotes: \"E-Mail\"")
        );

        let sql = "SELECT *\nFROM lnaded";
        let found = error(sql).await;
        assert_eq!((found.code, marked(sql, &found)), ("SQL0002", "lnaded"));
        assert_eq!(found.help.as_deref(), Some("did you mean `landed`?"));

        let found = error("SELECT lowr('x')").await;
        assert_eq!((found.code, found.help.as_deref()), ("SQL0004", Some("did you mean `lower`?")));
    }

    #[tokio::test]
    async fn what_is_no_sql_or_no_query_is_refused() {
        let sql = "SELEC 1";
        let found = error(sql).await;
        assert_eq!((found.code, marked(sql, &found)), ("SQL0001", "SELEC"));
        for sql in [
            "DROP TABLE landed",
            "INSERT INTO landed VALUES (2, 'y')",
            "CREATE TABLE x AS SELECT 1",
            "SET a = 1",
        ] {
            assert_eq!(error(sql).await.code, "SQL0005", "{sql}");
        }
        for sql in ["", " ; ", "-- SELECT 1", "/* SELECT 1 */"] {
            let found = error(sql).await;
            assert_eq!((found.code, found.message.as_str()), ("SQL0001", "there is no statement"), "{sql}");
        }
        let found = error("SELECT 1; SELECT 2").await;
        assert_eq!(found.code, "SQL0006");
        assert!(found.message.starts_with("there are several statements"), "{found}");
    }
}
