//! Which order do dates have that stand as three numbers?

use std::cell::Cell;

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
    let dotted = Cell::new(false);
    let suggestion = two_ways::suggest(
        files,
        contract,
        &ORDER,
        usual,
        |field| matches!(field.item_type(), FieldType::Date | FieldType::Timestamp),
        |value| {
            let open = !reads_as_date(value, "auto");
            let ways = ["dmy", "mdy", "ymd"].map(|order| reads_as_date(value, order));
            dotted.set(dotted.get() || (open && ways.contains(&true) && has_full_stops(value)));
            Reading { ways, open }
        },
    );
    // Nobody writes the month first and full stops: what proves it elsewhere, as a program's column, is not for them.
    suggestion.filter(|suggestion| suggestion.value != "mdy" || !dotted.get())
}

/// Whether the three numbers of a date stand between full stops: `01.02.1980`.
fn has_full_stops(text: &str) -> bool {
    let rest = text.trim().trim_start_matches(|c: char| c.is_ascii_digit());
    let second =
        rest.strip_prefix('.').map(|rest| rest.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()));
    second.is_some_and(|rest| rest.starts_with('.'))
}
