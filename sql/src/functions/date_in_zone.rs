//! `date_in_zone`: midnights that were written in UTC, as the days that begin there.

use arrow::datatypes::DataType;
use chrono::{NaiveDate, NaiveTime};
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature, texts};
use super::calendar::{DateOrder, Moment, parse_moment};
use super::parse_date::order_of;
use super::parse_timestamp::Zone;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "Time and Date Functions"),
    description = r#"The day, as YYYY-MM-DD, of a moment in UTC that is midnight in `time_zone` (`1980-05-05T22:00:00Z` is the beginning of May 6 in Berlin); every other text as it is. For columns of days that are known to be written so: an hour of the evening looks the same. `order` is that of `parse_date`."#,
    syntax_example = "date_in_zone(text, order, time_zone)",
    sql_example = r#"```sql
> SELECT date_in_zone('1980-05-05T22:00:00Z', 'auto', 'Europe/Berlin'), date_in_zone('1980-05-05T21:00:00Z', 'auto', 'Europe/Berlin');
1980-05-06  1980-05-05T21:00:00Z
```"#,
    argument(name = "text", description = "A date and time."),
    argument(name = "order", description = "'dmy', 'mdy', 'ymd' or 'auto'."),
    argument(
        name = "time_zone",
        description = "Where days begin at midnight; NULL leaves every text as it is."
    ),
    related_udf(name = "parse_date"),
    related_udf(name = "parse_timestamp")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct DateInZone;

scalar_function!(DateInZone, "date_in_zone", text_signature(3), DataType::Utf8View, lenient, |name, args| {
    evaluate(name, &args, |[text, order, time_zone], rows| {
        // All that can be wrong with the query is looked at before the first text is written.
        let mut known: Option<(&str, Zone)> = None;
        let mut how = Vec::with_capacity(rows);
        for row in 0..rows {
            let zone = match (time_zone.get(row), known) {
                (None, _) => None,
                (Some(name), Some((other, zone))) if name == other => Some(zone),
                (Some(name), _) => Some(Zone::from_name(name)?),
            };
            known = time_zone.get(row).zip(zone);
            how.push((order_of(&order, row)?, zone));
        }
        Ok(texts(rows, |row, day| {
            let Some(text) = text.get(row) else { return false };
            day.clear();
            let begins =
                how.get(row).and_then(|(order, zone)| midnight(&parse_moment(text, *order)?, (*zone)?));
            match begins {
                Some(begins) => day.push_str(&begins.to_string()),
                None => day.push_str(text),
            }
            true
        }))
    })
});

/// The day that begins in a zone at a moment that is written in UTC, if it is one of its midnights.
pub(super) fn midnight(moment: &Moment, zone: Zone) -> Option<NaiveDate> {
    let (time, offset) = (moment.time?, moment.offset?);
    let local = zone.local_of(moment.date.and_time(time)).filter(|_| offset == 0)?;
    (local.time() == NaiveTime::MIN).then(|| local.date())
}

/// A text as a moment, whatever the order of its date, if that makes no difference.
pub(super) fn moment_of(text: &str) -> Option<Moment> {
    parse_moment(text, DateOrder::Auto)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str, zone: &str) -> Option<String> {
        midnight(&moment_of(text)?, Zone::from_name(zone).unwrap()).map(|day| day.to_string())
    }

    #[test]
    fn midnights_of_the_zone_are_its_days() {
        for (text, zone, wanted) in [
            ("1980-05-05T22:00:00.000Z", "Europe/Berlin", Some("1980-05-06")),
            ("1980-12-05T23:00:00.000Z", "Europe/Berlin", Some("1980-12-06")),
            ("1980-12-05T22:00:00.000Z", "Europe/Berlin", None),
            ("1990-06-30 23:00:00+00", "Europe/London", Some("1990-07-01")),
            ("1990-12-31T00:00:00Z", "Europe/London", Some("1990-12-31")),
            ("1990-12-30T18:30:00Z", "Asia/Kolkata", Some("1990-12-31")),
            ("1990-12-31T05:00:00Z", "America/New_York", Some("1990-12-31")),
            ("1990-12-30T22:00:00Z", "+02:00", Some("1990-12-31")),
            ("1990-12-31T00:00:00+01:00", "Europe/Berlin", None),
            ("1990-12-31 00:00", "Europe/Berlin", None),
            ("1990-12-31", "Europe/Berlin", None),
            // Not to the second.
            ("1990-12-30T23:00:01Z", "Europe/Berlin", None),
        ] {
            assert_eq!(day(text, zone).as_deref(), wanted, "{text} {zone}");
        }
    }

    proptest! {
        #[test]
        fn every_day_of_a_zone_with_an_offset_comes_back(days in 0_i32..20_000, hours in -12_i32..=14) {
            let begins = NaiveDate::default() + chrono::Duration::days(days.into());
            let utc = begins.and_time(NaiveTime::MIN) - chrono::Duration::hours(hours.into());
            let text = utc.format("%Y-%m-%dT%H:%M:%SZ").to_string();
            prop_assert_eq!(day(&text, &format!("{hours:+03}:00")), Some(begins.to_string()));
        }
    }
}
