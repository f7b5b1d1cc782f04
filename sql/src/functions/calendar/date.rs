//! A date as it stands in a text, and what it can mean.

use chrono::NaiveDate;

use super::scan::{number, skip, skip_fillers, take_digits, take_word};
use super::words::{Word, is, month};

/// In which order day, month and year stand, where a date does not say so itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    DayMonthYear,
    MonthDayYear,
    YearMonthDay,
    /// Whatever is possible, provided that it is the only possibility.
    Auto,
}

impl DateOrder {
    /// Reads the name of an order as it is given in SQL.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "dmy" => Some(Self::DayMonthYear),
            "mdy" => Some(Self::MonthDayYear),
            "ymd" => Some(Self::YearMonthDay),
            "auto" => Some(Self::Auto),
            _ => None,
        }
    }
}

/// First year of the century in which years of two digits lie.
const PIVOT: i32 = 1969;

/// A date as it stands in the text.
#[derive(Clone, Copy, Debug)]
pub(super) enum WrittenDate<'a> {
    /// Nothing to decide.
    Certain(NaiveDate),
    /// Three numbers, the first without four digits.
    Numbers([&'a str; 3], u8),
    /// Two numbers and a month, the first without four digits.
    Named(&'a str, u32, &'a str),
}

impl WrittenDate<'_> {
    pub(super) fn resolve(self, order: DateOrder) -> Option<NaiveDate> {
        match self {
            Self::Certain(date) => Some(date),
            Self::Named(first, month, last) => match order {
                DateOrder::YearMonthDay if last.len() < 3 => date(first, month, last),
                _ => date(last, month, first),
            },
            Self::Numbers([a, b, c], _) => match order {
                DateOrder::DayMonthYear => date(c, number(b)?, a),
                DateOrder::MonthDayYear => date(c, number(a)?, b),
                DateOrder::YearMonthDay => date(a, number(b)?, c),
                DateOrder::Auto => {
                    let mut readings = self.readings();
                    let only = readings.next()?;
                    readings.all(|other| other == only).then_some(only)
                }
            },
        }
    }

    /// The date of the century before, where the text has two digits of the year only.
    pub(super) fn a_century_earlier(self, text: &str, date: NaiveDate) -> Option<NaiveDate> {
        let short = match self {
            Self::Numbers(parts, _) => parts.iter().all(|part| part.len() < 3),
            Self::Named(_, _, last) => last.len() < 3,
            // A month by its name in front: `Dec 31, 24`.
            Self::Certain(_) => !has_whole_year(text),
        };
        let year = short.then(|| chrono::Datelike::year(&date).checked_sub(100)).flatten()?;
        chrono::Datelike::with_year(&date, year)
    }

    pub(super) fn is_ambiguous(self) -> bool {
        let mut readings = self.readings();
        let first = readings.next();
        readings.any(|other| Some(other) != first)
    }

    /// Every date that three numbers can mean. Years of two digits stand first only before hyphens.
    fn readings(self) -> impl Iterator<Item = NaiveDate> {
        let orders = match self {
            Self::Numbers(_, b'-') => {
                [Some(DateOrder::DayMonthYear), Some(DateOrder::MonthDayYear), Some(DateOrder::YearMonthDay)]
            }
            Self::Numbers(..) => [Some(DateOrder::DayMonthYear), Some(DateOrder::MonthDayYear), None],
            _ => [None; 3],
        };
        orders.into_iter().flatten().filter_map(move |order| self.resolve(order))
    }
}

