//! How much a function makes of its arguments: never less than that, found without making it.

use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs};

use super::amount::{Numbers, PLACE, SHORT, constant, items, longest, total};
use super::range;

/// How what is made follows from the arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Made {
    /// As many times the first as the second says.
    Repeated,
    /// So many characters as the second says, filled with the third.
    Padded,
    /// A list with as many items as the second says, each the first.
    Listed,
    /// As many items as the second says, each the third, behind those of the first.
    Resized,
    /// The numbers from one to another, with a step.
    Range,
    /// One behind the other: texts, or the items of lists.
    Joined,
    /// One behind the other, with the first between them.
    Separated,
    /// The items of the first as texts, with the second between them, and the third for those that are missing.
    Written,
    /// The first, with the third wherever the second stands.
    Replaced,
    /// The first, with the third where the pattern fits, once or (flag `g`) everywhere.
    Matched,
    /// What the groups of a pattern have found, each of which is in the first.
    Captured,
    /// The first, character by character.
    Translated,
    /// The items of the first, the third in place of some of them.
    Exchanged,
    /// Two characters for each byte.
    Encoded,
    /// A time, in the words of a format.
    Formatted,
}

/// Bytes of the longest character.
const CHARACTER: u64 = 4;
/// Characters that two characters of a format become at most.
const WRITTEN: u64 = 40;
/// Bytes that an item takes beside its own while a list is made of it: its place in the list, twice, and where it begins.
const ITEM: u64 = 3 * PLACE;

impl Made {
    /// As many bytes as there may be at most, all rows together.
    pub fn bytes(self, args: &ScalarFunctionArgs) -> u64 {
        let rows = rows(args);
        let values = args.args.as_slice();
        let count = rows as u64;
        let all = |n: usize| values.get(n).map_or(0, |value| total(value, count));
        let most = |n: usize| values.get(n).map_or(0, longest);
        let sum = |from: usize| (from..values.len()).map(all).fold(0, u64::saturating_add);
        let number = |n: usize| Numbers::of(values.get(n));
        match self {
            Self::Repeated => all(0).saturating_mul(number(1).largest()),
            Self::Padded => {
                let is_ascii = values.len() < 3 || constant(values.get(2)).is_some_and(str::is_ascii);
                let width = if is_ascii { 1 } else { CHARACTER };
                all(0).saturating_add(number(1).sum(rows).saturating_mul(width))
            }
            Self::Listed => number(1).sum(rows).saturating_mul(most(0).saturating_add(ITEM)),
            Self::Resized => {
                let item = if values.len() < 3 { SHORT } else { most(2) };
                let added = number(1).sum(rows).saturating_mul(item.saturating_add(ITEM));
                all(0).saturating_add(added)
            }
            Self::Range => range::bytes(values, rows),
            Self::Joined => sum(0),
            Self::Separated => {
                let between = values.len().saturating_sub(2) as u64;
                sum(1).saturating_add(all(0).saturating_mul(between))
            }
            Self::Written => {
                let items = values.first().map_or(0, |value| items(value, count));
                // A number is no longer than this as text.
                let item = most(1).saturating_add(most(2)).saturating_add(SHORT / 2);
                all(0).saturating_add(items.saturating_mul(item))
            }
            Self::Translated => {
                let is_ascii = constant(values.get(2)).is_some_and(str::is_ascii);
                all(0).saturating_mul(if is_ascii { 1 } else { CHARACTER })
            }
            Self::Replaced => {
                // An empty text stands before and behind every character.
                let found = constant(values.get(1)).map_or(1, |text| text.len().max(1) as u64);
                let places = (all(0) / found).saturating_add(count);
                all(0).saturating_add(places.saturating_mul(most(2)))
            }
            Self::Matched => {
                let once =
                    values.len() < 4 || constant(values.get(3)).is_some_and(|flags| !flags.contains('g'));
                let places = if once { count } else { all(0).saturating_add(count) };
                // What a pattern has found can be written again, as often as the replacement says.
                let again = match constant(values.get(2)) {
                    Some(text) => text.bytes().filter(|b| matches!(b, b'\\' | b'$')).count() as u64,
                    None => most(2),
                };
                let found = all(0).saturating_mul(again.saturating_add(1));
                found.saturating_add(places.saturating_mul(most(2)))
            }
            Self::Captured => {
                let groups = match constant(values.get(1)) {
                    Some(pattern) => pattern.bytes().filter(|b| *b == b'(').count() as u64,
                    None => most(1),
                };
                all(0).saturating_mul(groups.saturating_add(1))
            }
            Self::Exchanged => {
                let items = values.first().map_or(0, |value| items(value, count));
                all(0).saturating_add(items.saturating_mul(most(2)))
            }
            Self::Encoded => all(0).saturating_mul(2),
            Self::Formatted => all(1).saturating_mul(WRITTEN / 2),
        }
    }
}

/// The rows that are made: constants make one, whatever is done with it.
fn rows(args: &ScalarFunctionArgs) -> usize {
    if are_constant(args) { 1 } else { args.number_rows }
}

/// No argument differs from row to row.
pub fn are_constant(args: &ScalarFunctionArgs) -> bool {
    args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)))
}

/// The arguments of some of the rows.
pub fn slice(args: &ScalarFunctionArgs, from: usize, rows: usize) -> ScalarFunctionArgs {
    let values = args.args.iter().map(|value| match value {
        ColumnarValue::Array(array) => ColumnarValue::Array(array.slice(from, rows)),
        constant => constant.clone(),
    });
    ScalarFunctionArgs {
        args: values.collect(),
        arg_fields: args.arg_fields.clone(),
        number_rows: rows,
        return_field: args.return_field.clone(),
        config_options: args.config_options.clone(),
    }
}
