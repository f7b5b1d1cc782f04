//! Times of day and their offsets.

use chrono::NaiveTime;

use super::scan::{LONGEST_TEXT, number, skip, take_digits, take_word};
use super::words::{Word, is};

/// Reads a time behind a date to the end of the text; nothing at all is fine too.
pub(super) fn time_and_offset(text: &str) -> Option<(Option<NaiveTime>, Option<i32>)> {
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
pub fn parse_time_of_day(text: &str) -> Option<NaiveTime> {
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
