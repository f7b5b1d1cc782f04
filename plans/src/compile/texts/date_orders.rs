//! The order of day, month and year that the dates of a field show, where single ones could be read in either.

use std::collections::BTreeMap;

use importer_sql::functions::{ColumnSurvey, Seen};
use serde::{Deserialize, Serialize};

use super::super::shape::FieldShape;

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
#[derive(Default)]
pub(super) struct Dates {
    day_first: Seen,
    month_first: Seen,
    either: Seen,
    plain: u64,
}

impl Dates {
    fn all(&self) -> u64 {
        self.day_first.count + self.month_first.count + self.either.count + self.plain
    }
}

/// What they show, column by column.
pub(super) fn dates_of(columns: &[&str], surveys: &BTreeMap<String, ColumnSurvey>) -> Dates {
    let mut dates = Dates::default();
    for survey in columns.iter().filter_map(|column| surveys.get(*column)) {
        dates.day_first.add(survey.day_first);
        dates.month_first.add(survey.month_first);
        dates.either.add(survey.either);
        dates.plain += survey.plain_dates;
    }
    dates
}

/// One date in ten that shows the order is few: of real dates six in ten do. Below that it is a slip rather than a sign.
fn shows_enough(shown: Seen, either: Seen) -> bool {
    shown.count.saturating_mul(10) >= either.count
}

/// The order that dates show, where they show one.
pub(super) fn order(dates: &Dates) -> Option<FoundOrder> {
    let (day, month) = (dates.day_first.count, dates.month_first.count);
    match (day, month) {
        (0, 0) => None,
        (_, 0) if dates.either.count == 0 || !shows_enough(dates.day_first, dates.either) => None,
        (0, _) if dates.either.count == 0 || !shows_enough(dates.month_first, dates.either) => None,
        (_, 0) => Some(FoundOrder::DayFirst),
        (0, _) => Some(FoundOrder::MonthFirst),
        _ => Some(match day.cmp(&month) {
            std::cmp::Ordering::Greater => FoundOrder::MixedDayFirst,
            std::cmp::Ordering::Less => FoundOrder::MixedMonthFirst,
            std::cmp::Ordering::Equal => FoundOrder::Mixed,
        }),
    }
}

/// What was found, in a sentence.
pub(super) fn told(file: &str, column: &str, dates: &Dates, order: Option<FoundOrder>) -> Option<String> {
    let (day, month, either) = (dates.day_first, dates.month_first, dates.either);
    let read = |shown: Seen, this: &str, other: &str| {
        format!(
            "{file}: column {column}: {} of {} dates can only be {this} (first in line {}) and none {other}, so the {} that could be either are read as {this}",
            shown.count,
            dates.all(),
            shown.line,
            either.count
        )
    };
    const DAY: &str = "day-month-year";
    const MONTH: &str = "month-day-year";
    match order {
        Some(FoundOrder::DayFirst) => Some(read(day, DAY, MONTH)),
        Some(FoundOrder::MonthFirst) => Some(read(month, MONTH, DAY)),
        Some(_) => Some(format!(
            "{file}: column {column} mixes orders: {} of {} dates can only be {DAY} (first in line {}), {} only {MONTH} (first in line {}); what could be either is not read. Name the order with --date-order, and mend the others",
            day.count,
            dates.all(),
            day.line,
            month.count,
            month.line
        )),
        None if either.count > 0 && day.count + month.count > 0 => {
            let (shown, order) = if day.count > 0 { (day, DAY) } else { (month, MONTH) };
            Some(format!(
                "{file}: column {column}: {} dates could be either {DAY} or {MONTH}, and only {} can only be {order} (line {}), too few to decide by; name the order with --date-order",
                either.count, shown.count, shown.line
            ))
        }
        None => None,
    }
}
