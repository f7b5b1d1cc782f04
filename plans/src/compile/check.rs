//! check: all rules of an entity over the staged rows.
//!
//! Rules that are plain filters are fused into one scan (`flagged`), which keeps only rows where at least one rule
//! speaks. Other rules (uniqueness, references, aggregates) run as their own query. What could not be read as its
//! type is reported here too, under `STG_*` codes, unless a rule of the project takes care of it.

use std::collections::BTreeMap;

use super::built_in::{Filter, built_in, guarded_ids, without_id};
use super::columns::Columns;
use super::ident::{ident, literal};
use super::kinds::FieldKind;
use super::query::{Keep, Query};
use super::shape::Shape;
use super::texts::FileTexts;
use crate::project::{Rule, RuleMode, RulePolicy, Severity};

/// One landed file, or several that are read alike, as the check sees them to name the original values.
pub struct LandedFile<'a> {
    /// The name of the canonical view.
    pub view: String,
    /// The number of the file of the row `l`, as SQL.
    pub number: String,
    /// The source columns per field.
    pub columns: &'a Columns<'a>,
    /// How its cells were read.
    pub texts: &'a FileTexts,
}

/// Views of landed files that one query reads at most: a union of thousands would be planned level by level.
const VIEWS: usize = 32;

/// The name of the queries that give the data set of findings; where there are many, each gives a part of it.
pub const VIOLATIONS: &str = "dq_violations";

/// The name of the query that looks at all rules which are plain filters.
pub const FLAGGED: &str = "flagged";
/// The findings of all rules, before what stood in the file is put beside them.
pub const FAILED: &str = "failed";

/// The queries of check, in order; the last ones, all of the name [`VIOLATIONS`], are parts of the data set of findings.
pub fn check_queries(
    shape: &Shape,
    rules: &[Rule],
    enforced: impl Fn(&Rule) -> bool,
    ids_required: bool,
    files: &[LandedFile<'_>],
) -> Vec<Query> {
    let mut filters = built_in(shape);
    // An entity whose project has no rule of its own about it is held to its source's word all the same.
    if ids_required && !rules.iter().any(|rule| rule.policy == Some(RulePolicy::ExternalId)) {
        filters.extend(without_id(shape));
    }
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
                words: [filter.message.clone(), filter.hint.clone()],
            }),
            None => own.push(rule),
        }
    }
    let mut queries = vec![Query::new(FLAGGED, Keep::Memory, flagged_sql(&filters))];
    queries.extend(own.iter().map(|rule| Query::new(own_table(rule), Keep::Memory, own_sql(rule))));
    queries.push(Query::new(FAILED, Keep::Memory, failed_sql(shape, &filters, &own, files)));
    // Rejects, which belong to no view, go with the last part.
    let parts = files.len().div_ceil(VIEWS).max(1);
    queries.extend((1..=parts).map(|part| {
        let views = files.chunks(VIEWS).nth(part - 1).unwrap_or(&[]);
        Query::new(VIOLATIONS, Keep::DataSet, violations_sql(shape, views, part == parts))
    }));
    queries
}

/// The table with what a rule gives that runs on its own.
pub fn own_table(rule: &Rule) -> String {
    format!("rule_{}", rule.code.to_lowercase())
}

