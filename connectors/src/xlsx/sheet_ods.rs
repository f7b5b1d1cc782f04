//! The survey of an ODS: one pass through its content, within limits, before its cells are read. Rows and cells may be
//! repeated by a number, so a few bytes can stand for a whole sheet.

use quick_xml::events::{BytesStart, Event};

use super::cell::Kind;
use super::error::Fault;
use super::guard::{Piece, attribute, walk};
use super::package::{Zip, each_element, find};
use super::survey::{MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Region, Survey};

/// Text of all cells, repeated ones as often as they are.
const MAX_TEXT: u64 = 1 << 30;

/// Of every sheet, in their order.
pub(super) fn survey(zip: &mut Zip, budget: &mut u64) -> Result<Vec<Survey>, Fault> {
    each_element(zip, "META-INF/manifest.xml", budget, |_, name| match name {
        "encryption-data" => Err(Fault::Password),
        _ => Ok(()),
    })?;
    let missing = || Fault::damaged("the part with its cells is not there");
    let name = find(zip, "content.xml").ok_or_else(missing)?;
    let mut content = Content::default();
    walk(zip.by_name(&name)?, budget, true, |event| {
        match event {
            Event::Start(e) => content.begin(e)?,
            Event::Empty(e) => {
                content.begin(e)?;
                content.end(e.name().as_ref())?;
            }
            Event::Text(text) => content.text(text.len() as u64),
            Event::CData(text) => content.text(text.len() as u64),
            Event::End(e) => content.end(e.name().as_ref())?,
            _ => {}
        }
        Ok(if content.cell.is_some() { Piece::GoesOn } else { Piece::Ends })
    })?;
    Ok(content.sheets)
}

#[derive(Default)]
struct Content {
    sheets: Vec<Survey>,
    /// Tables around the place at hand: one in a cell of another is not read by itself.
    depth: u32,
    /// The outermost table is no sheet; its depth is counted from 2.
    unnamed: bool,
    row: u32,
    row_repeats: u32,
    row_hidden: bool,
    /// Columns of the table, by their definitions.
    defined: u32,
    /// Cells of the row at hand, and those that are empty at its end.
    column: u32,
    empty: u32,
    /// The widest row of the table, and the rows up to the last one with cells.
    width: u32,
    row_text: u64,
    cell: Option<Cell>,
    /// Of all tables.
    cells: u64,
    text: u64,
}

#[derive(Default)]
struct Cell {
    repeats: u32,
    filled: bool,
    told: Option<Kind>,
    text: u64,
    columns: u32,
    rows: u32,
}

fn count(e: &BytesStart<'_>, name: &str, most: u32) -> Result<u32, Fault> {
    let number = attribute(e, name)?.map(|text| text.parse::<u64>());
    match number {
        None => Ok(1),
        Some(Ok(n)) => Ok(u32::try_from(n).unwrap_or(most).min(most)),
        Some(Err(_)) => Err(Fault::damaged("a number of repetitions in it is none")),
    }
}

