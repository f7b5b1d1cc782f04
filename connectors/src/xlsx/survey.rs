//! What a sheet holds, found out before its rows are read: which columns are in use, which rows are hidden, where cells are
//! merged, which formulas have no result.

use std::collections::{HashMap, VecDeque};

use super::cell::Kind;
use super::error::Fault;
use super::format::Format;

/// Rows and columns of the largest sheet that there is.
pub(super) const MAX_ROWS: u32 = 1 << 20;
pub(super) const MAX_COLUMNS: u32 = 1 << 14;

/// Cells of a workbook that is held in memory as a whole, which is every format but XLSX and XLSB.
pub(super) const MAX_CELLS: u64 = 20_000_000;

/// Merged regions, and cells of which something is told.
const MAX_TOLD: usize = 4_000_000;

/// Rows and columns from 0 unless said otherwise.
#[derive(Debug, Default, Clone)]
pub(super) struct Survey {
    /// Rows that hold something.
    pub rows: u64,
    /// Of every column, the last row that holds something in it, from 1; 0 where none does.
    pub last: Vec<u32>,
    pub hidden_rows: Seen,
    /// First and last of each stretch.
    pub hidden_columns: Vec<(u32, u32)>,
    pub merges: Vec<Region>,
    /// Cells without a value of which something is told, in the order of the file.
    pub told: VecDeque<(u32, u32, Kind)>,
    /// The first row, from 1, that stands below one with a higher number.
    pub unordered: Option<u32>,
    /// Digits that the number formats of single cells show at least, where the reader of cells does not tell.
    pub pads: HashMap<(u32, u32), u8>,
    /// Bytes of the sheet, unpacked.
    pub bytes: u64,
    at: Option<u32>,
}

/// How often something was met, and where first, from 1.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Seen {
    pub count: u64,
    pub first: u32,
}

impl Seen {
    pub(super) fn add(&mut self, at: u32, count: u64) {
        if self.count == 0 || at < self.first {
            self.first = at;
        }
        self.count = self.count.saturating_add(count);
    }
}

/// Merged cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    pub top: u32,
    pub left: u32,
    pub bottom: u32,
    pub right: u32,
}

impl Region {
    pub(super) fn is_wide(&self) -> bool {
        self.right > self.left
    }
}

impl Survey {
    /// A cell that holds something.
    pub(super) fn filled(&mut self, row: u32, column: u32) -> Result<(), Fault> {
        if row >= MAX_ROWS || column >= MAX_COLUMNS {
            return Err(Fault::damaged("a row or cell of a sheet has a place that no sheet has"));
        }
        self.use_column(row, column);
        if self.at != Some(row) {
            if self.at.is_some_and(|at| at > row) && self.unordered.is_none() {
                self.unordered = Some(row.saturating_add(1));
            }
            self.at = Some(row);
            self.rows += 1;
        }
        Ok(())
    }

    fn use_column(&mut self, row: u32, column: u32) {
        let index = column as usize;
        if self.last.len() <= index {
            self.last.resize(index + 1, 0);
        }
        if let Some(last) = self.last.get_mut(index) {
            *last = (*last).max(row.saturating_add(1));
        }
    }

    /// Cells that are told of are in use, though the reader of cells gives none.
    pub(super) fn use_told(&mut self) {
        let told = std::mem::take(&mut self.told);
        for (row, column, _) in &told {
            self.use_column(*row, *column);
        }
        self.told = told;
    }

    /// A cell without value of which something is told.
    pub(super) fn tell(&mut self, row: u32, column: u32, kind: Kind) -> Result<(), Fault> {
        if self.told.len() >= MAX_TOLD {
            return Err(Fault::Large("cells without value", MAX_TOLD as u64));
        }
        self.told.push_back((row, column, kind));
        Ok(())
    }

    pub(super) fn merge(&mut self, region: Region) -> Result<(), Fault> {
        if self.merges.len() >= MAX_TOLD {
            return Err(Fault::Large("merged regions", MAX_TOLD as u64));
        }
        self.merges.push(region);
        Ok(())
    }

    /// Columns that are hidden, to the last; what is beyond a few thousand stretches is not told.
    pub(super) fn hide_columns(&mut self, first: u32, last: u32) {
        if last >= first && self.hidden_columns.len() < 4096 {
            self.hidden_columns.push((first, last));
        }
    }

    /// What is known of the number format of a cell.
    pub(super) fn format(&self, row: u32, column: u32) -> Format {
        if self.pads.is_empty() {
            return Format::default();
        }
        Format { pad: self.pads.get(&(row, column)).copied().unwrap_or(0), ..Format::default() }
    }

    /// The last row that holds something, from 1.
    pub(super) fn last_row(&self) -> u32 {
        self.last.iter().copied().max().unwrap_or(0)
    }

    /// Something stands in it.
    pub(super) fn is_filled(&self) -> bool {
        self.rows > 0
    }
}
