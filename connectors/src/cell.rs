//! What a cell looks like. Not its type (that is the contract's business), only whether a person
//! would have put this text into one cell.

/// The look of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Empty,
    /// A number, date, time, e-mail address, link: data, hardly a column name.
    Value,
    /// Ordinary text.
    Text,
    /// Text with something in it that looks like another file's delimiter or quote.
    Odd,
}

/// `odd`: signs that would be another file's delimiter.
pub(crate) fn look(cell: &[u8], quoted: bool, odd: &[u8]) -> Look {
    let cell = cell.trim_ascii();
    if cell.is_empty() {
        return Look::Empty;
    }
    if is_value(cell) {
        return Look::Value;
    }
    // Quotes were put there because of what is inside.
    if quoted {
        return Look::Text;
    }
    let comma = |i: usize| !matches!(cell.get(i + 1), Some(b' ') | None);
    let odd = cell.iter().enumerate().any(|(i, b)| match b {
        b if odd.contains(b) && !matches!(b, b',' | b'"') => true,
        b'"' => i == 0 || i + 1 == cell.len(),
        b',' if odd.contains(&b',') => comma(i),
        _ => false,
    });
    if odd { Look::Odd } else { Look::Text }
}

/// What kind of data a cell holds, as far as a column can be told from its neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Empty,
    /// Digits only, so many of them; beyond 8 all are one.
    Digits(u8),
    Number,
    Date,
    Email,
    Link,
    Text,
}

impl Kind {
    /// Data, hardly a column name.
    pub(crate) fn is_value(self) -> bool {
        !matches!(self, Self::Empty | Self::Text)
    }

    /// The same kind, a number of any length being a number.
    pub(crate) fn like(self, other: Self) -> bool {
        let number = |kind| matches!(kind, Self::Digits(_) | Self::Number);
        self == other || number(self) && number(other)
    }
}

/// What programs write where there is nothing.
const NOTHING: [&[u8]; 8] = [b"nan", b"na", b"n/a", b"null", b"none", b"-", b".", b"\\N"];

pub(crate) fn kind(cell: &[u8]) -> Kind {
    let cell = cell.trim_ascii();
    if cell.is_empty() || NOTHING.iter().any(|word| cell.eq_ignore_ascii_case(word)) {
        return Kind::Empty;
    }
    if cell.iter().all(u8::is_ascii_digit) {
        return Kind::Digits(u8::try_from(cell.len().min(9)).unwrap_or(9));
    }
    let digits = cell.iter().any(u8::is_ascii_digit);
    if digits && is_date_or_time(cell) && !is_plain_number(cell) {
        return Kind::Date;
    }
    if digits && is_number(cell) {
        return Kind::Number;
    }
    if is_email(cell) {
        return Kind::Email;
    }
    if cell.starts_with(b"http://") || cell.starts_with(b"https://") { Kind::Link } else { Kind::Text }
}

/// Digits with at most one point or comma and a sign in front: `1.5` is no date.
fn is_plain_number(cell: &[u8]) -> bool {
    let cell = cell.strip_prefix(b"-").or(cell.strip_prefix(b"+")).unwrap_or(cell);
    let marks = cell.iter().filter(|b| matches!(b, b'.' | b',')).count();
    marks <= 1 && cell.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
}

/// Could stand in a header: words, not data, no sentence.
pub(crate) fn is_name(cell: &[u8], odd: &[u8]) -> bool {
    matches!(look(cell, false, odd), Look::Text) && cell.len() <= 100
}

fn is_value(cell: &[u8]) -> bool {
    let digits = cell.iter().filter(|b| b.is_ascii_digit()).count();
    if digits > 0 && (is_number(cell) || is_date_or_time(cell)) {
        return true;
    }
    is_email(cell) || cell.starts_with(b"http://") || cell.starts_with(b"https://")
}