impl Content {
    fn begin(&mut self, e: &BytesStart<'_>) -> Result<(), Fault> {
        let hidden = || Ok::<_, Fault>(attribute(e, "visibility")?.is_some_and(|v| v != "visible"));
        match e.name().as_ref() {
            "table:table" => {
                // One without a name is no sheet.
                let unnamed = self.depth == 0 && attribute(e, "name")?.is_none();
                self.unnamed = unnamed || self.unnamed && self.depth > 0;
                self.depth += if unnamed { 2 } else { 1 };
                if self.depth == 1 {
                    self.sheets.push(Survey::default());
                    (self.row, self.width, self.defined) = (0, 0, 0);
                }
            }
            "table:table-column" if self.depth == 1 => {
                let repeats = count(e, "number-columns-repeated", MAX_COLUMNS)?;
                let first = self.defined;
                self.defined = self.defined.saturating_add(repeats);
                let last = self.defined.saturating_sub(1);
                if hidden()?
                    && let Some(sheet) = self.sheets.last_mut()
                {
                    sheet.hide_columns(first, last);
                }
            }
            "table:table-row" if self.depth == 1 => {
                self.row_repeats = count(e, "number-rows-repeated", MAX_ROWS)?;
                self.row_hidden = hidden()?;
                (self.column, self.empty, self.row_text) = (0, 0, 0);
            }
            "table:table-cell" | "table:covered-table-cell" if self.depth == 1 => self.begin_cell(e)?,
            "text:s" => {
                // So many blanks are written out.
                let blanks = count(e, "c", u32::MAX)?;
                self.text(u64::from(blanks));
                if u64::from(blanks) > MAX_TEXT / 16 {
                    return Err(Fault::Large("text of more bytes", MAX_TEXT));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn begin_cell(&mut self, e: &BytesStart<'_>) -> Result<(), Fault> {
        let mut cell = Cell {
            repeats: count(e, "number-columns-repeated", MAX_COLUMNS)?,
            columns: count(e, "number-columns-spanned", MAX_COLUMNS)?,
            rows: count(e, "number-rows-spanned", MAX_ROWS)?,
            ..Cell::default()
        };
        let (mut formula, mut value) = (false, false);
        for attribute in e.attributes().with_checks(false) {
            let attribute = attribute?;
            match attribute.key.as_ref() {
                "table:formula" => formula = true,
                "office:value"
                | "office:string-value"
                | "office:date-value"
                | "office:time-value"
                | "office:boolean-value"
                | "office:value-type" => value = true,
                "calcext:value-type" if attribute.value == "error" => cell.told = Some(Kind::Error),
                _ => continue,
            }
            cell.text = cell.text.saturating_add(attribute.value.len() as u64);
        }
        cell.filled = formula || value;
        if formula && !value {
            cell.told = Some(Kind::NoResult);
        }
        self.cell = Some(cell);
        Ok(())
    }

    fn text(&mut self, bytes: u64) {
        if let Some(cell) = &mut self.cell {
            cell.text = cell.text.saturating_add(bytes);
        }
    }

    fn end(&mut self, name: &str) -> Result<(), Fault> {
        match name {
            "table:table" => {
                self.depth = if self.unnamed && self.depth == 2 { 0 } else { self.depth.saturating_sub(1) };
            }
            "table:table-cell" | "table:covered-table-cell" if self.depth == 1 => self.end_cell()?,
            "table:table-row" if self.depth == 1 => self.end_row()?,
            _ => {}
        }
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), Fault> {
        let (Some(cell), Some(sheet)) = (self.cell.take(), self.sheets.last_mut()) else { return Ok(()) };
        let first = self.column.saturating_add(self.empty).min(MAX_COLUMNS);
        if (cell.columns > 1 || cell.rows > 1) && self.row < MAX_ROWS && first < MAX_COLUMNS {
            let region = Region {
                top: self.row,
                left: first,
                bottom: self.row.saturating_add(cell.rows.saturating_sub(1)),
                right: first.saturating_add(cell.columns.saturating_sub(1)),
            };
            sheet.merge(region)?;
        }
        if !cell.filled {
            self.empty = self.empty.saturating_add(cell.repeats);
            return Ok(());
        }
        let end = first.saturating_add(cell.repeats).min(MAX_COLUMNS);
        if let Some(kind) = cell.told {
            for column in first..end {
                sheet.tell(self.row, column, kind)?;
            }
        }
        self.row_text = self.row_text.saturating_add(cell.text.saturating_mul(u64::from(end - first)));
        (self.column, self.empty) = (end, 0);
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Fault> {
        let repeats = self.row_repeats.min(MAX_ROWS.saturating_sub(self.row));
        if self.column > 0 {
            self.width = self.width.max(self.column);
            if self.row_hidden
                && let Some(sheet) = self.sheets.last_mut()
            {
                sheet.hidden_rows.add(self.row.saturating_add(1), u64::from(repeats));
            }
            // Empty rows above a row with cells are written out as well.
            let rows = u64::from(self.row).saturating_add(u64::from(repeats));
            let area = rows.saturating_mul(u64::from(self.width));
            self.cells = self.cells.saturating_add(u64::from(self.column));
            if area.saturating_add(self.cells) > MAX_CELLS {
                return Err(Fault::Large("cells, empty ones between them included", MAX_CELLS));
            }
            self.text = self.text.saturating_add(self.row_text.saturating_mul(u64::from(repeats)));
            if self.text > MAX_TEXT {
                return Err(Fault::Large("text of more bytes", MAX_TEXT));
            }
        }
        self.row = self.row.saturating_add(repeats);
        Ok(())
    }
}
