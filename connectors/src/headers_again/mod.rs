//! A header line that comes again: the same, in another order, in other words, or that of another table. Text and workbooks
//! watch for them alike.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | the watch: the headers that are known, and other words for the first of them |
//! | `header` | one header, and what a line is to it |
//! | `words` | a line that names the columns in other words |

mod header;
mod words;

pub(crate) use header::{HeaderAgain, is_reordered};

use crate::request::KnownNames;
use header::KnownHeader;
use words::OtherWords;

/// The headers of a table, to know them again. A table may have its header in two languages.
pub(crate) struct HeaderWatch {
    headers: Vec<KnownHeader>,
    /// Bytes that a cell may begin with that is one of the names, so that most lines are let pass by one look.
    first: [bool; 256],
    words: Option<OtherWords>,
}

impl HeaderWatch {
    /// By the cells of each header, in the order of the columns: first the one whose names the columns have. Without any,
    /// nothing is known again.
    pub(crate) fn new(headers: &[Vec<Vec<u8>>], names: Option<&KnownNames>) -> Self {
        let mut first = [false; 256];
        headers.iter().for_each(|cells| KnownHeader::mark_first(cells, &mut first));
        Self {
            headers: headers.iter().map(|cells| KnownHeader::new(cells)).collect(),
            first,
            words: headers.first().zip(names).and_then(|(header, names)| OtherWords::new(header, names)),
        }
    }

    /// The first cell of a line could be one of the names.
    #[inline(always)]
    pub(crate) fn may_begin(&self, cell: &[u8]) -> bool {
        cell.first().is_some_and(|b| self.first[usize::from(*b)])
            && self.headers.iter().any(|header| header.is_name(cell))
    }

    /// The first cell of a line could be another word for one of the names.
    pub(crate) fn may_mean(&mut self, cell: &[u8]) -> bool {
        self.words.as_mut().is_some_and(|words| words.may_mean(cell))
    }

    /// Compares the cells of a record. Of the lines of a header each one may have words of the others: what is another table
    /// is told by the first.
    pub(crate) fn look(&self, cells: &[&[u8]]) -> HeaderAgain {
        let mut found = HeaderAgain::No;
        for (n, header) in self.headers.iter().enumerate() {
            match header.look(cells) {
                again @ (HeaderAgain::Same | HeaderAgain::Reordered(_)) => return again,
                other if n == 0 => found = other,
                _ => {}
            }
        }
        found
    }

    /// The same for a line that may have other words for the names.
    pub(crate) fn look_for_words(&self, cells: &[&[u8]]) -> HeaderAgain {
        let found = self.look(cells);
        // Names of the header beside one that is none of its columns are another table's.
        let otherwise = self.words.as_ref().and_then(|words| match found {
            HeaderAgain::No => words.look(cells),
            HeaderAgain::Other => words.look(cells).filter(|_| words.names_no_other(cells)),
            _ => None,
        });
        otherwise.map_or(found, HeaderAgain::Otherwise)
    }
}

#[cfg(test)]
mod tests {
    use super::{HeaderAgain, HeaderWatch, KnownNames};
    use crate::request::Otherwise;

    fn bytes(cells: &[&str]) -> Vec<Vec<u8>> {
        cells.iter().map(|cell| cell.as_bytes().to_vec()).collect()
    }

    fn watch() -> HeaderWatch {
        let pairs = [["First", "Vorname"], ["Last", "Nachname"], ["Town", "Ort"]];
        let names = KnownNames::new(move |cell| pairs.iter().position(|pair| pair.contains(&cell)));
        HeaderWatch::new(
            &[bytes(&["First", "Last", "Town"]), bytes(&["Prénom", "Nom", "Ville"])],
            Some(&names),
        )
    }

    fn look(cells: &[&str]) -> HeaderAgain {
        let cells: Vec<&[u8]> = cells.iter().map(|cell| cell.as_bytes()).collect();
        watch().look_for_words(&cells)
    }

    #[test]
    fn each_known_header_is_known_again() {
        assert_eq!(look(&["First", "Last", "Town"]), HeaderAgain::Same);
        assert_eq!(look(&["Prénom", "Nom", "Ville"]), HeaderAgain::Same);
        assert_eq!(look(&["Nom", "Prénom", "Ville"]), HeaderAgain::Reordered(vec![1, 0, 2]));
        assert_eq!(look(&["Last", "First", "Town"]), HeaderAgain::Reordered(vec![1, 0, 2]));
    }

    #[test]
    fn other_words_for_the_columns() {
        let otherwise = HeaderAgain::Otherwise;
        assert_eq!(look(&["Vorname", "Nachname", "Ort"]), otherwise(Otherwise::InPlace));
        assert_eq!(look(&["Nachname", "Vorname", "Ort", "", " "]), otherwise(Otherwise::Crossed));
        assert_eq!(look(&["First", "Last", "Ort"]), otherwise(Otherwise::InPlace));
        assert_eq!(look(&["First", "Last", "Employer"]), HeaderAgain::Other);
        // A line with a value or a gap is a record.
        for record in [["Nachname", "Vorname", "7"], ["Nachname", "Vorname", ""], ["Nachname", "Amt", "Bonn"]]
        {
            assert_eq!(look(&record), HeaderAgain::No, "{record:?}");
        }
    }

    #[test]
    fn a_cell_that_names_no_column_is_asked_for_once() {
        use std::sync::Arc;
        use std::sync::atomic::{AtomicUsize, Ordering};
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let names = KnownNames::new(move |cell| {
            count.fetch_add(1, Ordering::Relaxed);
            ["First", "Last", "Vorname"].iter().position(|known| *known == cell)
        });
        let mut watch = HeaderWatch::new(&[bytes(&["First", "Last"])], Some(&names));
        let before = asked.load(Ordering::Relaxed);
        for _ in 0..3 {
            assert!(!watch.may_mean(b"Ada") && watch.may_mean(b"Vorname") && !watch.may_mean(b"17"));
        }
        assert_eq!(asked.load(Ordering::Relaxed) - before, 4);
    }
}
