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

use std::borrow::Cow;
use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, NaiveTime};

use super::calendar_words::{Word, is, month};
use super::contact_text::plain_digits;

/// In which order day, month and year stand, where a date does not say so itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DateOrder {
    DayMonthYear,
    MonthDayYear,
    YearMonthDay,
    /// Whatever is possible, provided that it is the only possibility.
    Auto,
}

impl DateOrder {
    /// Reads the name of an order as it is given in SQL.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "dmy" => Some(Self::DayMonthYear),
            "mdy" => Some(Self::MonthDayYear),
            "ymd" => Some(Self::YearMonthDay),
            "auto" => Some(Self::Auto),
            _ => None,
        }
    }
}

/// What a text says about a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) date: NaiveDate,
    pub(super) time: Option<NaiveTime>,
    /// Seconds east of Greenwich, where the text says so.
    pub(super) offset: Option<i32>,
}

/// Longer texts are no dates.
const LONGEST_TEXT: usize = 64;

/// Years of the common calendar in dates that are written in digits of another script: who writes so may count the years
/// of another calendar, 1403 or 2567; so the year is to be whole.
const COMMON_YEARS: RangeInclusive<i32> = 1850..=2150;

/// First year of the century in which years of two digits lie.
const PIVOT: i32 = 1969;

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

