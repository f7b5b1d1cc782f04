//! An edited workbook as lines of text, the way its cells are shown: whole numbers without a point,
//! dates as `2024-12-31`, truth as `TRUE`. An export that does not fit on one sheet goes on on the next, which has the same
//! headers; other sheets (somebody's notes) are passed over.
//!
//! A workbook is a zip archive that says of itself how large it is; what it says is bounded before it is read.

use std::path::Path;

use calamine::{Data, DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};

use crate::error::{Error, ErrorKind, Result};

/// Bytes of an archive's parts, unpacked.
const MOST_BYTES: u64 = 1 << 30;
/// Cells of a sheet.
const MOST_CELLS: usize = 5_000_000;

/// Headers, and the lines below them that have any cell, with their numbers in their sheet.
#[derive(Debug, Default)]
pub struct Sheets {
    pub headers: Vec<String>,
    pub lines: Vec<(i64, Vec<Option<String>>)>,
}

/// Reads a workbook.
pub fn read(path: &Path) -> Result<Sheets> {
    let name = path.display();
    let broken = |error: &dyn std::fmt::Display| {
        Error::new(ErrorKind::Usage, format!("{name}: this workbook cannot be read: {error}")).with_help(
            "open it in the spreadsheet program and save it as .xlsx, or save the sheet as CSV (UTF-8)",
        )
    };
    let file = std::fs::File::open(path).map_err(|e| {
        Error::new(ErrorKind::Usage, format!("{name}: {e}")).with_help("check the path and its permissions")
    })?;
    let mut archive = zip::ZipArchive::new(std::io::BufReader::new(file)).map_err(|e| broken(&e))?;
    let mut unpacked = 0_u64;
    for part in 0..archive.len() {
        unpacked = unpacked.saturating_add(archive.by_index_raw(part).map_err(|e| broken(&e))?.size());
    }
    if unpacked > MOST_BYTES {
        return Err(too_large(path));
    }
    let mut workbook = Xlsx::new(archive.into_inner()).map_err(|e: XlsxError| broken(&e))?;
    let mut found = Sheets::default();
    let mut left = MOST_CELLS;
    for sheet in workbook.sheet_names() {
        let mut cells = match workbook.worksheet_cells_reader(&sheet) {
            Ok(cells) => cells,
            // A sheet of another kind, such as a chart.
            Err(XlsxError::NotAWorksheet(_)) => continue,
            Err(error) => return Err(broken(&error)),
        };
        let mut lines = Lines::default();
        while let Some(cell) = cells.next_cell().map_err(|e| broken(&e))? {
            left = left.checked_sub(1).ok_or_else(|| too_large(path))?;
            let (row, column) = cell.get_position();
            if let Some(text) = text(cell.get_value())
                && !lines.put(i64::from(row) + 1, usize::try_from(column).unwrap_or(usize::MAX), text)
            {
                return Err(broken(&format!("a cell of sheet {sheet:?} is out of place")));
            }
        }
        let mut lines = lines.0.into_iter();
        let Some((_, headers)) = lines.next() else { continue };
        let headers: Vec<String> = headers.into_iter().map(Option::unwrap_or_default).collect();
        if found.headers.is_empty() {
            found.headers = headers;
        } else if found.headers != headers {
            continue;
        }
        found.lines.extend(lines);
    }
    Ok(found)
}

fn too_large(path: &Path) -> Error {
    Error::new(
        ErrorKind::Usage,
        format!("{}: this workbook is too large to be an edited report", path.display()),
    )
    .with_help("take out the lines that were not edited, or save the sheet as CSV (UTF-8)")
}

/// The lines of a sheet.
#[derive(Default)]
struct Lines(Vec<(i64, Vec<Option<String>>)>);

impl Lines {
    /// Cells come line by line, from left to right, in at most 16,384 columns; says whether this one did.
    fn put(&mut self, line: i64, column: usize, text: String) -> bool {
        if self.0.last().is_none_or(|(last, _)| *last < line) {
            self.0.push((line, Vec::new()));
        }
        match self.0.last_mut() {
            Some((last, cells)) if *last == line && cells.len() <= column && column < 16_384 => {
                cells.resize(column, None);
                cells.push(Some(text));
                true
            }
            _ => false,
        }
    }
}

fn text(cell: &DataRef<'_>) -> Option<String> {
    match cell {
        DataRef::Empty => None,
        DataRef::String(text) => Some(text.clone()),
        DataRef::SharedString(text) => Some((*text).to_owned()),
        DataRef::DateTime(time) => Some(time_text(time)),
        DataRef::Bool(true) => Some("TRUE".to_owned()),
        DataRef::Bool(false) => Some("FALSE".to_owned()),
        // A whole number has no point; numbers too long for their digits show as such, and are refused as damaged.
        other => Some(Data::from(other.clone()).to_string()),
    }
}

fn time_text(time: &ExcelDateTime) -> String {
    if !time.is_datetime() {
        return time.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second, milli) {
        (0, 0, 0, 0) => date,
        (_, _, _, 0) => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}.{milli:03}"),
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn cells_keep_their_places_or_are_refused() {
        let mut lines = Lines::default();
        let put = |lines: &mut Lines, line, column| lines.put(line, column, format!("{line}/{column}"));
        assert!(put(&mut lines, 1, 0) && put(&mut lines, 1, 2) && put(&mut lines, 4, 1));
        assert_eq!(lines.0[0], (1, vec![Some("1/0".to_owned()), None, Some("1/2".to_owned())]));
        assert_eq!(lines.0[1], (4, vec![None, Some("4/1".to_owned())]));
        assert!(!put(&mut lines, 4, 1), "twice");
        assert!(!put(&mut lines, 3, 0), "a line that is over");
        assert!(!put(&mut lines, 5, 16_384), "beyond the sheet");
    }
}
