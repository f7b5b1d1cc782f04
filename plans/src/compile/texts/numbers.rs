//! What stands before the decimals of a column's numbers, as its numbers show together: `1.234` alone may be either.

use std::collections::BTreeMap;

use importer_sql::functions::{ColumnSurvey, NumberCounts, Seen};
use serde::{Deserialize, Serialize};

use super::super::kinds::FieldKind;
use super::super::shape::FieldShape;
use super::sides::{Side, Sides, Words};
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
fn sides(columns: &[&str], surveys: &BTreeMap<String, ColumnSurvey>) -> Sides {
    let mut numbers = NumberCounts::default();
    for survey in columns.iter().filter_map(|column| surveys.get(*column)) {
        numbers.add(&survey.numbers);
    }
    Sides { first: numbers.points, second: numbers.commas, either: numbers.either, plain: numbers.plain }
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
    sides(columns, surveys).side().map(|side| match side {
        Side::First => FoundFormat::Point,
        Side::Second => FoundFormat::Comma,
        Side::Mixed => FoundFormat::Mixed,
    })
}

const WORDS: Words = Words {
    values: "numbers",
    can: "have",
    first: "a point before the decimals",
    second: "a comma before the decimals",
    ways: "formats",
    read: "so",
    advice: "Name the format (--number-format, or number_format in the source file)",
};

/// What was decided of numbers that can be read in two ways, in a sentence.
pub(super) fn told(
    file: &str,
    columns: &[&str],
    surveys: &BTreeMap<String, ColumnSurvey>,
    format: Option<FoundFormat>,
) -> Option<String> {
    let numbers = sides(columns, surveys);
    let place = format!("{file}: column {}", columns.join(", "));
    let is_told = |shown: Seen| !shown.is_none() && !numbers.either.is_none();
    match format {
        Some(FoundFormat::Point) if is_told(numbers.first) => Some(numbers.told(&place, Side::First, &WORDS)),
        Some(FoundFormat::Comma) if is_told(numbers.second) => {
            Some(numbers.told(&place, Side::Second, &WORDS))
        }
        Some(FoundFormat::Mixed) => Some(numbers.told(&place, Side::Mixed, &WORDS)),
        None if !numbers.either.is_none() => Some(format!(
            "{place}: {} numbers could have {} or between their thousands (first in line {}), and too few show which; name the format: --number-format comma or point, or number_format in the source file",
            numbers.either.count, WORDS.first, numbers.either.line
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surveys(points: u64, commas: u64, either: u64) -> BTreeMap<String, ColumnSurvey> {
        let seen = |count| Seen { count, line: 2 };
        let numbers =
            NumberCounts { points: seen(points), commas: seen(commas), either: seen(either), plain: 0 };
        let survey = ColumnSurvey { numbers, ..ColumnSurvey::default() };
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
