//! Where in a text something failed that failed only when it ran: the database engine says what happened and not where,
//! so the expressions that can fail in that way are looked for. And what it says, without the values of rows.

use std::ops::ControlFlow;

use datafusion::functions::all_default_functions;
use datafusion::functions_nested::all_default_nested_functions;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Query, SetExpr, Spanned, Statement, Value, visit_expressions,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use super::failure::{Span, bytes_of, word_at};

/// What sort of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Division,
    Cast,
    Pattern,
    Overflow,
    Limit,
    Other,
}

impl Sort {
    fn of(message: &str) -> Self {
        let lower = message.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if has(&["divide by zero", "division by zero"]) {
            Self::Division
        } else if has(&["regex", "regular expression"]) {
            Self::Pattern
        } else if has(&["overflow"]) {
            Self::Overflow
        } else if has(&["cast error", "cannot cast", "can't cast", "error parsing", "parser error"]) {
            Self::Cast
        } else if has(&["memory limit", "resources exhausted"]) {
            Self::Limit
        } else {
            Self::Other
        }
    }

    /// Whether an expression can fail so.
    fn fits(self, expr: &Expr, message: &str) -> bool {
        use BinaryOperator::{
            Divide, Minus, Modulo, Multiply, PGRegexIMatch, PGRegexMatch, PGRegexNotIMatch, PGRegexNotMatch,
            Plus,
        };
        match (self, expr) {
            (Self::Division, Expr::BinaryOp { op, .. }) => matches!(op, Divide | Modulo),
            (Self::Overflow, Expr::BinaryOp { op, .. }) => matches!(op, Plus | Minus | Multiply),
            (Self::Pattern, Expr::BinaryOp { op, .. }) => {
                matches!(op, PGRegexMatch | PGRegexIMatch | PGRegexNotMatch | PGRegexNotIMatch)
            }
            (Self::Pattern, Expr::Value(value)) => match &value.value {
                Value::SingleQuotedString(text) => text.len() > 1 && message.contains(text.as_str()),
                _ => false,
            },
            (Self::Pattern, Expr::Function(function)) => {
                function.name.to_string().to_lowercase().starts_with("regexp")
            }
            (Self::Cast, Expr::Cast { .. } | Expr::TypedString { .. }) => true,
            // What would make too much says its name.
            (Self::Limit, Expr::BinaryOp { op: BinaryOperator::StringConcat, .. }) => {
                CONCATENATIONS.iter().any(|made| message.contains(&format!(" {made} would make")))
            }
            (Self::Limit, Expr::Function(function)) => {
                message.contains(&format!(" {} would make", own_name(&function.name.to_string())))
            }
            // Such calls have a syntax of their own.
            (Self::Limit, Expr::Overlay { .. }) => message.contains(" overlay would make"),
            _ => false,
        }
    }
}

/// What `||` goes by in messages: with lists it becomes a call.
const CONCATENATIONS: [&str; 4] = ["||", "array_concat", "array_append", "array_prepend"];

/// The name that a function has in messages, whichever of its names it is called by.
fn own_name(called: &str) -> String {
    let called = called.to_lowercase();
    let mut known = all_default_functions().into_iter().chain(all_default_nested_functions());
    let function = known.find(|function| function.aliases().contains(&called));
    function.map_or(called, |function| function.name().to_owned())
}

/// The place of what failed with such a message; the first word of the query where nothing better is known.
pub fn place_of(message: &str, sql: &str) -> Option<Span> {
    let sort = Sort::of(message);
    let query = match Parser::parse_sql(&GenericDialect {}, sql).ok()?.pop()? {
        Statement::Query(query) => query,
        _ => return None,
    };
    let mut found: Vec<(usize, Span)> = Vec::new();
    let _: ControlFlow<()> = visit_expressions(query.as_ref(), |expr| {
        if sort.fits(expr, message) {
            // What has the name of a function is meant before an operator that becomes a call of it.
            let is_operator = sort == Sort::Limit && matches!(expr, Expr::BinaryOp { .. });
            found.extend(bytes_of_part(sql, expr).map(|span| (usize::from(is_operator), span)));
        }
        ControlFlow::Continue(())
    });
    // A pattern is a text of its own; around it stand the calls that take it.
    found
        .sort_by_key(|(later, span)| (if sort == Sort::Pattern { span.length } else { *later }, span.offset));
    let limit = if sort == Sort::Limit { first_of_with(&query, sql) } else { None };
    limit
        .or_else(|| found.first().map(|(_, span)| *span))
        .or_else(|| condition(&query, sql))
        .or_else(|| first_word(sql))
}

