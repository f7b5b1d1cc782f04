//! What a cell looks like. Not its type (that is the contract's business), only whether a person
//! would have put this text into one cell.

/// The look of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Empty,
    /// A number, date, time, e-mail address, link: data, hardly a column name.
    Value,
    /// Ordinary text.
    Text,
    /// Text with something in it that looks like another file's delimiter or quote.
    Odd,
}

pub(super) fn look(cell: &[u8], quoted: bool) -> Look {
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
        b';' | b'\t' | b'|' | b'^' => true,
        b'"' => i == 0 || i + 1 == cell.len(),
        b',' => comma(i),
        _ => false,
    });
    if odd { Look::Odd } else { Look::Text }
}

/// Could stand in a header: words, not data, no sentence.
pub(super) fn is_name(cell: &[u8]) -> bool {
    matches!(look(cell, false), Look::Text) && cell.len() <= 100
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

#[cfg(test)]
mod tests {
    use super::{Look, look};

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
            assert_eq!(look(value.as_bytes(), false), Look::Value, "{value}");
        }
        for text in ["Ann", "O'Brien", "Smith, John", "5\" pipe", "", "A-12"] {
            assert!(matches!(look(text.as_bytes(), false), Look::Text | Look::Empty), "{text}");
        }
        for odd in ["a;b", "a,b", "\"x", "a|b"] {
            assert_eq!(look(odd.as_bytes(), false), Look::Odd, "{odd}");
        }
    }
}