/// The findings of `refused`, rows that the target tables did not take, as a part of `dq_violations`.
pub fn refused_sql(shape: &Shape, files: &[LandedFile<'_>]) -> String {
    of_rows(shape, files, "refused").join("\nUNION ALL\n")
}

fn default_field(rule: &Rule) -> String {
    rule.fields.first().map_or("NULL".to_owned(), |f| literal(f))
}

fn flagged_sql(filters: &[Filter]) -> String {
    let mut columns = vec!["sequence_number".to_owned()];
    for (n, f) in filters.iter().enumerate() {
        columns.push(format!("coalesce({}, false) AS r{n}", f.predicate));
        columns.push(format!("CAST({} AS VARCHAR) AS f{n}", f.field));
        columns.push(format!("CAST({} AS VARCHAR) AS v{n}", f.value));
        for (letter, words) in ["m", "h"].iter().zip(&f.words) {
            columns.extend(words.iter().map(|words| format!("CAST({words} AS VARCHAR) AS {letter}{n}")));
        }
    }
    let calls = repeated_calls(filters.iter().map(|f| f.predicate.as_str()));
    let never = (!calls.is_empty()).then(|| format!("concat({}) = {NEVER}", calls.join(", ")));
    let any: Vec<_> = never.into_iter().chain(filters.iter().map(|f| format!("({})", f.predicate))).collect();
    format!(
        "SELECT {}\nFROM staged\nWHERE {}",
        columns.join(",\n       "),
        if any.is_empty() { "false".to_owned() } else { any.join("\n   OR ") }
    )
}

/// No text that a function gives.
const NEVER: &str = "chr(0)";

/// Functions that read every letter of a cell, and are asked of the same cells by several rules.
const COSTLY: [&str; 2] = ["name_holds(", "null_if_word("];

/// Calls of costly functions over columns that stand in more than one predicate. What is evaluated in any case is evaluated
/// once for all; behind the first AND or OR it would be evaluated where it stands, each time.
fn repeated_calls<'p>(predicates: impl Iterator<Item = &'p str>) -> Vec<&'p str> {
    // A column is the same one with and without quotes.
    let mut seen: BTreeMap<String, (&str, usize)> = BTreeMap::new();
    for predicate in predicates {
        let mut calls: BTreeMap<String, &str> = BTreeMap::new();
        for (name, at) in
            COSTLY.iter().flat_map(|name| predicate.match_indices(name).map(move |(at, _)| (name, at)))
        {
            let call = &predicate[at..];
            let call = call.find(')').map_or(call, |end| &call[..=end]);
            // A call within a call is left where it stands.
            if !call[name.len()..].contains('(') {
                calls.insert(call.replace('"', ""), call);
            }
        }
        for (key, call) in calls {
            seen.entry(key).or_insert((call, 0)).1 += 1;
        }
    }
    seen.into_values().filter(|(_, count)| *count > 1).map(|(call, _)| call).collect()
}

fn failed_sql(shape: &Shape, filters: &[Filter], own: &[&Rule], files: &[LandedFile<'_>]) -> String {
    let row = |code: &str, severity: Severity, mode: RuleMode, message: &str, hint: &str, from: String| {
        format!(
            "SELECT sequence_number, {} AS rule_code, {} AS severity, {} AS mode, {from}, {} AS message, {} AS hint",
            literal(code),
            literal(severity.as_str()),
            literal(mode.as_str()),
            message,
            hint
        )
    };
    let mut parts: Vec<String> = filters
        .iter()
        .enumerate()
        .map(|(n, f)| {
            let [message, hint] = [("m", &f.message, &f.words[0]), ("h", &f.hint, &f.words[1])].map(
                |(letter, usual, words)| {
                    words_or_usual(words.as_ref().map(|_| format!("{letter}{n}")), usual)
                },
            );
            let select =
                row(&f.code, f.severity, f.mode, &message, &hint, format!("f{n} AS field, v{n} AS value"));
            format!("{select} FROM {FLAGGED} WHERE r{n}")
        })
        .collect();
    for rule in own {
        let columns = rule.columns();
        let has = |c: &str| columns.iter().any(|name| name == c);
        let field = if has("field") { "CAST(field AS VARCHAR)".to_owned() } else { default_field(rule) };
        let value = if has("value") { "CAST(value AS VARCHAR)" } else { "CAST(NULL AS VARCHAR)" };
        let [message, hint] = [("message", &rule.message), ("hint", &rule.hint)].map(|(name, usual)| {
            words_or_usual(has(name).then(|| format!("CAST({name} AS VARCHAR)")), usual)
        });
        let select = row(
            &rule.code,
            rule.severity,
            rule.mode,
            &message,
            &hint,
            format!("{field} AS field, {value} AS value"),
        );
        parts.push(format!("{select} FROM {}", ident(&own_table(rule))));
    }
    for of_text in files.iter().flat_map(|file| of_texts(shape, file)) {
        let select = row(
            of_text.code,
            of_text.severity,
            RuleMode::Enforce,
            &literal(&of_text.message),
            &literal(of_text.hint),
            format!("{} AS field, l.{} AS value", literal(of_text.field), ident(of_text.field)),
        );
        parts.push(format!(
            "{select} FROM {} l\nWHERE {}\n  AND l.sequence_number NOT IN (SELECT sequence_number FROM staged WHERE is_delete)",
            ident(of_text.view),
            of_text.predicate
        ));
    }
    parts.extend(guarded_ids(shape));
    if parts.is_empty() {
        parts.push(format!(
            "{} FROM staged WHERE false",
            row(
                "",
                Severity::Info,
                RuleMode::Warn,
                "''",
                "''",
                "CAST(NULL AS VARCHAR) AS field, CAST(NULL AS VARCHAR) AS value".into()
            )
        ));
    }
    parts.join("\nUNION ALL\n")
}

/// What a rule says of a row, else what it says in general.
fn words_or_usual(words: Option<String>, usual: &str) -> String {
    words.map_or_else(|| literal(usual), |words| format!("coalesce({words}, {})", literal(usual)))
}

/// A finding about the text of a file that only its landed cells show.
struct OfText<'a> {
    code: &'static str,
    severity: Severity,
    field: &'a str,
    view: &'a str,
    predicate: String,
    message: String,
    hint: &'static str,
}

