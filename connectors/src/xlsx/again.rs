//! A header that comes again: passed over, read by where its columns stand in another order, or that of another table.

use super::code;
use super::reader::SheetReader;
use super::rows::{Chunk, Row};
use crate::csv::{HeaderAgain, HeaderWatch};

/// What holds from a row on.
pub(super) enum From {
    /// The place of each column of the sheet in the schema.
    Places(Vec<Option<usize>>),
    /// Nothing belongs to the table of the header.
    OtherTable,
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

    /// What holds for a row; nothing where all is as it was at first.
    pub(super) fn at(&self, row: u32) -> Option<&From> {
        self.changes.iter().rev().find(|(from, _)| *from <= row).map(|(_, what)| what)
    }
}

impl SheetReader {
    /// Whether a row is the header again; what is below may then be read otherwise.
    pub(super) fn is_header_again(&mut self, chunk: &Chunk, row: &Row) -> bool {
        let cells = chunk.cells(row);
        let text = |cell: &super::rows::Cell| chunk.text(cell).as_bytes();
        if !cells.iter().take(2).any(|cell| self.again.watch.may_begin(text(cell))) {
            return false;
        }
        let mut placed: Vec<&[u8]> = vec![b""; self.slots.len()];
        for cell in cells {
            let place = self.places.get(cell.column as usize).copied().flatten();
            if let Some(slot) = place.and_then(|place| placed.get_mut(place)) {
                *slot = text(cell);
            }
        }
        match self.again.watch.look(&placed) {
            HeaderAgain::No => return false,
            HeaderAgain::Same => {
                if !self.again.changes.is_empty() {
                    self.again.changes.push((row.number, From::Places(self.places.clone())));
                }
                self.note(
                    code::HEADER_REPEATED,
                    row.number,
                    "the header row comes again and was passed over",
                );
            }
            HeaderAgain::Reordered(order) => {
                let moved = |place: &Option<usize>| place.and_then(|at| order.get(at).copied());
                let places = self.places.iter().map(moved).collect();
                self.again.changes.push((row.number, From::Places(places)));
                let reason = "the header row comes again with its columns in another order; what is below was read by it";
                self.note(code::HEADER_REPEATED, row.number, reason);
            }
            HeaderAgain::Other => {
                self.again.changes.push((row.number, From::OtherTable));
                let reason = "another table begins here, with other columns; its rows are rejected";
                self.note(code::SECOND_TABLE, row.number, reason);
                return false;
            }
        }
        self.counts.passed += 1;
        true
    }
}
