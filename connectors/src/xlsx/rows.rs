//! Rows of a sheet on their way from the reader of its format to the table: text in one piece, no string per cell.

use super::cell::{Kind, Value};
use super::format::Format;

/// Cells of a row together, in bytes of text.
pub(super) const MAX_ROW_BYTES: usize = 64 << 20;

/// Rows and text in one chunk at most, about.
const CHUNK_ROWS: usize = 512;
const CHUNK_BYTES: usize = 1 << 20;

/// Some rows, in their order.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub rows: Vec<Row>,
    pub cells: Vec<Cell>,
    pub text: String,
}

/// One row that holds something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// As people see it, from 1.
    pub number: u32,
    /// Its cells in the chunk.
    pub first: usize,
    pub end: usize,
    /// Its cells together are too long and were left out.
    pub too_long: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    /// From 0, in the sheet.
    pub column: u32,
    pub kind: Kind,
    /// Its text in the chunk.
    pub start: usize,
    pub end: usize,
}

impl Chunk {
    pub(super) fn cells(&self, row: &Row) -> &[Cell] {
        self.cells.get(row.first..row.end).unwrap_or_default()
    }

    pub(super) fn text(&self, cell: &Cell) -> &str {
        self.text.get(cell.start..cell.end).unwrap_or_default()
    }
}

/// Takes chunks; false when no more are wanted.
pub(super) type Sink<'a> = dyn FnMut(Chunk) -> bool + 'a;

/// Puts cells together to rows, and rows to chunks.
pub(super) struct Rows<'a> {
    chunk: Chunk,
    /// The row at hand, from 0.
    at: Option<u32>,
    row_text: usize,
    too_long: bool,
    cell_bytes: usize,
    epoch_1904: bool,
    sink: &'a mut Sink<'a>,
    /// No more rows are wanted.
    pub stopped: bool,
}

impl<'a> Rows<'a> {
    pub(super) fn new(cell_bytes: usize, epoch_1904: bool, sink: &'a mut Sink<'a>) -> Self {
        Self {
            chunk: Chunk::default(),
            at: None,
            row_text: 0,
            too_long: false,
            cell_bytes,
            epoch_1904,
            sink,
            stopped: false,
        }
    }

    /// Takes a cell with its value.
    pub(super) fn value(&mut self, row: u32, column: u32, value: Value<'_>, format: Format) {
        self.go_to(row);
        if self.too_long {
            return;
        }
        let start = self.chunk.text.len();
        let kind = match value {
            Value::Text(text) if text.len() > self.cell_bytes => Some(Kind::TooLong),
            value => value.write(format, self.epoch_1904, &mut self.chunk.text),
        };
        let Some(kind) = kind else { return };
        let end = self.chunk.text.len();
        if end.saturating_sub(self.row_text) > MAX_ROW_BYTES {
            self.drop_cells();
            return;
        }
        self.chunk.cells.push(Cell { column, kind, start, end });
    }

    /// Takes a cell that has no value, and why.
    pub(super) fn without_value(&mut self, row: u32, column: u32, kind: Kind) {
        self.go_to(row);
        let end = self.chunk.text.len();
        if !self.too_long {
            self.chunk.cells.push(Cell { column, kind, start: end, end });
        }
    }

    fn drop_cells(&mut self) {
        self.too_long = true;
        let first = self.chunk.rows.last().map_or(0, |row| row.end);
        self.chunk.cells.truncate(first);
        self.chunk.text.truncate(self.row_text);
    }

    fn go_to(&mut self, row: u32) {
        if self.at != Some(row) {
            self.close_row();
            self.at = Some(row);
        }
    }

    fn close_row(&mut self) {
        let Some(at) = self.at.take() else { return };
        let first = self.chunk.rows.last().map_or(0, |row| row.end);
        let end = self.chunk.cells.len();
        if end > first || self.too_long {
            let row = Row { number: at.saturating_add(1), first, end, too_long: self.too_long };
            self.chunk.rows.push(row);
        }
        self.too_long = false;
        if self.chunk.rows.len() >= CHUNK_ROWS || self.chunk.text.len() >= CHUNK_BYTES {
            self.hand_over();
        }
        self.row_text = self.chunk.text.len();
    }

    fn hand_over(&mut self) {
        let chunk = std::mem::take(&mut self.chunk);
        if !chunk.rows.is_empty() && !self.stopped {
            self.stopped = !(self.sink)(chunk);
        }
    }

    /// The sheet is at its end.
    pub(super) fn finish(mut self) {
        self.close_row();
        self.hand_over();
    }
}
