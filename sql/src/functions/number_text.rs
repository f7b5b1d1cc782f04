//! The grammar of numbers with decimals, as people and programs write them: `1234.56`, `1,234.56`, `1.234,56`, `1 234,56`,
//! `1'234.56`, with a sign in front or behind, or in the parentheses of bookkeepers.
//!
//! A mark that may stand before decimals and may stand between thousands (`1.234`) has two readings. Which one is meant is
//! never guessed here: it is either told ([`NumberFormat`]) or there is no number.

/// The longest text that is looked at; no number of 38 digits needs more.
const LONGEST: usize = 80;

/// What stands before the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberFormat {
    /// Whichever the number itself shows.
    Auto,
    Point,
    Comma,
}

impl NumberFormat {
    /// Reads the word of a format.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "auto" => Self::Auto,
            "point" => Self::Point,
            "comma" => Self::Comma,
            _ => return None,
        })
    }
}

/// What a number shows of its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberShown {
    /// Its decimals stand behind a point, or commas between its thousands.
    Point,
    Comma,
    /// It can be read in two ways, with different results.
    Either,
    /// The format makes no difference.
    Nothing,
}

/// A number, digit by digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    negative: bool,
    /// Without leading zeros; empty for zero.
    whole: String,
    /// Without trailing zeros.
    fraction: String,
}

/// Why a number does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// Too many digits behind the point.
    Scale,
    /// Too many digits in all.
    Size,
}

impl Number {
    /// The number as a count of units of its last decimal. Nothing is rounded.
    pub(super) fn unscaled(&self, precision: u8, scale: u8) -> Result<i128, Misfit> {
        let (precision, scale) = (usize::from(precision), usize::from(scale));
        if self.fraction.len() > scale {
            return Err(Misfit::Scale);
        }
        if self.whole.len() + scale > precision {
            return Err(Misfit::Size);
        }
        let digits = format!("0{}{:0<scale$}", self.whole, self.fraction);
        let value: i128 = digits.parse().map_err(|_| Misfit::Size)?;
        Ok(if self.negative { -value } else { value })
    }
}

/// Both readings of a text: with a point before the decimals, and with a comma.
fn readings(text: &str) -> [Option<Number>; 2] {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return [None, None];
    }
    let Some((negative, body)) = signed(text) else { return [None, None] };
    ['.', ','].map(|mark| number(body, mark).map(|number| Number { negative, ..number }))
}

/// The number of a text in a format; nothing where it has none, or two.
pub(super) fn number_in(text: &str, format: NumberFormat) -> Option<Number> {
    let [point, comma] = readings(text);
    match format {
        NumberFormat::Point => point,
        NumberFormat::Comma => comma,
        NumberFormat::Auto => match (point, comma) {
            (Some(point), Some(comma)) => (point == comma).then_some(point),
            (one, other) => one.or(other),
        },
    }
}

/// What a number shows of its format; `None` for what is no number.
pub(super) fn shown_format(text: &str) -> Option<NumberShown> {
    match readings(text) {
        [Some(point), Some(comma)] if point == comma => Some(NumberShown::Nothing),
        [Some(_), Some(_)] => Some(NumberShown::Either),
        [Some(_), None] => Some(NumberShown::Point),
        [None, Some(_)] => Some(NumberShown::Comma),
        [None, None] => None,
    }
}

/// Takes the sign off.
fn signed(text: &str) -> Option<(bool, &str)> {
    const MINUS: [char; 3] = ['-', '\u{2212}', '\u{2013}'];
    if let Some(inner) = text.strip_prefix('(') {
        return inner.strip_suffix(')').map(|inner| (true, inner.trim()));
    }
    if let Some(rest) = text.strip_prefix(MINUS) {
        return Some((true, rest.trim_start()));
    }
    if let Some(rest) = text.strip_suffix(MINUS) {
        // `12,-` says that there are no cents.
        let whole = !rest.ends_with(['.', ',']);
        return whole.then_some((true, rest.trim_end()));
    }
    Some((false, text.strip_prefix('+').unwrap_or(text).trim_start()))
}

/// Digits, perhaps in groups of three, and decimals behind the mark.
fn number(body: &str, mark: char) -> Option<Number> {
    let (whole, fraction) = match body.split_once(mark) {
        Some((_, fraction)) if !is_digits(fraction) => return None,
        Some(parts) => parts,
        None => (body, ""),
    };
    let bare = whole.is_empty() && !fraction.is_empty();
    let whole = if bare { String::new() } else { grouped(whole, mark)? };
    Some(Number {
        negative: false,
        whole: whole.trim_start_matches('0').to_owned(),
        fraction: fraction.trim_end_matches('0').to_owned(),
    })
}