/// Whether four digits stand in a row.
fn has_whole_year(text: &str) -> bool {
    text.as_bytes().windows(4).any(|four| four.iter().all(u8::is_ascii_digit))
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

/// A date as it stands in the text.
#[derive(Clone, Copy, Debug)]
enum WrittenDate<'a> {
    /// Nothing to decide.
    Certain(NaiveDate),
    /// Three numbers, the first without four digits.
    Numbers([&'a str; 3], u8),
    /// Two numbers and a month, the first without four digits.
    Named(&'a str, u32, &'a str),
}

impl WrittenDate<'_> {
    fn resolve(self, order: DateOrder) -> Option<NaiveDate> {
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
    fn a_century_earlier(self, text: &str, date: NaiveDate) -> Option<NaiveDate> {
        let short = match self {
            Self::Numbers(parts, _) => parts.iter().all(|part| part.len() < 3),
            Self::Named(_, _, last) => last.len() < 3,
            // A month by its name in front: `Dec 31, 24`.
            Self::Certain(_) => !has_whole_year(text),
        };
        let year = short.then(|| chrono::Datelike::year(&date).checked_sub(100)).flatten()?;
        chrono::Datelike::with_year(&date, year)
    }

    fn is_ambiguous(self) -> bool {
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
fn written_date(text: &str) -> Option<(WrittenDate<'_>, &str)> {
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

/// Reads a time behind a date to the end of the text; nothing at all is fine too.
fn time_and_offset(text: &str) -> Option<(Option<NaiveTime>, Option<i32>)> {
    let (rest, separated) = start_of_time(text);
    if rest.is_empty() {
        return Some((None, None));
    }
    if !separated {
        return None;
    }
    let (time, offset) = clock_and_offset(rest)?;
    Some((Some(time), offset))
}

/// A time of day that stands alone. Without a day, an offset would say nothing, and four digits may be any number.
pub(super) fn parse_time_of_day(text: &str) -> Option<NaiveTime> {
    let text = text.trim();
    if text.len() > LONGEST_TEXT || text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match clock_and_offset(text.strip_prefix('T').unwrap_or(text))? {
        (time, None) => Some(time),
        _ => None,
    }
}

/// Reads `14:30:05.123 PM +02:00` and its shorter forms to the end of the text.
fn clock_and_offset(text: &str) -> Option<(NaiveTime, Option<i32>)> {
    let (hour, behind) = take_digits(text)?;
    let (mut clock, behind) = match hour.len() {
        4 | 6 => (Clock::compact(hour)?, behind),
        1 | 2 => Clock::colons(hour, behind)?,
        _ => return None,
    };
    let mut rest = fraction(behind, &mut clock)?.trim_start_matches(' ');
    let mut stated = clock.minute_stated;
    if rest == "Z" {
        rest = "+00";
    }
    if rest.is_empty() || rest.starts_with(['+', '-']) {
        // An offset or nothing: no words to look up.
    } else if let Some((pm, behind)) = half_of_day(rest) {
        clock.twelve_hours(pm)?;
        (rest, stated) = (behind, true);
    } else if let Some((word, behind)) = take_word(rest)
        && is(word, Word::Clock)
    {
        (rest, stated) = (skip(behind, "."), true);
    }
    // A lone number behind a date is no time.
    if !stated {
        return None;
    }
    let offset = if rest.is_empty() { None } else { Some(offset(rest)?) };
    Some((clock.time()?, offset))
}

/// Skips what stands between a date and a time; says whether there was anything.
fn start_of_time(text: &str) -> (&str, bool) {
    // ISO 8601, the most frequent form by far: no need to look words up.
    if let Some(rest) = text.strip_prefix('T')
        && rest.starts_with(|c: char| c.is_ascii_digit())
    {
        return (rest, true);
    }
    let mut rest = skip(text, ".,");
    let mut separated = rest.len() < text.len();
    while let Some((word, behind)) = take_word(rest) {
        if !is(word, Word::Connector) {
            break;
        }
        rest = behind.trim_start_matches(' ');
        separated = true;
    }
    (rest, separated)
}

/// A time of day while it is read.
struct Clock {
    hour: u32,
    minute: u32,
    second: u32,
    nanosecond: u32,
    minute_stated: bool,
    second_stated: bool,
}

impl Clock {
    /// `1430` or `143005`, as in `20241231T143005`
    fn compact(digits: &str) -> Option<Self> {
        Some(Self {
            hour: number(digits.get(..2)?)?,
            minute: number(digits.get(2..4)?)?,
            second: digits.get(4..6).map_or(Some(0), number)?,
            nanosecond: 0,
            minute_stated: true,
            second_stated: digits.len() == 6,
        })
    }

    /// `14`, `14:30`, `14:30:05` or `14h30`
    fn colons<'a>(hour: &str, behind: &'a str) -> Option<(Self, &'a str)> {
        let mut clock = Self {
            hour: number(hour)?,
            minute: 0,
            second: 0,
            nanosecond: 0,
            minute_stated: false,
            second_stated: false,
        };
        let Some((minute, rest)) =
            behind.strip_prefix([':', 'h']).and_then(take_digits).filter(|(minute, _)| minute.len() == 2)
        else {
            return Some((clock, behind));
        };
        clock.minute = number(minute)?;
        clock.minute_stated = true;
        let Some((second, rest_behind)) = rest.strip_prefix(':').and_then(take_digits) else {
            return Some((clock, rest));
        };
        if second.len() != 2 {
            return None;
        }
        clock.second = number(second)?;
        clock.second_stated = true;
        Some((clock, rest_behind))
    }

    /// Hours 1 to 12 with am or pm.
    fn twelve_hours(&mut self, pm: bool) -> Option<()> {
        if !(1..=12).contains(&self.hour) {
            return None;
        }
        self.hour = self.hour % 12 + if pm { 12 } else { 0 };
        Some(())
    }

    fn time(&self) -> Option<NaiveTime> {
        NaiveTime::from_hms_nano_opt(self.hour, self.minute, self.second, self.nanosecond)
    }
}

/// Reads the fraction of a second, if there is one; more than nine digits are cut.
fn fraction<'a>(text: &'a str, clock: &mut Clock) -> Option<&'a str> {
    if !clock.second_stated {
        return Some(text);
    }
    let Some((digits, rest)) = text.strip_prefix(['.', ',']).and_then(take_digits) else {
        return Some(text);
    };
    let mut nanoseconds = 0;
    for place in 0..9 {
        let digit = digits.as_bytes().get(place).map_or(0, |digit| u32::from(digit - b'0'));
        nanoseconds = nanoseconds * 10 + digit;
    }
    clock.nanosecond = nanoseconds;
    Some(rest)
}

/// `am`, `PM`, `a.m.` and the like; true after noon.
fn half_of_day(text: &str) -> Option<(bool, &str)> {
    for (spelling, pm) in [("a.m.", false), ("p.m.", true)] {
        if let Some(head) = text.get(..spelling.len())
            && head.eq_ignore_ascii_case(spelling)
        {
            return Some((pm, text[spelling.len()..].trim_start_matches(' ')));
        }
    }
    let (word, behind) = take_word(text)?;
    let pm = is(word, Word::Pm);
    (pm || is(word, Word::Am)).then(|| (pm, skip(behind, ".")))
}

/// Reads `Z`, `UTC`, `+02`, `+0200`, `+02:00` or `UTC+2` to the end of the text.
fn offset(text: &str) -> Option<i32> {
    let rest = match take_word(text) {
        Some((word, rest)) if is(word, Word::Utc) => rest.trim_start_matches(' '),
        Some(_) => return None,
        None => text,
    };
    if rest.is_empty() {
        return Some(0);
    }
    let (sign, rest) = match rest.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, rest.strip_prefix(['-', '\u{2212}'])?),
    };
    let (digits, rest) = take_digits(rest)?;
    let (hours, minutes) = match (digits.len(), rest.strip_prefix(':')) {
        (1 | 2, None) if rest.is_empty() => (digits, "0"),
        (1 | 2, Some(minutes)) if minutes.len() == 2 => (digits, minutes),
        (4, None) if rest.is_empty() => digits.split_at(2),
        _ => return None,
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if hours > 18 || minutes > 59 {
        return None;
    }
    i32::try_from(hours * 3_600 + minutes * 60).ok().map(|seconds| sign * seconds)
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

/// A number of up to nine digits; signs are no digits.
fn number(digits: &str) -> Option<u32> {
    let plain = digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

fn take_digits(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn take_word(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|character: char| !character.is_alphabetic()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Skips blanks and the given marks.
fn skip<'a>(text: &'a str, marks: &str) -> &'a str {
    text.trim_start_matches(|character| character == ' ' || marks.contains(character))
}

fn skip_fillers(text: &str) -> &str {
    let mut rest = text.trim_start_matches(' ');
    while let Some((word, behind)) = take_word(rest) {
        if !is(word, Word::Filler) || month(word).is_some() {
            break;
        }
        rest = behind.trim_start_matches(' ');
    }
    rest
}
