//! Dates and times as people and programs write them: one grammar for `parse_date`, `parse_timestamp` and
//! `date_ambiguous`.
//!
//! - [`parse_moment`]: text to date, time of day and offset, in a given order of day, month and year.
//! - [`is_ambiguous`]: whether the order decides.
//!
//! The grammar, in words: an optional weekday; a date of three numbers, or of two numbers and the name of a month, or
//! eight digits; optionally a time of day and an offset. Years of two digits are 1969 to 2068, or the last ones before a
//! day that is known to be the latest. What does not exist in the calendar is no date. Ten digits are seconds since 1970,
//! thirteen are milliseconds; other plain numbers are no dates of themselves, as nobody can tell a spreadsheet's day
//! count from a house number: [`serial`] reads them for those who know.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | a text as a whole: its date, its time, what it shows |
//! | `date` | the date at its beginning, in an order of day, month and year |
//! | `clock` | the time of day behind it, with its offset |
//! | `scan` | digits, words and marks |
//! | `words` | names of months and days, and other words |

mod clock;
mod date;
mod scan;
mod words;

use std::borrow::Cow;
use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, NaiveTime};

use super::contact_text::plain_digits;
use clock::time_and_offset;
use date::{WrittenDate, has_whole_year, written_date};
use scan::{LONGEST_TEXT, number};

pub(super) use clock::parse_time_of_day;
pub(super) use date::DateOrder;

/// What a text says about a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) date: NaiveDate,
    pub(super) time: Option<NaiveTime>,
    /// Seconds east of Greenwich, where the text says so.
    pub(super) offset: Option<i32>,
}

/// Years of the common calendar in dates that are written in digits of another script: who writes so may count the years
/// of another calendar, 1403 or 2567; so the year is to be whole.
const COMMON_YEARS: RangeInclusive<i32> = 1850..=2150;

/// Reads a date with an optional time of day and offset; `None` when it is none, or ambiguous.
pub(super) fn parse_moment(text: &str, order: DateOrder) -> Option<Moment> {
    parse_moment_until(text, order, None)
}

/// [`parse_moment`] where no date lies behind a day: years of two digits are the last ones that do not, and what lies
/// behind it all the same is `None`.
pub(super) fn parse_moment_until(text: &str, order: DateOrder, latest: Option<NaiveDate>) -> Option<Moment> {
    let text = text.trim();
    if text.len() > LONGEST_TEXT {
        return None;
    }
    if let Cow::Owned(plain) = plain_digits(text) {
        let moment = parse_moment_until(&plain, order, latest).filter(|_| has_whole_year(&plain))?;
        return COMMON_YEARS.contains(&chrono::Datelike::year(&moment.date)).then_some(moment);
    }
    if let Some(moment) = epoch(text) {
        return Some(moment).filter(|moment| latest.is_none_or(|latest| moment.date <= latest));
    }
    let (written, rest) = written_date(text)?;
    let date = written.resolve(order)?;
    let (time, offset) = time_and_offset(rest)?;
    let date = match latest.filter(|latest| date > *latest) {
        None => date,
        Some(latest) => written.a_century_earlier(text, date).filter(|earlier| *earlier <= latest)?,
    };
    Some(Moment { date, time, offset })
}

/// The order that a date itself shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// It can only be day, month, year.
    DayFirst,
    /// It can only be month, day, year.
    MonthFirst,
    /// It can be read in more than one order, with different results.
    Either,
    /// The order makes no difference.
    Nothing,
}

/// What a date shows of its order; `None` when it is no date.
pub(super) fn shown_order(text: &str) -> Option<Shown> {
    let text = text.trim();
    if text.len() > LONGEST_TEXT {
        return None;
    }
    if let Cow::Owned(plain) = plain_digits(text) {
        return shown_order(&plain);
    }
    if epoch(text).is_some() {
        return Some(Shown::Nothing);
    }
    let (written, rest) = written_date(text)?;
    time_and_offset(rest)?;
    let WrittenDate::Numbers(_, separator) = written else { return Some(Shown::Nothing) };
    if written.is_ambiguous() {
        return Some(Shown::Either);
    }
    let day = written.resolve(DateOrder::DayMonthYear);
    let month = written.resolve(DateOrder::MonthDayYear);
    let year = (separator == b'-').then(|| written.resolve(DateOrder::YearMonthDay)).flatten();
    match (day, month, year) {
        (Some(_), Some(_), _) | (None, None, Some(_)) => Some(Shown::Nothing),
        (Some(_), None, _) => Some(Shown::DayFirst),
        (None, Some(_), _) => Some(Shown::MonthFirst),
        (None, None, None) => None,
    }
}

/// The day that a spreadsheet means by a count of days, as `32874` or `32874.0`; five digits, from 1927 on. Two days of
/// 1900 are counted wrongly by all of them, which such counts lie behind.
pub(super) fn serial(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 5
        || whole.starts_with('0')
        || fraction.len() > 12
        || !digits(whole)
        || !digits(fraction)
    {
        return None;
    }
    let first = NaiveDate::from_ymd_opt(1899, 12, 30)?;
    first.checked_add_days(chrono::Days::new(u64::from(number(whole)?)))
}

/// Whether a text is a date that is read differently in different orders.
pub(super) fn is_ambiguous(text: &str) -> bool {
    let text = text.trim();
    if text.len() > LONGEST_TEXT {
        return false;
    }
    if let Cow::Owned(plain) = plain_digits(text) {
        return is_ambiguous(&plain);
    }
    let Some((date, rest)) = written_date(text) else {
        return false;
    };
    time_and_offset(rest).is_some() && date.is_ambiguous()
}

/// Seconds or milliseconds since 1970, recognised by their number of digits.
fn epoch(text: &str) -> Option<Moment> {
    let is_epoch = matches!(text.len(), 10 | 13) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_epoch {
        return None;
    }
    let number: i64 = text.parse().ok()?;
    let moment = if text.len() == 10 {
        DateTime::from_timestamp(number, 0)?
    } else {
        DateTime::from_timestamp_millis(number)?
    };
    Some(Moment { date: moment.date_naive(), time: Some(moment.time()), offset: Some(0) })
}
