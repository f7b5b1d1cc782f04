//! Tables: no frames, a line under the header, numbers to the right.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, TableComponent, presets};

use super::cell::line;
use super::terminal::width;

/// Blanks around a cell, and the gap to the next one.
const GAP: usize = 3;
/// Characters that a wrapped column needs to be read.
const LEAST: usize = 24;

/// A table that is filled row by row. Where it is too wide, its last column is wrapped, or those named.
pub struct Table {
    inner: comfy_table::Table,
    columns: usize,
    right: Vec<usize>,
    wrapped: Option<Vec<usize>>,
}

impl Table {
    /// A table with these headers.
    pub fn new<S: AsRef<str>>(headers: impl IntoIterator<Item = S>) -> Self {
        let mut inner = comfy_table::Table::new();
        inner.load_preset(presets::NOTHING);
        inner.set_style(TableComponent::HeaderLines, '─');
        inner.set_style(TableComponent::MiddleHeaderIntersections, '─');
        inner.set_content_arrangement(ContentArrangement::Dynamic);
        inner.set_width(u16::try_from(width()).unwrap_or(u16::MAX));
        let headers: Vec<Cell> = headers.into_iter().map(|h| Cell::new(line(h.as_ref()))).collect();
        let columns = headers.len();
        inner.set_header(headers);
        Self { inner, columns, right: Vec::new(), wrapped: None }
    }

    /// Columns that may be wrapped.
    pub fn wrapped(mut self, columns: &[usize]) -> Self {
        self.wrapped = Some(columns.to_vec());
        self
    }

    /// Columns whose cells stand on the right.
    pub fn right(mut self, columns: &[usize]) -> Self {
        self.right = columns.to_vec();
        self
    }

    /// Adds a row; cells are made safe for the terminal.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let right = &self.right;
        let cells = cells.into_iter().enumerate().map(|(n, text)| {
            let cell = Cell::new(line(text.as_ref()));
            if right.contains(&n) { cell.set_alignment(CellAlignment::Right) } else { cell }
        });
        self.inner.add_row(cells.collect::<Vec<_>>());
    }

    /// The table as text, a line break at its end.
    pub fn text(&mut self) -> String {
        let wrapped = self.wrapped.clone().unwrap_or_else(|| vec![self.columns.saturating_sub(1)]);
        let widths = self.inner.column_max_content_widths();
        let fixed: usize = widths
            .iter()
            .enumerate()
            .filter(|(n, _)| !wrapped.contains(n))
            .map(|(_, width)| usize::from(*width) + GAP)
            .sum();
        // Where hardly anything would be left for them, all columns share what there is.
        if fixed + wrapped.len() * (LEAST + GAP) <= width() {
            for (n, column) in self.inner.column_iter_mut().enumerate() {
                if !wrapped.contains(&n) {
                    column.set_constraint(ColumnConstraint::ContentWidth);
                }
            }
        }
        let lines: String = self.inner.lines().map(|line| format!("{}\n", line.trim_end())).collect();
        if lines.is_empty() { "\n".to_owned() } else { lines }
    }
}

/// Names and values, one pair per line.
pub fn pairs(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    pairs.iter().map(|(name, value)| format!("  {name:<width$}  {}\n", line(value))).collect()
}

/// Data with as many columns as it has: what is too wide for the screen goes on below, under the same first column.
pub struct Sheet {
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
    right: Vec<usize>,
    /// The first column stands before every part.
    has_key: bool,
}

impl Sheet {
    /// A sheet with these headers.
    pub fn new(headers: Vec<String>, right: Vec<usize>, has_key: bool) -> Self {
        Self { headers, rows: Vec::new(), right, has_key }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Rows so far.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Takes the rows out, as text.
    pub fn take(&mut self) -> String {
        let rows = std::mem::take(&mut self.rows);
        let parts = self.parts(&rows);
        let tables: Vec<String> = parts.iter().map(|columns| self.table(&rows, columns)).collect();
        tables.join("\n")
    }

    fn width(&self, rows: &[Vec<String>], column: usize) -> usize {
        let cells = rows.iter().filter_map(|row| row.get(column)).chain(self.headers.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0) + GAP
    }

    /// Which columns stand side by side.
    fn parts(&self, rows: &[Vec<String>]) -> Vec<Vec<usize>> {
        let room = width();
        let key = usize::from(self.has_key);
        let begin: Vec<usize> = (0..key).collect();
        let taken: usize = begin.iter().map(|&c| self.width(rows, c)).sum();
        let (mut parts, mut part, mut used) = (Vec::new(), begin.clone(), taken);
        for column in key..self.headers.len() {
            let width = self.width(rows, column);
            if part.len() > key && used + width > room {
                parts.push(std::mem::replace(&mut part, begin.clone()));
                used = taken;
            }
            part.push(column);
            used += width;
        }
        if part.len() > key || parts.is_empty() {
            parts.push(part);
        }
        parts
    }

    fn table(&self, rows: &[Vec<String>], columns: &[usize]) -> String {
        let right: Vec<usize> =
            columns.iter().enumerate().filter(|(_, c)| self.right.contains(c)).map(|(n, _)| n).collect();
        let pick = |row: &[String]| -> Vec<String> {
            columns.iter().map(|&c| row.get(c).cloned().unwrap_or_default()).collect()
        };
        let all: Vec<usize> = (0..columns.len()).collect();
        let mut table = Table::new(pick(&self.headers)).right(&right).wrapped(&all);
        for row in rows {
            table.row(pick(row));
        }
        table.text()
    }
}

#[cfg(test)]
mod tests {
    use super::Sheet;

    #[test]
    fn what_is_too_wide_goes_on_below() {
        let headers: Vec<String> = (0..12).map(|n| format!("column_number_{n}")).collect();
        let mut sheet = Sheet::new(headers, vec![0], true);
        sheet.row((0..12).map(|n| format!("value {n}")).collect());
        let text = sheet.take();
        assert!(text.lines().all(|line| line.chars().count() <= 110), "{text}");
        assert_eq!(text.matches("column_number_0").count(), text.matches("value 0").count());
        assert!(text.matches("column_number_0").count() > 1);
        assert_eq!(text.matches("value 11").count(), 1);
        assert_eq!(sheet.len(), 0);
    }
}
