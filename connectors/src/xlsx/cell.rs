//! Cells as text: dates as ISO, numbers with all their digits, booleans as words.

use std::fmt::Write;

use calamine::{Data, DataRef, ExcelDateTime};

use super::format::{Format, Moment};

/// What a cell is, for the table around it and for what is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    /// A date, a time, both, or a duration.
    Date,
    Bool,
    /// An error of a formula: no value.
    Error,
    /// A formula without its result: no value.
    NoResult,
    /// A number of more digits than were kept.
    DigitsLost,
    /// A number with the format of a date that no calendar has.
    DateOutside,
    /// What stands there is not what the cell says it is: no value.
    Unreadable,
    /// Longer than a cell may be: no value.
    TooLong,
}

impl Kind {
    /// It is a number or a date.
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::DigitsLost | Self::DateOutside)
    }

    /// Something that a header does not hold.
    pub(super) fn is_value(self) -> bool {
        self.is_number() || matches!(self, Self::Date | Self::Bool)
    }
}

/// A cell's value as the readers of all formats give it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Int(i64),
    Float(f64),
    Text(&'a str),
    Bool(bool),
    Serial(ExcelDateTime),
    Iso(&'a str),
    Duration(&'a str),
    Error,
    Empty,
}

impl<'a> From<&'a DataRef<'_>> for Value<'a> {
    fn from(data: &'a DataRef<'_>) -> Self {
        match data {
            DataRef::Int(v) => Self::Int(*v),
            DataRef::Float(v) => Self::Float(*v),
            DataRef::String(v) => Self::Text(v),
            DataRef::SharedString(v) => Self::Text(v),
            DataRef::Bool(v) => Self::Bool(*v),
            DataRef::DateTime(v) => Self::Serial(*v),
            DataRef::DateTimeIso(v) => Self::Iso(v),
            DataRef::DurationIso(v) => Self::Duration(v),
            DataRef::Error(_) => Self::Error,
            DataRef::Empty => Self::Empty,
        }
    }
}

impl<'a> From<&'a Data> for Value<'a> {
    fn from(data: &'a Data) -> Self {
        match data {
            Data::Int(v) => Self::Int(*v),
            Data::Float(v) => Self::Float(*v),
            Data::String(v) => Self::Text(v),
            Data::Bool(v) => Self::Bool(*v),
            Data::DateTime(v) => Self::Serial(*v),
            Data::DateTimeIso(v) => Self::Iso(v),
            Data::DurationIso(v) => Self::Duration(v),
            Data::Error(_) => Self::Error,
            Data::Empty => Self::Empty,
        }
    }
}

impl Value<'_> {
    /// Adds the text of the cell to `out`. Nothing is added for what has no value; `None` is an empty cell.
    pub(super) fn write(self, format: Format, epoch_1904: bool, out: &mut String) -> Option<Kind> {
        Some(match self {
            Self::Int(v) => integer(v, format.pad, out),
            Self::Float(v) => number(v, format.pad, out),
            Self::Text("") | Self::Empty => return None,
            Self::Text(text) => {
                out.push_str(text);
                Kind::Text
            }
            Self::Bool(v) => {
                out.push_str(if v { "true" } else { "false" });
                Kind::Bool
            }
            Self::Serial(v) if v.is_duration() => duration(v.as_f64(), out),
            Self::Serial(v) => moment(v, format.moment, epoch_1904, out),
            Self::Iso(text) => {
                out.push_str(without_empty_fraction(text));
                Kind::Date
            }
            Self::Duration(text) => {
                match seconds_of(text) {
                    Some(seconds) => return Some(duration(seconds / DAY, out)),
                    None => out.push_str(text),
                }
                Kind::Text
            }
            Self::Error => Kind::Error,
        })
    }
}

/// From here on a spreadsheet keeps no more than the first 15 digits.
const EXACT: f64 = 1e15;

/// Up to here every whole number has a value of its own.
const EXACT_BINARY: f64 = 9_007_199_254_740_992.0;

const DAY: f64 = 86_400.0;

fn integer(v: i64, pad: u8, out: &mut String) -> Kind {
    let width = if v >= 0 { usize::from(pad) } else { 0 };
    // Writing to a `String` never fails.
    let _ = write!(out, "{v:0width$}");
    if v.unsigned_abs() >= EXACT as u64 { Kind::DigitsLost } else { Kind::Number }
}

