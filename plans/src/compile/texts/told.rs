//! What was decided for a file, in sentences.

use std::collections::BTreeMap;

use importer_sql::functions::{ColumnSurvey, Seen};

use super::super::columns::Columns;
use super::super::kinds::FieldKind;
use super::super::shape::Shape;
use super::damage::{Whole, in_doubt, lost, perhaps_mac};
use super::date_orders::{self, holds_dates};
use super::day_times;
use super::file_texts::{ColumnTexts, FileTexts};
use super::numbers::{self, holds_decimals};
use super::survey::{TextPolicy, taken};
use crate::project::NumberFormat;

/// Columns that one sentence lists; the others are counted.
const LISTED: usize = 20;

/// What was decided for a file, in sentences.
pub fn told(
    file: &str,
    shape: &Shape,
    columns: &Columns<'_>,
    surveys: &BTreeMap<String, ColumnSurvey>,
    (texts, policy): (&FileTexts, &TextPolicy),
) -> Vec<String> {
    let whole = Whole::of(surveys);
    let mut told = Vec::new();
    let mut list = |what: &str, found: Vec<String>, then: &str| {
        if !found.is_empty() {
            let more = found.len().saturating_sub(LISTED);
            let more = if more > 0 { format!(", and {more} more columns") } else { String::new() };
            let shown: Vec<String> = found.into_iter().take(LISTED).collect();
            told.push(format!("{file}: {what}: {}{more}{then}", shown.join("; ")));
        }
    };
    let each = |text: &dyn Fn(&str, &ColumnSurvey, &ColumnTexts) -> Option<String>| -> Vec<String> {
        taken(shape, columns)
            .filter_map(|(_, column)| text(column, surveys.get(column)?, texts.columns.get(column)?))
            .collect()
    };
    list("cells that say that there is nothing are read as empty", each(&nothing), "");
    list("damaged text was mended", each(&mended), "");
    list(
        "text that has lost letters, or may have",
        each(&|column, survey, texts| {
            let mut all = if texts.lost { lost(survey, &whole) } else { Seen::default() };
            all.add(in_doubt(survey, &texts.misread));
            if texts.doubtful && texts.misread != "any" {
                all.add(perhaps_mac(survey));
            }
            (!all.is_none()).then(|| counted(column, all, ""))
        }),
        "; names so damaged hold their row, other texts are left out. Export the list as UTF-8, or name its encoding with --encoding",
    );
    list(
        "day counts of a spreadsheet are read as dates (32874 is 1990-01-01)",
        each(&|column, survey, texts| texts.serials.then(|| counted(column, survey.dates.serials, ""))),
        "; workbooks that count from 1904 would be four years later",
    );
    list(
        "days written as midnights in UTC are those that begin in the time zone of the run",
        each(&|column, survey, texts| texts.midnights.then(|| counted(column, survey.dates.midnights, ""))),
        "",
    );
    told.extend(
        taken(shape, columns)
            .filter(|(field, column)| {
                field.kind == FieldKind::Date
                    && !texts.columns.get(*column).is_some_and(|texts| texts.midnights)
            })
            .filter_map(|(_, column)| day_times::told(file, column, surveys.get(column)?)),
    );
    let dated = |name: &str| policy.date_order_open && shape.field(name).is_some_and(holds_dates);
    for (field, columns) in columns.iter().filter(|(field, _)| dated(field)) {
        let dates = date_orders::sides(columns, surveys);
        told.extend(date_orders::told(file, &columns.join(", "), &dates, texts.orders.get(*field).copied()));
    }
    let counted = |name: &str| {
        policy.number_format == NumberFormat::Auto && shape.field(name).is_some_and(holds_decimals)
    };
    for (field, columns) in columns.iter().filter(|(field, _)| counted(field)) {
        let typed = columns.iter().any(|column| surveys.get(*column).is_some_and(|survey| survey.typed));
        if !typed {
            told.extend(numbers::told(file, columns, surveys, texts.formats.get(*field).copied()));
        }
    }
    told
}

fn counted(column: &str, seen: Seen, what: &str) -> String {
    let what = if what.is_empty() { String::new() } else { format!("{what}; ") };
    format!("{column} {} ({what}first in line {})", seen.count, seen.line)
}

fn nothing(column: &str, survey: &ColumnSurvey, texts: &ColumnTexts) -> Option<String> {
    texts.null_words.as_ref()?;
    let mut all = Seen::default();
    survey.null_words.values().for_each(|seen| all.add(*seen));
    let words: Vec<&str> = survey.null_words.keys().map(String::as_str).take(8).collect();
    Some(counted(column, all, &words.join(", ")))
}

fn mended(column: &str, survey: &ColumnSurvey, texts: &ColumnTexts) -> Option<String> {
    let mut parts = Vec::new();
    let mut all = Seen::default();
    for word in texts.mend.split(' ').filter(|word| !word.is_empty()) {
        let (what, perhaps, sure) = match word {
            "entities" => ("HTML entities", Seen::default(), survey.entities),
            "utf8" => ("UTF-8 encoded twice", Seen::default(), survey.utf8),
            "utf8_all" => ("UTF-8 encoded twice", survey.utf8_perhaps, survey.utf8),
            "mac" => ("Mac Roman read as Windows-1252", Seen::default(), survey.mac),
            _ => ("Mac Roman read as Windows-1252", survey.mac_perhaps, survey.mac),
        };
        parts.push(what);
        all.add(sure);
        all.add(perhaps);
    }
    (!parts.is_empty()).then(|| counted(column, all, &parts.join(", ")))
}
