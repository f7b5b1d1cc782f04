//! The conclusions from what the columns of a file show.

use std::collections::BTreeMap;

use importer_sql::functions::ColumnSurvey;

use super::super::columns::Columns;
use super::super::kinds::FieldKind;
use super::super::shape::Shape;
use super::damage::{Whole, in_doubt, lost};
use super::date_orders::{self, order};
use super::day_times;
use super::file_texts::{ColumnTexts, FileTexts};
use super::numbers::{self, holds_decimals};
use super::shares::is_nearly_all;
use super::survey::{TextPolicy, taken};

/// The column that says what kind of line the numbers of a column are of, among those that no field takes: `Phone 1 - Type`
/// or `Phone 1 - Label` beside `Phone 1 - Value`, `phone_2_type` beside `phone_2`, `Telefontyp` beside `Telefon`.
fn line_kind(column: &str, others: &[String]) -> Option<String> {
    const KINDS: [&str; 5] = ["type", "label", "kind", "typ", "art"];
    let plain = |name: &str| -> String {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let name = plain(column);
    let name = name.strip_suffix("value").unwrap_or(&name);
    let is_kind = |other: &&String| plain(other).strip_prefix(name).is_some_and(|kind| KINDS.contains(&kind));
    others.iter().find(is_kind).cloned()
}

/// Decides how the cells of a file are read. `others` are the columns that no field takes.
pub fn decide(
    shape: &Shape,
    columns: &Columns<'_>,
    others: &[String],
    surveys: &BTreeMap<String, ColumnSurvey>,
    policy: &TextPolicy,
) -> FileTexts {
    let whole = Whole::of(surveys);
    let misread = whole.misread();
    let mut texts = FileTexts::default();
    for (field, column) in taken(shape, columns) {
        let Some(survey) = surveys.get(column) else { continue };
        let decided = ColumnTexts {
            null_words: policy.further(field).filter(|_| !survey.null_words.is_empty()),
            mend: if policy.mend { mends(survey, &whole) } else { String::new() },
            serials: field.kind == FieldKind::Date && is_of_serials(survey),
            midnights: field.kind == FieldKind::Date && day_times::are_midnights(survey),
            lost: policy.mend && !lost(survey, &whole).is_none(),
            doubtful: policy.mend
                && whole.mac > 0
                && !whole.is_mac()
                && survey.mac_perhaps.count > 0
                && matches!(field.kind, FieldKind::Name | FieldKind::Text),
            misread: if policy.mend && !in_doubt(survey, misread).is_none() {
                misread.to_owned()
            } else {
                String::new()
            },
            line_kind: match field.kind {
                FieldKind::Phone | FieldKind::PhoneList => line_kind(column, others),
                _ => None,
            },
        };
        if decided != ColumnTexts::default() {
            texts.columns.insert(column.to_owned(), decided);
        }
    }
    if policy.date_order_open {
        texts.orders = columns
            .iter()
            .filter_map(|(name, columns)| Some((*name, order(&date_orders::sides(columns, surveys))?)))
            .map(|(name, order)| (name.to_owned(), order))
            .collect();
    }
    for (name, columns) in columns {
        let Some(field) = shape.field(name).filter(|_| !columns.is_empty()) else { continue };
        let typed = columns.iter().all(|column| surveys.get(*column).is_some_and(|survey| survey.typed));
        if holds_decimals(field)
            && let Some(format) = numbers::format(columns, surveys, policy.number_format, typed)
        {
            texts.formats.insert((*name).to_owned(), format);
        }
        if typed && field.kind == FieldKind::List {
            texts.written_out.insert((*name).to_owned());
        }
    }
    texts
}

fn mends(survey: &ColumnSurvey, whole: &Whole) -> String {
    let mut words = Vec::new();
    if survey.entities.count > 0 {
        words.push("entities");
    }
    if whole.utf8 > 0 && survey.utf8_perhaps.count > 0 {
        words.push("utf8_all");
    } else if survey.utf8.count > 0 {
        words.push("utf8");
    }
    if whole.is_strange() {
        return words.join(" ");
    }
    if whole.is_mac() && survey.mac.count + survey.mac_perhaps.count > 0 {
        words.push("mac_all");
    } else if survey.mac.count > 0 {
        words.push("mac");
    }
    words.join(" ")
}

/// Three counts and hardly anything else: one alone may be any number.
fn is_of_serials(survey: &ColumnSurvey) -> bool {
    survey.dates.serials.count >= 3 && is_nearly_all(survey, survey.dates.serials.count)
}