/// The shortest digits that give the same number again; with an exponent only where digits are lost.
fn number(v: f64, pad: u8, out: &mut String) -> Kind {
    if !v.is_finite() {
        return Kind::Error;
    }
    if v.fract() != 0.0 {
        let _ = write!(out, "{v}");
        return Kind::Number;
    }
    if v.abs() < EXACT {
        return integer(v as i64, pad, out);
    }
    // What a program wrote may be whole; what a person typed ends with zeros that stand for lost digits. Digits that are not
    // known to be right are no id: it is written as the spreadsheet shows it.
    let is_whole = v.abs() < EXACT_BINARY && v % 10.0 != 0.0;
    let _ = match is_whole {
        true => write!(out, "{v}"),
        false => write!(out, "{}", format!("{v:E}").replace('E', "E+")),
    };
    Kind::DigitsLost
}

/// Hours, minutes and seconds of a part of a day, or of several.
fn duration(days: f64, out: &mut String) -> Kind {
    let milliseconds = (days * DAY * 1000.0).round();
    // Ten thousand years: no duration of a sheet is longer.
    if !milliseconds.is_finite() || milliseconds.abs() > 3.2e14 {
        number(days, 0, out);
        return Kind::DateOutside;
    }
    let total = milliseconds.abs() as u64;
    if milliseconds < 0.0 {
        out.push('-');
    }
    let (seconds, milli) = (total / 1000, total % 1000);
    let _ = write!(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    fraction(milli, out);
    Kind::Date
}

fn fraction(milli: u64, out: &mut String) {
    if milli > 0 {
        let _ = write!(out, ".{milli:03}");
    }
}

/// A date, a time or both: what the format shows, and whatever more the value holds.
fn moment(serial: ExcelDateTime, shown: Moment, epoch_1904: bool, out: &mut String) -> Kind {
    let v = serial.as_f64();
    let (first, end) = if epoch_1904 { (0.0, 2_957_004.0) } else { (1.0, 2_958_466.0) };
    let time_alone = (0.0..1.0).contains(&v) && (matches!(shown, Moment::Time) || !epoch_1904 && v < first);
    // The 29th of February 1900 is a day that only spreadsheets know; a date formatted cell of 0 shows the 0th of January.
    let no_day = !epoch_1904 && (60.0..61.0).contains(&v) || time_alone && shown == Moment::Date;
    if !(0.0..end).contains(&v) || no_day {
        number(v, 0, out);
        return Kind::DateOutside;
    }
    let (year, month, day, hour, minute, second, milli) = serial.to_ymd_hms_milli();
    let has_time = (hour, minute, second, milli) != (0, 0, 0, 0);
    if !time_alone {
        let _ = write!(out, "{year:04}-{month:02}-{day:02}");
        if !has_time && shown != Moment::Both {
            return Kind::Date;
        }
        out.push('T');
    }
    let _ = write!(out, "{hour:02}:{minute:02}:{second:02}");
    fraction(u64::from(milli), out);
    Kind::Date
}

/// `2024-01-31T10:00:00.000` without its zeros.
fn without_empty_fraction(text: &str) -> &str {
    match text.rsplit_once('.') {
        Some((before, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => before,
        _ => text,
    }
}

/// The seconds of an ISO 8601 duration of days and smaller parts, such as `PT10H30M00S`.
fn seconds_of(text: &str) -> Option<f64> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let text = text.strip_prefix('P')?;
    let (days, times) = text.split_once('T').unwrap_or((text, ""));
    let mut seconds = 0.0;
    for (part, units) in
        [(days, &[('D', 86_400.0)][..]), (times, &[('H', 3600.0), ('M', 60.0), ('S', 1.0)][..])]
    {
        let mut rest = part;
        while !rest.is_empty() {
            let at = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
            let (digits, tail) = rest.split_at_checked(at)?;
            let unit = tail.chars().next()?;
            let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
            seconds += digits.parse::<f64>().ok()? * factor;
            rest = tail.get(unit.len_utf8()..)?;
        }
    }
    Some(if negative { -seconds } else { seconds })
}

#[cfg(test)]
mod tests {
    use calamine::{ExcelDateTime, ExcelDateTimeType};

    use super::{Format, Kind, Moment, Value};

    fn text(value: Value<'_>, format: Format, epoch_1904: bool) -> (String, Option<Kind>) {
        let mut out = String::new();
        let kind = value.write(format, epoch_1904, &mut out);
        (out, kind)
    }

    fn date(serial: f64, moment: Moment, epoch_1904: bool) -> String {
        let serial = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, epoch_1904);
        text(Value::Serial(serial), Format { pad: 0, moment }, epoch_1904).0
    }

    #[test]
    fn numbers_keep_their_digits() {
        let plain = |v| text(Value::Float(v), Format::default(), false);
        assert_eq!(plain(501.0), ("501".into(), Some(Kind::Number)));
        assert_eq!(plain(-0.0), ("0".into(), Some(Kind::Number)));
        assert_eq!(plain(0.25), ("0.25".into(), Some(Kind::Number)));
        assert_eq!(plain(1e-7), ("0.0000001".into(), Some(Kind::Number)));
        assert_eq!(plain(123_456_789_012_345.0), ("123456789012345".into(), Some(Kind::Number)));
        assert_eq!(plain(4_111_111_111_111_110.0), ("4.11111111111111E+15".into(), Some(Kind::DigitsLost)));
        assert_eq!(plain(4_111_111_111_111_111.0), ("4111111111111111".into(), Some(Kind::DigitsLost)));
        assert_eq!(
            plain(1_001_234_567_890_123_456.0),
            ("1.0012345678901235E+18".into(), Some(Kind::DigitsLost))
        );
        assert_eq!(plain(1e21), ("1E+21".into(), Some(Kind::DigitsLost)));
        assert_eq!(plain(f64::NAN), (String::new(), Some(Kind::Error)));
        let padded = |v| text(Value::Float(v), Format { pad: 5, ..Format::default() }, false).0;
        assert_eq!(
            (padded(501.0), padded(-501.0), padded(0.5)),
            ("00501".into(), "-501".into(), "0.5".into())
        );
        assert_eq!(text(Value::Int(i64::MIN), Format::default(), false).1, Some(Kind::DigitsLost));
    }

    #[test]
    fn dates_of_both_systems() {
        assert_eq!(date(45_322.0, Moment::Date, false), "2024-01-31");
        assert_eq!(date(45_322.437_5, Moment::Both, false), "2024-01-31T10:30:00");
        assert_eq!(date(45_322.0, Moment::Both, false), "2024-01-31T00:00:00");
        assert_eq!(date(45_322.5, Moment::Date, false), "2024-01-31T12:00:00");
        assert_eq!(date(45_322.999_999_999, Moment::Unknown, false), "2024-02-01");
        assert_eq!(date(0.4375, Moment::Time, false), "10:30:00");
        assert_eq!(date(0.4375, Moment::Unknown, false), "10:30:00");
        assert_eq!(date(43_860.0, Moment::Date, true), "2024-01-31");
        assert_eq!(date(0.0, Moment::Date, true), "1904-01-01");
        assert_eq!(date(1.0, Moment::Date, false), "1900-01-01");
        assert_eq!(date(59.0, Moment::Date, false), "1900-02-28");
        assert_eq!(date(61.0, Moment::Date, false), "1900-03-01");
        assert_eq!(date(2_958_465.0, Moment::Date, false), "9999-12-31");
    }

    #[test]
    fn days_that_no_calendar_has_stay_numbers() {
        for (serial, moment, epoch) in [
            (60.0, Moment::Date, false),
            (0.0, Moment::Date, false),
            (-1.0, Moment::Unknown, false),
            (2_958_466.0, Moment::Unknown, false),
            (2_957_004.0, Moment::Unknown, true),
            (f64::INFINITY, Moment::Unknown, false),
        ] {
            let value = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, epoch);
            let kind = text(Value::Serial(value), Format { pad: 0, moment }, epoch).1;
            assert_eq!(kind, Some(Kind::DateOutside), "{serial}");
        }
    }

    #[test]
    fn durations() {
        let hours = |v| {
            let serial = ExcelDateTime::new(v, ExcelDateTimeType::TimeDelta, false);
            text(Value::Serial(serial), Format::default(), false).0
        };
        assert_eq!(hours(1.260_416_666_666_67), "30:15:00");
        assert_eq!(hours(-0.0625), "-01:30:00");
        assert_eq!(hours(1e300), "1E+300");
        let iso = |v| text(Value::Duration(v), Format::default(), false).0;
        assert_eq!(iso("PT10H30M00S"), "10:30:00");
        assert_eq!(iso("PT1M0.5S"), "00:01:00.500");
        assert_eq!(iso("-P1DT1H"), "-25:00:00");
        assert_eq!(iso("P1Y"), "P1Y");
        assert_eq!(iso("\u{e9}"), "\u{e9}");
    }
}
