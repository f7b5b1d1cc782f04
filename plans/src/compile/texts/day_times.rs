//! Days that come with a time of UTC: midnights of the zone in which a program took the day for the beginning of it. East of
//! Greenwich, UTC shows the day before.

use importer_sql::functions::{ColumnSurvey, Seen};

use super::shares::{filled, is_nearly_all};

/// Nearly all days of a column are midnights of the run's time zone, and UTC shows another day for some.
pub(super) fn are_midnights(survey: &ColumnSurvey) -> bool {
    survey.dates.other_days.count > 0 && is_nearly_all(survey, survey.dates.midnights.count)
}

/// A single cell with a time by its day may mean it.
const FEWEST: u64 = 2;

/// The times of a zone's midnights: one, or two with an hour between where clocks are changed.
fn evening(survey: &ColumnSurvey) -> Option<(String, Seen)> {
    let hour = |time: &str| time.get(..2).and_then(|hour| hour.parse::<u8>().ok());
    survey
        .dates
        .times
        .iter()
        // Only New Zealand and its neighbours have midnight by then, and noon is what programs write where they know no time.
        .filter(|(time, _)| hour(time).is_some_and(|hour| hour > 12))
        .map(|(time, seen)| {
            let next =
                hour(time).map(|hour| format!("{:02}{}", (hour + 1) % 24, time.get(2..).unwrap_or("")));
            match next.and_then(|next| Some((survey.dates.times.get(&next)?, next))) {
                Some((other, next)) => {
                    let mut both = *seen;
                    both.add(*other);
                    (format!("{time} or {next}"), both)
                }
                None => (time.clone(), *seen),
            }
        })
        .max_by_key(|(_, seen)| seen.count)
        .filter(|(_, seen)| seen.count >= FEWEST && is_nearly_all(survey, seen.count))
}

/// What a column looks like that is read by the days of UTC all the same, in a sentence.
pub(super) fn told(file: &str, column: &str, survey: &ColumnSurvey) -> Option<String> {
    let (times, seen) = evening(survey)?;
    Some(format!(
        "{file}: column {column}: {} of {} cells have a time of {times} UTC (first in line {}), as the midnights of a time zone have, where the next day begins then; the day in front of the time is taken. If they are such midnights, name the zone: --time-zone (time_zone in the source file), such as Europe/Berlin",
        seen.count,
        filled(survey),
        seen.line
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use importer_sql::functions::DateCounts;

    use super::*;

    fn survey(cells: u64, times: &[(&str, u64)]) -> ColumnSurvey {
        let times: BTreeMap<String, Seen> =
            times.iter().map(|(time, count)| ((*time).to_owned(), Seen { count: *count, line: 2 })).collect();
        let dates = DateCounts { times, ..DateCounts::default() };
        ColumnSurvey { cells, dates, ..ColumnSurvey::default() }
    }

    #[test]
    fn only_columns_of_one_evening_hour_are_told() {
        for (cells, times, wanted) in [
            (10, &[("22:00", 6), ("23:00", 4)][..], Some("22:00 or 23:00")),
            (10, &[("23:00", 10)], Some("23:00")),
            (10, &[("00:00", 5), ("23:00", 5)], Some("23:00 or 00:00")),
            (10, &[("18:30", 9)], Some("18:30")),
            (10, &[("00:00", 10)], None),
            (10, &[("12:00", 10)], None),
            (10, &[("05:00", 5), ("04:00", 5)], None),
            // Times that differ are times.
            (10, &[("14:15", 3), ("19:00", 4), ("22:30", 3)], None),
            (10, &[("22:00", 5)], None),
            (1, &[("22:00", 1)], None),
        ] {
            let found = evening(&survey(cells, times)).map(|(times, _)| times);
            assert_eq!(found.as_deref(), wanted, "{times:?}");
        }
    }
}
