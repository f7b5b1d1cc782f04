//! The survey of an XLS: its records are gone through before anything makes room by what they say.

use std::io::{BufReader, Read, Seek};

use cfb::CompoundFile;

use super::book::caught;
use super::error::Fault;
use super::format::Format;
use super::survey::{MAX_CELLS, Region, Survey};
use super::view::View;

/// Such a file is held in memory as a whole, and its strings take several times as much.
const MAX_BYTES: u64 = 256 << 20;

/// Of every sheet, in their order.
pub(super) fn survey(view: &View) -> Result<Vec<Survey>, Fault> {
    let stream = caught(|| workbook_stream(view))?;
    let globals = Globals::read(&stream)?;
    let mut surveys = Vec::with_capacity(globals.sheets.len());
    let mut cells = 0_u64;
    for start in &globals.sheets {
        let records = stream.get(*start..).ok_or_else(|| Fault::damaged("a sheet begins behind its end"))?;
        let (survey, area) = globals.sheet(records)?;
        cells = cells.saturating_add(area);
        if cells > MAX_CELLS {
            return Err(Fault::Large("cells, empty ones between them included", MAX_CELLS));
        }
        surveys.push(survey);
    }
    Ok(surveys)
}

/// The stream of the workbook; its length is bounded by that of the file.
fn workbook_stream(view: &View) -> Result<Vec<u8>, Fault> {
    let mut view = view.clone();
    view.rewind()?;
    let limit = view.len();
    if limit > MAX_BYTES {
        return Err(Fault::Large("bytes in the old format", MAX_BYTES));
    }
    let mut file = CompoundFile::open(BufReader::with_capacity(64 << 10, view))?;
    if file.exists("/EncryptedPackage") || file.exists("/EncryptionInfo") {
        return Err(Fault::Password);
    }
    let name = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name));
    let Some(name) = name else {
        return Err(Fault::Other(if file.exists("/WordDocument") {
            "an old Word document"
        } else if file.exists("/PowerPoint Document") {
            "an old presentation"
        } else {
            "a compound file without a workbook in it"
        }));
    };
    let mut stream = Vec::new();
    file.open_stream(name)?.take(limit).read_to_end(&mut stream)?;
    Ok(stream)
}

/// Record types.
const FORMULA: u16 = 0x0006;
const EOF: u16 = 0x000A;
const FILE_PASS: u16 = 0x002F;
const COLUMN_INFO: u16 = 0x007D;
const BOUND_SHEET: u16 = 0x0085;
const MUL_RK: u16 = 0x00BD;
const RSTRING: u16 = 0x00D6;
const XF: u16 = 0x00E0;
const MERGE_CELLS: u16 = 0x00E5;
const LABEL_SST: u16 = 0x00FD;
const DIMENSIONS: u16 = 0x0200;
const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const BOOL_ERR: u16 = 0x0205;
const ROW: u16 = 0x0208;
const RK: u16 = 0x027E;
const FORMAT: u16 = 0x041E;
const BOF: u16 = 0x0809;

/// Records one after the other, as far as they are whole.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, length) = (u16_at(self.0, 0)?, u16_at(self.0, 2)?);
        let (record, rest) = self.0.get(4..)?.split_at_checked(usize::from(length))?;
        self.0 = rest;
        Some((kind, record))
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

/// What stands before the sheets.
#[derive(Default)]
struct Globals {
    /// Where each sheet begins.
    sheets: Vec<usize>,
    /// Digits that the formats of cells show at least, in the order of the cell formats.
    pads: Vec<u8>,
}

impl Globals {
    fn read(stream: &[u8]) -> Result<Self, Fault> {
        let mut globals = Self::default();
        let (mut codes, mut cell_formats) = (Vec::new(), Vec::new());
        for (kind, record) in Records(stream) {
            match kind {
                FILE_PASS => return Err(Fault::Password),
                BOUND_SHEET => {
                    let start = u32_at(record, 0).and_then(|at| usize::try_from(at).ok());
                    globals
                        .sheets
                        .push(start.ok_or_else(|| Fault::damaged("its list of sheets is cut off"))?);
                }
                FORMAT => codes.extend(u16_at(record, 0).zip(record.get(2..).map(format_code))),
                XF => cell_formats.push(u16_at(record, 2).unwrap_or(0)),
                EOF => break,
                _ => {}
            }
        }
        let pad = |id: &u16| {
            let code = codes.iter().rev().find(|(known, _)| known == id);
            code.map_or(0, |(_, code)| Format::of(code).pad)
        };
        globals.pads = cell_formats.iter().map(pad).collect();
        Ok(globals)
    }

