//! check: all rules of an entity over the staged rows.
//!
//! Rules that are plain filters are fused into one scan (`flagged`), which keeps only rows where at least one rule
//! speaks. Other rules (uniqueness, references, aggregates) run as their own query. What could not be read as its
//! type is reported here too, under `STG_*` codes, unless a rule of the project takes care of it.

use super::ident::{ident, literal};
use super::query::{Keep, Query};
use super::shape::{BadValue, FieldKind, Shape};
use super::stage::Columns;
use crate::project::{Rule, RuleMode, Severity};

/// One landed file, as the check sees it to name the original values.
pub struct LandedFile<'a> {
    /// The name of its canonical view.
    pub view: String,
    /// Its number in the run.
    pub number: i32,
    /// The source columns per field.
    pub columns: &'a Columns<'a>,
}

/// A filter over staged rows that gives one violation per row.
pub(super) struct Filter {
    pub(super) code: String,
    pub(super) severity: Severity,
    pub(super) mode: RuleMode,
    pub(super) predicate: String,
    pub(super) field: String,
    pub(super) value: String,
    pub(super) message: String,
    pub(super) hint: String,
}

/// The queries of check, in order; the last one is the data set `dq_violations`.
pub fn check_queries(
    shape: &Shape,
    rules: &[Rule],
    enforced: impl Fn(&Rule) -> bool,
    files: &[LandedFile<'_>],
) -> Vec<Query> {
    let mut filters = built_in(shape);
    let mut own = Vec::new();
    for rule in rules.iter().filter(|r| enforced(r)) {
        match rule.as_filter() {
            Some(filter) => filters.push(Filter {
                code: rule.code.clone(),
                severity: rule.severity,
                mode: rule.mode,
                predicate: if rule.deletes {
                    filter.predicate.clone()
                } else {
                    format!("NOT is_delete AND ({})", filter.predicate)
                },
                field: filter.field.clone().unwrap_or_else(|| default_field(rule)),
                // What the rule proposes stands as the normalised value, beside the original one.
                value: filter
                    .suggestion
                    .clone()
                    .or_else(|| filter.value.clone())
                    .unwrap_or_else(|| "NULL".to_owned()),
                message: rule.message.clone(),
                hint: rule.hint.clone(),
            }),
            None => own.push(rule),
        }
    }
    vec![
        Query::new("flagged", Keep::Memory, flagged_sql(&filters)),
        Query::new("failed", Keep::Memory, failed_sql(&filters, &own)),
        Query::new("dq_violations", Keep::DataSet, violations_sql(shape, files)),
    ]
}

fn default_field(rule: &Rule) -> String {
    rule.fields.first().map_or("NULL".to_owned(), |f| literal(f))
}

/// Violations that follow from the contract alone.
pub(super) fn built_in(shape: &Shape) -> Vec<Filter> {
    let mut filters = Vec::new();
    for field in &shape.fields {
        let unparsed = ident(&format!("{}_unparsed", field.name));
        let severity = match field.bad_value {
            BadValue::Error => Severity::Error,
            BadValue::Warn => Severity::Warn,
            BadValue::Rule => continue,
        };
        if !field.kind.can_fail() {
            continue;
        }
        let dated = matches!(field.kind, FieldKind::Date | FieldKind::Timestamp);
        let ambiguous = format!("$date_order = 'auto' AND date_ambiguous({unparsed})");
        let plain = if dated {
            format!("{unparsed} IS NOT NULL AND NOT ({ambiguous})")
        } else {
            format!("{unparsed} IS NOT NULL")
        };
        let mut add = |code: &str, predicate: String, message: String, hint: &str| {
            filters.push(Filter {
                code: code.to_owned(),
                severity,
                mode: RuleMode::Enforce,
                predicate,
                field: literal(&field.name),
                value: unparsed.clone(),
                message,
                hint: hint.to_owned(),
            });
        };
        add(
            "STG_CAST",
            plain,
            format!("{} cannot be read as {}", field.name, kind_word(field.kind)),
            kind_hint(field.kind),
        );
        if dated {
            add(
                "STG_AMBIGUOUS_DATE",
                format!("{unparsed} IS NOT NULL AND {ambiguous}"),
                format!("{} can be read as day/month and as month/day", field.name),
                "write YYYY-MM-DD, or say which it is for the whole source: --date-order dmy or mdy (date_order in the source file)",
            );
        }
    }
    filters.extend(doubtful_names(shape));
    if let Some(field) = &shape.roles.source_updated_at {
        filters.push(Filter {
            code: "STG_FUTURE_TIMESTAMP".to_owned(),
            severity: Severity::Warn,
            mode: RuleMode::Enforce,
            predicate: format!("{} > $latest_at", ident(field)),
            field: literal(field),
            value: format!("CAST({} AS VARCHAR)", ident(field)),
            message: format!("{field} lies more than 24 hours ahead; the time of landing is used instead"),
            hint: "check the clock and the time zone of the source".to_owned(),
        });
    }
    filters
}

/// A full name that was split, but may be split wrongly.
fn doubtful_names(shape: &Shape) -> Option<Filter> {
    let given = shape.given.as_ref()?;
    let whole = shape.field(given)?.satisfied_by.as_ref()?;
    Some(Filter {
        code: "STG_NAME_SPLIT".to_owned(),
        severity: Severity::Warn,
        mode: RuleMode::Enforce,
        predicate: format!(
            "{0} IS NOT NULL AND name_split_doubtful({0}) AND ({1} IS NOT DISTINCT FROM name_given({0}))",
            ident(whole),
            ident(given)
        ),
        field: literal(whole),
        value: ident(whole),
        message: "The name was split into given and family name, and may be split wrongly".to_owned(),
        hint: "give the names in two columns, or write \"Family, Given\"".to_owned(),
    })
}

fn kind_word(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Date => "a date",
        FieldKind::Timestamp => "a date and time",
        FieldKind::Integer => "a whole number",
        FieldKind::Boolean => "yes or no",
        FieldKind::Country => "a country",
        FieldKind::Phone => "a phone number",
        FieldKind::PhoneList => "a list of phone numbers",
        FieldKind::EmailList => "a list of e-mail addresses",
        FieldKind::Text | FieldKind::Name | FieldKind::Email => "text",
    }
}

