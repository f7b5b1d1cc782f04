//! Which order do dates have that stand as three numbers?

use importer_sql::functions::reads_as_date;

use super::asked::{Looked, Suggestion};
use super::two_ways::{self, Reading, Setting, Usual};
use crate::project::{Contract, FieldType};

const ORDER: Setting = Setting {
    name: "date_order",
    values: "dates",
    ways: &[
        ("dmy", "can only be day-month-year", "day-month-year"),
        ("mdy", "can only be month-day-year", "month-day-year"),
        ("ymd", "can only be year-month-day", "year-month-day"),
    ],
};

/// The order that some dates prove for those that have two readings; where none does, the order that is usual in the country.
pub(super) fn suggest(files: &[Looked<'_>], contract: &Contract, usual: Option<Usual>) -> Option<Suggestion> {
    two_ways::suggest(
        files,
        contract,
        &ORDER,
        usual,
        |field| matches!(field.field_type, FieldType::Date | FieldType::Timestamp),
        |value| Reading {
            ways: ["dmy", "mdy", "ymd"].map(|order| reads_as_date(value, order)),
            open: !reads_as_date(value, "auto"),
        },
    )
}
