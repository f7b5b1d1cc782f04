//! What the dates of a column show: their order, day counts of a spreadsheet, days that are written as midnights.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Timelike};
use serde::{Deserialize, Serialize};

use super::seen::{Seen, is_zero};
use crate::functions::calendar::{Shown, serial, shown_order};
use crate::functions::date_in_zone::{midnight, moment_of};
use crate::functions::null_words::zero_date;
use crate::functions::parse_timestamp::Zone;

/// What the dates of a column show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DateCounts {
    /// Dates that can only be day, month, year; only month, day, year; either.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub day_first: Seen,
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub month_first: Seen,
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub either: Seen,
    /// Dates of which the order makes no difference.
    #[serde(rename = "plain_dates", skip_serializing_if = "is_zero")]
    pub plain: u64,
    /// Day counts of a spreadsheet that lie before the latest day.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub serials: Seen,
    /// Days with a time of UTC by it, by that time: those of full quarters of an hour.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub times: BTreeMap<String, Seen>,
    /// Days that are written as midnights of the zone, in UTC, and those of them of which UTC shows another day.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub midnights: Seen,
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub other_days: Seen,
}

impl DateCounts {
    /// A cell that is to hold a date: what it shows; the sign for nothing, where it is a date of zeros.
    pub(super) fn see(&mut self, line: i64, cell: &str) -> Option<&'static str> {
        // ISO 8601, the most frequent form by far.
        if begins_with_iso_day(cell) && !cell.starts_with("000") {
            self.plain += 1;
            return None;
        }
        if let Some(zero) = zero_date(cell) {
            return Some(zero);
        }
        if !self.see_order(line, cell) && serial(cell).is_some() {
            self.serials.see(line);
        }
        None
    }

    /// What a date shows of its order; false for what is no date.
    pub(super) fn see_order(&mut self, line: i64, text: &str) -> bool {
        match shown_order(text) {
            Some(Shown::DayFirst) => self.day_first.see(line),
            Some(Shown::MonthFirst) => self.month_first.see(line),
            Some(Shown::Either) => self.either.see(line),
            Some(Shown::Nothing) => self.plain += 1,
            None => return false,
        }
        true
    }

    /// Days come with a time of UTC where a program took them for midnights of its own zone.
    pub(super) fn see_time(&mut self, line: i64, cell: &str, zone: Option<Zone>) {
        const SHORTEST: usize = "1980-05-05".len();

        // Seconds since 1970 are no longer than a day.
        let may_have = cell.len() > SHORTEST || cell.len() == SHORTEST && !cell.contains(['-', '.', '/']);
        let Some(moment) = may_have.then(|| moment_of(cell)).flatten() else { return };
        let (Some(time), Some(0)) = (moment.time, moment.offset) else { return };
        if time.nanosecond() == 0 && time.second() == 0 && time.minute().is_multiple_of(15) {
            self.times.entry(time.format("%H:%M").to_string()).or_default().see(line);
        }
        if let Some(day) = zone.and_then(|zone| midnight(&moment, zone)) {
            self.midnights.see(line);
            if day != moment.date {
                self.other_days.see(line);
            }
        }
    }

    /// Takes in what was seen elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.plain += other.plain;
        for (time, seen) in &other.times {
            self.times.entry(time.clone()).or_default().add(*seen);
        }
        for (mine, theirs) in [
            (&mut self.day_first, other.day_first),
            (&mut self.month_first, other.month_first),
            (&mut self.either, other.either),
            (&mut self.serials, other.serials),
            (&mut self.midnights, other.midnights),
            (&mut self.other_days, other.other_days),
        ] {
            mine.add(theirs);
        }
    }
}

/// A day of the calendar in front, alone or before a time: `1980-05-06`, `1980-05-06T10:00`.
fn begins_with_iso_day(cell: &str) -> bool {
    let Some((day, rest)) = cell.split_at_checked("1980-05-06".len()) else { return false };
    let digits = |part: Option<&str>| -> Option<u32> {
        part.filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
    };
    let parts = (digits(day.get(..4)), digits(day.get(5..7)), digits(day.get(8..)));
    let (Some(year), Some(month), Some(number)) = parts else { return false };
    year > 0
        && day.as_bytes().get(4) == Some(&b'-')
        && day.as_bytes().get(7) == Some(&b'-')
        && (rest.is_empty() || rest.starts_with(['T', ' ']))
        && i32::try_from(year).is_ok_and(|year| NaiveDate::from_ymd_opt(year, month, number).is_some())
}
