//! `parse_timestamp`: a moment in whatever form it comes, in UTC.

use arrow::array::{ArrayRef, TimestampMicrosecondBuilder};
use arrow::datatypes::TimeUnit;
use std::sync::Arc;

use arrow::datatypes::DataType;
use chrono::{FixedOffset, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use datafusion_common::Result;
use datafusion_common::exec_err;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature};
use super::calendar::{DateOrder, parse_moment};
use super::parse_date::order_of;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "Time and Date Functions"),
    description = r#"Reads a date as `parse_date` does, with an optional time of day (`14:30`, `14:30:05.123`, `2:30 PM`, `14h30`, `14:30 Uhr`; midnight without one) and offset (`Z`, `+02:00`, `+0200`, `+02`). A time without offset is local in `time_zone`, an IANA name such as 'Europe/Berlin' or an offset such as '+02:00' (NULL: UTC). When clocks go back, a local time that occurs twice is the earlier of the two; when they go forward, one that does not occur is counted from before the change, so 02:30 becomes 03:30. More than microseconds are cut off."#,
    syntax_example = "parse_timestamp(text, order, time_zone)",
    sql_example = r#"```sql
> SELECT parse_timestamp('31.12.2024 14:30', 'dmy', 'Europe/Berlin');
2024-12-31T13:30:00Z
```"#,
    argument(name = "text", description = "A date and time."),
    argument(name = "order", description = "'dmy', 'mdy', 'ymd' or 'auto'; see `parse_date`."),
    argument(name = "time_zone", description = "Where local times are local."),
    related_udf(name = "parse_date"),
    related_udf(name = "date_ambiguous")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ParseTimestamp;

scalar_function!(
    ParseTimestamp,
    "parse_timestamp",
    text_signature(3),
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    lenient,
    |function, args| {
        evaluate(function, &args, |[text, order, time_zone], rows| {
            let mut moments = TimestampMicrosecondBuilder::with_capacity(rows).with_timezone("UTC");
            let mut known: Option<(&str, Zone)> = None;
            for row in 0..rows {
                let order = order_of(&order, row)?;
                let zone = match (time_zone.get(row), known) {
                    (None, _) => Zone::Offset(0),
                    (Some(name), Some((other, zone))) if name == other => zone,
                    (Some(name), _) => Zone::from_name(name)?,
                };
                known = time_zone.get(row).map(|name| (name, zone));
                moments.append_option(text.get(row).and_then(|text| parse_timestamp(text, order, zone)));
            }
            Ok(Arc::new(moments.finish()) as ArrayRef)
        })
    }
);

/// Whether `parse_timestamp` takes this as its `time_zone`.
pub fn is_time_zone(name: &str) -> bool {
    Zone::from_name(name).is_ok()
}

/// Where local times are local.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    Named(Tz),
    /// Seconds east of Greenwich.
    Offset(i32),
}

impl Zone {
    /// An unknown zone is a mistake in the query, not in the data.
    pub(super) fn from_name(name: &str) -> Result<Self> {
        if let Ok(zone) = name.parse() {
            return Ok(Self::Named(zone));
        }
        match name.parse::<FixedOffset>() {
            Ok(offset) => Ok(Self::Offset(offset.local_minus_utc())),
            Err(_) => exec_err!(
                "'{name}' is neither a time zone such as 'Europe/Berlin' nor an offset such as '+02:00'"
            ),
        }
    }

    /// The local time at a time of UTC.
    pub(super) fn local_of(self, utc: NaiveDateTime) -> Option<NaiveDateTime> {
        match self {
            Self::Named(zone) => Some(zone.from_utc_datetime(&utc).naive_local()),
            Self::Offset(offset) => utc.checked_add_signed(TimeDelta::seconds(offset.into())),
        }
    }

    /// Seconds east of Greenwich at a local time.
    fn offset_at(self, local: NaiveDateTime) -> Option<i32> {
        /// No clock was ever moved forward by more than a day.
        const LONGEST_GAP: TimeDelta = TimeDelta::hours(25);

        let zone = match self {
            Self::Offset(offset) => return Some(offset),
            Self::Named(zone) => zone,
        };
        let offset = match zone.offset_from_local_datetime(&local).earliest() {
            Some(offset) => offset,
            None => {
                let before = local.checked_sub_signed(LONGEST_GAP)?;
                zone.offset_from_local_datetime(&before).latest()?
            }
        };
        Some(offset.fix().local_minus_utc())
    }
}

/// Microseconds since 1970 UTC.
fn parse_timestamp(text: &str, order: DateOrder, zone: Zone) -> Option<i64> {
    let moment = parse_moment(text, order)?;
    let local = moment.date.and_time(moment.time.unwrap_or(NaiveTime::MIN));
    let offset = match moment.offset {
        Some(offset) => offset,
        None => zone.offset_at(local)?,
    };
    let utc = local.checked_sub_signed(TimeDelta::seconds(offset.into()))?;
    Some(utc.and_utc().timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use proptest::prelude::*;

    fn moment(text: &str, zone: &str) -> Option<String> {
        let zone = Zone::from_name(zone).unwrap();
        let micros = parse_timestamp(text, DateOrder::Auto, zone)?;
        Some(DateTime::from_timestamp_micros(micros)?.format("%Y-%m-%dT%H:%M:%S%.f").to_string())
    }

    #[test]
    fn reads_times_and_offsets() {
        for (text, wanted) in [
            ("2024-12-31T14:30:05Z", "2024-12-31T14:30:05"),
            ("2024-12-31 14:30:05+00", "2024-12-31T14:30:05"),
            ("2024-12-31T14:30:05.123456789+02:00", "2024-12-31T12:30:05.123456"),
            ("2024-12-31T14:30:05,5-0530", "2024-12-31T20:00:05.500"),
            ("20241231T143005Z", "2024-12-31T14:30:05"),
            ("2024-12-31", "2024-12-31T00:00:00"),
            ("31.12.2024 14:30", "2024-12-31T14:30:00"),
            ("31.12.2024, 14:30 Uhr", "2024-12-31T14:30:00"),
            ("31. Dezember 2024 um 14:30 Uhr", "2024-12-31T14:30:00"),
            ("31 d\u{e9}cembre 2024 \u{e0} 14h30", "2024-12-31T14:30:00"),
            ("31 de diciembre de 2024 a las 14:30", "2024-12-31T14:30:00"),
            ("12/31/2024 2:30 PM", "2024-12-31T14:30:00"),
            ("12/31/2024 2:30:05 p.m.", "2024-12-31T14:30:05"),
            ("12/31/2024 12:30am", "2024-12-31T00:30:00"),
            ("12/31/2024 12 PM", "2024-12-31T12:00:00"),
            ("Tue, 31 Dec 2024 14:30:00 +0000", "2024-12-31T14:30:00"),
            ("Tue, 31 Dec 2024 14:30:00 GMT", "2024-12-31T14:30:00"),
            ("2024-12-31 14:30:00 UTC+2", "2024-12-31T12:30:00"),
            ("1735655400", "2024-12-31T14:30:00"),
            ("1735655400123", "2024-12-31T14:30:00.123"),
        ] {
            assert_eq!(moment(text, "UTC").as_deref(), Some(wanted), "{text:?}");
        }
        for text in [
            "2024-12-31 24:00",
            "2024-12-31 14:60",
            "2024-12-31 13:00 PM",
            "2024-12-31 0:30 AM",
            "2024-12-31 14:30 +25:00",
            "2024-12-31 14:30 Berlin",
            "14:30",
            "2024-12-3114:30",
            "2024-12-31 14:3",
            "2024-12-31 14:30:0",
        ] {
            let found = moment(text, "UTC");
            assert!(found.is_none() || text == "{text:?} {found:?}");
        }
    }

    #[test]
    fn local_times_follow_the_zone_through_its_changes() {
        for (text, zone, wanted) in [
            ("2024-07-01 12:00", "Europe/Berlin", "2024-07-01T10:00:00"),
            ("2024-12-31 12:00", "Europe/Berlin", "2024-12-31T11:00:00"),
            ("2024-12-31 12:00", "+02:00", "2024-12-31T10:00:00"),
            ("2024-12-31 12:00Z", "Europe/Berlin", "2024-12-31T12:00:00"),
            // Twice: the first, still in summer time.
            ("2024-10-27 02:30", "Europe/Berlin", "2024-10-27T00:30:00"),
            // Never: as if clocks had not been moved yet.
            ("2024-03-31 02:30", "Europe/Berlin", "2024-03-31T01:30:00"),
            // A day that a country skipped.
            ("2011-12-30 12:00", "Pacific/Apia", "2011-12-30T22:00:00"),
        ] {
            assert_eq!(moment(text, zone).as_deref(), Some(wanted), "{text:?}");
        }
        assert!(Zone::from_name("Europe/Atlantis").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>(), close in "[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}[ T][0-9:.,+ZAPMh-]{0,16}") {
            moment(&text, "Europe/Berlin");
            moment(&close, "Europe/Berlin");
        }

        #[test]
        fn every_moment_comes_back(micros in -60_000_000_000_000_000..250_000_000_000_000_000_i64) {
            let text = DateTime::from_timestamp_micros(micros).unwrap().to_rfc3339();
            prop_assert_eq!(parse_timestamp(&text, DateOrder::Auto, Zone::Offset(3_600)), Some(micros));
        }
    }
}
