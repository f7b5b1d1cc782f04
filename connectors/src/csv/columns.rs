//! Cells into Arrow string arrays: one growing byte buffer and one list of offsets per column,
//! no `String` per cell.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::error::ArrowError;

use crate::dialect::HighHalf;

/// Short cells are copied in blocks of this size, whatever their length: a fixed copy is one
/// load and one store, a copy of unknown length is a call.
const BLOCK: usize = 16;

/// One column of the batch in progress.
#[derive(Debug)]
pub(super) struct Column {
    /// Zero-filled storage; only the first `len` bytes are content.
    storage: Vec<u8>,
    len: usize,
    offsets: Vec<i32>,
}

impl Column {
    pub(super) fn new(rows: usize) -> Self {
        let mut column = Self { storage: Vec::new(), len: 0, offsets: Vec::new() };
        column.restart(rows, rows.min(8192) * 16);
        column
    }

    fn restart(&mut self, rows: usize, bytes: usize) {
        self.storage = vec![0; bytes + BLOCK];
        self.len = 0;
        self.offsets = Vec::with_capacity(rows + 1);
        self.offsets.push(0);
    }

    /// Ends the cell. The reader bounds a batch far below the reach of 32-bit offsets.
    #[inline(always)]
    fn close(&mut self) {
        self.offsets.push(self.len as i32);
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        let wanted = (self.len + more + BLOCK).max(self.storage.len() * 2);
        self.storage.resize(wanted, 0);
    }

    /// Adds a cell as it stands in `text[start..end]`.
    #[inline(always)]
    pub(super) fn push(&mut self, text: &[u8], start: usize, end: usize) {
        let len = end - start;
        if self.len + len + BLOCK > self.storage.len() {
            self.grow(len);
        }
        if len <= BLOCK
            && let Some(from) = text.get(start..).and_then(|t| t.first_chunk::<BLOCK>())
            && let Some(to) = self.storage.get_mut(self.len..).and_then(|s| s.first_chunk_mut::<BLOCK>())
        {
            *to = *from;
        } else if let (Some(from), Some(to)) =
            (text.get(start..end), self.storage.get_mut(self.len..self.len + len))
        {
            to.copy_from_slice(from);
        }
        self.len += len;
        self.close();
    }

    /// Adds a cell in pieces.
    pub(super) fn push_pieces(&mut self, pieces: impl FnOnce(&mut dyn FnMut(&[u8]))) {
        pieces(&mut |piece| self.extend(piece));
        self.close();
    }

    /// Adds NULL.
    pub(super) fn push_null(&mut self) {
        self.close();
    }

    fn extend(&mut self, piece: &[u8]) {
        if self.len + piece.len() + BLOCK > self.storage.len() {
            self.grow(piece.len());
        }
        if let Some(to) = self.storage.get_mut(self.len..self.len + piece.len()) {
            to.copy_from_slice(piece);
        }
        self.len += piece.len();
    }

    /// The finished array; the column starts again with room for as much.
    pub(super) fn finish(&mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
        let len = self.len;
        let offsets = std::mem::take(&mut self.offsets);
        let mut storage = std::mem::take(&mut self.storage);
        storage.truncate(len);
        if storage.capacity() > len * 2 + 4096 {
            storage.shrink_to_fit();
        }
        self.restart(rows, len + len / 8);
        // An empty cell is NULL, so the offsets already say which cells are.
        let cells = offsets.len() - 1;
        let mut empty = 0;
        let filled = BooleanBuffer::collect_bool(cells, |i| {
            let some = offsets.get(i) != offsets.get(i + 1);
            empty += usize::from(!some);
            some
        });
        let nulls = (empty > 0).then(|| NullBuffer::new(filled));
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let array = StringArray::try_new(offsets, Buffer::from_vec(storage), nulls)?;
        Ok(Arc::new(array))
    }
}

/// Recodes a piece from an encoding of one byte per character.
pub(crate) fn recode(mut piece: &[u8], table: &HighHalf, out: &mut Vec<u8>) {
    let mut utf8 = [0; 4];
    while let Some((ascii, [byte, rest @ ..])) = piece.split_at_checked(ascii_len(piece)) {
        out.extend_from_slice(ascii);
        // Records with unassigned bytes are rejected before they come here.
        let c = table.char(*byte).unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
        piece = rest;
    }
    out.extend_from_slice(piece);
}

fn ascii_len(piece: &[u8]) -> usize {
    piece.iter().position(|b| !b.is_ascii()).unwrap_or(piece.len())
}
