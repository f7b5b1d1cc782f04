//! Recognising rules that are a plain filter over `staged`.
//!
//! Such rules are fused into one scan. Everything else (joins, aggregates, windows, subqueries, DISTINCT, LIMIT) runs as
//! a plan of its own.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, GroupByExpr, Ident, ObjectNamePart, Query, SelectItem, TableFactor, visit_expressions,
    visit_expressions_mut,
};

use super::sql_text::{name_of, plain_select};

/// A rule as expressions over the columns of `staged`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterRule {
    /// True for a bad row.
    pub predicate: String,
    /// Gives the name of the field.
    pub field: Option<String>,
    /// Gives the value as it was found.
    pub value: Option<String>,
    /// Gives a value to write instead.
    pub suggestion: Option<String>,
    /// Gives what is wrong with this row, instead of the rule's message.
    pub message: Option<String>,
    /// Gives what to do about this row, instead of the rule's hint.
    pub hint: Option<String>,
}

/// The table that rules read.
pub(super) const STAGED: &str = "staged";

/// Columns that a rule may give.
pub(super) const RULE_COLUMNS: [&str; 6] =
    ["sequence_number", "field", "value", "suggestion", "message", "hint"];

pub(super) const AGGREGATES: [&str; 21] = [
    "count",
    "sum",
    "min",
    "max",
    "avg",
    "mean",
    "median",
    "array_agg",
    "string_agg",
    "bool_and",
    "bool_or",
    "first_value",
    "last_value",
    "nth_value",
    "stddev",
    "var",
    "var_pop",
    "approx_distinct",
    "approx_median",
    "corr",
    "grouping",
];

impl FilterRule {
    pub(super) fn recognise(query: &Query) -> Option<Self> {
        let select = plain_select(query)?;
        let grouped = !matches!(&select.group_by, GroupByExpr::Expressions(exprs, modifiers) if exprs.is_empty() && modifiers.is_empty());
        let [from] = select.from.as_slice() else { return None };
        let simple = query.order_by.is_none()
            && query.limit_clause.is_none()
            && query.fetch.is_none()
            && query.pipe_operators.is_empty()
            && select.distinct.is_none()
            && select.top.is_none()
            && !grouped
            && select.having.is_none()
            && select.qualify.is_none()
            && select.lateral_views.is_empty()
            && from.joins.is_empty();
        if !simple {
            return None;
        }
        let TableFactor::Table { name, alias, args: None, sample: None, .. } = &from.relation else {
            return None;
        };
        let [ObjectNamePart::Identifier(table)] = name.0.as_slice() else { return None };
        if name_of(table) != STAGED || alias.as_ref().is_some_and(|alias| !alias.columns.is_empty()) {
            return None;
        }
        let alias = alias.as_ref().map_or_else(|| STAGED.to_owned(), |alias| name_of(&alias.name));
        let column = |wanted: &str| -> Option<Option<String>> {
            for item in &select.projection {
                let (name, expr) = match item {
                    SelectItem::UnnamedExpr(expr @ Expr::Identifier(ident)) => (name_of(ident), expr),
                    SelectItem::UnnamedExpr(expr @ Expr::CompoundIdentifier(parts)) => {
                        (name_of(parts.last()?), expr)
                    }
                    SelectItem::ExprWithAlias { expr, alias } => (name_of(alias), expr),
                    _ => return None,
                };
                if name == wanted {
                    return Some(Some(rewritten(expr, &alias)?));
                }
            }
            Some(None)
        };
        // Without the row's own number under its own name the rule cannot be fused.
        if column("sequence_number")?.as_deref() != Some("sequence_number") {
            return None;
        }
        let predicate = match &select.selection {
            Some(expr) => rewritten(expr, &alias)?,
            None => "TRUE".to_owned(),
        };
        Some(Self {
            predicate,
            field: column("field")?,
            value: column("value")?,
            suggestion: column("suggestion")?,
            message: column("message")?,
            hint: column("hint")?,
        })
    }
}

/// An expression over bare column names, `None` when it is more than that.
fn rewritten(expr: &Expr, table: &str) -> Option<String> {
    let mut expr = expr.clone();
    let unfit =
        visit_expressions(
            &expr,
            |part| if fits(part) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) },
        );
    if unfit.is_break() {
        return None;
    }
    let _: ControlFlow<()> = visit_expressions_mut(&mut expr, |part| {
        if let Expr::CompoundIdentifier(parts) = part
            && let [qualifier, column] = parts.as_slice()
            && name_of(qualifier) == table
        {
            let column: Ident = column.clone();
            *part = Expr::Identifier(column);
        }
        ControlFlow::Continue(())
    });
    Some(expr.to_string())
}

fn fits(expr: &Expr) -> bool {
    match expr {
        Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } | Expr::GroupingSets(_) => false,
        Expr::AnyOp { .. } | Expr::AllOp { .. } => false,
        Expr::Function(function) => {
            let name = function.name.to_string().to_lowercase();
            function.over.is_none()
                && function.filter.is_none()
                && function.within_group.is_empty()
                && !AGGREGATES.contains(&name.as_str())
        }
        _ => true,
    }
}
