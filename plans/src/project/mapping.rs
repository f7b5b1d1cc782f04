//! `map/<source>.sql`: from a source's columns to the contract.

use super::decode::Reader;
use super::diagnostics::SourceFile;
use super::front_matter::SqlFile;
use super::sql_text::TableName;

/// A mapping: a SELECT from `landed` that gives `sequence_number` and contract fields as text.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// Stem of the file; a source of this name, else of this connector, uses it.
    pub name: String,
    pub version: u64,
    pub description: Option<String>,
    pub sql: SqlFile,
    /// Names of the output columns, `None` when a `*` hides them.
    pub columns: Option<Vec<String>>,
    /// Tables that it names in a schema: `lists.<name>`.
    pub reads: Vec<TableName>,
    /// Its text alone says that it gives each landed row once, under its own number.
    pub row_by_row: bool,
}

impl Mapping {
    pub(super) const EXAMPLE: &'static str = "mapping: csv\nversion: 1";

    pub(super) fn read(map: Reader<'_>, file: &SourceFile, stem: &str, columns: Option<Vec<String>>) -> Self {
        let name = map.required_text("mapping").unwrap_or_else(|| stem.to_owned());
        if name != stem {
            map.report(
                map.error(
                    map.span_of("mapping"),
                    "PRJ0011",
                    format!("the file `{stem}.sql` calls itself `{name}`"),
                )
                .help(format!("write `mapping: {stem}` or rename the file to `{name}.sql`")),
            );
        }
        let mapping = Self {
            version: map.whole("version", 1).unwrap_or(1),
            description: map.text("description"),
            sql: SqlFile::of(file),
            columns,
            reads: Vec::new(),
            row_by_row: false,
            name,
        };
        map.finish();
        mapping
    }
}
