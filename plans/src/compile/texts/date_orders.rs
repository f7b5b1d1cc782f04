//! The order of day, month and year that the dates of a field show, where single ones could be read in either.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use importer_sql::functions::{ColumnSurvey, DateCounts};
use serde::{Deserialize, Serialize};

use super::super::shape::FieldShape;
use super::sides::{Side, Sides, Words};

/// The order of day and month in the dates of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundOrder {
    DayFirst,
    MonthFirst,
    /// Both, day first more often.
    MixedDayFirst,
    /// Both, month first more often.
    MixedMonthFirst,
    /// Both, equally often.
    Mixed,
}

impl FoundOrder {
    /// The argument of `parse_date`.
    pub(super) fn argument(self) -> Option<&'static str> {
        match self {
            Self::DayFirst => Some("'dmy'"),
            Self::MonthFirst => Some("'mdy'"),
            _ => None,
        }
    }

    /// In a column of both orders: those whose dates are pointed out, as what their readers would be.
    pub(in crate::compile) fn foreign(self) -> &'static [(&'static str, &'static str)] {
        const DAY: (&str, &str) = ("mdy", "day first, and other dates of the column month first");
        const MONTH: (&str, &str) = ("dmy", "month first, and other dates of the column day first");
        match self {
            Self::DayFirst | Self::MonthFirst => &[],
            Self::MixedDayFirst => &[MONTH],
            Self::MixedMonthFirst => &[DAY],
            Self::Mixed => &[DAY, MONTH],
        }
    }
}

/// Whether days stand in the cells of a field, one or several.
pub(super) fn holds_dates(field: &FieldShape) -> bool {
    field.value_kind().is_dated()
}

/// What the dates of a field's columns show together.
pub(super) fn sides(columns: &[&str], surveys: &BTreeMap<String, ColumnSurvey>) -> Sides {
    let mut dates = DateCounts::default();
    for survey in columns.iter().filter_map(|column| surveys.get(*column)) {
        dates.add(&survey.dates);
    }
    Sides { first: dates.day_first, second: dates.month_first, either: dates.either, plain: dates.plain }
}

/// The order that dates show, where they show one.
pub(super) fn order(dates: &Sides) -> Option<FoundOrder> {
    dates.side().map(|side| match side {
        Side::First => FoundOrder::DayFirst,
        Side::Second => FoundOrder::MonthFirst,
        Side::Mixed => match dates.first.count.cmp(&dates.second.count) {
            Ordering::Greater => FoundOrder::MixedDayFirst,
            Ordering::Less => FoundOrder::MixedMonthFirst,
            Ordering::Equal => FoundOrder::Mixed,
        },
    })
}

const WORDS: Words = Words {
    values: "dates",
    can: "be",
    first: "day-month-year",
    second: "month-day-year",
    ways: "orders",
    read: "as {this}",
    advice: "Name the order with --date-order",
};

/// What was found, in a sentence.
pub(super) fn told(file: &str, column: &str, dates: &Sides, order: Option<FoundOrder>) -> Option<String> {
    let place = format!("{file}: column {column}");
    let shows_one = !dates.first.is_none() || !dates.second.is_none();
    let side = match order {
        Some(FoundOrder::DayFirst) => Side::First,
        Some(FoundOrder::MonthFirst) => Side::Second,
        Some(_) => Side::Mixed,
        None if shows_one && !dates.either.is_none() => {
            let Words { first, second, .. } = WORDS;
            let (shown, order) =
                if dates.first.is_none() { (dates.second, second) } else { (dates.first, first) };
            return Some(format!(
                "{place}: {} dates could be either {first} or {second}, and only {} can only be {order} (line {}), too few to decide by; name the order with --date-order",
                dates.either.count, shown.count, shown.line
            ));
        }
        None => return None,
    };
    Some(dates.told(&place, side, &WORDS))
}
