//! What a slip of the pen makes of a date.

use arrow::temporal_conversions::date32_to_datetime;
use chrono::Datelike;

/// How two days that are not the same may be one, written wrong once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::functions) enum DateSlip {
    /// Day and month changed places.
    Swapped,
    /// One digit is another one.
    Digit,
    /// Two digits beside each other changed places.
    DigitsSwapped,
}

/// What slip lies between two days, counted from 1970; none between equal ones.
pub(in crate::functions) fn date_slip(a: i32, b: i32) -> Option<DateSlip> {
    let (a, b) = (date32_to_datetime(a)?, date32_to_datetime(b)?);
    if a == b {
        return None;
    }
    if a.year() == b.year() && a.month() == b.day() && a.day() == b.month() {
        return Some(DateSlip::Swapped);
    }
    let (a, b) = (digits(a.year(), a.month(), a.day()), digits(b.year(), b.month(), b.day()));
    let others: Vec<usize> = (0..PLACES).filter(|place| a[*place] != b[*place]).collect();
    match others.as_slice() {
        [_] => Some(DateSlip::Digit),
        [first, second] if second - first == 1 && a[*first] == b[*second] && a[*second] == b[*first] => {
            Some(DateSlip::DigitsSwapped)
        }
        _ => None,
    }
}

/// More than any year that a day of 32 bits lies in, and four for month and day.
const PLACES: usize = 11;

/// The digits of a date, from the last one of its day; years before our era are none of ours.
fn digits(year: i32, month: u32, day: u32) -> [u8; PLACES] {
    let mut rest = i64::from(year.max(0)) * 10_000 + i64::from(month) * 100 + i64::from(day);
    let mut digits = [0; PLACES];
    for digit in &mut digits {
        *digit = u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    digits
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> i32 {
        let date: NaiveDate = text.parse().unwrap();
        i32::try_from((date - NaiveDate::default()).num_days()).unwrap()
    }

    #[test]
    fn tells_one_slip_from_another() {
        for (a, b, wanted) in [
            ("1950-05-04", "1950-05-04", None),
            ("1950-05-04", "1950-04-05", Some(DateSlip::Swapped)),
            ("1950-05-05", "1951-05-05", Some(DateSlip::Digit)),
            ("1950-05-05", "1950-05-15", Some(DateSlip::Digit)),
            ("1949-05-05", "1950-05-05", None),
            ("1963-05-05", "1936-05-05", Some(DateSlip::DigitsSwapped)),
            ("1963-05-12", "1963-05-21", Some(DateSlip::DigitsSwapped)),
            ("1963-10-12", "1963-01-12", Some(DateSlip::DigitsSwapped)),
            ("1963-05-05", "1964-05-06", None),
            ("1950-05-04", "1951-04-05", None),
        ] {
            assert_eq!(date_slip(day(a), day(b)), wanted, "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn order_does_not_matter_and_nothing_slips_to_itself(a in -100_000_i32..100_000, b in -100_000_i32..100_000) {
            prop_assert_eq!(date_slip(a, b), date_slip(b, a));
            prop_assert_eq!(date_slip(a, a), None);
        }

        #[test]
        fn never_panics(a in any::<i32>(), b in any::<i32>()) {
            date_slip(a, b);
        }

        #[test]
        fn a_year_is_one_digit_or_more(year in 1900_i32..2020, month in 1_u32..13, day_of_month in 1_u32..29) {
            let at = |year: i32| day(&format!("{year}-{month:02}-{day_of_month:02}"));
            prop_assert_eq!(date_slip(at(year), at(year + 1)) == Some(DateSlip::Digit), year % 10 != 9);
        }
    }
}