fn bytes_of_part(sql: &str, part: &impl Spanned) -> Option<Span> {
    let span = part.span();
    let place = datafusion::common::Span::try_from_sqlparser_span(span)?;
    bytes_of(sql, place).filter(|span| span.length > 0)
}

/// The name of the first query of a WITH: what runs away is a recursion more often than not.
fn first_of_with(query: &Query, sql: &str) -> Option<Span> {
    let with = query.with.as_ref().filter(|with| with.recursive)?;
    let name = with.cte_tables.first()?.alias.name.span;
    bytes_of(sql, datafusion::common::Span::try_from_sqlparser_span(name)?)
}

/// The condition of the query.
fn condition(query: &Query, sql: &str) -> Option<Span> {
    match query.body.as_ref() {
        SetExpr::Select(select) => bytes_of_part(sql, select.selection.as_ref()?),
        _ => None,
    }
}

/// The first word behind the comment that a file begins with.
pub fn first_word(sql: &str) -> Option<Span> {
    let start = sql.find("---*/").map_or(0, |end| end + 5);
    let mut from = start;
    for line in sql.get(start..)?.split_inclusive('\n') {
        let text = line.trim_start();
        if !text.is_empty() && !text.starts_with("--") {
            let offset = from + (line.len() - text.len());
            return Some(Span { offset, length: word_at(sql, offset) });
        }
        from += line.len();
    }
    None
}

/// The place of a word behind the front matter, where it stands alone.
pub fn word(sql: &str, wanted: &str) -> Option<Span> {
    let start = sql.find("---*/").map_or(0, |end| end + 5);
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let rest = sql.get(start..)?;
    let (at, _) = rest.match_indices(wanted).find(|(at, found)| {
        !rest[..*at].ends_with(is_word) && !rest[at + found.len()..].starts_with(is_word)
    })?;
    Some(Span { offset: start + at, length: wanted.len() })
}

/// The last place of a word, in any case.
pub fn last_word(sql: &str, wanted: &str) -> Option<Span> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let lower = sql.to_ascii_lowercase();
    let wanted = wanted.to_ascii_lowercase();
    let (at, _) = lower.rmatch_indices(wanted.as_str()).find(|(at, found)| {
        !lower[..*at].ends_with(is_word) && !lower[at + found.len()..].starts_with(is_word)
    })?;
    Some(Span { offset: at, length: wanted.len() })
}

/// The message without values of rows: what stands in quotes may be one, unless it is a pattern of the query's own.
pub fn without_values(message: &str, sql: &str) -> String {
    let sort = Sort::of(message);
    match sort {
        Sort::Division => return "a division by zero".to_owned(),
        Sort::Overflow => return "a number grew too large".to_owned(),
        Sort::Pattern => return "the regular expression cannot be read".to_owned(),
        _ => {}
    }
    let mut text = String::with_capacity(message.len());
    let mut parts = message.split('\'');
    text.push_str(parts.next().unwrap_or_default());
    while let Some(quoted) = parts.next() {
        // Names come with the table that they are of.
        let name = quoted.rsplit('.').next().unwrap_or_default();
        // What a cast met is a value, also where its few letters stand somewhere in the query: only a literal is its own.
        let literal = sql.contains(&format!("'{quoted}'"));
        let named = sort != Sort::Cast
            && (word(sql, quoted).is_some() || (name != quoted && word(sql, name).is_some()));
        let own = !name.is_empty() && (literal || named);
        text.push_str(if own { "'" } else { "" });
        text.push_str(if own { quoted } else { "(a value)" });
        text.push_str(if own { "'" } else { "" });
        text.push_str(parts.next().unwrap_or_default());
    }
    for prefix in [
        "Arrow error: ",
        "Execution error: ",
        "External error: ",
        "Compute error: ",
        "Cast error: ",
        "Optimizer rule 'simplify_expressions' failed",
    ] {
        text = text.strip_prefix(prefix).unwrap_or(&text).to_owned();
    }
    text.trim().trim_end_matches('.').to_owned()
}

