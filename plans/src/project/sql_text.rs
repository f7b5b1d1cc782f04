//! Parsing of SQL files, with errors that stand at the right place.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Ident, Query, Select, SelectItem, SetExpr, Spanned, Statement, visit_relations};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::diagnostics::{ProjectError, SourceFile, Span};

/// The one query of a file.
pub(super) fn query(file: &SourceFile) -> Result<Query, ProjectError> {
    let mut statements = Parser::parse_sql(&GenericDialect {}, &file.text)
        .map_err(|error| syntax_error(file, &error.to_string()))?;
    let body = body(&file.text);
    if let [_, second, ..] = statements.as_slice() {
        let place = match place_in(&file.text, second.span()) {
            Span { offset, .. } if offset > body.offset => {
                Span { offset, len: first_word_len(&file.text, offset) }
            }
            _ => body,
        };
        return Err(ProjectError::at(file, place, "PRJ0008", "the file holds more than one statement")
            .label("the second one")
            .help("write one SELECT per file"));
    }
    match statements.pop() {
        Some(Statement::Query(query)) => Ok(*query),
        Some(_) => Err(ProjectError::at(file, body, "PRJ0008", "the file must be a SELECT")
            .help("write `SELECT … FROM …`")),
        None => Err(ProjectError::at(file, body, "PRJ0008", "the file has front matter and no SQL")
            .help("write `SELECT … FROM …` after the front matter")),
    }
}

/// The first word behind the front matter.
fn body(text: &str) -> Span {
    let start = text.find("---*/").map_or(0, |end| end + 5);
    words(text)
        .find(|(offset, _)| *offset >= start)
        .map_or(Span { offset: text.trim_end().len(), len: 0 }, span_of)
}

fn first_word_len(text: &str, offset: usize) -> usize {
    words(text).find(|(at, _)| *at >= offset).map_or(1, |(_, word)| word.len())
}

/// The SELECT of a query that is no UNION and has no WITH.
pub(super) fn plain_select(query: &Query) -> Option<&Select> {
    match query.body.as_ref() {
        SetExpr::Select(select) if query.with.is_none() => Some(select),
        _ => None,
    }
}

fn syntax_error(file: &SourceFile, message: &str) -> ProjectError {
    let message = message.trim_start_matches("sql parser error: ");
    let (sentence, span) = match message.split_once(" at Line: ") {
        Some((sentence, place)) => (sentence, place_of(&file.text, place)),
        None => (message, None),
    };
    // At the end of the file there is no position: point behind the last word.
    let span = span.unwrap_or_else(|| Span { offset: file.text.trim_end().len(), len: 0 });
    let help = if sentence.contains("found: EOF") {
        "the statement is not complete; look for an open parenthesis or quote, or a missing `FROM`"
    } else {
        "look for a missing comma, a missing `AS`, or a bracket or quote that is not closed before this place"
    };
    let sentence = sentence.trim_start_matches("ParserError(\"").trim_end_matches("\")");
    ProjectError::at(file, span, "PRJ0008", format!("the SQL cannot be read: {sentence}"))
        .label("here")
        .help(help)
}

/// `12, Column: 5` as a place; the word that begins there is underlined.
fn place_of(text: &str, place: &str) -> Option<Span> {
    let (line, column) = place.split_once(", Column: ")?;
    let line: usize = line.trim().parse().ok()?;
    let column: usize = column.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()?;
    offset_of(text, line, column)
}

/// The byte span of the word at a line and column, both from 1.
pub(super) fn offset_of(text: &str, line: usize, column: usize) -> Option<Span> {
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let rest = text.get(start..)?;
    let offset = start + rest.chars().take(column.checked_sub(1)?).map(char::len_utf8).sum::<usize>();
    let word = text.get(offset..)?.chars().take_while(|c| c.is_alphanumeric() || *c == '_');
    Some(Span { offset, len: word.map(char::len_utf8).sum::<usize>().max(1) })
}

/// An identifier as the planner reads it: small letters unless quoted.
pub(super) fn name_of(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() }
}

/// A table that a query names in a schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableName {
    pub schema: String,
    pub table: String,
}

