//! The survey of an XLSB: the records of its parts, which are not XML, gone through within limits.

use std::io::{BufReader, ErrorKind, Read};

use quick_xml::events::Event;

use super::cell::Kind;
use super::error::Fault;
use super::format::Format;
use super::guard::{MAX_ELEMENT, attribute};
use super::package::{Zip, each_element, find};
use super::survey::{Region, Survey};

/// Record types.
const ROW: u32 = 0x0000;
const CELL_ERROR: u32 = 0x0003;
const FORMULA_ERROR: u32 = 0x000B;
const FORMAT: u32 = 0x002C;
const XF: u32 = 0x002F;
const COLUMN_INFO: u32 = 0x003C;
const SHEET: u32 = 0x009C;
const MERGE_CELL: u32 = 0x00B0;
const BEGIN_CELL_FORMATS: u32 = 0x0269;
const END_CELL_FORMATS: u32 = 0x026A;

/// Of every sheet, in their order. The parts have been measured.
pub(super) fn survey(zip: &mut Zip, budget: &mut u64) -> Result<Vec<Survey>, Fault> {
    let pads = pads(zip)?;
    let mut surveys = Vec::new();
    for path in sheets(zip, budget)? {
        let Some(name) = find(zip, &path) else {
            surveys.push(Survey::default());
            continue;
        };
        let mut sheet = Sheet { pads: &pads, row: 0, survey: Survey::default() };
        each(zip.by_name(&name)?, |kind, record| sheet.record(kind, record))?;
        surveys.push(sheet.survey);
    }
    Ok(surveys)
}

/// The paths of the sheets.
fn sheets(zip: &mut Zip, budget: &mut u64) -> Result<Vec<String>, Fault> {
    let mut targets = Vec::new();
    each_element(zip, "xl/_rels/workbook.bin.rels", budget, |event, name| {
        if let (Event::Start(e) | Event::Empty(e), "Relationship") = (event, name)
            && let (Some(id), Some(target)) = (attribute(e, "Id")?, attribute(e, "Target")?)
        {
            targets.push((id, target));
        }
        Ok(())
    })?;
    let mut paths = Vec::new();
    let name =
        find(zip, "xl/workbook.bin").ok_or_else(|| Fault::damaged("its list of sheets is not there"))?;
    each(zip.by_name(&name)?, |kind, record| {
        // A sheet without a part has a length that is no length.
        if kind == SHEET
            && let Some(id) = wide(record, 8)
        {
            let target = targets.iter().find(|(known, _)| *known == id).map(|(_, target)| target.as_str());
            let target = target.ok_or_else(|| Fault::damaged("a sheet in its list has no part"))?;
            paths.push(format!("xl/{target}"));
        }
        Ok(())
    })?;
    Ok(paths)
}

/// Digits that the formats of cells show at least, in the order of the cell formats.
fn pads(zip: &mut Zip) -> Result<Vec<u8>, Fault> {
    let Some(name) = find(zip, "xl/styles.bin") else { return Ok(Vec::new()) };
    let (mut codes, mut pads, mut inside) = (Vec::new(), Vec::new(), false);
    each(zip.by_name(&name)?, |kind, record| {
        match kind {
            FORMAT => codes.extend(number(record, 0, 2).zip(wide(record, 2))),
            BEGIN_CELL_FORMATS => inside = true,
            END_CELL_FORMATS => inside = false,
            XF if inside => {
                let id = number(record, 2, 2);
                let code = codes.iter().find(|(known, _)| Some(*known) == id);
                pads.push(code.map_or(0, |(_, code)| Format::of(code).pad));
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(pads)
}

/// Goes through the records of a part, as far as they are whole.
fn each<R: Read>(part: R, mut see: impl FnMut(u32, &[u8]) -> Result<(), Fault>) -> Result<(), Fault> {
    let mut part = BufReader::with_capacity(64 << 10, part);
    let mut record = Vec::new();
    while let Some(kind) = varied(&mut part, 2)? {
        let Some(length) = varied(&mut part, 4)? else { return Ok(()) };
        if length as usize > MAX_ELEMENT {
            return Err(Fault::Large("a record of more bytes", MAX_ELEMENT as u64));
        }
        record.clear();
        let read = (&mut part).take(u64::from(length)).read_to_end(&mut record)?;
        if read < length as usize {
            return Ok(());
        }
        see(kind, &record)?;
    }
    Ok(())
}

/// A number of up to so many bytes, seven bits each, of which all but the last have their highest bit set.
fn varied(part: &mut impl Read, most: u32) -> Result<Option<u32>, Fault> {
    let mut value = 0_u32;
    for place in 0..most {
        let mut byte = [0];
        match part.read_exact(&mut byte) {
            Ok(()) => {}
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(e) => return Err(e.into()),
        }
        let [byte] = byte.map(u32::from);
        value |= (byte & 0x7F) << (7 * place);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Ok(Some(value))
}

/// A number of so many bytes, the lowest first.
fn number(record: &[u8], at: usize, bytes: usize) -> Option<u32> {
    let bytes = record.get(at..at.checked_add(bytes)?)?;
    Some(bytes.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte)))
}

/// A text with its length before it, in 16-bit characters.
fn wide(record: &[u8], at: usize) -> Option<String> {
    let length = usize::try_from(number(record, at, 4)?).ok()?.checked_mul(2)?;
    let start = at.checked_add(4)?;
    let (units, _) = record.get(start..start.checked_add(length)?)?.as_chunks::<2>();
    Some(
        char::decode_utf16(units.iter().map(|u| u16::from_le_bytes(*u)))
            .map(|c| c.unwrap_or('\u{FFFD}'))
            .collect(),
    )
}

struct Sheet<'a> {
    pads: &'a [u8],
    row: u32,
    survey: Survey,
}

impl Sheet<'_> {
    fn record(&mut self, kind: u32, record: &[u8]) -> Result<(), Fault> {
        let at = |place: usize| number(record, place, 4).unwrap_or(0);
        match kind {
            ROW => {
                self.row = at(0);
                if record.get(11).is_some_and(|flags| flags & 0x10 != 0) {
                    self.survey.hidden_rows.add(self.row.saturating_add(1), 1);
                }
            }
            2..=FORMULA_ERROR => {
                // The reader of cells would go on with what stood in the record before.
                let least = match kind {
                    5 | 9 => 16,
                    2 | 6..=8 => 12,
                    _ => 9,
                };
                if record.len() < least {
                    return Err(Fault::damaged("the record of a cell is cut off"));
                }
                self.survey.filled(self.row, at(0))?;
                if matches!(kind, CELL_ERROR | FORMULA_ERROR) {
                    self.survey.tell(self.row, at(0), Kind::Error)?;
                }
                let format = number(record, 4, 3).and_then(|format| self.pads.get(format as usize));
                if let Some(pad) = format.filter(|pad| **pad > 0) {
                    self.survey.pads.insert((self.row, at(0)), *pad);
                }
            }
            COLUMN_INFO if number(record, 16, 2).is_some_and(|flags| flags & 1 != 0) => {
                self.survey.hide_columns(at(0), at(4));
            }
            MERGE_CELL => {
                let region = Region { top: at(0), bottom: at(4), left: at(8), right: at(12) };
                if region.bottom >= region.top && region.right >= region.left {
                    self.survey.merge(region)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}