    /// The survey of a sheet, and the cells between its outermost ones.
    fn sheet(&self, records: &[u8]) -> Result<(Survey, u64), Fault> {
        let mut sheet = Sheet { pads: &self.pads, survey: Survey::default(), area: None };
        let (mut begun, mut inside) = (false, 0_u32);
        for (kind, record) in Records(records) {
            // Charts that are embedded have records of their own.
            match kind {
                BOF if !begun => begun = true,
                BOF => inside = inside.saturating_add(1),
                EOF if inside == 0 => break,
                EOF => inside = inside.saturating_sub(1),
                _ if inside > 0 => {}
                _ => sheet.record(kind, record)?,
            }
        }
        let area = sheet
            .area
            .map_or(0, |a| (u64::from(a.bottom - a.top) + 1).saturating_mul(u64::from(a.right - a.left) + 1));
        Ok((sheet.survey, area))
    }
}

/// A format code in 16-bit or 8-bit characters; those that count are ASCII.
fn format_code(text: &[u8]) -> String {
    match (u16_at(text, 0), text.get(2)) {
        (Some(length), Some(flags)) => {
            let bytes = text.get(3..).unwrap_or_default();
            let step = if flags & 1 == 1 { 2 } else { 1 };
            let ascii = |b: &u8| if b.is_ascii() { char::from(*b) } else { '?' };
            bytes.iter().step_by(step).take(usize::from(length)).map(ascii).collect()
        }
        _ => String::new(),
    }
}

struct Sheet<'a> {
    pads: &'a [u8],
    survey: Survey,
    /// From the outermost cell to the other.
    area: Option<Region>,
}

impl Sheet<'_> {
    fn record(&mut self, kind: u16, record: &[u8]) -> Result<(), Fault> {
        let number = |at: usize| u16_at(record, at).unwrap_or(0);
        match kind {
            NUMBER | RK | FORMULA => {
                self.cell(number(0), number(2));
                self.format(number(0), number(2), number(4));
            }
            LABEL | RSTRING | BOOL_ERR | LABEL_SST => self.cell(number(0), number(2)),
            MUL_RK => {
                let cells = record.get(4..record.len().saturating_sub(2)).unwrap_or_default();
                for (column, cell) in (number(2)..=u16::MAX).zip(cells.chunks(6)) {
                    self.cell(number(0), column);
                    self.format(number(0), column, u16_at(cell, 0).unwrap_or(0));
                }
                self.cell(number(0), number(record.len().saturating_sub(2)));
            }
            DIMENSIONS => {
                // Room is made for so many cells at once.
                let long = record.len() >= 14;
                let (top, bottom) = if long {
                    (u32_at(record, 0).unwrap_or(0), u32_at(record, 4).unwrap_or(0))
                } else {
                    (u32::from(number(0)), u32::from(number(2)))
                };
                let columns = number(if long { 10 } else { 6 });
                let rows = u64::from(bottom.saturating_sub(top));
                if rows.saturating_mul(u64::from(columns)) > MAX_CELLS
                    || bottom > 0 && bottom <= top && columns > 0
                {
                    return Err(Fault::damaged("a sheet says that it is larger than any can be"));
                }
            }
            ROW if number(12) & 0x20 != 0 => {
                self.survey.hidden_rows.add(u32::from(number(0)).saturating_add(1), 1);
            }
            COLUMN_INFO if number(8) & 1 != 0 => {
                self.survey.hide_columns(u32::from(number(0)), u32::from(number(2)));
            }
            MERGE_CELLS => {
                for region in record.get(2..).unwrap_or_default().chunks_exact(8).take(usize::from(number(0)))
                {
                    let at = |place: usize| u16_at(region, place).map_or(0, u32::from);
                    let region = Region { top: at(0), bottom: at(2), left: at(4), right: at(6) };
                    if region.bottom >= region.top && region.right >= region.left {
                        self.survey.merge(region)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn cell(&mut self, row: u16, column: u16) {
        let (row, column) = (u32::from(row), u32::from(column));
        let area = self.area.get_or_insert(Region { top: row, bottom: row, left: column, right: column });
        area.top = area.top.min(row);
        area.bottom = area.bottom.max(row);
        area.left = area.left.min(column);
        area.right = area.right.max(column);
    }

    fn format(&mut self, row: u16, column: u16, cell_format: u16) {
        let pad = self.pads.get(usize::from(cell_format)).copied().unwrap_or(0);
        if pad > 0 {
            self.survey.pads.insert((u32::from(row), u32::from(column)), pad);
        }
    }
}