/// The tables that a query names in a schema, each once.
pub(super) fn tables_in_schemas(query: &Query) -> Vec<TableName> {
    let mut found = BTreeSet::new();
    let _: ControlFlow<()> = visit_relations(query, |name| {
        let parts: Vec<String> = name.0.iter().filter_map(|part| part.as_ident()).map(name_of).collect();
        if let [schema, table] = parts.as_slice() {
            found.insert(TableName { schema: schema.clone(), table: table.clone() });
        }
        ControlFlow::Continue(())
    });
    found.into_iter().collect()
}

/// Names of the columns that a query gives, `None` when a `*` or an unnamed expression hides one.
pub(super) fn output_columns(query: &Query) -> Option<Vec<String>> {
    let mut body = query.body.as_ref();
    loop {
        match body {
            SetExpr::Select(select) => {
                return select
                    .projection
                    .iter()
                    .map(|item| match item {
                        SelectItem::UnnamedExpr(Expr::Identifier(ident)) => Some(name_of(ident)),
                        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => parts.last().map(name_of),
                        SelectItem::ExprWithAlias { alias, .. } => Some(name_of(alias)),
                        _ => None,
                    })
                    .collect();
            }
            SetExpr::Query(inner) => body = inner.body.as_ref(),
            SetExpr::SetOperation { left, .. } => body = left.as_ref(),
            _ => return None,
        }
    }
}

/// Output columns that are a column of the query's own FROM as it is, and which one.
pub(super) fn output_sources(query: &Query) -> Vec<(String, String)> {
    let SetExpr::Select(select) = query.body.as_ref() else { return Vec::new() };
    let source = |expr: &Expr| match expr {
        Expr::Identifier(ident) => Some(name_of(ident)),
        Expr::CompoundIdentifier(parts) => parts.last().map(name_of),
        _ => None,
    };
    let both = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) => source(expr).map(|name| (name.clone(), name)),
        SelectItem::ExprWithAlias { expr, alias } => Some((name_of(alias), source(expr)?)),
        _ => None,
    };
    select.projection.iter().filter_map(both).collect()
}

/// The first place of a word outside the front matter, in any case.
pub(super) fn first_word(text: &str, word: &str) -> Span {
    let start = text.find("---*/").map_or(0, |end| end + 5);
    words(text)
        .find(|(offset, found)| *offset >= start && found.eq_ignore_ascii_case(word))
        .map_or_else(Span::default, span_of)
}

/// The last place of a word: an output column stands behind what it is made of.
pub(super) fn last_word(text: &str, word: &str) -> Span {
    words(text)
        .filter(|(_, found)| found.eq_ignore_ascii_case(word))
        .last()
        .map_or_else(Span::default, span_of)
}

/// The first place of a word at or below a line.
pub(super) fn word_from_line(text: &str, line: usize, word: &str) -> Span {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    words(text)
        .find(|(offset, found)| *offset >= start && found.eq_ignore_ascii_case(word))
        .map_or_else(Span::default, span_of)
}

/// The place of the last of some words or values, each looked for behind the one before.
pub(super) fn behind_each_other(text: &str, wanted: &[&str]) -> Span {
    let mut found = Span::default();
    for word in wanted {
        let from = found.offset + found.len;
        match text.get(from..).and_then(|rest| rest.find(word)) {
            Some(at) => found = Span { offset: from + at, len: word.len() },
            None => break,
        }
    }
    found
}

/// The place of a part of a query.
pub(super) fn place_in(text: &str, part: sqlparser::tokenizer::Span) -> Span {
    let at = |place: sqlparser::tokenizer::Location| {
        let line = usize::try_from(place.line).ok()?;
        offset_of(text, line, usize::try_from(place.column).ok()?).map(|span| span.offset)
    };
    let Some(offset) = at(part.start) else { return Span::default() };
    let end = at(part.end).unwrap_or(offset);
    Span { offset, len: end.saturating_sub(offset).max(1) }
}

fn span_of((offset, word): (usize, &str)) -> Span {
    Span { offset, len: word.len() }
}

/// Words of letters, digits and `_` with their places.
pub(super) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let boundary = |c: char| !(c.is_alphanumeric() || c == '_');
    let mut rest = 0;
    std::iter::from_fn(move || {
        let begin = rest + text.get(rest..)?.find(|c| !boundary(c))?;
        let end = text[begin..].find(boundary).map_or(text.len(), |length| begin + length);
        rest = end;
        Some((begin, &text[begin..end]))
    })
}
