//! What is asked of the columns of a file, and what a source lets them decide.

use super::super::columns::Columns;
use super::super::ident::{ident, literal};
use super::super::kinds::FieldKind;
use super::super::shape::{FieldShape, Shape};
use super::date_orders::holds_dates;
use super::numbers::holds_decimals;
use crate::project::{DateOrder, NullWords, NumberFormat, Source};

/// What a source lets the columns of a file decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPolicy {
    pub null_words: NullWords,
    pub mend: bool,
    /// Nobody said in which order dates are.
    pub date_order_open: bool,
    /// What stands before the decimals of numbers.
    pub number_format: NumberFormat,
    /// Where local times are local, if that is not UTC.
    pub time_zone: Option<String>,
}

/// The time zone of a run that names none.
const UTC: &str = "UTC";

impl TextPolicy {
    /// As a source says, with the order of dates, the format of numbers and the time zone that its run agreed on.
    pub fn of(source: &Source, date_order: DateOrder, number_format: NumberFormat, time_zone: &str) -> Self {
        Self {
            null_words: source.null_words.clone(),
            mend: source.mend_text,
            date_order_open: date_order == DateOrder::Auto,
            number_format,
            time_zone: (time_zone != UTC).then(|| time_zone.to_owned()),
        }
    }

    /// The words for nothing of a field beside the shipped ones; `None` where it has none at all.
    pub(super) fn further(&self, field: &FieldShape) -> Option<String> {
        let words = [&self.null_words, &field.null_words];
        if words.iter().any(|words| words.off) {
            return None;
        }
        Some(words.iter().flat_map(|words| words.further.iter().cloned()).collect::<Vec<_>>().join("|"))
    }
}

/// Every column that a field takes, with the field.
pub(super) fn taken<'a>(
    shape: &'a Shape,
    columns: &'a Columns<'a>,
) -> impl Iterator<Item = (&'a FieldShape, &'a str)> {
    columns
        .iter()
        .filter_map(|(name, columns)| Some((shape.field(name)?, columns)))
        .flat_map(|(field, columns)| columns.iter().map(move |column| (field, *column)))
}

/// The columns of a survey, in the order of its columns.
pub fn surveyed<'a>(shape: &'a Shape, columns: &'a Columns<'a>) -> Vec<&'a str> {
    taken(shape, columns).map(|(_, column)| column).collect()
}

/// One row: what each column shows, as JSON. Nothing where no field takes a column.
pub fn survey_sql(shape: &Shape, table: &str, columns: &Columns<'_>, policy: &TextPolicy) -> Option<String> {
    let asked: Vec<String> = (1..)
        .zip(taken(shape, columns))
        .map(|(n, (field, column))| {
            let further = further_arguments(field, policy);
            format!(
                "column_survey(l.line_number, l.{}, {}{further}) AS column_{n}",
                ident(column),
                literal(field.kind.cell())
            )
        })
        .collect();
    (!asked.is_empty()).then(|| format!("SELECT {}\nFROM {} l", asked.join(",\n       "), ident(table)))
}

/// What `column_survey` is told behind the kind of a column's cells, each behind a comma: further words for nothing, whose
/// midnights are counted, and how the cells of a list are taken apart whose values show an order or a format.
fn further_arguments(field: &FieldShape, policy: &TextPolicy) -> String {
    let words = policy.further(field).unwrap_or_default();
    let zone = policy.time_zone.as_deref().filter(|_| field.kind == FieldKind::Date).unwrap_or_default();
    let list = field.kind == FieldKind::List && (holds_decimals(field) || holds_dates(field));
    let mut all = vec![words.as_str(), zone];
    if list {
        all.extend([field.options.separators.as_str(), field.options.item.cell()]);
    }
    while all.last().is_some_and(|argument| argument.is_empty()) {
        all.pop();
    }
    all.into_iter().map(|argument| format!(", {}", literal(argument))).collect()
}
