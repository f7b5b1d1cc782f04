//! Values of a cursor: their order, how they are stored, and how far a reading looks back.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// Zones are at most so far ahead of UTC.
const MOST_AHEAD: i64 = 14 * 3_600 * SECOND;
/// The years 1 to 9999, in microseconds since 1970.
pub(super) const CALENDAR: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// Of what sort the values of a cursor are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Real,
    Date,
    /// A time without zone.
    Local,
    Instant,
    Text,
}

/// A value of a cursor.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    Integer(i64),
    Real(f64),
    /// Days since 1970.
    Date(i32),
    /// Microseconds since 1970.
    Local(i64),
    /// Microseconds since 1970 UTC.
    Instant(i64),
    Text(String),
}

impl Kind {
    const WORDS: [(Self, &'static str); 6] = [
        (Self::Integer, "integer"),
        (Self::Real, "real"),
        (Self::Date, "date"),
        (Self::Local, "local"),
        (Self::Instant, "instant"),
        (Self::Text, "text"),
    ];

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(kind, _)| *kind == self).map_or("text", |(_, word)| word)
    }

    /// For messages.
    pub(super) fn is_called(self) -> &'static str {
        match self {
            Self::Integer => "a whole number",
            Self::Real => "a number",
            Self::Date => "a date",
            Self::Local => "a time without zone",
            Self::Instant => "a time",
            Self::Text => "a text",
        }
    }
}

impl Mark {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Integer(_) => Kind::Integer,
            Self::Real(_) => Kind::Real,
            Self::Date(_) => Kind::Date,
            Self::Local(_) => Kind::Local,
            Self::Instant(_) => Kind::Instant,
            Self::Text(_) => Kind::Text,
        }
    }

    /// Reads a value as people write it.
    pub(super) fn parse(kind: Kind, text: &str) -> Option<Self> {
        let text = text.trim();
        Some(match kind {
            Kind::Integer => Self::Integer(text.parse().ok()?),
            Kind::Real => Self::Real(text.parse::<f64>().ok().filter(|value| value.is_finite())?),
            Kind::Date => Self::Date(i32::try_from(moment(text)?.0.div_euclid(DAY)).ok()?),
            Kind::Local => match moment(text)? {
                (micros, false) => Self::Local(micros),
                (_, true) => return None,
            },
            Kind::Instant => Self::Instant(moment(text)?.0),
            Kind::Text => Self::Text(text.to_owned()),
        })
    }

    /// As the store keeps it: its kind and its value.
    pub(super) fn stored(&self) -> String {
        format!("{}:{self}", self.kind().word())
    }

    /// Reads what the store keeps.
    pub(super) fn of_stored(text: &str) -> Option<Self> {
        let (word, value) = text.split_once(':')?;
        let (kind, _) = Kind::WORDS.iter().find(|(_, known)| *known == word)?;
        match kind {
            Kind::Text => Some(Self::Text(value.to_owned())),
            kind => Self::parse(*kind, value),
        }
    }

    /// Whether it comes after another value of the same kind. Texts are compared byte by byte.
    pub(super) fn is_after(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b))
            | (Self::Local(a), Self::Local(b))
            | (Self::Instant(a), Self::Instant(b)) => a > b,
            (Self::Date(a), Self::Date(b)) => a > b,
            (Self::Text(a), Self::Text(b)) => a > b,
            (a, b) => match (a.number(), b.number()) {
                (Some(a), Some(b)) => a > b,
                _ => false,
            },
        }
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "whole and other numbers in one column are compared as SQLite does, nearly"
    )]
    fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Real(value) => Some(*value),
            _ => None,
        }
    }

    /// Whether it lies in the future, seen from `now` (microseconds since 1970 UTC). Such a value is a mistake or a plan:
    /// behind it, everything that is written until then would be passed over.
    pub(super) fn is_ahead(&self, now: i64) -> bool {
        match self {
            Self::Integer(_) | Self::Real(_) => false,
            Self::Date(days) => i64::from(*days) * DAY > now.saturating_add(MOST_AHEAD),
            Self::Local(micros) => *micros > now.saturating_add(MOST_AHEAD),
            Self::Instant(micros) => *micros > now,
            Self::Text(text) => {
                written_moment(text).is_some_and(|micros| micros > now.saturating_add(MOST_AHEAD))
            }
        }
    }

    /// A date whose text does not sort as the calendar does: `31.12.2024`.
    pub(super) fn sorts_otherwise(&self) -> bool {
        let Self::Text(text) = self else { return false };
        let parts: Vec<&str> = text.splitn(3, ['.', '/', '-']).collect();
        let digits = |part: &str, most: usize| {
            !part.is_empty() && part.len() <= most && part.bytes().all(|b| b.is_ascii_digit())
        };
        matches!(parts.as_slice(), [a, b, c] if digits(a, 2) && digits(b, 2) && c.starts_with(|c: char| c.is_ascii_digit()))
    }

    /// The value so much before; nothing where the two do not go together.
    pub(super) fn back(&self, lookback: Lookback) -> Option<Self> {
        Some(match (self, lookback) {
            (Self::Integer(value), Lookback::Number(by)) => Self::Integer(value.saturating_sub(by)),
            #[allow(clippy::cast_precision_loss, reason = "a lookback is no exact figure")]
            (Self::Real(value), Lookback::Number(by)) => Self::Real(value - by as f64),
            (Self::Date(days), Lookback::Time(by)) => {
                let whole = by.div_euclid(DAY) + i64::from(by.rem_euclid(DAY) > 0);
                let first = i32::try_from(CALENDAR.start() / DAY).unwrap_or(i32::MIN);
                Self::Date(days.saturating_sub(i32::try_from(whole).unwrap_or(i32::MAX)).max(first))
            }
            (Self::Local(micros), Lookback::Time(by)) => Self::Local(back(*micros, by)),
            (Self::Instant(micros), Lookback::Time(by)) => Self::Instant(back(*micros, by)),
            (Self::Text(text), Lookback::Time(by)) => {
                let earlier = back(written_moment(text)?, by);
                // Without fraction, and with a blank, which sorts before `T`: rather some rows more.
                let shown = Self::Local(earlier - earlier.rem_euclid(SECOND)).to_string();
                let to_day = shown.get(..10)?.to_owned();
                let to_second = shown.get(..19)?.replace('T', " ");
                Self::Text(if text.len() <= 10 { to_day } else { to_second })
            }
            _ => return None,
        })
    }
}

