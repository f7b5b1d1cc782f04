//! Whether values are what a field holds. A header that only looks like a field's is proposed when they are; a header that
//! means a field is not believed when they cannot be.

use std::collections::HashSet;

use importer_sql::functions::{
    enum_key, reads_as_boolean, reads_as_country, reads_as_date, reads_as_decimal, reads_as_duration,
    reads_as_email, reads_as_integer, reads_as_json, reads_as_time, reads_as_url, reads_as_uuid,
};

use super::samples::Samples;
use crate::project::{DateOrder, Field, FieldType, Role};

/// Share of the values, in per cent, that must fit.
const MOST: usize = 80;

/// Why a column cannot be the field that its header names; `None` when nothing speaks against it.
pub(super) fn contradiction(field: &Field, samples: &Samples, column: usize) -> Option<&'static str> {
    let all = |fits: &dyn Fn(&str) -> bool| {
        let mut values = samples.values(column).peekable();
        values.peek().is_some() && values.all(fits)
    };
    match field.field_type {
        FieldType::Boolean | FieldType::Integer | FieldType::Decimal | FieldType::Duration => None,
        // Yes and no may be values of theirs, and 1 an id.
        FieldType::Enum | FieldType::List | FieldType::Json | FieldType::Reference => None,
        _ if field.role.is_some() => None,
        FieldType::Date | FieldType::Timestamp if all(&is_day_or_month) => {
            Some("its values are numbers of one or two digits, no dates")
        }
        FieldType::Date | FieldType::Timestamp => None,
        _ if all(&reads_as_boolean) => Some("its values are answers such as yes and no"),
        _ => None,
    }
}

fn is_day_or_month(text: &str) -> bool {
    text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the values of a column are such as the field holds. A column without values agrees with nothing.
pub(super) fn agrees(field: &Field, samples: &Samples, column: usize, order: DateOrder) -> bool {
    let share = |fits: &dyn Fn(&str) -> bool| {
        let (mut fitting, mut all) = (0, 0);
        for value in samples.values(column) {
            all += 1;
            fitting += usize::from(fits(value));
        }
        all > 0 && fitting * 100 >= all * MOST
    };
    if field.role == Some(Role::ExternalId) {
        // What tells records apart stands once.
        let mut seen = HashSet::new();
        return share(&|text| !text.contains(char::is_whitespace) && !reads_as_email(text))
            && samples.values(column).all(|value| seen.insert(value));
    }
    match field.field_type {
        FieldType::Email => share(&reads_as_email),
        FieldType::EmailList => share(&|text| text.contains('@')),
        FieldType::Phone | FieldType::PhoneList => share(&is_phone_like),
        FieldType::Date | FieldType::Timestamp => one_order(samples, column, order),
        FieldType::Integer => share(&reads_as_integer),
        FieldType::Boolean => share(&reads_as_boolean),
        FieldType::Country => share(&reads_as_country),
        FieldType::Name => share(&is_name_like),
        FieldType::Text | FieldType::List | FieldType::Reference => {
            share(&|text| is_like(text, field.sample.as_deref()))
        }
        FieldType::Decimal => share(&reads_as_decimal),
        FieldType::Time => share(&reads_as_time),
        FieldType::Duration if field.options.unit.is_some() => {
            share(&|text| reads_as_duration(text) || reads_as_decimal(text))
        }
        FieldType::Duration => share(&reads_as_duration),
        FieldType::Url => share(&reads_as_url),
        FieldType::Enum => {
            let known = spellings(field);
            share(&|text| known.contains(&enum_key(text)))
        }
        FieldType::Json => share(&reads_as_json),
        FieldType::Uuid => share(&reads_as_uuid),
    }
}

/// What the values of an enum are compared by, in all their spellings.
fn spellings(field: &Field) -> HashSet<String> {
    let choices = field.options.values.iter();
    choices.flat_map(|c| std::iter::once(&c.name).chain(&c.spellings)).map(|text| enum_key(text)).collect()
}

/// Whether all values are dates, and in one order only. Without any that has a day above twelve, nobody can tell.
fn one_order(samples: &Samples, column: usize, order: DateOrder) -> bool {
    let mut values = samples.values(column).peekable();
    if values.peek().is_none() {
        return false;
    }
    if order != DateOrder::Auto {
        return values.all(|value| reads_as_date(value, order.as_str()));
    }
    let mut possible = ["dmy", "mdy", "ymd"].map(|order| (order, true));
    let mut open = false;
    for value in values {
        for (order, fits) in &mut possible {
            *fits = *fits && reads_as_date(value, order);
        }
        open |= !reads_as_date(value, "auto");
    }
    let fitting = possible.iter().filter(|(_, fits)| *fits).count();
    fitting == 1 || (fitting > 1 && !open)
}

/// Digits and what stands between them.
pub(super) fn is_phone_like(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let others = text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '.' | '/' | '(' | ')' | '\u{a0}'));
    others && (6..=16).contains(&digits) && !reads_as_date(text, "dmy") && !reads_as_date(text, "mdy")
}

fn is_name_like(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
        && !text.chars().any(|c| c.is_ascii_digit() || c == '@')
        && !reads_as_boolean(text)
}

/// Digits where the field's sample has digits, letters where it has letters alone.
fn is_like(text: &str, sample: Option<&str>) -> bool {
    let has_digit = |text: &str| text.chars().any(|c| c.is_ascii_digit());
    let has_letter = |text: &str| text.chars().any(char::is_alphabetic);
    let Some(sample) = sample else { return true };
    has_digit(text) == has_digit(sample)
        && (has_digit(sample) || has_letter(text))
        && !text.contains('@')
        && !reads_as_boolean(text)
        && !reads_as_date(text, "dmy")
}
