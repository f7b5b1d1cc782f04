//! Parameters as values in the text of a statement, for statements that a person runs again. A run itself binds its
//! parameters and never pastes them.

use sqlparser::dialect::GenericDialect;
use sqlparser::tokenizer::{Token, Tokenizer};

/// A value as it stands in SQL text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    name: String,
    sql: String,
}

impl Bound {
    /// A text; NULL text where there is none.
    pub fn text(name: &str, value: Option<&str>) -> Self {
        let sql = value.map_or_else(|| "CAST(NULL AS VARCHAR)".to_owned(), super::literal);
        Self { name: name.to_owned(), sql }
    }

    /// A whole number.
    pub fn number(name: &str, value: i64) -> Self {
        Self { name: name.to_owned(), sql: value.to_string() }
    }

    /// A moment, as RFC 3339 in UTC.
    pub fn instant(name: &str, value: &str) -> Self {
        let sql = format!("arrow_cast({}, 'Timestamp(Microsecond, Some(\"UTC\"))')", super::literal(value));
        Self { name: name.to_owned(), sql }
    }
}

/// The statement with its parameters (`$name`) replaced. What stands in quotes or in a comment is left alone, and so
/// is a parameter without a value.
pub fn bind(sql: &str, values: &[Bound]) -> String {
    // With escapes left as they are, the tokens put together are the text again.
    let tokens = Tokenizer::new(&GenericDialect {}, sql).with_unescape(false).tokenize();
    let Ok(tokens) = tokens else { return sql.to_owned() };
    tokens
        .iter()
        .map(|token| match token {
            Token::Placeholder(name) => values
                .iter()
                .find(|bound| name.strip_prefix('$') == Some(bound.name.as_str()))
                .map_or_else(|| token.to_string(), |bound| bound.sql.clone()),
            other => other.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Bound, bind};

    #[test]
    fn only_parameters_are_replaced() {
        let values = [Bound::number("run_id", 7), Bound::text("who", Some("O'Brien"))];
        assert_eq!(
            bind(
                "SELECT '$run_id', \"$who\" -- $run_id\nWHERE a = $run_id AND b=$who AND c = $other",
                &values
            ),
            "SELECT '$run_id', \"$who\" -- $run_id\nWHERE a = 7 AND b='O''Brien' AND c = $other"
        );
        assert_eq!(bind("SELECT $who", &[Bound::text("who", None)]), "SELECT CAST(NULL AS VARCHAR)");
    }

    #[test]
    fn texts_keep_their_form() {
        for (path, text) in importer_sql::project::files().iter().filter(|(path, _)| path.ends_with(".sql")) {
            assert_eq!(&bind(text, &[]), text, "{path}");
        }
        let odd = "SELECT 'it''s', e'a\\n', \"a\"\"b\", /* '$x' */ 1.50 , x  ->> 'y'\t;";
        assert_eq!(bind(odd, &[]), odd);
    }
}