/// Line and column, from 1, of a place, and the text of its line.
pub fn line_of(sql: &str, offset: usize) -> (usize, usize, &str) {
    let before = sql.get(..offset).unwrap_or_default();
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(begin..).unwrap_or_default().chars().count() + 1;
    let line = sql.get(begin..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    (before.matches('\n').count() + 1, column, line.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked<'a>(message: &str, sql: &'a str) -> &'a str {
        place_of(message, sql).map_or("", |s| &sql[s.offset..s.offset + s.length])
    }

    #[test]
    fn what_can_fail_in_such_a_way_is_marked() {
        let sql = "/*---\nrule: X\n---*/\n-- why\nSELECT sequence_number\nFROM staged\nWHERE 1 + 1 > 2 AND 10 / n > 1 AND regexp_like(city, '[a-')";
        assert_eq!(marked("Arrow error: Divide by zero error", sql), "10 / n");
        assert_eq!(marked("Regular expression did not compile: '[a-': unclosed", sql), "'[a-'");
        assert_eq!(marked("Overflow happened on: 1 + 2", sql), "1 + 1");
        assert!(marked("something else", sql).starts_with("1 + 1 > 2"));
        let sql = "SELECT CAST(city AS INT) AS n FROM staged";
        assert_eq!(marked("Cannot cast string 'abc' to value of Int32 type", sql), "city");
        assert_eq!(marked("something else", "\n  SELECT 1"), "SELECT");
        assert_eq!(marked("x", "this is no SQL"), "");
        let sql = "SELECT replace(city, 'a', 'b') || regexp_replace(city, 'a', 'b') AS n FROM staged";
        let marked_by =
            |made: &str| marked(&format!("the memory limit was reached: {made} would make 9 MiB"), sql);
        assert!(marked_by("regexp_replace").starts_with("regexp_replace"), "{}", marked_by("regexp_replace"));
        assert!(marked_by("replace").starts_with("replace"), "{}", marked_by("replace"));
        // Called by another name, or in words.
        for (made, begin, sql) in [
            ("array_repeat", "list_repeat", "SELECT city, list_repeat(city, 9) AS l FROM staged"),
            ("array_concat", "list_cat", "SELECT city, List_Cat(l, l) AS l FROM staged"),
            ("to_char", "date_format", "SELECT city, date_format(day, '%Y') AS l FROM staged"),
            ("array_concat", "l || m", "SELECT city, l || m AS l FROM staged"),
            ("array_concat", "array_concat", "SELECT city || name, array_concat(l, m) AS l FROM staged"),
            ("||", "city || name", "SELECT array_concat(l, m) AS l, city || name FROM staged"),
            ("overlay", "city placing", "SELECT name, overlay(city PLACING 'x' FROM 2) AS l FROM staged"),
        ] {
            let message = format!("the memory limit was reached: {made} would make 9 MiB");
            let marked = marked(&message, sql).to_lowercase();
            assert!(marked.starts_with(begin), "{made}: {marked}");
        }
    }

    #[test]
    fn values_of_rows_are_not_told() {
        let sql = "SELECT regexp_like(city, '[a-') FROM staged";
        let told =
            without_values("Arrow error: Cast error: Cannot cast string 'Anna' to value of Int32 type", sql);
        assert_eq!(told, "Cannot cast string (a value) to value of Int32 type");
        // Letters of the query are none of its literals; a literal is.
        for short in ["a", "city", "staged", "like"] {
            let told = without_values(&format!("Cannot cast string '{short}' to value of Int32 type"), sql);
            assert_eq!(told, "Cannot cast string (a value) to value of Int32 type");
        }
        let sql_of_two = "SELECT CAST('two' AS INT), city FROM staged";
        let told = without_values("Cannot cast string 'two' to value of Int32 type", sql_of_two);
        assert_eq!(told, "Cannot cast string 'two' to value of Int32 type");
        assert!(!without_values("something about 'it'", sql).contains("'it'"));
        assert!(without_values("no filter 'staged.city'", sql).contains("'staged.city'"));
        assert_eq!(without_values("Divide by zero error", sql), "a division by zero");
    }

    #[test]
    fn a_place_is_told_by_line_and_column() {
        assert_eq!(line_of("ab\n  cé d\n", 8), (2, 5, "cé d"));
    }
}
