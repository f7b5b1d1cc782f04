//! `load/<table>.sql`: what one target table gets of a resolved record.

use super::contract::Contract;
use super::decode::Reader;
use super::diagnostics::{SourceFile, suggestion};
use super::front_matter::SqlFile;
use super::words::words;

/// The column that says whose a row is, in tables that have it.
pub const TENANT: &str = "tenant_id";

/// A target table: a SELECT from `resolved`.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadFile {
    pub table: String,
    pub mode: LoadMode,
    pub key: Vec<String>,
    /// Tables that must be written first.
    pub after: Vec<String>,
    /// The set that a child table holds.
    pub set: Option<String>,
    /// Columns that are written once and never updated.
    pub insert_only: Vec<String>,
    pub sql: SqlFile,
    /// Names of the output columns, `None` when a `*` hides them.
    pub columns: Option<Vec<String>>,
    /// Output columns that are a column of `resolved` as it is, and which one.
    pub sources: Vec<(String, String)>,
    /// The key of the core table is no whole number.
    pub(super) is_numbered: bool,
    /// Where `table` is Importer's view of a table of the organisation's: that table.
    pub numbered: Option<NumberedTable>,
}

words! {
    /// How rows of the target relate to the core row.
    LoadMode {
        /// The table whose sequence gives the ids: one row per core row.
        Core = "core",
        /// Another table with one row per core row.
        Row = "row",
        /// One row per value of a set; rows are added and updated, never removed.
        ChildSet = "child_set",
    }
}

/// A table of the organisation's own behind a view with numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedTable {
    /// Its own name.
    pub table: String,
    /// Its own key, as the load file says.
    pub key: Vec<String>,
    /// Importer's table with the number and the key of each core row.
    pub numbers: String,
    /// The column of the view with the number.
    pub number: String,
    /// How a row finds its number: columns of the table beside columns of `numbers`.
    pub joined: Vec<(String, String)>,
    /// The database makes the key of a new row, or did when the core row was made: the load file gives none.
    pub is_made: bool,
    /// It is the table of the core rows, and no table that belongs to it.
    pub is_core: bool,
}

impl LoadFile {
    pub(super) const EXAMPLE: &'static str = "table: contacts\nmode: core\nkey: [tenant_id, id]";

    pub(super) fn read(
        map: Reader<'_>,
        file: &SourceFile,
        stem: &str,
        columns: Option<Vec<String>>,
        sources: Vec<(String, String)>,
        contract: Option<&Contract>,
    ) -> Self {
        let table = map.required_text("table").unwrap_or_else(|| stem.to_owned());
        if table != stem {
            map.report(
                map.error(
                    map.span_of("table"),
                    "PRJ0011",
                    format!("the file `{stem}.sql` writes the table `{table}`"),
                )
                .help(format!("write `table: {stem}` or rename the file to `{table}.sql`")),
            );
        }
        for key in ["mode", "key"] {
            if map.node(key).is_none() {
                map.missing(key);
            }
        }
        let mode = map.word("mode", LoadMode::WORDS).unwrap_or(LoadMode::Row);
        let key = map.texts("key");
        let insert_only = map.texts("insert_only");
        for (column, span) in key.iter().chain(&insert_only) {
            if let Some(columns) = columns.as_ref().filter(|columns| !columns.contains(column)) {
                let known: Vec<&str> = columns.iter().map(String::as_str).collect();
                map.report(
                    map.error(*span, "PRJ0009", format!("the SELECT gives no column `{column}`"))
                        .label("unknown column")
                        .help(suggestion(column, &known)),
                );
            }
        }
        let set = map.spanned_text("set");
        if (mode == LoadMode::ChildSet) != set.is_some() {
            let place = map.span_of(if set.is_some() { "set" } else { "mode" });
            map.report(
                map.error(place, "PRJ0013", "`mode: child_set` and `set` belong together")
                    .help("write `mode: child_set` and `set: emails`, or neither"),
            );
        }
        if let (Some(contract), Some((name, span))) = (contract, &set)
            && contract.set(name).is_none()
        {
            let sets: Vec<&str> = contract.sets.iter().map(|set| set.name.as_str()).collect();
            map.report(
                map.error(*span, "PRJ0009", format!("the contract has no set `{name}`"))
                    .help(suggestion(name, &sets)),
            );
        }
        let file = Self {
            mode,
            key: key.into_iter().map(|(column, _)| column).collect(),
            after: map.texts("after").into_iter().map(|(table, _)| table).collect(),
            set: set.map(|(name, _)| name),
            insert_only: insert_only.into_iter().map(|(column, _)| column).collect(),
            sql: SqlFile::of(file),
            columns,
            sources,
            is_numbered: map.flag("numbered").unwrap_or(false),
            numbered: None,
            table,
        };
        map.finish();
        file
    }

    /// The first file that is met twice when one follows `after` through files that all wait.
    pub(super) fn in_circle(waiting: &[Self]) -> usize {
        let next = |at: usize| waiting.iter().position(|load| waiting[at].after.contains(&load.table));
        let (mut at, mut met) = (0, Vec::new());
        while !met.contains(&at) {
            met.push(at);
            match next(at) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// The table as the organisation knows it.
    pub fn own_table(&self) -> &str {
        self.numbered.as_ref().map_or(&self.table, |numbered| &numbered.table)
    }

    /// Its key, by the columns of that table.
    pub fn own_key(&self) -> &[String] {
        self.numbered.as_ref().map_or(&self.key, |numbered| &numbered.key)
    }

    /// Whether the rows of the table say whose they are.
    pub fn has_tenant(&self) -> bool {
        self.key.iter().any(|column| column == TENANT)
    }

    /// The first column of its key that is not the tenant: the core id.
    pub fn owner_column(&self) -> &str {
        self.key.iter().find(|column| *column != TENANT).map_or("id", String::as_str)
    }

    /// The column with the core id in a table of values, whose key has the value too.
    pub fn owner_of(&self, value: &str) -> Option<&str> {
        self.key.iter().map(String::as_str).find(|column| *column != TENANT && *column != value)
    }

    /// The column of the table that a column of `resolved` goes into: the one of the same name, or the one that `AS` names.
    pub fn column_of(&self, resolved: &str) -> Option<&str> {
        let columns = self.columns.iter().flatten();
        let same = columns.map(String::as_str).find(|column| *column == resolved);
        let renamed = || self.sources.iter().find(|(_, source)| source == resolved);
        same.or_else(|| renamed().map(|(column, _)| column.as_str()))
    }

    /// The column of `resolved` that goes into a column of the table as it is.
    pub fn source_of<'a>(&'a self, column: &'a str) -> &'a str {
        self.sources.iter().find(|(name, _)| name == column).map_or(column, |(_, source)| source)
    }
}
