//! What a spreadsheet program makes of a cell that nobody touched: dates become serial numbers, long numbers lose their
//! digits, leading zeros and signs go. Some of it can be seen to be the same value; the rest is refused, because
//! nobody can say what stood there.

use std::collections::BTreeSet;

use importer_plans::compile::FieldKind;

/// A cell of an edited report, beside the one that was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody changed it.
    Same,
    /// A person changed it.
    Edited,
    /// A program changed it; the sentence says how.
    Mangled(&'static str),
}

/// Compares a cell with what was exported; both are restored, and an empty cell is nothing.
pub fn compare(original: Option<&str>, cell: Option<&str>, kind: Option<FieldKind>) -> Verdict {
    if original == cell {
        return Verdict::Same;
    }
    let Some(cell) = cell else { return Verdict::Edited };
    let original = original.unwrap_or_default();
    if same_lines(original, cell) || same_truth(original, cell) || was_cut(original, cell) {
        return Verdict::Same;
    }
    if is_scientific(cell.trim()) {
        return Verdict::Mangled("a long number was turned into scientific notation; its digits are lost");
    }
    if lost_zeros(original, cell.trim()) {
        return Verdict::Mangled("the leading zeros are gone");
    }
    if original.trim().strip_prefix('+').is_some_and(|rest| is_digits(rest) && rest == cell.trim()) {
        return Verdict::Mangled("the leading + is gone");
    }
    if lost_digits(original, cell.trim()) {
        return Verdict::Mangled("the last digits of a long number were turned into zeros");
    }
    if became_a_month(original, cell) {
        return Verdict::Mangled("a value with a hyphen or stroke was turned into a date");
    }
    match kind {
        Some(FieldKind::Date | FieldKind::Timestamp) if is_serial(cell.trim()) => {
            Verdict::Mangled("a date was turned into its serial number")
        }
        Some(FieldKind::Time | FieldKind::Duration) if became_a_part_of_a_day(original, cell) => {
            Verdict::Mangled("a time was turned into a part of a day")
        }
        Some(FieldKind::Date | FieldKind::Timestamp) if same_date(original, cell) => Verdict::Same,
        _ => Verdict::Edited,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Line breaks inside a cell are written in several ways.
fn same_lines(original: &str, cell: &str) -> bool {
    let plain = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    (original.contains(['\n', '\r']) || cell.contains(['\n', '\r'])) && plain(original) == plain(cell)
}

/// A workbook's cell has room for so many UTF-16 units; the export cuts what is longer.
pub const WORKBOOK_CELL: usize = importer_connectors::report::CELL_UNITS;

/// Up to two units may be missing: the export protects some cells by an apostrophe, and does not cut a character of two.
fn was_cut(original: &str, cell: &str) -> bool {
    original.len() > cell.len()
        && original.starts_with(cell)
        && (WORKBOOK_CELL - 2..=WORKBOOK_CELL).contains(&cell.encode_utf16().count())
}

/// `true` comes back as `TRUE`.
fn same_truth(original: &str, cell: &str) -> bool {
    ["true", "false"].iter().any(|w| original.eq_ignore_ascii_case(w) && cell.eq_ignore_ascii_case(w))
}

/// `1.23E+11`, with a comma in some countries.
fn is_scientific(cell: &str) -> bool {
    let Some((mantissa, exponent)) = cell.split_once(['E', 'e']) else { return false };
    let mantissa = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
    let (whole, part) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    is_digits(whole) && is_digits(part) && exponent.strip_prefix(['+', '-']).is_some_and(is_digits)
}

fn lost_zeros(original: &str, cell: &str) -> bool {
    let digits = original.trim();
    is_digits(digits) && digits.starts_with('0') && is_digits(cell) && digits.trim_start_matches('0') == cell
}

/// Spreadsheets keep fifteen digits.
fn lost_digits(original: &str, cell: &str) -> bool {
    const KEPT: usize = 15;
    let digits = original.trim();
    is_digits(digits)
        && is_digits(cell)
        && digits.len() > KEPT
        && digits.len() == cell.len()
        && digits[..KEPT] == cell[..KEPT]
        && cell[KEPT..].bytes().all(|b| b == b'0')
}

/// `1-2` comes back as `02-Jan`.
fn became_a_month(original: &str, cell: &str) -> bool {
    let numbers = |text: &str| text.split(['-', '/', '.']).all(is_digits);
    let was_pair = original.trim().contains(['-', '/']) && numbers(original.trim());
    let parts: Vec<&str> = cell.trim().split(['-', ' ', '.', '/']).filter(|p| !p.is_empty()).collect();
    let is_word = |p: &&str| p.chars().all(char::is_alphabetic) && (3..=9).contains(&p.chars().count());
    was_pair
        && (2..=3).contains(&parts.len())
        && parts.iter().filter(|p| is_word(p)).count() == 1
        && parts.iter().filter(|p| !is_word(p)).all(|p| is_digits(p))
}

/// Days since 1900 of the dates that people have: 1927 to 2173, with or without a time of day behind the point.
fn is_serial(cell: &str) -> bool {
    let (days, part) = cell.split_once(['.', ',']).unwrap_or((cell, "0"));
    days.len() == 5 && is_digits(days) && is_digits(part)
}

/// `6:00` comes back as `0.25`, 36:00 as `1.5`.
fn became_a_part_of_a_day(original: &str, cell: &str) -> bool {
    let (days, part) = cell.trim().split_once(['.', ',']).unwrap_or((cell.trim(), "0"));
    original.contains(':') && is_digits(days) && is_digits(part)
}

/// The same day in the notation of a spreadsheet. Where the exported text could be two days, another notation says
/// which, and that is an edit.
fn same_date(original: &str, cell: &str) -> bool {
    let (Some((before, time)), Some((after, new_time))) = (days_of(original), days_of(cell)) else {
        return false;
    };
    let same_day = match before.len() {
        1 => before.is_subset(&after),
        _ => before == after,
    };
    // Seconds that are not shown are not gone; a time that was not there is an edit.
    same_day && new_time.iter().zip(&time).all(|(a, b)| a == b) && new_time.len() <= time.len()
}

type Day = (u32, u32, u32);

/// The days that a text can mean, and the numbers of its time of day.
fn days_of(text: &str) -> Option<(BTreeSet<Day>, Vec<u32>)> {
    let mut numbers = Vec::new();
    for part in text.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty()) {
        numbers.push((part.len(), part.parse::<u32>().ok()?));
    }
    let [a, b, c] = *numbers.get(..3)? else { return None };
    let mut time: Vec<u32> = numbers.get(3..)?.iter().map(|(_, n)| *n).collect();
    let lower = text.to_ascii_lowercase();
    if lower.contains("pm")
        && let Some(hour) = time.first_mut()
    {
        *hour = *hour % 12 + 12;
    }
    let year = |(length, n): (usize, u32)| match length {
        4 => vec![n],
        2 => vec![1900 + n, 2000 + n],
        _ => Vec::new(),
    };
    let mut days = BTreeSet::new();
    let mut add = |y: (usize, u32), m: (usize, u32), d: (usize, u32)| {
        if (1..=12).contains(&m.1) && (1..=31).contains(&d.1) && m.0 <= 2 && d.0 <= 2 {
            days.extend(year(y).into_iter().map(|y| (y, m.1, d.1)));
        }
    };
    if a.0 == 4 {
        add(a, b, c);
    } else {
        add(c, b, a);
        add(c, a, b);
    }
    (!days.is_empty()).then_some((days, time))
}

#[cfg(test)]
mod tests {
    use importer_plans::compile::FieldKind;

    use super::{Verdict, compare};

    fn verdict(original: &str, cell: &str, kind: FieldKind) -> Verdict {
        let some = |text: &'static str| (!text.is_empty()).then_some(text);
        let (original, cell): (&'static str, &'static str) =
            (Box::leak(original.to_owned().into_boxed_str()), Box::leak(cell.to_owned().into_boxed_str()));
        compare(some(original), some(cell), Some(kind))
    }

    #[test]
    fn what_a_program_did_is_no_edit() {
        for (original, cell, kind) in [
            ("1990-04-23", "23.04.1990", FieldKind::Date),
            ("1990-04-23", "4/23/90", FieldKind::Date),
            ("2025-03-01 14:30:00", "01/03/2025 14:30", FieldKind::Timestamp),
            ("2025-03-01T14:30:00Z", "3/1/2025 2:30 PM", FieldKind::Timestamp),
            ("03/04/2025", "3/4/2025", FieldKind::Date),
            ("true", "TRUE", FieldKind::Boolean),
            ("a\r\nb", "a\nb", FieldKind::Text),
            ("", "", FieldKind::Text),
        ] {
            assert_eq!(verdict(original, cell, kind), Verdict::Same, "{original:?} {cell:?}");
        }
    }

    #[test]
    fn what_the_export_cut_is_no_edit() {
        let long = "x".repeat(40_000);
        assert_eq!(verdict(&long, &long[..super::WORKBOOK_CELL], FieldKind::Text), Verdict::Same);
        assert_eq!(verdict(&long, &long[..20_000], FieldKind::Text), Verdict::Edited);
        let guarded = format!("={long}");
        assert_eq!(verdict(&guarded, &guarded[..super::WORKBOOK_CELL - 1], FieldKind::Text), Verdict::Same);
    }

    #[test]
    fn what_a_program_broke_is_refused() {
        for (original, cell, kind) in [
            ("1990-04-23", "32986", FieldKind::Date),
            ("", "44927", FieldKind::Date),
            ("2025-03-01T12:00:00Z", "45717.5", FieldKind::Timestamp),
            ("123456789012", "1.23457E+11", FieldKind::Text),
            ("bad", "1,23E+11", FieldKind::Phone),
            ("00042", "42", FieldKind::Text),
            ("+4930901820", "4930901820", FieldKind::Phone),
            ("1234567890123456789", "1234567890123450000", FieldKind::Text),
            ("1-2", "02-Jan", FieldKind::Text),
            ("6:00", "0.25", FieldKind::Time),
            ("1:30", "0,0625", FieldKind::Duration),
        ] {
            let found = verdict(original, cell, kind);
            assert!(matches!(found, Verdict::Mangled(_)), "{original:?} {cell:?}: {found:?}");
        }
    }

    #[test]
    fn what_a_person_did_is_an_edit() {
        for (original, cell, kind) in [
            ("1990-04-23", "1990-04-24", FieldKind::Date),
            // The text could be two days; now it says which.
            ("03/04/2025", "2025-04-03", FieldKind::Date),
            ("2025-03-01", "2025-03-01 10:00", FieldKind::Timestamp),
            ("no address", "anna@example.org", FieldKind::Email),
            ("anna@example.org", "", FieldKind::Email),
            ("", "44927", FieldKind::Text),
            ("1990", "1991", FieldKind::Date),
            ("007", "0070", FieldKind::Text),
            ("12E4", "12E5", FieldKind::Text),
        ] {
            assert_eq!(verdict(original, cell, kind), Verdict::Edited, "{original:?} {cell:?}");
        }
    }
}
