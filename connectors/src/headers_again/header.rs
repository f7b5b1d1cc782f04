//! One header that is known, and what a line is to it.

use crate::cell::{folded, kind};
use crate::request::Otherwise;

/// What a line is to the headers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeaderAgain {
    No,
    Same,
    /// The same names; each cell's column.
    Reordered(Vec<usize>),
    /// The same columns in words that no known header has.
    Otherwise(Otherwise),
    /// Some of the names, and others.
    Other,
}

/// The names of the columns, to know them again.
pub(super) struct KnownHeader {
    /// Names in the bytes of the text: letters and digits, small.
    names: Vec<Vec<u8>>,
    longest: usize,
}

impl KnownHeader {
    pub(super) fn new(cells: &[Vec<u8>]) -> Self {
        let names: Vec<Vec<u8>> = cells.iter().map(|cell| name_of(cell)).collect();
        let longest = cells.iter().map(Vec::len).max().unwrap_or(0) + 8;
        Self { names, longest }
    }

    /// Marks the bytes that a cell may begin with that is one of the names.
    pub(super) fn mark_first(cells: &[Vec<u8>], first: &mut [bool; 256]) {
        for name in cells {
            if let Some(byte) = without_mark(name).trim_ascii().first() {
                for byte in [*byte, byte.to_ascii_lowercase(), byte.to_ascii_uppercase()] {
                    first[usize::from(byte)] = true;
                }
            }
        }
        let any = cells.iter().any(|cell| !name_of(cell).is_empty());
        first[usize::from(b'\xEF')] |= any;
        first[usize::from(b' ')] |= any;
    }

    /// The cell is one of the names.
    pub(super) fn is_name(&self, cell: &[u8]) -> bool {
        cell.len() <= self.longest && self.place(cell).is_some()
    }

    /// The column of this name.
    fn place(&self, cell: &[u8]) -> Option<usize> {
        let cell = without_mark(cell);
        let letters =
            || cell.iter().filter(|b| b.is_ascii_alphanumeric() || !b.is_ascii()).map(u8::to_ascii_lowercase);
        letters().next()?;
        if kind(cell).is_value() {
            return None;
        }
        self.names.iter().position(|name| letters().eq(name.iter().copied()))
    }

    /// Compares the cells of a record.
    pub(super) fn look(&self, cells: &[&[u8]]) -> HeaderAgain {
        // Delimiters behind the last name are no further columns.
        let blank = |cell: &&[u8]| cell.trim_ascii().is_empty();
        let end = cells.iter().rposition(|cell| !blank(cell)).map_or(0, |last| last + 1);
        let cells = cells.get(..end.max(self.names.len()).min(cells.len())).unwrap_or(cells);
        let filled = cells.iter().filter(|cell| !cell.trim_ascii().is_empty());
        // A single word is as well data.
        if self.names.len() < 2 || !filled.clone().take(2).any(|cell| self.is_name(cell)) {
            return HeaderAgain::No;
        }
        let filled = filled.count();
        let places: Vec<Option<usize>> = cells.iter().map(|cell| self.place(cell)).collect();
        let known = places.iter().flatten().count();
        let same = |(i, cell): (usize, &&[u8])| {
            blank(cell) || self.names.get(i).is_some_and(|name| name_of(cell) == *name)
        };
        if cells.len() <= self.names.len() && known >= 2 && cells.iter().enumerate().all(same) {
            return HeaderAgain::Same;
        }
        // A line with values is a record, whatever words stand beside them.
        let values = cells.iter().any(|cell| kind(cell).is_value());
        if known < 2 || known * 10 < filled * 6 || values {
            return HeaderAgain::No;
        }
        self.order(&places).map_or(HeaderAgain::Other, HeaderAgain::Reordered)
    }

