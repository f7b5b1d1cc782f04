//! The option `layout`: names of columns and their places.

use std::fmt;
use std::str::FromStr;

/// More columns than any table has.
const MAX_COLUMNS: usize = 1 << 16;
/// The last place that a column may have.
const MAX_PLACE: usize = 1 << 24;

/// A column: the characters from `start` (from 0) to before `end`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub name: String,
    pub start: usize,
    pub end: usize,
}

/// The columns in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub columns: Vec<Column>,
    /// Behind the last character of any column.
    pub end: usize,
}

/// Why a layout cannot be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LayoutError(String);

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Layout {
    type Err = LayoutError;

    /// `name:start-end`, places from 1 with both ends, or `name:width` behind the column before, between commas.
    fn from_str(text: &str) -> Result<Self, LayoutError> {
        let mut layout = Self { columns: Vec::new(), end: 0 };
        let mut next = 0;
        for part in text.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
            let column = column(part, next)?;
            if layout.columns.len() >= MAX_COLUMNS {
                return Err(LayoutError(format!("there are more than {MAX_COLUMNS} columns")));
            }
            next = column.end;
            layout.end = layout.end.max(column.end);
            layout.columns.push(column);
        }
        if layout.columns.is_empty() {
            return Err(LayoutError("it names no column; write for example `id:1-8, name:9-40`".to_owned()));
        }
        Ok(layout)
    }
}

fn column(part: &str, next: usize) -> Result<Column, LayoutError> {
    let wrong = |why: &str| LayoutError(format!("`{part}` {why}"));
    let Some((name, place)) = part.rsplit_once(':') else {
        return Err(wrong("has no colon; write `name:start-end` or `name:width`"));
    };
    let name = name.trim();
    if name.is_empty() {
        return Err(wrong("has no name before the colon"));
    }
    let number = |text: &str| match text.trim().parse::<usize>() {
        Ok(n) if (1..=MAX_PLACE).contains(&n) => Ok(n),
        _ => Err(wrong(&format!("must have whole numbers from 1 to {MAX_PLACE} behind the colon"))),
    };
    let (start, end) = match place.split_once('-') {
        Some((start, end)) => (number(start)? - 1, number(end)?),
        None => (next, next + number(place)?),
    };
    if end <= start {
        return Err(wrong("ends before it begins"));
    }
    if end > MAX_PLACE {
        return Err(wrong(&format!("ends behind character {MAX_PLACE}")));
    }
    Ok(Column { name: name.to_owned(), start, end })
}

#[cfg(test)]
mod tests {
    use super::Layout;

    fn places(text: &str) -> Vec<(String, usize, usize)> {
        let layout: Layout = text.parse().unwrap();
        layout.columns.into_iter().map(|c| (c.name, c.start, c.end)).collect()
    }

    #[test]
    fn places_and_widths() {
        let wanted = vec![("id".to_owned(), 0, 8), ("a b".to_owned(), 8, 10), ("c:d".to_owned(), 10, 11)];
        assert_eq!(places("id:1-8, a b : 9 - 10,c:d:11-11"), wanted);
        assert_eq!(places("id:8,a b:2,\nc:d:1,"), wanted);
        assert_eq!(places("a:5-6,b:2"), [("a".to_owned(), 4, 6), ("b".to_owned(), 6, 8)]);
    }

    #[test]
    fn what_cannot_be() {
        for text in [
            "",
            " , ",
            "a",
            "a:",
            ":3",
            "a:0",
            "a:0-3",
            "a:3-2",
            "a:-1",
            "a:x",
            "a:99999999999999999999",
            "a:16777216,b:1",
        ] {
            assert!(text.parse::<Layout>().is_err(), "{text}");
        }
    }
}
