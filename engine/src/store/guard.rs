//! Rows that a run has read, beside the table that they stand in: whether they are still so, and nobody takes them away.

use super::Dialect;

/// A table, as `t`, and rows of it as they were read, as `b`. The parts are SQL.
#[derive(Debug, Clone, Copy)]
pub struct AsRead<'a> {
    pub table: &'a str,
    pub rows: &'a str,
    /// The condition that both are the same row.
    pub same: &'a str,
    /// The column with the core id.
    pub id: &'a str,
}

impl AsRead<'_> {
    /// Takes the locks of the rows of the table in the order of their keys, so that two writers cannot wait for each other.
    /// Only where the store [locks rows](Dialect::locks_rows).
    pub fn lock(&self) -> String {
        let Self { table, rows, same, id } = self;
        format!("SELECT t.* FROM {table} t JOIN {rows} b ON {same} ORDER BY t.{id} FOR NO KEY UPDATE OF t")
    }

    /// Ids of the rows that are gone, or of which `differs` is true. The others are locked by the same statement (on SQLite
    /// the file is): nobody takes a row away to which something is added.
    pub fn moved(&self, dialect: Dialect, differs: &str) -> String {
        let Self { table, rows, same, id } = self;
        match dialect {
            // A view on the right of a LEFT JOIN would be read whole.
            Dialect::Sqlite => format!(
                "SELECT b.{id} FROM {rows} b WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE {same} AND NOT {differs})"
            ),
            Dialect::Postgres => {
                let locked = AsRead { rows: "b", ..*self }.lock();
                format!(
                    "WITH b AS MATERIALIZED (SELECT * FROM {rows} x), t AS MATERIALIZED ({locked}) SELECT b.{id} FROM b LEFT JOIN t ON {same} WHERE t.{id} IS NULL OR {differs}"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AsRead, Dialect};

    #[test]
    fn rows_are_locked_while_they_are_compared() {
        let read = AsRead { table: "core", rows: "before", same: "t.id = b.id", id: "id" };
        assert_eq!(
            read.moved(Dialect::Postgres, "(t.a IS DISTINCT FROM b.a)"),
            "WITH b AS MATERIALIZED (SELECT * FROM before x), t AS MATERIALIZED (SELECT t.* FROM core t JOIN b b ON t.id = b.id ORDER BY t.id FOR NO KEY UPDATE OF t) SELECT b.id FROM b LEFT JOIN t ON t.id = b.id WHERE t.id IS NULL OR (t.a IS DISTINCT FROM b.a)"
        );
        assert_eq!(
            read.moved(Dialect::Sqlite, "(t.a IS DISTINCT FROM b.a)"),
            "SELECT b.id FROM before b WHERE NOT EXISTS (SELECT 1 FROM core t WHERE t.id = b.id AND NOT (t.a IS DISTINCT FROM b.a))"
        );
    }
}