fn back(micros: i64, by: i64) -> i64 {
    micros.saturating_sub(by).max(*CALENDAR.start())
}

impl std::fmt::Display for Mark {
    /// As the database reads it, and as people do.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = |micros: i64| DateTime::from_timestamp_micros(micros).map(|time| time.naive_utc());
        match self {
            Self::Integer(value) => write!(f, "{value}"),
            Self::Real(value) => write!(f, "{value:?}"),
            Self::Text(text) => f.write_str(text),
            Self::Date(days) => match time(i64::from(*days) * DAY) {
                Some(time) => write!(f, "{:04}-{:02}-{:02}", time.year(), time.month(), time.day()),
                None => f.write_str("beyond the calendar"),
            },
            Self::Local(micros) | Self::Instant(micros) => match time(*micros) {
                Some(time) => {
                    let zone = if matches!(self, Self::Instant(_)) { "Z" } else { "" };
                    write!(f, "{}{zone}", time.format("%Y-%m-%dT%H:%M:%S%.6f"))
                }
                None => f.write_str("beyond the calendar"),
            },
        }
    }
}

/// Microseconds since 1970, and whether a zone was given; a time without one is taken as UTC.
fn moment(text: &str) -> Option<(i64, bool)> {
    let inside = |micros: i64, zoned: bool| CALENDAR.contains(&micros).then_some((micros, zoned));
    if let Ok(time) = DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)) {
        return inside(time.timestamp_micros(), true);
    }
    let text = text.replacen('T', " ", 1);
    for format in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(&text, format) {
            return inside(time.and_utc().timestamp_micros(), false);
        }
    }
    let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()?;
    inside(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros(), false)
}

/// The moment that a text in ISO form means.
fn written_moment(text: &str) -> Option<i64> {
    text.is_char_boundary(10).then(|| moment(text)).flatten().map(|(micros, _)| micros)
}

/// How much before the watermark is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lookback {
    /// Microseconds.
    Time(i64),
    /// For a cursor that counts.
    Number(i64),
}