/// The digits of `1234` or of `1 234`; what stands between the groups is the same everywhere and is not the mark.
fn grouped(whole: &str, mark: char) -> Option<String> {
    let Some(separator) = whole.chars().find(|character| !character.is_ascii_digit()) else {
        return is_digits(whole).then(|| whole.to_owned());
    };
    let known =
        matches!(separator, '.' | ',' | ' ' | '\'' | '_' | '\u{2019}' | '\u{a0}' | '\u{202f}' | '\u{2009}');
    if !known || separator == mark || whole.starts_with('0') {
        return None;
    }
    let mut digits = String::with_capacity(whole.len());
    for (place, group) in whole.split(separator).enumerate() {
        let right_size = if place == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
        if !right_size || !is_digits(group) {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cents(text: &str, format: NumberFormat) -> Option<i128> {
        number_in(text, format).and_then(|number| number.unscaled(18, 2).ok())
    }

    #[test]
    fn a_number_that_has_one_reading_is_read() {
        use NumberFormat::Auto;
        for (text, wanted) in [
            ("1234.56", 123_456),
            ("1,234.56", 123_456),
            ("1.234,56", 123_456),
            ("1 234,56", 123_456),
            ("1\u{a0}234,5", 123_450),
            ("1'234.50", 123_450),
            ("1\u{2019}234", 123_400),
            ("1,234,567", 123_456_700),
            ("1.234.567,8", 123_456_780),
            ("12.5", 1_250),
            ("12,50", 1_250),
            (".5", 50),
            ("0,5", 50),
            ("0.120", 12),
            ("1234.560", 123_456),
            ("-7", -700),
            ("7-", -700),
            ("\u{2212}7,5", -750),
            ("(12.50)", -1_250),
            ("+3", 300),
            ("007", 700),
            (" 42 ", 4_200),
            ("0", 0),
            ("-0.00", 0),
        ] {
            assert_eq!(cents(text, Auto), Some(wanted), "{text:?}");
        }
    }

    #[test]
    fn a_number_that_has_two_is_told_or_none() {
        use NumberFormat::{Auto, Comma, Point};
        for text in ["1.234", "12,345", "-999.999", "1,000"] {
            assert_eq!(number_in(text, Auto), None, "{text:?}");
            assert_eq!(shown_format(text), Some(NumberShown::Either), "{text:?}");
        }
        assert_eq!(cents("1.234", Comma), Some(123_400));
        assert_eq!(cents("1,234", Point), Some(123_400));
        assert_eq!(number_in("1.234", Point).map(|n| n.unscaled(18, 2)), Some(Err(Misfit::Scale)));
        assert_eq!(number_in("1.234", Point).map(|n| n.unscaled(18, 3)), Some(Ok(1_234)));
        assert_eq!(number_in("1.234,5", Point), None);
        assert_eq!(number_in("12345", Point).map(|n| n.unscaled(4, 2)), Some(Err(Misfit::Size)));
    }

    #[test]
    fn near_misses_are_no_numbers() {
        for text in [
            "",
            " ",
            "-",
            ".",
            ",",
            "()",
            "(1",
            "1)",
            "1e3",
            "1.2.3",
            "1,23,456",
            "1.2,3.4",
            "12,-",
            "--1",
            "1 2",
            "1  234",
            "12 %",
            "€ 5",
            "5 EUR",
            "1.",
            "1,",
            "0x1f",
            "1.234.56",
            "1234,567,890",
            "NaN",
            "١٢",
            "0 123",
        ] {
            assert_eq!(shown_format(text), None, "{text:?}");
        }
        assert_eq!(shown_format(&"1".repeat(100)), None);
    }

    proptest! {
        #[test]
        fn every_number_is_read_as_it_was_written(whole in 0_u64..10_000_000_000, part in 0_u32..100, negative: bool) {
            let sign = if negative { "-" } else { "" };
            let mut groups = String::new();
            for (n, digit) in whole.to_string().chars().rev().enumerate() {
                if n > 0 && n % 3 == 0 {
                    groups.insert(0, '#');
                }
                groups.insert(0, digit);
            }
            let value = i128::from(whole) * 100 + i128::from(part);
            let value = if negative { -value } else { value };
            let english = format!("{sign}{}.{part:02}", groups.replace('#', ","));
            let german = format!("{sign}{},{part:02}", groups.replace('#', "."));
            let swiss = format!("{sign}{}.{part:02}", groups.replace('#', "'"));
            for (text, told) in [(english, NumberFormat::Point), (german, NumberFormat::Comma), (swiss, NumberFormat::Point)] {
                prop_assert_eq!(cents(&text, NumberFormat::Auto), Some(value), "{}", &text);
                prop_assert_eq!(cents(&text, told), Some(value), "{}", &text);
            }
        }

        #[test]
        fn what_auto_reads_a_format_reads_the_same(text in "[-(+]?[0-9]{0,4}[., ']?[0-9]{0,4}[., ']?[0-9]{0,4}[-)]?") {
            if let Some(number) = number_in(&text, NumberFormat::Auto) {
                let told = [NumberFormat::Point, NumberFormat::Comma].map(|format| number_in(&text, format));
                prop_assert!(told.iter().flatten().all(|other| *other == number), "{:?}", text);
                prop_assert!(told.iter().any(Option::is_some));
            }
        }

        #[test]
        fn never_panics(text in any::<String>(), close in "[-+()0-9.,' €%e]{0,24}") {
            for text in [text, close] {
                if let Some(number) = number_in(&text, NumberFormat::Point) {
                    let _ = number.unscaled(38, 38);
                }
                shown_format(&text);
            }
        }
    }
}
