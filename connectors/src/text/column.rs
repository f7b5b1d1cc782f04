//! Cells into Arrow string arrays: one growing byte buffer and one list of offsets per column, no `String` per cell.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::error::ArrowError;

/// One text column of the batch in progress. An empty cell is NULL.
#[derive(Debug)]
pub(crate) struct Column {
    bytes: Vec<u8>,
    /// Where each cell ends, behind a zero.
    ends: Vec<i32>,
}

impl Column {
    pub(crate) fn new() -> Self {
        Self { bytes: Vec::new(), ends: vec![0] }
    }

    /// Cells so far.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.ends.len() - 1
    }

    /// Fills up with NULL to so many cells.
    #[inline]
    pub(crate) fn pad(&mut self, cells: usize) {
        if self.len() < cells {
            self.ends.resize(cells + 1, self.end());
        }
    }

    /// A batch ends far below the reach of 32-bit offsets.
    #[inline]
    fn end(&self) -> i32 {
        self.bytes.len() as i32
    }

    /// Adds a cell; an empty one is NULL.
    #[inline]
    pub(crate) fn push(&mut self, cell: &[u8]) {
        self.bytes.extend_from_slice(cell);
        self.ends.push(self.end());
    }

    /// Adds a cell that is written in pieces.
    pub(crate) fn push_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push(self.end());
    }

    /// The last cell.
    pub(crate) fn last(&self) -> &[u8] {
        let start = self.ends.len().checked_sub(2).and_then(|i| self.ends.get(i)).copied().unwrap_or(0);
        self.bytes.get(start as usize..).unwrap_or_default()
    }

    /// Takes back all cells behind the first `cells`.
    pub(crate) fn truncate(&mut self, cells: usize) {
        self.ends.truncate(cells + 1);
        self.bytes.truncate(self.ends.last().copied().unwrap_or(0) as usize);
    }

    /// The finished array of so many cells; the column starts again with room for as much.
    pub(crate) fn finish(&mut self, cells: usize) -> Result<ArrayRef, ArrowError> {
        self.pad(cells);
        let len = self.bytes.len();
        let bytes = std::mem::replace(&mut self.bytes, Vec::with_capacity(len + len / 8));
        let ends = std::mem::replace(&mut self.ends, Vec::with_capacity(cells + 1));
        self.ends.push(0);
        let mut empty = 0;
        let filled = BooleanBuffer::collect_bool(cells, |i| {
            let some = ends.get(i) != ends.get(i + 1);
            empty += usize::from(!some);
            some
        });
        let nulls = (empty > 0).then(|| NullBuffer::new(filled));
        let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
        Ok(Arc::new(StringArray::try_new(offsets, Buffer::from_vec(bytes), nulls)?))
    }
}
