//! A header that comes again: passed over, read by where its columns stand in another order, or that of another table.

use super::layout::Layout;
use crate::headers_again::{HeaderAgain, HeaderWatch};
use crate::request::{KnownNames, Otherwise};

/// What holds from a row on.
pub(super) enum From {
    /// The place of each column of the sheet in the schema.
    Places(Vec<Option<usize>>),
    /// Nothing belongs to the table of the header.
    OtherTable,
    /// A second header names its columns in other words.
    OtherWords,
    /// A second header names its columns in another order: nothing can be read by either.
    OtherOrder,
}

/// The header, to know it again, and what changed below it.
pub(super) struct Again {
    watch: HeaderWatch,
    changes: Vec<(u32, From)>,
}

impl Again {
    /// By the names of the columns, in the order of the schema, and the same in the rows below them that name them in other
    /// words; nothing is known again without a header.
    pub(super) fn new(layout: &Layout, known: Option<&KnownNames>) -> Self {
        let bytes = |text: &String| text.as_bytes().to_vec();
        let cell = |row: &[(u32, String)], column: &u32| {
            row.iter().find(|(at, _)| at == column).map_or(Vec::new(), |(_, text)| bytes(text))
        };
        let mut headers: Vec<Vec<Vec<u8>>> = Vec::new();
        if let Some((first, last)) = layout.header {
            headers.push(layout.names.iter().map(bytes).collect());
            // A header in two rows has its names in both: none of them is one.
            let rows = layout.header_cells.iter().skip(1).filter(|_| first == last);
            headers.extend(rows.map(|row| layout.columns.iter().map(|column| cell(row, column)).collect()));
        }
        Self { watch: HeaderWatch::new(&headers, known), changes: Vec::new() }
    }

    /// From this row on nothing can be read by the header, even where it comes again.
    pub(super) fn contradict(&mut self, row: u32) {
        self.changes.push((row, From::OtherOrder));
    }

    /// What holds for a row; nothing where all is as it was at first.
    pub(super) fn at(&self, row: u32) -> Option<&From> {
        self.changes.iter().rev().find(|(from, _)| *from <= row).map(|(_, what)| what)
    }

    /// Compares the cells of a row, in the order of the schema, and keeps what changes below it. `places`: the place of each
    /// column of the sheet in the schema.
    pub(super) fn look(&mut self, row: u32, cells: &[&[u8]], places: &[Option<usize>]) -> HeaderAgain {
        let found = self.watch.look_for_words(cells);
        if self.changes.iter().any(|(_, what)| matches!(what, From::OtherOrder)) {
            return match found {
                HeaderAgain::Same | HeaderAgain::Reordered(_) => HeaderAgain::Same,
                HeaderAgain::No | HeaderAgain::Other | HeaderAgain::Otherwise(_) => HeaderAgain::No,
            };
        }
        match &found {
            HeaderAgain::Same if !self.changes.is_empty() => {
                self.changes.push((row, From::Places(places.to_vec())));
            }
            HeaderAgain::Reordered(order) => {
                let moved = |place: &Option<usize>| place.and_then(|at| order.get(at).copied());
                self.changes.push((row, From::Places(places.iter().map(moved).collect())));
            }
            HeaderAgain::Other => self.changes.push((row, From::OtherTable)),
            HeaderAgain::Otherwise(Otherwise::InPlace) => self.changes.push((row, From::OtherWords)),
            HeaderAgain::Otherwise(Otherwise::Crossed) => self.changes.push((row, From::OtherOrder)),
            HeaderAgain::No | HeaderAgain::Same => {}
        }
        found
    }

    /// The first cells of a row could be names of columns.
    pub(super) fn may_begin(&self, cell: &[u8]) -> bool {
        self.watch.may_begin(cell)
    }

    /// The first cell of a row could be another word for one of them.
    pub(super) fn may_mean(&mut self, cell: &[u8]) -> bool {
        self.watch.may_mean(cell)
    }
}
