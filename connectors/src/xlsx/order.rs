//! Rows that do not stand in their order in the file: they are put in it before they are read.

use super::error::Fault;
use super::rows::{Cell, Chunk, Row, Sink};

/// Text and cells of a sheet that is held in memory.
const MAX_BYTES: usize = 512 << 20;

/// Chunks as they came.
#[derive(Default)]
pub(super) struct Held {
    chunks: Vec<Chunk>,
    bytes: usize,
}

impl Held {
    /// Keeps a chunk; false when it is too much.
    pub(super) fn keep(&mut self, chunk: Chunk) -> bool {
        let cells = chunk.cells.len().saturating_mul(size_of::<Cell>());
        self.bytes = self.bytes.saturating_add(chunk.text.len()).saturating_add(cells);
        self.chunks.push(chunk);
        self.bytes <= MAX_BYTES
    }

    /// Hands the rows over in the order of their numbers; parts of one row become one.
    pub(super) fn hand_over(self, sink: &mut Sink<'_>) -> Result<(), Fault> {
        if self.bytes > MAX_BYTES {
            return Err(Fault::Large("a sheet without order of more bytes", MAX_BYTES as u64));
        }
        let mut places: Vec<(&Chunk, &Row)> =
            self.chunks.iter().flat_map(|chunk| chunk.rows.iter().map(move |row| (chunk, row))).collect();
        places.sort_by_key(|(_, row)| row.number);
        let mut out = Chunk::default();
        for (chunk, row) in places {
            let goes_on = out.rows.last().is_some_and(|last| last.number == row.number);
            if !goes_on && out.rows.len() >= 512 && !sink(std::mem::take(&mut out)) {
                return Ok(());
            }
            let first = out.cells.len();
            for cell in chunk.cells(row) {
                let start = out.text.len();
                out.text.push_str(chunk.text(cell));
                out.cells.push(Cell { start, end: out.text.len(), ..*cell });
            }
            let end = out.cells.len();
            match out.rows.last_mut().filter(|_| goes_on) {
                Some(last) => (last.end, last.too_long) = (end, last.too_long || row.too_long),
                None => out.rows.push(Row { first, end, ..*row }),
            }
        }
        if !out.rows.is_empty() {
            sink(out);
        }
        Ok(())
    }
}