/// `-1`, `1.5`, `1,50`, `1.234,56`, `$1,200.00`, `15 %`, `1e5`.
fn is_number(cell: &[u8]) -> bool {
    let cell = cell.strip_prefix(b"-").or(cell.strip_prefix(b"+")).unwrap_or(cell);
    let cell = cell
        .strip_prefix(b"$")
        .or(cell.strip_prefix("€".as_bytes()))
        .or(cell.strip_prefix("£".as_bytes()))
        .unwrap_or(cell)
        .trim_ascii();
    let cell = cell.strip_suffix(b"%").or(cell.strip_suffix("€".as_bytes())).unwrap_or(cell).trim_ascii();
    let (mut commas, mut points, mut since) = (0_usize, 0_usize, 0_usize);
    for (i, b) in cell.iter().enumerate() {
        match b {
            b'0'..=b'9' => since += 1,
            b',' | b'.' if since > 0 && i + 1 < cell.len() => {
                commas += usize::from(*b == b',');
                points += usize::from(*b == b'.');
                since = 0;
            }
            b'e' | b'E' | b'-' if since > 0 || i > 0 => return cell.len() <= 24 && exponent(cell),
            _ => return false,
        }
    }
    // Two separators of one kind group thousands; one of each kind groups and separates.
    commas <= 1 && points <= 1 || since == 3 || (commas <= 1) != (points <= 1)
}

fn exponent(cell: &[u8]) -> bool {
    std::str::from_utf8(cell).is_ok_and(|t| t.parse::<f64>().is_ok())
}

/// Digits in groups of at most four with the separators of dates and times.
fn is_date_or_time(cell: &[u8]) -> bool {
    let (mut groups, mut run, mut separators) = (0, 0, 0);
    for b in cell {
        match b {
            b'0'..=b'9' => {
                groups += usize::from(run == 0);
                run += 1;
                if run > 9 {
                    return false;
                }
            }
            b'-' | b'/' | b'.' | b':' => {
                separators += 1;
                run = 0;
            }
            b' ' | b'T' | b'Z' | b'+' | b'A' | b'P' | b'M' | b'a' | b'p' | b'm' => run = 0,
            _ => return false,
        }
    }
    groups >= 2 && separators >= 1 && cell.len() <= 35
}

fn is_email(cell: &[u8]) -> bool {
    let mut parts = cell.split(|b| *b == b'@');
    let plain = |part: &[u8]| {
        !part.is_empty()
            && part.iter().all(|b| !b.is_ascii() || b.is_ascii_alphanumeric() || b"._%+-'".contains(b))
    };
    match (parts.next(), parts.next(), parts.next()) {
        (Some(local), Some(domain), None) => plain(local) && plain(domain) && domain.contains(&b'.'),
        _ => false,
    }
}

/// Letters and digits, small.
pub(crate) fn folded(cell: &[u8]) -> Vec<u8> {
    cell.iter().filter(|b| b.is_ascii_alphanumeric() || !b.is_ascii()).map(u8::to_ascii_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::{Kind, Look, kind, look};

    const ODD: &[u8] = b",;\t|^";

    #[test]
    fn kinds() {
        for (cell, want) in [
            ("62704", Kind::Digits(5)),
            ("1.5", Kind::Number),
            ("-3", Kind::Number),
            ("28/01/24", Kind::Date),
            ("2024-01-31", Kind::Date),
            ("31.12.2024", Kind::Date),
            ("15:02", Kind::Date),
            ("a@b.org", Kind::Email),
            ("https://x.org", Kind::Link),
            ("Springfield", Kind::Text),
            (" ", Kind::Empty),
            ("12 Elm Street", Kind::Text),
        ] {
            assert_eq!(kind(cell.as_bytes()), want, "{cell}");
        }
        assert!(kind(b"1").like(kind(b"123,4")));
        assert!(!kind(b"1").like(kind(b"x")));
    }

    #[test]
    fn looks() {
        for value in [
            "1",
            "-1.5",
            "1,50",
            "1.234,56",
            "$1,200.00",
            "2024-01-31",
            "31/01/2024 10:30",
            "10:30:00",
            "a@b.org",
            "https://x.org/a;b",
            "1e5",
            "15 %",
        ] {
            assert_eq!(look(value.as_bytes(), false, ODD), Look::Value, "{value}");
        }
        for text in ["Ann", "O'Brien", "Smith, John", "5\" pipe", "", "A-12"] {
            assert!(matches!(look(text.as_bytes(), false, ODD), Look::Text | Look::Empty), "{text}");
        }
        for odd in ["a;b", "a,b", "\"x", "a|b"] {
            assert_eq!(look(odd.as_bytes(), false, ODD), Look::Odd, "{odd}");
        }
    }
}
