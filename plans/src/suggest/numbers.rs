//! What stands before the decimals of numbers?

use importer_sql::functions::{NumberShown, number_shown};

use super::asked::{Looked, Suggestion};
use super::two_ways::{self, Reading, Setting, Usual};
use crate::project::{Contract, FieldType};

const FORMAT: Setting = Setting {
    name: "number_format",
    values: "numbers",
    ways: &[
        ("point", "can only have a point before the decimals", "a point before the decimals"),
        ("comma", "can only have a comma before the decimals", "a comma before the decimals"),
    ],
};

/// The format that some numbers prove for those that have two readings; where none does, the one that is usual in the country.
pub(super) fn suggest(files: &[Looked<'_>], contract: &Contract, usual: Option<Usual>) -> Option<Suggestion> {
    two_ways::suggest(
        files,
        contract,
        &FORMAT,
        usual,
        |field| field.item_type() == FieldType::Decimal,
        |value| match number_shown(value) {
            None => Reading { ways: [false, false], open: false },
            Some(NumberShown::Point) => Reading { ways: [true, false], open: false },
            Some(NumberShown::Comma) => Reading { ways: [false, true], open: false },
            Some(NumberShown::Either) => Reading { ways: [true, true], open: true },
            // Whole numbers, and others that are the same either way.
            Some(NumberShown::Nothing) => Reading { ways: [true, true], open: false },
        },
    )
}
