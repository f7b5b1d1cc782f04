//! Tables: no frames, a line under the header, numbers to the right.

use comfy_table::{Cell, CellAlignment, ContentArrangement, presets};

/// A table that is filled row by row.
pub struct Table {
    inner: comfy_table::Table,
    right: Vec<usize>,
}

impl Table {
    /// A table with these headers.
    pub fn new<S: AsRef<str>>(headers: impl IntoIterator<Item = S>) -> Self {
        let mut inner = comfy_table::Table::new();
        inner.load_preset(presets::UTF8_HORIZONTAL_ONLY);
        inner.remove_style(comfy_table::TableComponent::HorizontalLines);
        inner.remove_style(comfy_table::TableComponent::MiddleIntersections);
        inner.remove_style(comfy_table::TableComponent::LeftBorderIntersections);
        inner.remove_style(comfy_table::TableComponent::RightBorderIntersections);
        inner.set_content_arrangement(ContentArrangement::Dynamic);
        inner.set_width(u16::try_from(super::width()).unwrap_or(u16::MAX));
        inner.set_header(headers.into_iter().map(|h| Cell::new(super::line(h.as_ref()))));
        Self { inner, right: Vec::new() }
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
            let cell = Cell::new(super::line(text.as_ref()));
            if right.contains(&n) { cell.set_alignment(CellAlignment::Right) } else { cell }
        });
        self.inner.add_row(cells.collect::<Vec<_>>());
    }

    /// The table as text, a line break at its end.
    pub fn text(&self) -> String {
        let mut text: String = self.inner.lines().map(|line| format!("{}\n", line.trim_end())).collect();
        if text.is_empty() {
            text.push('\n');
        }
        text
    }
}
