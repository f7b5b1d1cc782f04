//! The survey of a sheet of an XLSX: one pass through its XML, within limits, before its cells are read.

use std::io::Read;

use quick_xml::events::{BytesStart, Event};

use super::cell::Kind;
use super::error::Fault;
use super::guard::{Piece, attribute, is_set, walk};
use super::survey::{MAX_COLUMNS, MAX_ROWS, Region, Survey};

/// Goes through the part of a sheet. `strings`: how many strings cells share.
pub(super) fn survey<R: Read>(part: R, budget: &mut u64, strings: u64) -> Result<Survey, Fault> {
    let mut sheet = Sheet { strings, ..Sheet::default() };
    let before = *budget;
    walk(part, budget, false, |event| {
        match event {
            Event::Start(e) => sheet.begin(e)?,
            Event::Empty(e) => {
                sheet.begin(e)?;
                sheet.end(e.local_name().as_ref())?;
            }
            Event::Text(text) => sheet.text(text.as_ref()),
            Event::CData(text) => sheet.text(text.as_ref()),
            Event::GeneralRef(_) => sheet.text("&"),
            Event::End(e) => sheet.end(e.local_name().as_ref())?,
            _ => {}
        }
        Ok(if sheet.cell.is_some() { Piece::GoesOn } else { Piece::Ends })
    })?;
    if !sheet.is_worksheet {
        return Err(Fault::damaged("the part of a sheet holds no rows"));
    }
    sheet.found.bytes = before.saturating_sub(*budget);
    Ok(sheet.found)
}

#[derive(Default)]
struct Sheet {
    found: Survey,
    strings: u64,
    is_worksheet: bool,
    /// Where the next cell without a reference stands.
    row: u32,
    column: u32,
    /// The row at hand is hidden, and this has not been counted.
    row_hidden: bool,
    cell: Option<Cell>,
}

/// The cell at hand.
#[derive(Default)]
struct Cell {
    row: u32,
    column: u32,
    class: Class,
    formula: bool,
    /// A value element was there, and it was not empty.
    valued: bool,
    filled: bool,
    inside: bool,
    /// The beginning of the value, where it is looked at.
    value: String,
}

/// The type of a cell as it stands there.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Nothing is said: a number, or text where it is none.
    #[default]
    Open,
    Number,
    Shared,
    /// Text of its own, dates.
    Text,
    Inline,
    Bool,
    Error,
    Unknown,
}

/// Values that are looked at are short; of longer ones the beginning tells enough.
const LOOKED_AT: usize = 64;

