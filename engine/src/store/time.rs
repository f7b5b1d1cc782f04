//! Times and dates between Arrow, Postgres and SQLite.
//!
//! A time is microseconds since 1970 UTC everywhere (timestamptz, INTEGER); a date is days since 1970 in Arrow, `date`
//! in Postgres and 'YYYY-MM-DD' in SQLite.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::{Result, StoreError};

/// Days from 0001-01-01 (chrono's day 1) to 1970-01-01.
const EPOCH_FROM_CE: i32 = 719_163;

pub(super) fn from_micros(micros: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| StoreError::value("a time is out of range"))
}

pub(super) fn date_from_days(days: i32) -> Result<NaiveDate> {
    days.checked_add(EPOCH_FROM_CE)
        .and_then(NaiveDate::from_num_days_from_ce_opt)
        .ok_or_else(|| StoreError::value("a date is out of range"))
}

pub(super) fn days_from_date(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH_FROM_CE
}

pub(super) fn date_text(days: i32) -> Result<String> {
    Ok(date_from_days(days)?.to_string())
}

pub(super) fn days_from_text(text: &str) -> Result<i32> {
    text.parse::<NaiveDate>()
        .map(days_from_date)
        .map_err(|_| StoreError::value("a stored date is not YYYY-MM-DD"))
}

#[cfg(test)]
mod tests {
    use super::{date_text, days_from_text};

    #[test]
    fn dates_survive_text() {
        for (days, text) in
            [(0, "1970-01-01"), (-1, "1969-12-31"), (19_782, "2024-02-29"), (-719_162, "0001-01-01")]
        {
            assert_eq!(date_text(days).unwrap(), text);
            assert_eq!(days_from_text(text).unwrap(), days);
        }
    }
}
