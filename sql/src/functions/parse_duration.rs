//! `parse_duration`: how long something takes, as whole seconds.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};
use arrow::datatypes::DataType;
use datafusion_common::exec_err;
use datafusion_common::types::logical_string;
use datafusion_expr::{Coercion, Signature, TypeSignature, TypeSignatureClass, Volatility};
use datafusion_macros::user_doc;

use super::arguments::evaluate;
use super::null_if_word::constant;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "Time and Date Functions"),
    description = r#"Reads a length of time as whole seconds: `1:30` (hours and minutes), `1:30:00`, `1h30`, `1 h 30 min`, `90 min`, `1.5 h`, `1,5 Std.`, `PT1H30M`. A number alone has a length only where `unit` says of what. Parts of a second are rounded. NULL for what is none, for what is negative, and for days, months and years, whose length nobody knows; a day of ISO 8601 (`P1DT2H`) has 24 hours."#,
    syntax_example = "parse_duration(text[, unit])",
    sql_example = r#"```sql
> SELECT parse_duration('1:30'), parse_duration('90 min'), parse_duration('1.5', 'hours'), parse_duration('90');
5400  5400  5400  NULL
```"#,
    argument(name = "text", description = "The text."),
    argument(name = "unit", description = "'hours', 'minutes' or 'seconds', of numbers alone; a constant."),
    related_udf(name = "parse_time")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ParseDuration;

scalar_function!(ParseDuration, "parse_duration", takes(), DataType::Int64, lenient, |name, mut args| {
    let unit = match constant(args.args.get(1))?.as_deref() {
        None => None,
        Some("hours") => Some(Unit::Hour),
        Some("minutes") => Some(Unit::Minute),
        Some("seconds") => Some(Unit::Second),
        Some(other) => {
            return exec_err!("parse_duration knows 'hours', 'minutes' and 'seconds', not '{other}'");
        }
    };
    args.args.truncate(1);
    evaluate(name, &args, |[text], rows| {
        let lengths = (0..rows).map(|row| text.get(row).and_then(|text| parse_duration(text, unit)));
        Ok(Arc::new(lengths.collect::<Int64Array>()) as ArrayRef)
    })
});

fn takes() -> Signature {
    let text = Coercion::new_exact(TypeSignatureClass::Native(logical_string()));
    let shapes = [1, 2].map(|texts| TypeSignature::Coercible(vec![text.clone(); texts]));
    Signature::one_of(shapes.to_vec(), Volatility::Immutable)
}

/// What a number counts, the longest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    Hour,
    Minute,
    Second,
}

impl Unit {
    fn seconds(self) -> i64 {
        match self {
            Self::Hour => 3_600,
            Self::Minute => 60,
            Self::Second => 1,
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        const HOURS: [&str; 16] = [
            "h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden", "heure", "heures", "hora",
            "horas", "ora", "ore", "uur", "uren",
        ];
        const MINUTES: [&str; 11] = [
            "m", "min", "mins", "minute", "minutes", "minuten", "minuto", "minutos", "minuti", "minuut", "mn",
        ];
        const SECONDS: [&str; 14] = [
            "s", "sec", "secs", "second", "seconds", "sek", "sekunde", "sekunden", "seconde", "secondes",
            "segundo", "segundos", "secondi", "seconden",
        ];
        let word = word.to_lowercase();
        let units = [(Self::Hour, &HOURS[..]), (Self::Minute, &MINUTES[..]), (Self::Second, &SECONDS[..])];
        units.into_iter().find(|(_, words)| words.contains(&word.as_str())).map(|(unit, _)| unit)
    }
}

/// Longer texts are no lengths of time.
const LONGEST: usize = 64;
/// More digits are no length that anybody measured.
const MOST_DIGITS: usize = 12;

/// Whole seconds; `None` for what is no length of time. `unit` is that of a number alone.
pub(super) fn parse_duration(text: &str, unit: Option<Unit>) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    if let Some(rest) = text.strip_prefix(['P', 'p']) {
        return iso(rest);
    }
    if text.contains(':') {
        return clock(text);
    }
    match number(text)? {
        (amount, "") => Some(rounded(amount.of(unit?.seconds())?)),
        _ => parts(text),
    }
}

/// A number with decimals: how many of them, and the number without its point.
#[derive(Clone, Copy)]
struct Amount {
    digits: i64,
    decimals: u32,
}

/// Millionths of a second.
type Micros = i64;

impl Amount {
    fn of(self, seconds: i64) -> Option<Micros> {
        let micros = i128::from(self.digits) * i128::from(seconds) * 1_000_000;
        i64::try_from(micros / 10_i128.pow(self.decimals)).ok()
    }

    fn is_whole(self) -> bool {
        self.decimals == 0
    }
}

fn rounded(length: Micros) -> i64 {
    length.saturating_add(500_000).div_euclid(1_000_000)
}

/// The number that a text begins with, and what stands behind it.
fn number(text: &str) -> Option<(Amount, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let (whole, part) = number.split_once(['.', ',']).unwrap_or((number, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(part) || whole.is_empty() || (number.len() > whole.len() && part.is_empty()) {
        return None;
    }
    let part = part.trim_end_matches('0');
    if whole.len() + part.len() > MOST_DIGITS {
        return None;
    }
    let digits = format!("{whole}{part}").parse().ok()?;
    Some((Amount { digits, decimals: u32::try_from(part.len()).ok()? }, rest))
}

/// `1:30` is an hour and a half, `1:30:15` has seconds as well.
fn clock(text: &str) -> Option<i64> {
    let parts: Vec<&str> = text.split(':').collect();
    let (hours, minutes, seconds) = match *parts.as_slice() {
        [hours, minutes] => (hours, minutes, "00"),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    let (seconds, part) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let two = |text: &str| {
        let fits = text.len() == 2 && plain(text);
        if fits { text.parse::<i64>().ok().filter(|n| *n < 60) } else { None }
    };
    if !plain(hours) || hours.len() > 6 || !plain(part) || part.len() > 9 {
        return None;
    }
    let up = i64::from(part.as_bytes().first().is_some_and(|digit| *digit >= b'5'));
    let hours: i64 = hours.parse().ok()?;
    Some(hours * 3_600 + two(minutes)? * 60 + two(seconds)? + up)
}

/// `1 h 30 min`, the longest first and each once; a number behind hours alone counts minutes.
fn parts(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut length: Micros = 0;
    let mut last: Option<Unit> = None;
    while !rest.is_empty() {
        let (amount, behind) = number(rest)?;
        let behind = behind.trim_start();
        let end = behind.find(|c: char| !c.is_alphabetic()).unwrap_or(behind.len());
        let (word, behind) = behind.split_at(end);
        let unit = match (word, last) {
            ("", Some(Unit::Hour)) if behind.is_empty() && amount.is_whole() && amount.digits < 60 => {
                Unit::Minute
            }
            _ => Unit::of_word(word)?,
        };
        if last.is_some_and(|last| last >= unit) {
            return None;
        }
        length = length.checked_add(amount.of(unit.seconds())?)?;
        last = Some(unit);
        rest = joined(behind);
    }
    last.map(|_| rounded(length))
}

/// What stands behind a unit, without what only joins it to the next.
fn joined(text: &str) -> &str {
    let text = text.strip_prefix('.').unwrap_or(text).trim_start();
    let text = text.strip_prefix(',').map_or(text, str::trim_start);
    let words = ["and ", "und ", "et ", "y ", "e ", "en "];
    words.iter().find_map(|word| text.strip_prefix(word)).map_or(text, str::trim_start)
}

/// What stands behind the `P` of ISO 8601.
fn iso(text: &str) -> Option<i64> {
    let (days, times) = text.split_once(['T', 't']).unwrap_or((text, ""));
    let mut length: Micros = 0;
    let mut any = false;
    let mut take = |text: &str, units: &[(char, i64)]| -> Option<()> {
        let (mut rest, mut place) = (text, 0);
        while !rest.is_empty() {
            let (amount, behind) = number(rest)?;
            let letter = behind.chars().next()?.to_ascii_uppercase();
            let found = place + units.get(place..)?.iter().position(|(unit, _)| *unit == letter)?;
            length = length.checked_add(amount.of(units[found].1)?)?;
            any = true;
            (rest, place) = (&behind[1..], found + 1);
        }
        Some(())
    };
    take(days, &[('W', 604_800), ('D', 86_400)])?;
    take(times, &[('H', 3_600), ('M', 60), ('S', 1)])?;
    (any && (times.is_empty() != text.contains(['T', 't']))).then(|| rounded(length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_lengths_of_time() {
        for (text, wanted) in [
            ("1:30", 5_400),
            ("0:05", 300),
            ("100:00", 360_000),
            ("1:30:15", 5_415),
            ("01:30:00.000", 5_400),
            ("1h30", 5_400),
            ("1h 30m", 5_400),
            ("1 h 30 min", 5_400),
            ("1 hour and 30 minutes", 5_400),
            ("2 Std. 15 Min.", 8_100),
            ("90 min", 5_400),
            ("90min", 5_400),
            ("1.5 h", 5_400),
            ("1,5 Std.", 5_400),
            ("1.25 hours", 4_500),
            ("0.3333 h", 1_200),
            ("45 s", 45),
            ("1 hours 30 mins 5.000000000 secs", 5_405),
            ("PT1H30M", 5_400),
            ("PT5400S", 5_400),
            ("PT1.5H", 5_400),
            ("P1DT2H", 93_600),
            ("pt45m", 2_700),
            ("PT0S", 0),
        ] {
            assert_eq!(parse_duration(text, None), Some(wanted), "{text:?}");
        }
        assert_eq!(parse_duration("1.5", Some(Unit::Hour)), Some(5_400));
        assert_eq!(parse_duration("90", Some(Unit::Minute)), Some(5_400));
        assert_eq!(parse_duration("1:30", Some(Unit::Minute)), Some(5_400));
    }

    #[test]
    fn near_misses_are_none() {
        for text in [
            "",
            "90",
            "1.5",
            "1:3",
            "1:60",
            "1:30:61",
            ":30",
            "1:",
            "1:30:",
            "1:2:3:4",
            "-1:30",
            "-1 h",
            "1 d",
            "2 days",
            "3 Monate",
            "30 min 1 h",
            "1 h 2 h",
            "1h75",
            "1h 1.5",
            "h",
            "P",
            "PT",
            "P1Y",
            "P1M",
            "PT1H30",
            "PT30M1H",
            "P1DT",
            "1 parsec",
            "1.",
            "1,,5 h",
            "1h30x",
            "half an hour",
            "1 h 30 min 5",
        ] {
            assert_eq!(parse_duration(text, None), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_spelling_is_the_same_length(hours in 0_i64..1_000, minutes in 0_i64..60) {
            let wanted = Some(hours * 3_600 + minutes * 60);
            for text in [
                format!("{hours}:{minutes:02}"),
                format!("{hours}h{minutes}"),
                format!("{hours} h {minutes} min"),
                format!("PT{hours}H{minutes}M"),
                format!("{} min", hours * 60 + minutes),
            ] {
                prop_assert_eq!(parse_duration(&text, None), wanted, "{}", text);
            }
        }

        #[test]
        fn never_panics(text in any::<String>(), close in "P?T?[0-9]{0,14}[:.,]?[0-9]{0,4} ?(h|min|H|M|S|D|Std\\.)?[0-9]{0,3}") {
            for text in [text, close] {
                parse_duration(&text, None);
                parse_duration(&text, Some(Unit::Hour));
            }
        }
    }
}