impl Sheet {
    fn begin(&mut self, e: &BytesStart<'_>) -> Result<(), Fault> {
        match e.local_name().as_ref() {
            "c" => self.begin_cell(e)?,
            "v" | "is" => {
                if let Some(cell) = &mut self.cell {
                    cell.inside = true;
                }
            }
            "f" => {
                if let Some(cell) = &mut self.cell {
                    cell.formula = true;
                }
            }
            "row" if self.cell.is_none() => {
                if let Some(number) = attribute(e, "r")? {
                    self.row = row_of(&number).ok_or_else(place)?;
                }
                self.row_hidden = is_set(e, "hidden")?;
            }
            "sheetData" => self.is_worksheet = true,
            "col" if is_set(e, "hidden")? => {
                let number = |v: Option<String>| v.and_then(|v| v.parse::<u32>().ok());
                let (first, last) = (number(attribute(e, "min")?), number(attribute(e, "max")?));
                if let (Some(first), Some(last)) = (first, last) {
                    self.found.hide_columns(first.saturating_sub(1), last.saturating_sub(1));
                }
            }
            "mergeCell" => {
                if let Some(region) = attribute(e, "ref")?.and_then(|text| region_of(&text)) {
                    self.found.merge(region)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn begin_cell(&mut self, e: &BytesStart<'_>) -> Result<(), Fault> {
        let (mut row, mut class) = (self.row, Class::Open);
        for attribute in e.attributes().with_checks(false) {
            let attribute = attribute?;
            match attribute.key.as_ref() {
                "r" => (row, self.column) = cell_of(&attribute.value).ok_or_else(place)?,
                "t" => {
                    class = match attribute.value.as_ref() {
                        "n" => Class::Number,
                        "s" => Class::Shared,
                        "str" | "d" => Class::Text,
                        "inlineStr" | "is" => Class::Inline,
                        "b" => Class::Bool,
                        "e" => Class::Error,
                        _ => Class::Unknown,
                    }
                }
                _ => {}
            }
        }
        self.cell = Some(Cell { row, column: self.column, class, ..Cell::default() });
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let Some(cell) = self.cell.as_mut().filter(|cell| cell.inside && !text.is_empty()) else { return };
        cell.valued = true;
        cell.filled = true;
        let looked_at = !matches!(cell.class, Class::Open | Class::Text | Class::Inline);
        if looked_at && cell.value.len() < LOOKED_AT {
            cell.value.extend(text.chars().take(LOOKED_AT));
        }
    }

    fn end(&mut self, name: &str) -> Result<(), Fault> {
        match name {
            "v" | "is" => {
                if let Some(cell) = &mut self.cell {
                    cell.inside = false;
                }
            }
            "c" => {
                self.column = self.column.saturating_add(1);
                if let Some(cell) = self.cell.take() {
                    self.end_cell(&cell)?;
                }
            }
            "row" => (self.row, self.column) = (self.row.saturating_add(1), 0),
            _ => {}
        }
        Ok(())
    }

    fn end_cell(&mut self, cell: &Cell) -> Result<(), Fault> {
        let told = match cell.class {
            // The empty text is a result as well.
            Class::Text => None,
            _ if !cell.valued => cell.formula.then_some(Kind::NoResult),
            class => self.misread(class, &cell.value),
        };
        if let Some(kind) = told {
            self.found.tell(cell.row, cell.column, kind)?;
        }
        if cell.filled || told.is_some() {
            self.found.filled(cell.row, cell.column)?;
            if std::mem::take(&mut self.row_hidden) {
                self.found.hidden_rows.add(cell.row.saturating_add(1), 1);
            }
        }
        Ok(())
    }

    /// What the reader of cells stumbles over, and what it is to the table.
    fn misread(&self, class: Class, value: &str) -> Option<Kind> {
        const ERRORS: [&str; 7] = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];
        match class {
            Class::Error if ERRORS.contains(&value) => None,
            Class::Error => Some(Kind::Error),
            Class::Bool => {
                let word = value.trim();
                let known = word.is_empty()
                    || ["0", "1"].contains(&word)
                    || word.eq_ignore_ascii_case("true")
                    || word.eq_ignore_ascii_case("false");
                (!known).then_some(Kind::Unreadable)
            }
            Class::Number => value.parse::<f64>().is_err().then_some(Kind::Unreadable),
            Class::Shared => (value.parse().unwrap_or(0_u64) >= self.strings).then_some(Kind::Unreadable),
            Class::Unknown => Some(Kind::Unreadable),
            Class::Open | Class::Text | Class::Inline => None,
        }
    }
}

fn place() -> Fault {
    Fault::damaged("a row or cell of a sheet has a place that no sheet has")
}

/// `7` or `B7`, from 0.
fn row_of(text: &str) -> Option<u32> {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let row = digits.parse::<u32>().ok()?.checked_sub(1)?;
    (row < MAX_ROWS).then_some(row)
}

/// `B7` as row and column, from 0.
fn cell_of(text: &str) -> Option<(u32, u32)> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, _) = text.split_at_checked(letters)?;
    let mut column = 0_u32;
    for letter in letters.bytes() {
        let digit = u32::from(letter.to_ascii_uppercase() - b'A') + 1;
        column = column.checked_mul(26)?.checked_add(digit)?;
    }
    let column = column.checked_sub(1).filter(|column| *column < MAX_COLUMNS)?;
    Some((row_of(text)?, column))
}

/// `A1:C2`.
fn region_of(text: &str) -> Option<Region> {
    let (start, end) = text.split_once(':')?;
    let ((top, left), (bottom, right)) = (cell_of(start)?, cell_of(end)?);
    (bottom >= top && right >= left).then_some(Region { top, left, bottom, right })
}

#[cfg(test)]
mod tests {
    use super::{Region, cell_of, region_of, row_of};

    #[test]
    fn places() {
        assert_eq!(cell_of("A1"), Some((0, 0)));
        assert_eq!(cell_of("xfd1048576"), Some((1_048_575, 16_383)));
        for bad in ["XFE1", "A0", "A1048577", "1", "A", "", "AAAAAAAAAAAA1", "A-1", "\u{c4}1"] {
            assert_eq!(cell_of(bad), None, "{bad}");
        }
        assert_eq!((row_of("7"), row_of("B7"), row_of("0"), row_of("x")), (Some(6), Some(6), None, None));
        assert_eq!(region_of("A1:C2"), Some(Region { top: 0, left: 0, bottom: 1, right: 2 }));
        assert_eq!(region_of("C2:A1"), None);
    }
}
