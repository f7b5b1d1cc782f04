//! `parse_time`: a time of day that stands alone.

use std::sync::Arc;

use arrow::array::{ArrayRef, Time64MicrosecondArray};
use arrow::datatypes::{DataType, TimeUnit};
use chrono::{NaiveTime, Timelike};
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature};
use super::calendar::parse_time_of_day;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "Time and Date Functions"),
    description = r#"Reads a time of day: `14:30`, `14:30:05.123`, `2 pm`, `2:30 p.m.`, `14h30`, `14 Uhr`, `14.30 Uhr`. NULL for what is none: `24:00`, a number alone, a date, a time with an offset. More than microseconds are cut off."#,
    syntax_example = "parse_time(text)",
    sql_example = r#"```sql
> SELECT parse_time('2:30 pm'), parse_time('14h30'), parse_time('1430');
14:30:00  14:30:00  NULL
```"#,
    argument(name = "text", description = "The text."),
    related_udf(name = "parse_timestamp"),
    related_udf(name = "parse_duration")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ParseTime;

scalar_function!(
    ParseTime,
    "parse_time",
    text_signature(1),
    DataType::Time64(TimeUnit::Microsecond),
    strict,
    |name, args| {
        evaluate(name, &args, |[text], rows| {
            let times = (0..rows).map(|row| text.get(row).and_then(parse_time).map(microseconds));
            Ok(Arc::new(times.collect::<Time64MicrosecondArray>()) as ArrayRef)
        })
    }
);

fn microseconds(time: NaiveTime) -> i64 {
    i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1_000)
}

/// A time of day, or `None` for anything else.
pub(super) fn parse_time(text: &str) -> Option<NaiveTime> {
    parse_time_of_day(text).or_else(|| parse_time_of_day(&with_colon(text)?))
}

/// `14.30 Uhr` with a colon: only the word says that the point stands before minutes.
fn with_colon(text: &str) -> Option<String> {
    let text = text.trim();
    let at = text.len().checked_sub(3)?;
    let (clock, word) = (text.get(..at)?, text.get(at..)?);
    (word.eq_ignore_ascii_case("uhr") && clock.matches('.').count() == 1)
        .then(|| format!("{}{word}", clock.replace('.', ":")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<String> {
        parse_time(text).map(|time| time.format("%H:%M:%S%.f").to_string())
    }

    #[test]
    fn reads_times_of_day() {
        for (text, wanted) in [
            ("14:30", "14:30:00"),
            (" 8:05 ", "08:05:00"),
            ("14:30:05", "14:30:05"),
            ("14:30:05.250", "14:30:05.250"),
            ("2 pm", "14:00:00"),
            ("2pm", "14:00:00"),
            ("2:30 p.m.", "14:30:00"),
            ("12:15 AM", "00:15:00"),
            ("12 pm", "12:00:00"),
            ("14h30", "14:30:00"),
            ("14h", "14:00:00"),
            ("14 Uhr", "14:00:00"),
            ("14:30 Uhr", "14:30:00"),
            ("14.30 Uhr", "14:30:00"),
            ("T14:30:00", "14:30:00"),
            ("00:00", "00:00:00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(wanted), "{text:?}");
        }
    }

    #[test]
    fn near_misses_are_no_times() {
        for text in [
            "",
            "14",
            "1430",
            "24:00",
            "12:60",
            "12:30:61",
            "13 pm",
            "0 am",
            "14.30",
            "14:3",
            "1:2:3",
            "14:30Z",
            "14:30+02:00",
            "noon",
            "2025-03-01",
            "2025-03-01T14:30",
            "14:30 15:00",
            "h",
            "uhr",
            "pm",
            ":30",
            "14:",
            "-1:30",
            "ühr",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_time_is_read_in_both_halves_of_the_day(hour in 0_u32..24, minute in 0_u32..60) {
            let wanted = NaiveTime::from_hms_opt(hour, minute, 0);
            prop_assert_eq!(parse_time(&format!("{hour}:{minute:02}")), wanted);
            let half = if hour < 12 { "am" } else { "PM" };
            prop_assert_eq!(parse_time(&format!("{}:{minute:02} {half}", (hour + 11) % 12 + 1)), wanted);
        }

        #[test]
        fn never_panics(text in any::<String>(), close in "[0-9]{0,3}[:.hT ][0-9]{0,3}( ?(am|pm|Uhr|Z|\\+0))?") {
            parse_time(&text);
            parse_time(&close);
        }
    }
}