fn kind_hint(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Date => "write YYYY-MM-DD",
        FieldKind::Timestamp => "write YYYY-MM-DDTHH:MM:SSZ",
        FieldKind::Integer => "write digits only",
        FieldKind::Boolean => "write yes or no",
        FieldKind::Country => "write a two-letter code such as DE, or the country's name",
        FieldKind::Phone | FieldKind::PhoneList => {
            "write numbers with their country code, such as +49 30 901820"
        }
        FieldKind::EmailList => "write addresses like anna@example.org, with commas between",
        FieldKind::Text | FieldKind::Name | FieldKind::Email => "check the value",
    }
}

fn flagged_sql(filters: &[Filter]) -> String {
    let mut columns = vec!["sequence_number".to_owned()];
    for (n, f) in filters.iter().enumerate() {
        columns.push(format!("coalesce({}, false) AS r{n}", f.predicate));
        columns.push(format!("CAST({} AS VARCHAR) AS f{n}", f.field));
        columns.push(format!("CAST({} AS VARCHAR) AS v{n}", f.value));
    }
    let any: Vec<_> = filters.iter().map(|f| format!("({})", f.predicate)).collect();
    format!(
        "SELECT {}\nFROM staged\nWHERE {}",
        columns.join(",\n       "),
        if any.is_empty() { "false".to_owned() } else { any.join("\n   OR ") }
    )
}

fn failed_sql(filters: &[Filter], own: &[&Rule]) -> String {
    let row = |code: &str, severity: Severity, mode: RuleMode, message: &str, hint: &str, from: String| {
        format!(
            "SELECT sequence_number, {} AS rule_code, {} AS severity, {} AS mode, {from}, {} AS message, {} AS hint",
            literal(code),
            literal(severity.as_str()),
            literal(mode.as_str()),
            literal(message),
            literal(hint)
        )
    };
    let mut parts: Vec<String> = filters
        .iter()
        .enumerate()
        .map(|(n, f)| {
            let select = row(
                &f.code,
                f.severity,
                f.mode,
                &f.message,
                &f.hint,
                format!("f{n} AS field, v{n} AS value"),
            );
            format!("{select} FROM flagged WHERE r{n}")
        })
        .collect();
    for rule in own {
        let columns = rule.columns();
        let has = |c: &str| columns.iter().any(|name| name == c);
        let field = if has("field") { "CAST(field AS VARCHAR)".to_owned() } else { default_field(rule) };
        let value = if has("value") { "CAST(value AS VARCHAR)" } else { "CAST(NULL AS VARCHAR)" };
        let select = row(
            &rule.code,
            rule.severity,
            rule.mode,
            &rule.message,
            &rule.hint,
            format!("{field} AS field, {value} AS value"),
        );
        let deletes = if rule.deletes {
            String::new()
        } else {
            "\nWHERE sequence_number NOT IN (SELECT sequence_number FROM staged WHERE is_delete)".to_owned()
        };
        parts.push(format!("{select} FROM (\n{}\n) r{deletes}", rule.sql.text.trim().trim_end_matches(';')));
    }
    if parts.is_empty() {
        parts.push(format!(
            "{} FROM staged WHERE false",
            row(
                "",
                Severity::Info,
                RuleMode::Warn,
                "",
                "",
                "CAST(NULL AS VARCHAR) AS field, CAST(NULL AS VARCHAR) AS value".into()
            )
        ));
    }
    parts.join("\nUNION ALL\n")
}

/// Records that could not be read, and those that were read after a repair.
const OF_LAND: &str = include_str!("../../../sql/steps/check/of_land.sql");
const OF_FILE: &str = include_str!("../../../sql/steps/check/findings_of_file.sql");

/// Beside what the rule saw stands what the file said: the row's line and the cell as it was.
fn violations_sql(shape: &Shape, files: &[LandedFile<'_>]) -> String {
    let parts: Vec<String> = files
        .iter()
        .map(|file| {
            let mut cases = String::new();
            for field in &shape.fields {
                let mapped = |name: &str| file.columns.iter().any(|(n, c)| *n == name && !c.is_empty());
                let source = if mapped(&field.name) {
                    Some(&field.name)
                } else {
                    field.satisfied_by.as_ref().filter(|w| mapped(w))
                };
                if let Some(source) = source {
                    cases.push_str(&format!(" WHEN {} THEN l.{}", literal(&field.name), ident(source)));
                }
            }
            let original = if cases.is_empty() {
                "CAST(NULL AS VARCHAR)".to_owned()
            } else {
                format!("CASE v.field{cases} END")
            };
            format!(
                "SELECT v.sequence_number, CAST({} AS INT) AS file_number, l.line_number, v.rule_code, v.severity, v.mode, v.field,\n       {original} AS original_value, v.value AS normalised_value, v.message, v.hint\nFROM failed v JOIN {} l ON l.sequence_number = v.sequence_number",
                file.number,
                ident(&file.view)
            )
        })
        .collect();
    let findings = files
        .iter()
        .map(|f| OF_FILE.replace("{landed}", &ident(&f.view)).replace("{number}", &f.number.to_string()));
    parts.into_iter().chain(findings).chain([OF_LAND.to_owned()]).collect::<Vec<_>>().join("\nUNION ALL\n")
}
