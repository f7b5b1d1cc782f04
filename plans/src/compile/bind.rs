//! Parameters as values in the text of a statement, for statements that a person runs again. A run itself binds its
//! parameters and never pastes them.

use sqlparser::dialect::GenericDialect;
use sqlparser::tokenizer::{Location, Token, Tokenizer};

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
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location() else {
        return sql.to_owned();
    };
    let lines: Vec<&str> = sql.split_inclusive('\n').collect();
    let mut bound = String::with_capacity(sql.len());
    let mut copied = 0;
    for token in tokens {
        let Token::Placeholder(name) = &token.token else { continue };
        let value = values.iter().find(|v| name.strip_prefix('$') == Some(v.name.as_str()));
        let (Some(value), Some(at)) = (value, offset(&lines, token.span.start)) else { continue };
        // Everything between two parameters stays as it was written.
        if sql[at..].starts_with(name.as_str()) && at >= copied {
            bound.push_str(&sql[copied..at]);
            bound.push_str(&value.sql);
            copied = at + name.len();
        }
    }
    bound.push_str(&sql[copied..]);
    bound
}

/// Where a line and a column, both from 1, stand in the text.
fn offset(lines: &[&str], place: Location) -> Option<usize> {
    let line = usize::try_from(place.line).ok()?.checked_sub(1)?;
    let column = usize::try_from(place.column).ok()?.checked_sub(1)?;
    let before: usize = lines.get(..line)?.iter().map(|l| l.len()).sum();
    let within = lines.get(line)?.char_indices().nth(column)?.0;
    Some(before + within)
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
        assert_eq!(bind("SELECT 'ä\n€', $run_id,\n'ü' || $run_id", &values), "SELECT 'ä\n€', 7,\n'ü' || 7");
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