/// What the columns of a file have shown to be wrong with some of their cells.
fn of_texts<'a>(shape: &'a Shape, file: &'a LandedFile<'a>) -> Vec<OfText<'a>> {
    let mut found = Vec::new();
    for (name, columns) in file.columns {
        let Some(field) = shape.field(name) else { continue };
        let cell = format!("l.{}", ident(name));
        if let Some(test) = columns.iter().find_map(|column| file.texts.damage_test(column, &cell)) {
            let is_name = field.kind == FieldKind::Name;
            let left = if is_name { "" } else { " and is left out" };
            found.push(OfText {
                code: "STG_TEXT_DAMAGED",
                severity: if is_name { Severity::Error } else { Severity::Warn },
                field: name,
                view: &file.view,
                predicate: test,
                message: format!("{name} has lost letters on its way here, or may have{left}"),
                hint: "correct it, or export the list as UTF-8; if the whole file is so, name its encoding with --encoding",
            });
        }
        for (reader, how) in file.texts.orders.get(*name).into_iter().flat_map(|order| order.foreign()) {
            found.push(OfText {
                code: "STG_DATE_ORDER",
                severity: Severity::Warn,
                field: name,
                view: &file.view,
                predicate: format!("date_problem({cell}, '{reader}') = 'order'"),
                message: format!("{name} is written {how}"),
                hint: "check it; write YYYY-MM-DD, or name the order of the column with --date-order",
            });
        }
    }
    found
}

/// What a rule gives that runs on its own. Whether its rows are of this run is looked at afterwards.
fn own_sql(rule: &Rule) -> String {
    let text = rule.sql.text.trim().trim_end_matches(';');
    if rule.deletes {
        return text.to_owned();
    }
    format!(
        "SELECT r.* FROM (\n{text}\n) r\nLEFT ANTI JOIN (SELECT sequence_number FROM staged WHERE is_delete) d ON d.sequence_number = r.sequence_number"
    )
}

/// Records that could not be read, and those that were read after a repair.
const OF_LAND: &str = include_str!("../../../sql/steps/check/of_land.sql");
const OF_FILE: &str = include_str!("../../../sql/steps/check/findings_of_file.sql");

/// Beside what the rule saw stands what the file said: the row's line and the cell as it was.
fn violations_sql(shape: &Shape, files: &[LandedFile<'_>], with_rejects: bool) -> String {
    let findings =
        files.iter().map(|f| OF_FILE.replace("{landed}", &ident(&f.view)).replace("{number}", &f.number));
    let rows = of_rows(shape, files, FAILED).into_iter();
    let all = rows.chain(findings).chain(with_rejects.then(|| OF_LAND.to_owned()));
    all.collect::<Vec<_>>().join("\nUNION ALL\n")
}

fn of_rows(shape: &Shape, files: &[LandedFile<'_>], from: &str) -> Vec<String> {
    files
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
                "SELECT v.sequence_number, {} AS file_number, l.line_number, v.rule_code, v.severity, v.mode, v.field,\n       {original} AS original_value, v.value AS normalised_value, v.message, v.hint\nFROM {from} v JOIN {} l ON l.sequence_number = v.sequence_number",
                file.number,
                ident(&file.view)
            )
        })
        .collect()
}