/// Reads the date at the beginning of a text, and gives the rest.
pub(super) fn written_date(text: &str) -> Option<(WrittenDate<'_>, &str)> {
    if text.as_bytes().first()?.is_ascii_digit() {
        return numeric_start(text);
    }
    let (word, rest) = take_word(text)?;
    // `mar. 31 déc.` is a Tuesday and `Mar 31` is a day in March: the month is tried first.
    if let Some(month) = month(word)
        && let Some(found) = month_first(month, rest)
    {
        return Some(found);
    }
    let rest = if is(word, Word::Weekday) { skip(rest, ".,") } else { text };
    let rest = skip_fillers(rest);
    if rest.as_bytes().first()?.is_ascii_digit() {
        return numeric_start(rest);
    }
    let (word, rest) = take_word(rest)?;
    month_first(month(word)?, rest)
}

/// `December 31st, 2024`
fn month_first(month: u32, rest: &str) -> Option<(WrittenDate<'_>, &str)> {
    let (day, rest) = take_digits(skip(rest, ".-/"))?;
    let rest = skip_fillers(skip(rest, "."));
    let (year, rest) = take_digits(skip(rest, ".,-/"))?;
    let well_formed = day.len() <= 2 && matches!(year.len(), 2 | 4);
    well_formed.then_some(())?;
    Some((WrittenDate::Certain(date(year, month, day)?), rest))
}

fn numeric_start(text: &str) -> Option<(WrittenDate<'_>, &str)> {
    let (first, rest) = take_digits(text)?;
    if first.len() == 8 {
        let day = date(first.get(..4)?, number(first.get(4..6)?)?, first.get(6..)?)?;
        return Some((WrittenDate::Certain(day), rest));
    }
    let separator = rest.bytes().find(|byte| *byte != b' ').unwrap_or(b' ');
    let behind = skip_fillers(skip(rest, ".-/\u{ba}\u{b0}"));
    if let Some((word, behind)) = take_word(behind) {
        let month = month(word)?;
        let behind = skip_fillers(skip(behind, ".,-/"));
        let (last, rest) = take_digits(behind)?;
        let named = match (first.len(), last.len()) {
            (4, 1 | 2) => WrittenDate::Certain(date(first, month, last)?),
            (1 | 2, 4) => WrittenDate::Certain(date(last, month, first)?),
            (1 | 2, 2) => WrittenDate::Named(first, month, last),
            _ => return None,
        };
        return Some((named, rest));
    }
    if !matches!(separator, b'.' | b'-' | b'/') && !separator.is_ascii_digit() {
        return None;
    }
    let separator = if separator.is_ascii_digit() { b' ' } else { separator };
    let (second, rest) = take_digits(take_separator(rest, separator)?)?;
    let (third, rest) = take_digits(take_separator(rest, separator)?)?;
    let written = match (first.len(), second.len(), third.len()) {
        (4, 1 | 2, 1 | 2) => WrittenDate::Certain(date(first, number(second)?, third)?),
        (1 | 2, 1 | 2, 2 | 4) => WrittenDate::Numbers([first, second, third], separator),
        _ => return None,
    };
    Some((written, rest))
}

/// Skips one separator with blanks around it, or at least one blank when that is the separator.
fn take_separator(text: &str, separator: u8) -> Option<&str> {
    let rest = text.trim_start_matches(' ');
    if separator == b' ' {
        return (rest.len() < text.len()).then_some(rest);
    }
    Some(rest.strip_prefix(char::from(separator))?.trim_start_matches(' '))
}

/// A date of the calendar from its parts.
fn date(year: &str, month: u32, day: &str) -> Option<NaiveDate> {
    let year = match year.len() {
        4 => year.parse().ok().filter(|year| *year > 0)?,
        2 => {
            let in_century: i32 = year.parse().ok()?;
            PIVOT + (in_century - PIVOT % 100).rem_euclid(100)
        }
        _ => return None,
    };
    if day.len() > 2 {
        return None;
    }
    NaiveDate::from_ymd_opt(year, month, number(day)?)
}

/// Whether four digits stand in a row.
pub(super) fn has_whole_year(text: &str) -> bool {
    text.as_bytes().windows(4).any(|four| four.iter().all(u8::is_ascii_digit))
}
