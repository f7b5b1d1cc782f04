//! What is valid and still doubtful: the warnings of `project check`.
//!
//! | code | says |
//! | --- | --- |
//! | `PRJ0101` | a rule has no test case |
//! | `PRJ0102` | a mapping leaves out a contract field |
//! | `PRJ0103` | a text field is compared with a number |
//! | `PRJ0104` | `on_bad_value: rule`, and no rule looks at the field |
//! | `PRJ0105` | a test case gives a column that nothing reads |
//! | `PRJ0106` | SQL reads the clock |
//! | `PRJ0107` | a test case expects a code that no rule has |
//!
//! What is read and has no effect: `without_effect`.

use std::ops::ControlFlow;
use std::sync::Arc;

use sqlparser::ast::{BinaryOperator, Expr, Query, UnaryOperator, Value, visit_expressions};

use super::contract::Contract;
use super::diagnostics::{ProjectError, SourceFile, Span, nearest};
use super::entity::Entity;
use super::field::OnBadValue;
use super::field_type::FieldType;
use super::front_matter::SqlFile;
use super::loader::Project;
use super::sql_text::{self, first_word, last_word, name_of};

/// Functions whose answer depends on when they are asked.
const CLOCK: [&str; 6] =
    ["now", "current_date", "current_time", "current_timestamp", "today", "localtimestamp"];

/// Findings of the importer itself, which have no rule file.
const BUILT_IN: [&str; 5] = ["CSV_", "STG_", "LOAD_", "REF-", "REF-"];

impl Project {
    /// Warnings about what is valid and still doubtful; planning the SQL is not done here.
    pub fn check_static(&self) -> Vec<ProjectError> {
        let mut found = Vec::new();
        for entity in self.entities.values() {
            rules_have_cases(entity, &mut found);
            mappings_are_whole(entity, &mut found);
            bad_values_are_seen(self, entity, &mut found);
            cases_are_real(self, entity, &mut found);
            // What is landed is text, whatever it will be read as.
            let rules = entity.rules.iter().map(|rule| (&rule.sql, false));
            let mappings = entity.mappings.values().map(|map| (&map.sql, true));
            for (file, all_text) in rules.chain(mappings) {
                let source = source_of(file);
                let Ok(query) = sql_text::query(&source) else { continue };
                numbers_meet_numbers(&query, &source, &entity.contract, all_text, &mut found);
                clocks_are_not_read(&query, &source, &mut found);
            }
        }
        self.without_effect(&mut found);
        found
    }
}

fn source_of(file: &SqlFile) -> SourceFile {
    SourceFile { path: file.path.clone(), text: Arc::new(file.text.clone()) }
}

fn rules_have_cases(entity: &Entity, found: &mut Vec<ProjectError>) {
    let expected: Vec<&String> =
        entity.cases.iter().flat_map(|case| &case.expect).flat_map(|row| &row.violations).collect();
    // Cases have no store that a rule could read.
    let own = entity.rules.iter().filter(|rule| !rule.reads_core());
    for rule in own.filter(|rule| !expected.contains(&&rule.code)) {
        let file = source_of(&rule.sql);
        let span = last_word(&file.text, &rule.code);
        found.push(
            ProjectError::at(&file, span, "PRJ0101", format!("no test case expects `{}`", rule.code))
                .warning()
                .help(format!(
                    "add a case to `entities/{}/tests/` with `violations: [{}]`",
                    entity.name, rule.code
                )),
        );
    }
}

fn mappings_are_whole(entity: &Entity, found: &mut Vec<ProjectError>) {
    for mapping in entity.mappings.values() {
        let Some(columns) = &mapping.columns else { continue };
        let missing: Vec<&str> = entity
            .contract
            .names()
            .into_iter()
            .filter(|name| !columns.iter().any(|column| column == name))
            .collect();
        if missing.is_empty() {
            continue;
        }
        let file = source_of(&mapping.sql);
        let names = missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        found.push(
            ProjectError::at(&file, first_word(&file.text, "select"), "PRJ0102", format!("the mapping leaves out {names}"))
                .warning()
                .help("these fields stay empty; add them to the SELECT, or `NULL AS …` to say that they are meant to"),
        );
    }
}

fn bad_values_are_seen(project: &Project, entity: &Entity, found: &mut Vec<ProjectError>) {
    for field in entity.contract.fields.iter().filter(|field| field.on_bad_value == OnBadValue::Rule) {
        if entity.rules.iter().any(|rule| rule.fields.contains(&field.name)) {
            continue;
        }
        let path = format!("entities/{}/contract.yml", entity.name);
        let message = format!(
            "values of `{}` that cannot be read are left to a rule, and no rule has it in its `fields`",
            field.name
        );
        let help = format!("write a rule over `{}_unparsed`, or `on_bad_value: error`", field.name);
        let key = format!(" {}:", field.name);
        found.push(project.error_at(&path, &["fields:", &key], "PRJ0104", message, &help).warning());
    }
}

