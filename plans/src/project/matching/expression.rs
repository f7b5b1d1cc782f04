//! SQL expressions of `match.yml`: read, their names checked, and written anew with quoted names.

use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, Expr, Ident, visit_expressions, visit_expressions_mut};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;

use crate::project::decode::Reader;
use crate::project::diagnostics::Span;
use crate::project::sql_text::name_of;

/// Functions that go through texts letter by letter.
const COSTLY: [&str; 4] = ["jaro_winkler_similarity", "damerau_levenshtein", "levenshtein", "array_edits"];

/// Reads one expression; what is wrong with it is reported at the place of its text.
pub(super) fn parse(map: &Reader<'_>, text: &str, span: Span) -> Option<Expr> {
    let mut parser = match Parser::new(&GenericDialect {}).try_with_sql(text) {
        Ok(parser) => parser,
        Err(error) => return unreadable(map, span, &error.to_string()),
    };
    let expr = match parser.parse_expr() {
        Ok(expr) => expr,
        Err(error) => return unreadable(map, span, &error.to_string()),
    };
    let rest = parser.peek_token().token;
    if rest != Token::EOF {
        return unreadable(map, span, &format!("`{rest}` follows where the expression is over"));
    }
    let asks_tables = visit_expressions(&expr, |part| match part {
        Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    if asks_tables.is_break() {
        let error = map.error(span, "PRJ0008", "the expression asks other tables");
        map.report(error.help("write an expression over values of the records alone"));
        return None;
    }
    Some(expr)
}

fn unreadable(map: &Reader<'_>, span: Span, message: &str) -> Option<Expr> {
    let message = message.trim_start_matches("sql parser error: ");
    let sentence = message.split(" at Line: ").next().unwrap_or(message);
    let sentence = sentence.trim_start_matches("ParserError(\"").trim_end_matches("\")");
    map.report(
        map.error(span, "PRJ0008", format!("the SQL cannot be read: {sentence}")).label("here").help(
            "write one expression; look for a bracket or quote that is not closed, and for a missing AND",
        ),
    );
    None
}

/// Replaces every plain column name; names with a table before them go to `dotted`.
pub(super) fn rename(
    expr: &mut Expr,
    mut plain: impl FnMut(&str) -> Option<Expr>,
    mut dotted: impl FnMut(&str, &str) -> Option<Expr>,
) {
    // Children come first, so that what is put in is not looked at again.
    let _: ControlFlow<()> = visit_expressions_mut(expr, |part| {
        let other = match part {
            Expr::Identifier(ident) => plain(&name_of(ident)),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [table, name, ..] => dotted(&name_of(table), &name_of(name)),
                _ => None,
            },
            _ => None,
        };
        if let Some(other) = other {
            *part = other;
        }
        ControlFlow::Continue(())
    });
}

/// A column by its exact name.
pub(super) fn column(name: &str) -> Expr {
    Expr::Identifier(Ident::with_quote('"', name))
}

/// A column of one of the two records.
pub(super) fn column_of(alias: &str, name: &str) -> Expr {
    Expr::CompoundIdentifier(vec![Ident::new(alias), Ident::with_quote('"', name)])
}

/// Whether it measures texts letter by letter.
pub(super) fn is_costly(expr: &Expr) -> bool {
    let found = visit_expressions(expr, |part| match part {
        Expr::Function(function) if COSTLY.contains(&function.name.to_string().to_lowercase().as_str()) => {
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    });
    found.is_break()
}

/// The values that must be the same in both records for a condition to hold.
pub(super) fn equal_values(expr: &Expr, found: &mut Vec<String>) {
    match expr {
        Expr::Nested(inner) => equal_values(inner, found),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            equal_values(left, found);
            equal_values(right, found);
        }
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
            if let (Expr::CompoundIdentifier(one), Expr::CompoundIdentifier(other)) =
                (left.as_ref(), right.as_ref())
                && let ([a, x], [b, y]) = (one.as_slice(), other.as_slice())
                && name_of(a) != name_of(b)
                && name_of(x) == name_of(y)
            {
                found.push(name_of(x));
            }
        }
        _ => {}
    }
}
