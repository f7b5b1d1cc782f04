//! The first rows of a sheet, held to find the table in it.

use super::cell::Kind;
use super::rows::Chunk;

/// Rows and bytes of text that are looked at.
const ROWS: usize = 200;
const BYTES: usize = 4 << 20;
/// Text of a cell that is kept: enough for a name and a title.
const CELL: usize = 4096;

#[derive(Debug, Default, Clone)]
pub(super) struct Sample {
    /// A few of the rows that the caller has told to skip.
    pub above: Vec<Line>,
    pub lines: Vec<Line>,
    bytes: usize,
}

/// A row; its cells in the order of their columns.
#[derive(Debug, Default, Clone)]
pub(super) struct Line {
    /// From 1.
    pub number: u32,
    pub cells: Vec<Held>,
}

#[derive(Debug, Clone)]
pub(super) struct Held {
    pub column: u32,
    pub kind: Kind,
    pub text: String,
}

impl Held {
    /// A whole number that is a year, as it stands above columns.
    pub(super) fn is_label(&self) -> bool {
        self.kind == Kind::Number && self.text.parse().is_ok_and(|year: u32| (1900..=2100).contains(&year))
    }
}

impl Line {
    /// Cells that hold something people see.
    pub(super) fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.text.trim().is_empty()).count()
    }

    pub(super) fn values(&self) -> usize {
        self.cells.iter().filter(|cell| cell.kind.is_value()).count()
    }

    fn cell(&self, column: u32) -> Option<&Held> {
        let behind = self.cells.partition_point(|cell| cell.column <= column);
        self.cells.get(behind.checked_sub(1)?).filter(|cell| cell.column == column)
    }

    pub(super) fn kind(&self, column: u32) -> Option<Kind> {
        self.cell(column).map(|cell| cell.kind)
    }

    pub(super) fn text(&self, column: u32) -> Option<&str> {
        self.cell(column).map(|cell| cell.text.as_str())
    }

    /// The texts with their columns.
    pub(super) fn texts(&self) -> Vec<(u32, String)> {
        self.cells.iter().map(|cell| (cell.column, cell.text.clone())).collect()
    }

    /// The texts that are there.
    pub(super) fn words(&self) -> Vec<String> {
        self.cells.iter().map(|c| c.text.trim()).filter(|t| !t.is_empty()).map(str::to_owned).collect()
    }
}

impl Sample {
    /// Takes rows below row `skip`; false when there are enough.
    pub(super) fn take(&mut self, chunk: &Chunk, skip: u64) -> bool {
        for row in &chunk.rows {
            let skipped = u64::from(row.number) <= skip;
            if skipped && self.above.len() >= 5 {
                continue;
            }
            let mut line = Line { number: row.number, cells: Vec::new() };
            for cell in chunk.cells(row) {
                let text: String = chunk.text(cell).chars().take(CELL).collect();
                self.bytes = self.bytes.saturating_add(text.len() + size_of::<Held>());
                line.cells.push(Held { column: cell.column, kind: cell.kind, text });
            }
            line.cells.sort_by_key(|cell| cell.column);
            if skipped {
                self.above.push(line);
                continue;
            }
            self.lines.push(line);
            if self.lines.len() >= ROWS || self.bytes >= BYTES {
                return false;
            }
        }
        true
    }
}
