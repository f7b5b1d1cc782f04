//! Expressions that the two databases write in different ways, named after what they mean.

use super::Dialect;

impl Dialect {
    /// Whether two values are the same; nothing is the same as nothing.
    pub fn same(self, left: &str, right: &str) -> String {
        match self {
            Self::Postgres => format!("{left} IS NOT DISTINCT FROM {right}"),
            Self::Sqlite => format!("{left} IS {right}"),
        }
    }

    /// The character that ends a line.
    pub fn line_break(self) -> &'static str {
        match self {
            Self::Postgres => "chr(10)",
            Self::Sqlite => "char(10)",
        }
    }

    /// A text as what a column of JSON takes.
    pub fn json(self, text: &str) -> String {
        match self {
            Self::Postgres => format!("CAST({text} AS jsonb)"),
            Self::Sqlite => text.to_owned(),
        }
    }

    /// A value that is shown as text, as it is compared with one: JSON and enumerations of Postgres are no texts by themselves.
    pub fn as_text(self, value: &str) -> String {
        match self {
            Self::Postgres => format!("CAST({value} AS text)"),
            Self::Sqlite => value.to_owned(),
        }
    }

    /// The instant that is so many microseconds after the beginning of 1970 in UTC.
    pub fn instant(self, micros: i64) -> String {
        match self {
            Self::Postgres => format!("TIMESTAMPTZ 'epoch' + {micros} * INTERVAL '1 microsecond'"),
            Self::Sqlite => micros.to_string(),
        }
    }

    /// The instant in a column that somebody else may fill; nothing where what is there cannot be told to be one.
    pub fn as_instant(self, column: &str) -> String {
        match self {
            Self::Postgres => format!("CAST({column} AS timestamptz)"),
            Self::Sqlite => format!("CASE WHEN typeof({column}) = 'integer' THEN {column} END"),
        }
    }

    /// A key that is looked up in the index of an expression. An expression has no type for SQLite, which passes the index
    /// over where the key has one.
    pub fn untyped(self, key: &str) -> String {
        match self {
            Self::Postgres => key.to_owned(),
            Self::Sqlite => format!("+{key}"),
        }
    }

    /// Joins a table of the store, as `m`, to keys that stand before it, by a condition on an expression that the table has
    /// an index of: each key is looked up there. Postgres knows nothing of how the values of the expression lie, and would
    /// compute it for every row for a few thousand keys (OFFSET keeps its planner from doing so).
    pub fn finds_by_expression(self, columns: &[&str], table: &str, condition: &str) -> String {
        match self {
            Self::Postgres => {
                let columns: Vec<String> = columns.iter().map(|column| format!("m.{column}")).collect();
                format!(
                    "CROSS JOIN LATERAL (SELECT {} FROM {table} m WHERE {condition} OFFSET 0) m",
                    columns.join(", ")
                )
            }
            Self::Sqlite => format!("{} {table} m ON {condition}", self.finds()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect::{Postgres, Sqlite};

    #[test]
    fn each_database_gets_its_own_words() {
        assert_eq!(Postgres.same("a", "b"), "a IS NOT DISTINCT FROM b");
        assert_eq!(Sqlite.same("a", "b"), "a IS b");
        assert_eq!((Postgres.json("t.j"), Sqlite.json("t.j")), ("CAST(t.j AS jsonb)".into(), "t.j".into()));
        assert_eq!(Postgres.instant(7), "TIMESTAMPTZ 'epoch' + 7 * INTERVAL '1 microsecond'");
        assert_eq!(Sqlite.instant(7), "7");
    }

    #[test]
    fn an_expression_is_looked_up_in_its_index() {
        assert_eq!(
            Postgres.finds_by_expression(&["a", "b"], "t", "c"),
            "CROSS JOIN LATERAL (SELECT m.a, m.b FROM t m WHERE c OFFSET 0) m"
        );
        assert_eq!(Sqlite.finds_by_expression(&["a", "b"], "t", "c"), "CROSS JOIN t m ON c");
    }
}
