//! What can be read and could never do what it says: refused before a run, not found in the middle of one.
//!
//! - a mapping that filters, groups or gives rows other numbers
//! - a rule that names a field of no contract, or compares values of different kinds

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Distinct, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr,
    LimitClause, Query, Select, SelectItem, SetExpr, Spanned, TableFactor, UnaryOperator, Value,
    visit_expressions,
};

use super::contract::Contract;
use super::diagnostics::{ProjectError, SourceFile, Span, suggestion};
use super::field_type::FieldType;
use super::filter::{AGGREGATES, FilterRule};
use super::sql_text::{first_word, name_of, place_in, words};

const SEQUENCE: &str = "sequence_number";
const ROW_BY_ROW: &str =
    "a mapping gives exactly one row per landed row; write what should hold rows back as a rule in `check/`";

/// What in a mapping holds rows back, joins them or takes their numbers away.
pub(super) fn in_mapping(query: &Query, file: &SourceFile) -> Vec<ProjectError> {
    let mut found = Vec::new();
    let mut report = |span: Span, message: &str, help: &str| {
        found.push(
            ProjectError::at(file, span, "PRJ0013", message).label("here").help(help.to_owned()).lately(),
        );
    };
    let mut query = query;
    let select = loop {
        if let Some(limit) = &query.limit_clause {
            let place = match limit {
                LimitClause::LimitOffset { limit: Some(limit), .. } => place_in(&file.text, limit.span()),
                _ => first_word(&file.text, "limit"),
            };
            report(place, "a mapping does not leave out rows", ROW_BY_ROW);
        }
        if query.fetch.is_some() {
            report(first_word(&file.text, "fetch"), "a mapping does not leave out rows", ROW_BY_ROW);
        }
        match query.body.as_ref() {
            SetExpr::Select(select) => break select,
            SetExpr::Query(inner) => query = inner,
            SetExpr::SetOperation { op, .. } => {
                let word = op.to_string();
                report(first_word(&file.text, &word), "a mapping does not unite rows", ROW_BY_ROW);
                return found;
            }
            _ => return found,
        }
    };
    let filters = [&select.selection, &select.having, &select.qualify];
    for filter in filters.into_iter().flatten() {
        report(place_in(&file.text, filter.span()), "a mapping does not filter rows", ROW_BY_ROW);
    }
    if let Some(Distinct::Distinct | Distinct::On(_)) = &select.distinct {
        report(first_word(&file.text, "distinct"), "a mapping does not leave out rows", ROW_BY_ROW);
    }
    if is_grouped(select) {
        report(first_word(&file.text, "group"), "a mapping does not group rows", ROW_BY_ROW);
    }
    for (name, expr) in named(select).filter(|(name, _)| name == SEQUENCE) {
        if column_of(expr).as_deref() != Some(name.as_str()) {
            report(
                place_in(&file.text, expr.span()),
                "a mapping does not give rows other numbers",
                "write `sequence_number` as it is: it says which line of the file the row is",
            );
        }
    }
    found
}

/// Whether the text alone says that each landed row comes out once, under its own number.
pub(super) fn row_by_row(query: &Query) -> bool {
    let SetExpr::Select(select) = query.body.as_ref() else { return false };
    let [from] = select.from.as_slice() else { return false };
    let TableFactor::Table { name, args: None, sample: None, .. } = &from.relation else { return false };
    let plain = query.with.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none()
        && query.pipe_operators.is_empty()
        && from.joins.is_empty()
        && select.lateral_views.is_empty()
        && select.selection.is_none()
        && select.having.is_none()
        && select.qualify.is_none()
        && select.distinct.is_none()
        && select.top.is_none()
        && !is_grouped(select)
        && name.to_string().eq_ignore_ascii_case("landed");
    let numbered =
        named(select).any(|(name, expr)| name == SEQUENCE && column_of(expr).as_deref() == Some(SEQUENCE));
    let multiplies = visit_expressions(select.as_ref(), |expr| match expr {
        Expr::Function(function) => {
            let name = function.name.to_string().to_lowercase();
            match name == "unnest" || AGGREGATES.contains(&name.as_str()) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        }
        _ => ControlFlow::Continue(()),
    });
    plain && numbered && multiplies.is_continue()
}