fn cases_are_real(project: &Project, entity: &Entity, found: &mut Vec<ProjectError>) {
    let names = entity.contract.names();
    for case in &entity.cases {
        let warn =
            |code, message: String, help: String| place_of(project, case, code, message).warning().help(help);
        for column in case.given.iter().flat_map(|row| row.keys()).collect::<std::collections::BTreeSet<_>>()
        {
            let read = |sql: &SqlFile| last_word(&sql.text, column).len > 0;
            if names.contains(&column.as_str()) || entity.mappings.values().any(|mapping| read(&mapping.sql))
            {
                continue;
            }
            let message = format!("the case `{}` gives a column `{column}` that no mapping reads", case.name);
            found.push(warn("PRJ0105", message, near(column, &names)));
        }
        for field in case.known.keys() {
            let references: Vec<&str> =
                entity.references().map(|(_, field, _)| field.name.as_str()).collect();
            if !references.contains(&field.as_str()) {
                let message =
                    format!("the case `{}` knows texts of `{field}`, which is no reference", case.name);
                found.push(warn("PRJ0105", message, near(field, &references)));
            }
        }
        for code in case.expect.iter().flat_map(|row| &row.violations) {
            let codes: Vec<&str> = entity.rules.iter().map(|rule| rule.code.as_str()).collect();
            if codes.contains(&code.as_str()) || BUILT_IN.iter().any(|prefix| code.starts_with(prefix)) {
                continue;
            }
            let message = format!("the case `{}` expects `{code}`, and no rule has that code", case.name);
            found.push(warn("PRJ0107", message, near(code, &codes)));
        }
    }
}

fn near(written: &str, choices: &[&str]) -> String {
    match nearest(written, choices.iter().copied()) {
        Some(choice) => format!("did you mean `{choice}`?"),
        None => "correct the name or take it out".to_owned(),
    }
}

/// The line of a test case.
fn place_of(
    project: &Project,
    case: &super::cases::TestCase,
    code: &'static str,
    message: String,
) -> ProjectError {
    let Some(text) = project.files.shared(&case.path) else {
        return ProjectError::about(&case.path, code, message);
    };
    let span = sql_text::offset_of(&text, case.line, 1).unwrap_or_default();
    ProjectError::at(&SourceFile { path: case.path.clone(), text }, span, code, message)
}

/// The planner turns the number into text without a word, and `'9' > '10'`.
fn numbers_meet_numbers(
    query: &Query,
    file: &SourceFile,
    contract: &Contract,
    all_text: bool,
    found: &mut Vec<ProjectError>,
) {
    let _: ControlFlow<()> = visit_expressions(query, |expr| {
        let compared: Vec<(&Expr, &Expr)> = match expr {
            Expr::BinaryOp { left, op, right } if compares(op) => vec![(left, right)],
            Expr::Between { expr, low, high, .. } => vec![(expr, low), (expr, high)],
            Expr::InList { expr, list, .. } => list.iter().map(|item| (expr.as_ref(), item)).collect(),
            _ => Vec::new(),
        };
        let either = |(one, other)| text_beside_number(one, other).or_else(|| text_beside_number(other, one));
        if let Some(field) = compared.into_iter().find_map(either)
            && contract.field(&name_of(field)).is_some_and(|field| all_text || is_text(field.field_type))
        {
            let name = name_of(field);
            let place = usize::try_from(field.span.start.line)
                .ok()
                .zip(usize::try_from(field.span.start.column).ok());
            let span = place.and_then(|(line, column)| sql_text::offset_of(&file.text, line, column));
            found.push(
                ProjectError::at(
                    file,
                    span.unwrap_or_default(),
                    "PRJ0103",
                    format!("`{name}` is text and is compared with a number"),
                )
                .warning()
                .label("compared letter by letter")
                .help(format!("write `parse_integer({name})`, or put the number in quotes")),
            );
        }
        ControlFlow::Continue(())
    });
}

fn compares(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Gt | GtEq | Lt | LtEq)
}

fn is_text(field_type: FieldType) -> bool {
    use FieldType::{Boolean, Date, Decimal, Duration, Integer, List, Reference, Time, Timestamp};
    !matches!(field_type, Integer | Date | Timestamp | Boolean | Decimal | Duration | Time | List | Reference)
}

fn text_beside_number<'e>(text: &'e Expr, number: &Expr) -> Option<&'e sqlparser::ast::Ident> {
    match text {
        Expr::Identifier(ident) if is_number(number) => Some(ident),
        Expr::CompoundIdentifier(parts) if is_number(number) => parts.last(),
        _ => None,
    }
}

fn is_number(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => matches!(value.value, Value::Number(..)),
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } | Expr::Nested(expr) => {
            is_number(expr)
        }
        _ => false,
    }
}

fn clocks_are_not_read(query: &Query, file: &SourceFile, found: &mut Vec<ProjectError>) {
    let _: ControlFlow<()> = visit_expressions(query, |expr| {
        if let Expr::Function(function) = expr
            && let name = function.name.to_string().to_lowercase()
            && CLOCK.contains(&name.as_str())
        {
            let span: Span = first_word(&file.text, &name);
            found.push(
                ProjectError::at(
                    file,
                    span,
                    "PRJ0106",
                    format!("`{name}` reads the clock, so a replay would give another result"),
                )
                .warning()
                .help("compare with `effective_at`, the time that the row stands for"),
            );
        }
        ControlFlow::Continue(())
    });
}
