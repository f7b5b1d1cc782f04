//! Whether a text can be read as something, for those who look at a few cells before anything runs: the same grammars as
//! those of the SQL functions.

use super::calendar::{DateOrder, parse_moment};
use super::email_clean::email_clean;
use super::is_email::is_address;
use super::number_text::NumberShown;

/// An e-mail address, bare or wrapped.
pub fn reads_as_email(text: &str) -> bool {
    let mut buffer = String::new();
    email_clean(text, &mut buffer).is_some_and(is_address)
}

/// A date, with or without a time of day, in one of the orders `auto`, `dmy`, `mdy` and `ymd`. A long plain number is none here,
/// though it may be seconds since 1970: as often it is a telephone number.
pub fn reads_as_date(text: &str, order: &str) -> bool {
    let plain = text.len() > 8 && text.bytes().all(|b| b.is_ascii_digit());
    !plain && DateOrder::from_name(order).is_some_and(|order| parse_moment(text, order).is_some())
}

/// Yes or no.
pub fn reads_as_boolean(text: &str) -> bool {
    super::parse_boolean::parse_boolean(text).is_some()
}

/// A country's code or name.
pub fn reads_as_country(text: &str) -> bool {
    country_of(text).is_some()
}

/// The two-letter code of a country, given as a code or a name.
pub fn country_of(text: &str) -> Option<String> {
    super::country_code::country_code(text, &mut String::new()).map(str::to_owned)
}

/// A whole number.
pub fn reads_as_integer(text: &str) -> bool {
    super::parse_integer::parse_integer(text).is_some()
}

/// The telephone number in E.164 form, read for a region.
pub fn phone_of(text: &str, region: &str) -> Option<String> {
    let mut buffer = String::new();
    super::phone_e164::phone_e164(text, super::phone_number::region_of(region), &mut buffer).then_some(buffer)
}

/// The country of a telephone number that is written with its code.
pub fn country_of_phone(text: &str) -> Option<String> {
    super::phone_region::phone_region(text, &mut String::new()).map(str::to_owned)
}

/// A number with decimals, whichever mark stands before them.
pub fn reads_as_decimal(text: &str) -> bool {
    number_shown(text).is_some()
}

/// What a number with decimals shows of the mark before them; `None` for what is no number.
pub fn number_shown(text: &str) -> Option<NumberShown> {
    super::number_text::shown_format(text)
}

/// A time of day.
pub fn reads_as_time(text: &str) -> bool {
    super::parse_time::parse_time(text).is_some()
}

/// A length of time; a number alone is none here.
pub fn reads_as_duration(text: &str) -> bool {
    super::parse_duration::parse_duration(text, None).is_some()
}

/// The address of a page.
pub fn reads_as_url(text: &str) -> bool {
    super::url_clean::url_clean(text, &mut String::new()).is_some()
}

/// An identifier of 128 bits.
pub fn reads_as_uuid(text: &str) -> bool {
    super::uuid_clean::uuid_clean(text, &mut String::new()).is_some()
}

/// JSON that is more than a word or a number.
pub fn reads_as_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && super::json_canonical::json_canonical_str(text).is_some()
}