impl std::str::FromStr for Lookback {
    type Err = String;

    /// `10 minutes`, `2h`, `1 day`; `500` for a cursor that counts.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let wrong = || {
            "write a length of time such as 10 minutes, 2 h or 1 day, or a number for a cursor that counts"
                .to_owned()
        };
        let number: i64 = text[..end].parse().map_err(|_| wrong())?;
        let seconds = match text[end..].trim().to_lowercase().as_str() {
            "" => return Ok(Self::Number(number)),
            "s" | "sec" | "second" | "seconds" => 1,
            "m" | "min" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3_600,
            "d" | "day" | "days" => 86_400,
            _ => return Err(wrong()),
        };
        number.checked_mul(seconds * SECOND).map(Self::Time).ok_or_else(wrong)
    }
}

impl std::fmt::Display for Lookback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Time(micros) => write!(f, "{} s", micros / SECOND),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Lookback, Mark};

    fn mark(kind: Kind, text: &str) -> Mark {
        Mark::parse(kind, text).unwrap()
    }

    #[test]
    fn values_come_back_as_they_were_stored() {
        for (kind, text, stored) in [
            (Kind::Integer, "-7", "integer:-7"),
            (Kind::Real, "0.1", "real:0.1"),
            (Kind::Date, "2025-03-01", "date:2025-03-01"),
            (Kind::Local, "2025-03-01 10:00", "local:2025-03-01T10:00:00.000000"),
            (Kind::Instant, "2025-03-01T12:00:00.25+02:00", "instant:2025-03-01T10:00:00.250000Z"),
            (Kind::Instant, "2025-03-01", "instant:2025-03-01T00:00:00.000000Z"),
            (Kind::Text, "a:b", "text:a:b"),
        ] {
            let value = mark(kind, text);
            assert_eq!(value.stored(), stored);
            assert_eq!(Mark::of_stored(stored), Some(value));
        }
        for (kind, text) in [
            (Kind::Integer, "x"),
            (Kind::Date, "1.2.2025"),
            (Kind::Local, "2025-01-01T00:00:00Z"),
            (Kind::Real, "NaN"),
        ] {
            assert_eq!(Mark::parse(kind, text), None, "{text}");
        }
        assert_eq!(Mark::of_stored("what"), None);
    }

    #[test]
    fn a_lookback_goes_back_by_the_measure_of_the_cursor() {
        let back = |kind, text, by: &str| mark(kind, text).back(by.parse().unwrap()).map(|m| m.to_string());
        assert_eq!(back(Kind::Integer, "100", "30").as_deref(), Some("70"));
        assert_eq!(
            back(Kind::Instant, "2025-03-01", "10 minutes").as_deref(),
            Some("2025-02-28T23:50:00.000000Z")
        );
        assert_eq!(back(Kind::Date, "2025-03-01", "2h").as_deref(), Some("2025-02-28"));
        assert_eq!(back(Kind::Text, "2025-03-01T10:00:00Z", "1 day").as_deref(), Some("2025-02-28 10:00:00"));
        assert_eq!(back(Kind::Text, "2025-03-01", "1 day").as_deref(), Some("2025-02-28"));
        assert_eq!(back(Kind::Integer, "100", "1 h"), None);
        assert_eq!(back(Kind::Text, "abc", "1 h"), None);
        assert!("ten".parse::<Lookback>().is_err() && "10 moons".parse::<Lookback>().is_err());
    }

    #[test]
    fn what_is_ahead_or_sorts_otherwise_is_seen() {
        let now = 1_740_787_200_000_000; // 2025-03-01
        assert!(mark(Kind::Instant, "2025-03-01T00:00:01Z").is_ahead(now));
        assert!(!mark(Kind::Local, "2025-03-01T10:00:00").is_ahead(now));
        assert!(mark(Kind::Date, "2099-01-01").is_ahead(now));
        assert!(mark(Kind::Text, "2099-01-01 00:00:00").is_ahead(now));
        assert!(!mark(Kind::Text, "zzz").is_ahead(now));
        assert!(mark(Kind::Text, "31.12.2024").sorts_otherwise());
        assert!(!mark(Kind::Text, "2024-12-31").sorts_otherwise());
    }
}
