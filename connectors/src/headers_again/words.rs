//! A line that names the columns of a header in other words: as far as the names go that the caller knows.

use crate::cell::kind;
use crate::request::{KnownNames, Otherwise};

/// Cells that name nothing and are kept in mind, so that a name of a person is asked for once.
const KEPT: usize = 1024;

/// Cells longer than this name no column.
const LONGEST: usize = 128;

pub(super) struct OtherWords {
    header: Vec<String>,
    names: KnownNames,
    /// Cells that name nothing, by hash.
    strange: Vec<u64>,
}

impl OtherWords {
    /// Nothing where fewer than two columns have a name that is known: other words for them would not show.
    pub(super) fn new(header: &[Vec<u8>], names: &KnownNames) -> Option<Self> {
        let header: Vec<String> =
            header.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
        let known = names.count(&header) >= 2;
        known.then(|| Self { header, names: names.clone(), strange: vec![0; KEPT] })
    }

    /// The cell names a field.
    pub(super) fn may_mean(&mut self, cell: &[u8]) -> bool {
        if is_no_word(cell) {
            return false;
        }
        let hash = hash_of(cell);
        let slot = usize::try_from(hash % KEPT as u64).unwrap_or(0);
        if self.strange.get(slot) == Some(&hash) {
            return false;
        }
        let means = self.names.count(&[text_of(cell)]) > 0;
        if let Some(strange) = self.strange.get_mut(slot).filter(|_| !means) {
            *strange = hash;
        }
        means
    }

    /// How the cells of a line go with the header. A line with a value or a gap is a record, whatever words are in it.
    pub(super) fn look(&self, cells: &[&[u8]]) -> Option<Otherwise> {
        let (line, beyond) = cells.split_at_checked(self.header.len())?;
        if line.iter().any(|cell| is_no_word(cell)) || beyond.iter().any(|cell| !cell.trim_ascii().is_empty())
        {
            return None;
        }
        let line: Vec<String> = line.iter().map(|cell| text_of(cell)).collect();
        self.names.otherwise(&self.header, &line)
    }

    /// Each cell with something in it names a field of the header.
    pub(super) fn names_no_other(&self, cells: &[&[u8]]) -> bool {
        let filled = cells.iter().map(|cell| text_of(cell)).filter(|cell| !cell.is_empty());
        self.names.are_fields_of(&self.header, filled)
    }
}

/// Nothing, a value, or too much for a name.
fn is_no_word(cell: &[u8]) -> bool {
    let cell = cell.trim_ascii();
    cell.is_empty() || cell.len() > LONGEST || memchr::memchr(b'@', cell).is_some() || kind(cell).is_value()
}

fn text_of(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).trim().to_owned()
}

/// FNV-1a; never 0, which stands for an empty slot.
fn hash_of(cell: &[u8]) -> u64 {
    let hash = cell.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash | 1
}