fn is_grouped(select: &Select) -> bool {
    !matches!(&select.group_by, GroupByExpr::Expressions(exprs, modifiers) if exprs.is_empty() && modifiers.is_empty())
}

/// The output columns that have a name.
fn named(select: &Select) -> impl Iterator<Item = (String, &Expr)> {
    select.projection.iter().filter_map(|item| match item {
        SelectItem::UnnamedExpr(expr) => Some((column_of(expr)?, expr)),
        SelectItem::ExprWithAlias { expr, alias } => Some((name_of(alias), expr)),
        _ => None,
    })
}

fn column_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(ident) => Some(name_of(ident)),
        Expr::CompoundIdentifier(parts) => parts.last().map(name_of),
        Expr::Nested(inner) => column_of(inner),
        _ => None,
    }
}

/// The place of the first column that a query gives without a name.
pub(super) fn unnamed_column(query: &Query, file: &SourceFile) -> Option<Span> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    select.projection.iter().find_map(|item| match item {
        SelectItem::UnnamedExpr(expr) if column_of(expr).is_none() => Some(place_in(&file.text, expr.span())),
        _ => None,
    })
}

/// What in a rule can never be meant.
pub(super) fn in_rule(query: &Query, file: &SourceFile, contract: &Contract) -> Vec<ProjectError> {
    let mut found = Vec::new();
    fields_of(query.body.as_ref(), file, contract, &mut found);
    // In a query of several tables a name may stand for something else.
    if FilterRule::recognise(query).is_some() {
        comparisons(query, file, contract, &mut found);
    }
    found
}

/// The texts that a rule gives as the name of a field.
fn fields_of(body: &SetExpr, file: &SourceFile, contract: &Contract, found: &mut Vec<ProjectError>) {
    match body {
        SetExpr::Select(select) => {
            for (_, expr) in named(select).filter(|(name, _)| name == "field") {
                literals(expr, &mut |text, expr| {
                    if contract.field(text).is_none() {
                        found.push(
                            ProjectError::at(
                                file,
                                place_in(&file.text, expr.span()),
                                "PRJ0009",
                                format!("the contract of {} has no field `{text}`", contract.entity),
                            )
                            .label("unknown field")
                            .help(suggestion(text, &contract.names()))
                            .lately(),
                        );
                    }
                });
            }
        }
        SetExpr::Query(inner) => fields_of(inner.body.as_ref(), file, contract, found),
        SetExpr::SetOperation { left, right, .. } => {
            fields_of(left, file, contract, found);
            fields_of(right, file, contract, found);
        }
        _ => {}
    }
}

/// The texts that an expression may give as its value.
fn literals(expr: &Expr, tell: &mut dyn FnMut(&str, &Expr)) {
    match expr {
        Expr::Value(value) => {
            if let Value::SingleQuotedString(text) = &value.value {
                tell(text, expr);
            }
        }
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => literals(inner, tell),
        Expr::Case { conditions, else_result, .. } => {
            conditions.iter().for_each(|when| literals(&when.result, tell));
            else_result.iter().for_each(|other| literals(other, tell));
        }
        Expr::Function(function) if function.name.to_string().eq_ignore_ascii_case("coalesce") => {
            let FunctionArguments::List(list) = &function.args else { return };
            for argument in &list.args {
                if let FunctionArg::Unnamed(FunctionArgExpr::Expr(inner)) = argument {
                    literals(inner, tell);
                }
            }
        }
        _ => {}
    }
}

/// What sort of value a column of `staged`, or a constant, is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Date,
    Truth,
    List,
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Date => "a date",
            Self::Truth => "true or false",
            Self::List => "a list",
        }
    }

    fn help(self, name: &str) -> String {
        match self {
            Self::Date => format!("write a date, such as `{name} > DATE '2000-01-31'`"),
            Self::Truth => format!("write `{name}` or `NOT {name}`"),
            Self::List => {
                format!("write `cardinality({name}) > 0`, or look into it with `array_has({name}, …)`")
            }
            Self::Number => format!("write a number, such as `{name} > 5`"),
        }
    }
}

