//! Where another table begins below the first one: a row of names with other columns under it.
//!
//! A row of another width shows it by its width. One of the same width is told from a record by what stands above and
//! below it: words where the columns hold values, and columns that hold another kind of data from there on; or by being
//! made of names of known fields. A list of words alone shows nothing, and is one table.

use super::layout::same_width;
use super::table::{SecondHeader, Table};
use super::trial::Row;
use crate::cell::{Kind, folded};
use crate::headers_again::is_reordered;
use crate::request::Otherwise;

impl<'a> Table<'a> {
    /// The header of the second table. `otherwise` are the lines that name the columns of the first one in other words.
    pub(super) fn second_table(&self, otherwise: &[&Row]) -> Option<&'a Row> {
        let head = self.head()?;
        let rows = self.below();
        rows.iter().enumerate().skip(1).find_map(|(at, row)| {
            let (before, after) = (rows.get(..at)?, rows.get(at + 1..)?);
            let named = row.header_like && row.fields >= 2 && row.values == 0;
            let begins = if same_width(head, row) {
                named
                    && row.filled == row.fields
                    && self.all_names(row)
                    && same_width_begins(head, before, row, after)
                    && !otherwise.iter().chain(&[head]).any(|of| self.is_known_again(of, row))
            } else {
                named && other_width_begins(head, before, row, after)
            };
            begins.then_some(row)
        })
    }

    /// What the header of the second table names.
    pub(super) fn second_header(&self, row: &Row) -> SecondHeader {
        self.otherwise(row).map_or(SecondHeader::Columns, SecondHeader::from)
    }

    /// The header in another language: `Vorname` below `First name`, or crossed below another one. No names are looked up
    /// where a cell holds a value. What is below the same names in another order is read by them.
    pub(super) fn otherwise(&self, row: &Row) -> Option<Otherwise> {
        let head = self.head().filter(|_| row.hits >= 2)?;
        let (names, cells) = (self.cells(head), self.cells(row));
        let found = self.glass.otherwise(&names, &cells).filter(|_| !self.is_the_same(head, row))?;
        let crossed = found == Otherwise::Crossed;
        let read_by = || row.values > 0 || is_reordered(names.iter().copied(), cells.iter().copied());
        (!crossed || !read_by()).then_some(found)
    }

    /// A sign or a single letter names no column.
    fn all_names(&self, row: &Row) -> bool {
        self.cells(row).iter().all(|cell| folded(cell).iter().filter(|b| !b.is_ascii_digit()).count() >= 2)
    }

    /// Most of its cells are names of the first header, in one of its languages: the reader knows such a line again, wherever
    /// it stands.
    fn is_known_again(&self, head: &Row, row: &Row) -> bool {
        let names: Vec<Vec<u8>> = self.cells(head).iter().map(|cell| folded(cell)).collect();
        let known = self.cells(row).iter().filter(|cell| names.contains(&folded(cell))).count();
        known >= 2 && known * 10 >= row.filled * 6
    }
}

/// Rows as wide as these names stand below them, and none of the first table any more.
fn other_width_begins(head: &Row, before: &[Row], row: &Row, after: &[Row]) -> bool {
    let own = after.iter().take_while(|r| r.fields == row.fields && !r.bad).count();
    own >= 1
        && after.iter().take(own).any(|r| r.values > 0)
        && before.iter().any(|r| same_width(head, r))
        && !after.iter().any(|r| same_width(head, r) && r.fields == head.fields)
}

/// Words stand where values stood, and what follows is of another kind; or all that stands there are names of fields.
fn same_width_begins(head: &Row, before: &[Row], row: &Row, after: &[Row]) -> bool {
    let looked_at =
        |rows: &'_ [Row]| rows.iter().filter(|r| !r.kinds.is_empty() && same_width(head, r)).count();
    let below = looked_at(after);
    if below == 0 || looked_at(before) == 0 || row.kinds.is_empty() {
        return false;
    }
    if row.hits >= 2 && row.hits * 10 >= row.filled * 6 {
        return true;
    }
    let (mut broken, mut changed) = (0, 0);
    for (column, own) in row.kinds.iter().enumerate() {
        let above = only_kind(head, before, column, 2);
        broken += usize::from(*own == Kind::Text && above.is_some_and(Kind::is_value));
        let below = only_kind(head, after, column, 1);
        changed += usize::from(matches!((above, below), (Some(above), Some(below)) if !above.like(below)));
    }
    let several = below >= 2;
    (broken >= 2 && (row.after_blank || changed >= 1 && several))
        || (broken >= 1 && (row.after_blank && changed >= 1 || changed >= 2 && several))
}

/// The kind of all filled cells of a column, of which there are some.
fn only_kind(head: &Row, rows: &[Row], column: usize, least: usize) -> Option<Kind> {
    let filled = || {
        rows.iter()
            .filter(|row| same_width(head, row))
            .filter_map(|row| row.kinds.get(column).copied())
            .filter(|kind| *kind != Kind::Empty)
    };
    let first = filled().next()?;
    (filled().take(least).count() == least && filled().all(|kind| kind.like(first))).then_some(first)
}