    /// The column of each cell, if the cells are all names, each once. Columns without a name keep their order.
    fn order(&self, places: &[Option<usize>]) -> Option<Vec<usize>> {
        let named = self.names.iter().filter(|name| !name.is_empty()).count();
        let known = places.iter().flatten().count();
        if places.len() != self.names.len() || known != named {
            return None;
        }
        let mut taken = vec![false; self.names.len()];
        for place in places.iter().flatten() {
            if std::mem::replace(taken.get_mut(*place)?, true) {
                return None;
            }
        }
        let mut free = taken.iter().enumerate().filter(|(_, taken)| !**taken).map(|(i, _)| i);
        places.iter().map(|place| place.or_else(|| free.next())).collect()
    }
}

/// Whether a line holds the names of a header in another order, so that what is below can be read by it.
pub(crate) fn is_reordered<'a>(
    header: impl Iterator<Item = &'a [u8]>,
    line: impl Iterator<Item = &'a [u8]>,
) -> bool {
    let (header, line): (Vec<Vec<u8>>, Vec<&[u8]>) = (header.map(<[u8]>::to_vec).collect(), line.collect());
    matches!(KnownHeader::new(&header).look(&line), HeaderAgain::Reordered(_))
}

/// A name as it is compared. A number is no name, and a single letter is data as well.
fn name_of(cell: &[u8]) -> Vec<u8> {
    let cell = without_mark(cell);
    let name = folded(cell);
    let letters = name.iter().filter(|b| !b.is_ascii_digit()).count();
    if letters < 2 || kind(cell).is_value() { Vec::new() } else { name }
}

/// Without the byte order mark that stands in the middle where files were put together.
fn without_mark(cell: &[u8]) -> &[u8] {
    cell.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::{HeaderAgain, KnownHeader};

    fn look(header: &[&str], cells: &[&str]) -> HeaderAgain {
        let header: Vec<Vec<u8>> = header.iter().map(|h| h.as_bytes().to_vec()).collect();
        let cells: Vec<&[u8]> = cells.iter().map(|c| c.as_bytes()).collect();
        KnownHeader::new(&header).look(&cells)
    }

    #[test]
    fn header_lines_are_known_again() {
        let header = ["First name", "Last name", "Email", "City"];
        assert_eq!(look(&header, &header), HeaderAgain::Same);
        assert_eq!(look(&header, &["\u{FEFF}First name", "last_name", "E-mail", "CITY"]), HeaderAgain::Same);
        assert_eq!(
            look(&header, &["City", "Email", "First name", "Last name"]),
            HeaderAgain::Reordered(vec![3, 2, 0, 1])
        );
        assert_eq!(look(&header, &["First name", "Last name", "Phone", "City"]), HeaderAgain::Other);
        assert_eq!(look(&header, &["First name", "Last name", "Email"]), HeaderAgain::Same);
        assert_eq!(look(&header, &["First name", "Last name", "Email", "City", "", " "]), HeaderAgain::Same);
        assert_eq!(look(&header, &["First name", "", "Email", "City"]), HeaderAgain::Same);
        assert_eq!(
            look(&header, &["Email", "City", "First name", "Last name", ""]),
            HeaderAgain::Reordered(vec![2, 3, 0, 1])
        );
        assert_eq!(look(&header, &["Ada", "Amt", "ada@example.org", "City"]), HeaderAgain::No);
        assert_eq!(look(&header, &["City", "Lee", "city@example.org", "Email City"]), HeaderAgain::No);
        assert_eq!(look(&["email"], &["email"]), HeaderAgain::No);
        assert_eq!(look(&["mail", "mail"], &["mail", "mail"]), HeaderAgain::Same);
        // Letters and numbers are data as well.
        assert_eq!(look(&["a", "b"], &["a", "b"]), HeaderAgain::No);
        assert_eq!(look(&["RUN", "1_ 1", "NaN"], &["11", "NaN", "1_ 1"]), HeaderAgain::No);
        assert_eq!(
            look(&["First name", "Last name", "Email"], &["First name", "Last name", "3"]),
            HeaderAgain::No
        );
    }
}