fn kind_of(name: &str, contract: &Contract) -> Option<Kind> {
    match name {
        "effective_at" => return Some(Kind::Date),
        "is_synthetic" | "is_delete" => return Some(Kind::Truth),
        SEQUENCE => return Some(Kind::Number),
        _ if contract.set(name).is_some() => return Some(Kind::List),
        _ => {}
    }
    match contract.field(name)?.field_type {
        FieldType::Date | FieldType::Timestamp => Some(Kind::Date),
        FieldType::Integer | FieldType::Decimal | FieldType::Duration | FieldType::Reference => {
            Some(Kind::Number)
        }
        FieldType::Boolean => Some(Kind::Truth),
        FieldType::EmailList | FieldType::PhoneList | FieldType::List => Some(Kind::List),
        _ => None,
    }
}

/// A column beside constants that are no value of its kind: the planner finds some way, and it means nothing.
fn comparisons(query: &Query, file: &SourceFile, contract: &Contract, found: &mut Vec<ProjectError>) {
    let _: ControlFlow<()> = visit_expressions(query, |expr| {
        let pairs: Vec<(&Expr, &Expr)> = match expr {
            Expr::BinaryOp { left, op, right } if compares(op) => vec![(left, right), (right, left)],
            Expr::Between { expr, low, high, .. } => vec![(expr, low), (expr, high)],
            Expr::InList { expr, list, .. } => list.iter().map(|item| (expr.as_ref(), item)).collect(),
            _ => Vec::new(),
        };
        for (column, constant) in pairs {
            let Some(name) = column_of(column) else { continue };
            let Some(kind) = kind_of(&name, contract) else { continue };
            let Some(other) = misfit(kind, constant) else { continue };
            if is_named_anew(&file.text, &name) {
                continue;
            }
            let message = format!("`{name}` is {} and is compared with {other}", kind.words());
            found.push(
                ProjectError::at(file, place_in(&file.text, column.span()), "PRJ0014", message)
                    .label("compared")
                    .help(kind.help(&name))
                    .lately(),
            );
            break;
        }
        ControlFlow::Continue(())
    });
}

fn compares(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq, Spaceship};
    matches!(op, Eq | NotEq | Gt | GtEq | Lt | LtEq | Spaceship)
}

/// What a constant is, where it is no value of the kind.
fn misfit(kind: Kind, constant: &Expr) -> Option<String> {
    let value = match constant {
        Expr::Nested(inner) => return misfit(kind, inner),
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } => match expr.as_ref() {
            Expr::Value(value) => value,
            _ => return None,
        },
        Expr::Value(value) => value,
        _ => return None,
    };
    match (&value.value, kind) {
        (Value::Number(..), Kind::Number) | (Value::Boolean(_), Kind::Truth) | (Value::Null, _) => None,
        (Value::Number(number, _), _) => Some(format!("the number {number}")),
        (Value::Boolean(_), _) => Some("true or false".to_owned()),
        (Value::SingleQuotedString(text), _) => {
            let fits = match kind {
                Kind::Number => text.trim().parse::<f64>().is_ok(),
                // `2000-01-31` and what may stand behind it.
                Kind::Date => {
                    let digits = |part: Option<&str>, n: usize| {
                        part.is_some_and(|p| p.len() == n && p.bytes().all(|b| b.is_ascii_digit()))
                    };
                    let mut parts = text.get(..10).unwrap_or_default().split('-');
                    digits(parts.next(), 4) && digits(parts.next(), 2) && digits(parts.next(), 2)
                }
                Kind::Truth => matches!(text.to_lowercase().as_str(), "true" | "false"),
                Kind::List => false,
            };
            (!fits).then(|| format!("the text '{text}'"))
        }
        _ => None,
    }
}

/// Whether the query gives this name to something of its own.
fn is_named_anew(text: &str, name: &str) -> bool {
    let all: Vec<&str> = words(text).map(|(_, word)| word).collect();
    all.windows(2).any(|pair| pair[0].eq_ignore_ascii_case("as") && pair[1].eq_ignore_ascii_case(name))
}
