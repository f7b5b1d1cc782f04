//! A header that comes again: passed over, read by where its columns stand in another order, or that of another table.

use crate::headers_again::{HeaderAgain, HeaderWatch};

/// What holds from a row on.
pub(super) enum From {
    /// The place of each column of the sheet in the schema.
    Places(Vec<Option<usize>>),
    /// Nothing belongs to the table of the header.
    OtherTable,
    /// The row below the header names its columns in another order: nothing can be read by either.
    OtherOrder,
}

/// The header, to know it again, and what changed below it.
pub(super) struct Again {
    watch: HeaderWatch,
    changes: Vec<(u32, From)>,
}

impl Again {
    /// By the names of the columns, in the order of the schema; nothing is known again without a header.
    pub(super) fn new(names: Option<&[String]>) -> Self {
        let names: Option<Vec<Vec<u8>>> =
            names.map(|names| names.iter().map(|name| name.as_bytes().to_vec()).collect());
        Self { watch: HeaderWatch::new(names.as_deref()), changes: Vec::new() }
    }

    /// From this row on nothing can be read by the header, even where it comes again.
    pub(super) fn contradict(&mut self, row: u32) {
        self.changes.push((row, From::OtherOrder));
    }

    /// What holds for a row; nothing where all is as it was at first.
    pub(super) fn at(&self, row: u32) -> Option<&From> {
        self.changes.iter().rev().find(|(from, _)| *from <= row).map(|(_, what)| what)
    }

    /// The first cells of a row could be names of columns.
    pub(super) fn may_begin(&self, cell: &[u8]) -> bool {
        self.watch.may_begin(cell)
    }

    /// Compares the cells of a row, in the order of the schema, and keeps what changes below it. `places`: the place of each
    /// column of the sheet in the schema.
    pub(super) fn look(&mut self, row: u32, cells: &[&[u8]], places: &[Option<usize>]) -> HeaderAgain {
        let found = self.watch.look(cells);
        if self.changes.iter().any(|(_, what)| matches!(what, From::OtherOrder)) {
            return match found {
                HeaderAgain::No | HeaderAgain::Other => HeaderAgain::No,
                HeaderAgain::Same | HeaderAgain::Reordered(_) => HeaderAgain::Same,
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
            HeaderAgain::No | HeaderAgain::Same => {}
        }
        found
    }
}
