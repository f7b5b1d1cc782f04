//! What stands before the decimals of a column's numbers, as its numbers show together: `1.234` alone may be either.

use std::collections::BTreeMap;

use importer_sql::functions::{ColumnSurvey, Seen};
use serde::{Deserialize, Serialize};

use super::super::kinds::FieldKind;
use super::super::shape::FieldShape;
use crate::project::NumberFormat;

/// The format of the numbers of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundFormat {
    Point,
    Comma,
    /// Some show a point, some a comma.
    Mixed,
}

impl FoundFormat {
    /// The argument of `parse_decimal`.
    pub(super) fn argument(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Comma => "comma",
            Self::Mixed => "auto",
        }
    }
}

/// Whether numbers with decimals stand in the cells of a field.
pub(super) fn holds_decimals(field: &FieldShape) -> bool {
    field.value_kind() == FieldKind::Decimal
}

/// What the numbers of a field's columns show together.
#[derive(Default)]
struct Numbers {
    points: Seen,
    commas: Seen,
    either: Seen,
    plain: u64,
}

impl Numbers {
    fn of(columns: &[&str], surveys: &BTreeMap<String, ColumnSurvey>) -> Self {
        let mut numbers = Self::default();
        for survey in columns.iter().filter_map(|column| surveys.get(*column)) {
            numbers.points.add(survey.points);
            numbers.commas.add(survey.commas);
            numbers.either.add(survey.either_mark);
            numbers.plain += survey.plain_numbers;
        }
        numbers
    }

    fn all(&self) -> u64 {
        self.points.count + self.commas.count + self.either.count + self.plain
    }
}

/// One number in ten that shows the format is few: of amounts nine in ten do. Below that it is a slip rather than a sign.
fn shows_enough(shown: Seen, either: Seen) -> bool {
    shown.count.saturating_mul(10) >= either.count
}

/// The format of a field's numbers in one file, where something says it. Numbers that a source keeps as numbers are written
/// out with a point.
pub(super) fn format(
    columns: &[&str],
    surveys: &BTreeMap<String, ColumnSurvey>,
    said: NumberFormat,
    typed: bool,
) -> Option<FoundFormat> {
    if typed {
        return Some(FoundFormat::Point);
    }
    match said {
        NumberFormat::Point => return Some(FoundFormat::Point),
        NumberFormat::Comma => return Some(FoundFormat::Comma),
        NumberFormat::Auto => {}
    }
    let numbers = Numbers::of(columns, surveys);
    let (points, commas) = (numbers.points, numbers.commas);
    match (points.count, commas.count) {
        (0, 0) => None,
        (_, 0) if numbers.either.is_none() || !shows_enough(points, numbers.either) => None,
        (0, _) if numbers.either.is_none() || !shows_enough(commas, numbers.either) => None,
        (_, 0) => Some(FoundFormat::Point),
        (0, _) => Some(FoundFormat::Comma),
        _ => Some(FoundFormat::Mixed),
    }
}

/// What was decided of numbers that can be read in two ways, in a sentence.
pub(super) fn told(
    file: &str,
    columns: &[&str],
    surveys: &BTreeMap<String, ColumnSurvey>,
    format: Option<FoundFormat>,
) -> Option<String> {
    const POINT: &str = "a point before the decimals";
    const COMMA: &str = "a comma before the decimals";
    let numbers = Numbers::of(columns, surveys);
    let (points, commas, either) = (numbers.points, numbers.commas, numbers.either);
    let column = columns.join(", ");
    let read = |shown: Seen, this: &str, other: &str| {
        format!(
            "{file}: column {column}: {} of {} numbers can only have {this} (first in line {}) and none {other}, so the {} that could have either are read so",
            shown.count,
            numbers.all(),
            shown.line,
            either.count
        )
    };
    match format {
        Some(FoundFormat::Point) if points.count > 0 && either.count > 0 => Some(read(points, POINT, COMMA)),
        Some(FoundFormat::Comma) if commas.count > 0 && either.count > 0 => Some(read(commas, COMMA, POINT)),
        Some(FoundFormat::Mixed) => Some(format!(
            "{file}: column {column} mixes formats: {} of {} numbers can only have {POINT} (first in line {}), {} only {COMMA} (first in line {}); what could have either is not read. Name the format (--number-format, or number_format in the source file), and mend the others",
            points.count,
            numbers.all(),
            points.line,
            commas.count,
            commas.line
        )),
        None if either.count > 0 => Some(format!(
            "{file}: column {column}: {} numbers could have {POINT} or between their thousands (first in line {}), and too few show which; name the format: --number-format comma or point, or number_format in the source file",
            either.count, either.line
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surveys(points: u64, commas: u64, either: u64) -> BTreeMap<String, ColumnSurvey> {
        let seen = |count| Seen { count, line: 2 };
        let survey = ColumnSurvey {
            points: seen(points),
            commas: seen(commas),
            either_mark: seen(either),
            ..ColumnSurvey::default()
        };
        BTreeMap::from([("Amount".to_owned(), survey)])
    }

    #[test]
    fn a_column_decides_or_nobody_does() {
        let found = |points, commas, either| {
            format(&["Amount"], &surveys(points, commas, either), NumberFormat::Auto, false)
        };
        assert_eq!(found(3, 0, 4), Some(FoundFormat::Point));
        assert_eq!(found(0, 1, 10), Some(FoundFormat::Comma));
        assert_eq!(found(0, 1, 11), None);
        assert_eq!(found(5, 0, 0), None);
        assert_eq!(found(0, 0, 9), None);
        assert_eq!(found(5, 1, 3), Some(FoundFormat::Mixed));
        let said = |said, typed| format(&["Amount"], &surveys(5, 0, 3), said, typed);
        assert_eq!(said(NumberFormat::Comma, false), Some(FoundFormat::Comma));
        assert_eq!(said(NumberFormat::Comma, true), Some(FoundFormat::Point));
    }

    #[test]
    fn what_was_decided_is_told() {
        let told = |points, commas, either| {
            let surveys = surveys(points, commas, either);
            told("a.csv", &["Amount"], &surveys, format(&["Amount"], &surveys, NumberFormat::Auto, false))
        };
        assert_eq!(told(5, 0, 0), None);
        assert_eq!(
            told(3, 0, 4).as_deref(),
            Some(
                "a.csv: column Amount: 3 of 7 numbers can only have a point before the decimals (first in line 2) and none a comma before the decimals, so the 4 that could have either are read so"
            )
        );
        assert!(told(0, 0, 2).is_some_and(|text| text.contains("name the format")));
        assert!(told(1, 1, 2).is_some_and(|text| text.contains("mixes formats")));
    }
}
