//! One row: a record, a reject, or something that is passed over.

use super::again::From;
use super::cell::Kind;
use super::code;
use super::layout::column_letters;
use super::reader::SheetReader;
use super::rows::{Cell, Chunk, MAX_ROW_BYTES, Row};
use super::totals::{Total, total};
use crate::building::Building;
use crate::headers_again::HeaderAgain;
use crate::request::Otherwise;
use crate::source::{Code, Finding, Reject};

/// Rows in turn that may be totals and wait for what follows.
const WAITING: usize = 32;

/// Raw bytes that are kept of a reject.
const RAW_BYTES: usize = 1 << 20;

impl SheetReader {
    /// Looks at a row for the first time.
    pub(super) fn look(&mut self, chunk: &Chunk, row: &Row, batch: &mut Building) {
        let gap = row.number.saturating_sub(self.row).saturating_sub(1);
        self.counts.blank += u64::from(gap);
        self.row = row.number;
        let cells = chunk.cells(row);
        let blank = |cell: &Cell| cell.kind == Kind::Text && chunk.text(cell).trim().is_empty();
        if cells.iter().all(blank) && !row.too_long {
            self.counts.blank += 1;
            return;
        }
        if self.is_header_again(chunk, row) {
            return;
        }
        // As it stands there even what would be no name elsewhere is a header: a number, a single word.
        if self.header_cells.iter().any(|header| is_again(chunk, cells, header)) {
            self.counts.passed += 1;
            self.note(code::HEADER_REPEATED, row.number, "the header row comes again and was passed over");
            return;
        }
        let looks = self.looks_like_total(chunk, cells);
        if looks == Total::Plain && self.totals.len() < WAITING {
            self.totals.push(alone(chunk, row));
        } else if self.totals.is_empty() {
            self.take(chunk, row, looks != Total::No, batch);
        } else {
            // Records follow: what looked like totals goes before them.
            let totals = self.totals.drain(..).map(|total| (total, true));
            self.waiting.extend(totals);
            self.waiting.push_back((alone(chunk, row), looks != Total::No));
        }
    }

    /// Whether a row is the header again; what is below may then be read otherwise.
    fn is_header_again(&mut self, chunk: &Chunk, row: &Row) -> bool {
        let cells = chunk.cells(row);
        let text = |cell: &Cell| chunk.text(cell).as_bytes();
        let mut first = cells.iter().take(2).map(text);
        if !first.any(|cell| self.again.may_begin(cell) || self.again.may_mean(cell)) {
            return false;
        }
        let mut placed: Vec<&[u8]> = vec![b""; self.slots.len()];
        for cell in cells {
            let place = self.places.get(cell.column as usize).copied().flatten();
            if let Some(slot) = place.and_then(|place| placed.get_mut(place)) {
                *slot = text(cell);
            }
        }
        let (code, reason) = match self.again.look(row.number, &placed, &self.places) {
            HeaderAgain::No => return false,
            HeaderAgain::Same => (code::HEADER_REPEATED, "the header row comes again and was passed over"),
            HeaderAgain::Reordered(_) => (
                code::HEADER_REPEATED,
                "the header row comes again with its columns in another order; what is below was read by it",
            ),
            HeaderAgain::Other => {
                let reason = "another table begins here, with other columns; its rows are rejected";
                self.note(code::SECOND_TABLE, row.number, reason);
                return false;
            }
            HeaderAgain::Otherwise(found) => {
                let reason = match found {
                    Otherwise::InPlace => {
                        "a second header names the same columns here, in other words, far below the first one; it and \
                         the rows below it are rejected: delete this row if they belong to the same table"
                    }
                    Otherwise::Crossed => {
                        "a second header names the same columns here, in other words and in another order; it and the \
                         rows below it are rejected: put them into a sheet of their own"
                    }
                };
                self.note(code::SECOND_TABLE, row.number, reason);
                return false;
            }
        };
        self.note(code, row.number, reason);
        self.counts.passed += 1;
        true
    }

    fn looks_like_total(&self, chunk: &Chunk, cells: &[Cell]) -> Total {
        if self.columns.len() < 2 {
            return Total::No;
        }
        if cells.is_sorted_by_key(|cell| cell.column) {
            return total(cells.iter().map(|cell| (cell.kind, chunk.text(cell))));
        }
        let mut sorted = cells.to_vec();
        sorted.sort_by_key(|cell| cell.column);
        total(sorted.iter().map(|cell| (cell.kind, chunk.text(cell))))
    }

    /// The sheet is at its end: what looked like totals are totals.
    pub(super) fn pass_totals(&mut self) {
        for chunk in std::mem::take(&mut self.totals) {
            if let Some(row) = chunk.rows.first() {
                self.counts.passed += 1;
                let reason =
                    "the last row has the word of a total and only numbers beside it; it was passed over";
                self.note(code::TOTALS_ROW, row.number, reason);
            }
        }
    }

    /// Hands a row out, as a record or a reject.
    pub(super) fn take(&mut self, chunk: &Chunk, row: &Row, like_total: bool, batch: &mut Building) {
        self.slots.fill(None);
        let mut text = 0_usize;
        let places = match self.again.at(row.number) {
            Some(From::Places(places)) => places,
            Some(From::OtherTable | From::OtherWords | From::OtherOrder) | None => &self.places,
        };
        for (at, cell) in chunk.cells(row).iter().enumerate() {
            let place = places.get(cell.column as usize).copied().flatten();
            if let Some(slot) = place.and_then(|place| self.slots.get_mut(place)) {
                *slot = Some(at);
                text = text.saturating_add(cell.end.saturating_sub(cell.start));
            }
        }
        if let Some(reject) = self.reject(chunk, row, text) {
            batch.reject(reject, &mut self.counts);
            return;
        }
        if like_total {
            let column = self.slots.iter().position(Option::is_some).unwrap_or(0);
            let reason = "it looks like a total, but not plainly, or records follow it; it was kept";
            batch.findings.push(finding(row, code::TOTALS_ROW, column, reason.to_owned()));
        }
        self.tell(chunk, row, batch);
        let cells = chunk.cells(row);
        for (column, slot) in self.columns.iter_mut().zip(&self.slots) {
            let cell = slot.and_then(|at| cells.get(at));
            match cell.map(|cell| chunk.text(cell)) {
                None | Some("") => column.append_null(),
                Some(text) => column.append_value(text),
            }
        }
        batch.bytes = batch.bytes.saturating_add(text);
        batch.record(u64::from(row.number), 1, &mut self.counts);
    }

    /// Findings of the cells of a record, one for each kind.
    fn tell(&self, chunk: &Chunk, row: &Row, batch: &mut Building) {
        let cells = chunk.cells(row);
        if cells.iter().all(|cell| of_kind(cell.kind).is_none()) {
            return;
        }
        for kind in [Kind::Error, Kind::NoResult, Kind::DigitsLost, Kind::DateOutside] {
            let Some((code, what)) = of_kind(kind) else { continue };
            let is = |slot: &Option<usize>| slot.and_then(|at| cells.get(at)).is_some_and(|c| c.kind == kind);
            let columns: Vec<usize> =
                self.slots.iter().enumerate().filter(|(_, slot)| is(slot)).map(|(at, _)| at).collect();
            if let Some(first) = columns.first() {
                let reason = format!("{what} {}", self.columns_named(&columns));
                batch.findings.push(finding(row, code, *first, reason));
            }
        }
    }

    /// `in the column "email"`
    fn columns_named(&self, columns: &[usize]) -> String {
        let names: Vec<String> = columns
            .iter()
            .take(5)
            .filter_map(|at| self.headers.unique.get(*at))
            .map(|name| format!("{:?}", name.chars().take(60).collect::<String>()))
            .collect();
        let more = columns.len().saturating_sub(names.len());
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("in the column{} {}{rest}", if columns.len() > 1 { "s" } else { "" }, names.join(", "))
    }

    /// The row as a reject, where it cannot be a record.
    fn reject(&self, chunk: &Chunk, row: &Row, text: usize) -> Option<Reject> {
        let cells = chunk.cells(row);
        let worst = |kind: Kind| {
            let cell = cells.iter().find(|cell| cell.kind == kind)?;
            Some(format!("{}{}", column_letters(cell.column), row.number))
        };
        let (code, reason) = if let Some(From::OtherTable) = self.again.at(row.number) {
            (code::OTHER_TABLE, "it stands below the header of another table".to_owned())
        } else if let Some(From::OtherWords) = self.again.at(row.number) {
            let reason = "it stands in or below a second header, of the same columns in other words";
            (code::OTHER_TABLE, reason.to_owned())
        } else if let Some(From::OtherOrder) = self.again.at(row.number) {
            let reason = "it stands in or below a second header, of the same columns in another order";
            (code::OTHER_TABLE, reason.to_owned())
        } else if row.too_long || text > MAX_ROW_BYTES {
            (code::ROW_TOO_LONG, format!("its cells hold more than {MAX_ROW_BYTES} bytes together"))
        } else if let Some(place) = worst(Kind::TooLong) {
            (code::CELL_TOO_LONG, format!("the cell {place} is longer than a cell may be"))
        } else if let Some(place) = worst(Kind::Unreadable) {
            (code::CELL_UNREADABLE, format!("the cell {place} does not hold what its type says"))
        } else {
            return None;
        };
        let values =
            self.slots.iter().map(|slot| slot.and_then(|at| cells.get(at)).map(|cell| chunk.text(cell)));
        let (raw, raw_truncated) = as_json(values);
        Some(Reject {
            line_number: i64::from(row.number),
            line_count: 1,
            byte_offset: -1,
            code,
            reason,
            hint: code.hint(),
            raw,
            raw_truncated,
            field_count: Some(cells.len()),
        })
    }
}

/// What is told of a cell that is kept.
fn of_kind(kind: Kind) -> Option<(Code, &'static str)> {
    match kind {
        Kind::Error => Some((code::ERROR_CELL, "an error of a formula was read as empty")),
        Kind::NoResult => Some((code::NO_CACHED_VALUE, "a formula without its result was read as empty")),
        Kind::DigitsLost => Some((code::DIGITS_LOST, "a number has more digits than a spreadsheet keeps")),
        Kind::DateOutside => {
            Some((code::DATE_OUTSIDE, "a number is formatted as a date that does not exist"))
        }
        _ => None,
    }
}

fn finding(row: &Row, code: Code, column: usize, reason: String) -> Finding {
    Finding { line_number: i64::from(row.number), byte_offset: -1, code, column, reason }
}

/// The cells are those of a header row.
fn is_again(chunk: &Chunk, cells: &[Cell], header: &[(u32, String)]) -> bool {
    cells.len() == header.len()
        && cells.iter().any(|cell| cell.kind == Kind::Text)
        && cells
            .iter()
            .zip(header)
            .all(|(cell, (column, text))| cell.column == *column && chunk.text(cell) == text)
}

/// A row as a chunk of its own.
fn alone(chunk: &Chunk, row: &Row) -> Chunk {
    let mut own = Chunk::default();
    for cell in chunk.cells(row) {
        let start = own.text.len();
        own.text.push_str(chunk.text(cell));
        own.cells.push(Cell { start, end: own.text.len(), ..*cell });
    }
    own.rows.push(Row { first: 0, end: own.cells.len(), ..*row });
    own
}

/// Cells as a JSON array of texts and nulls, and whether it was cut.
fn as_json<'a>(cells: impl Iterator<Item = Option<&'a str>>) -> (Vec<u8>, bool) {
    let mut out = String::from("[");
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(',');
        }
        let Some(text) = cell.filter(|text| !text.is_empty()) else {
            out.push_str("null");
            continue;
        };
        out.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => out.push(c),
            }
            if out.len() > RAW_BYTES {
                return (out.into_bytes(), true);
            }
        }
        out.push('"');
    }
    out.push(']');
    (out.into_bytes(), false)
}

#[cfg(test)]
mod tests {
    use super::as_json;

    #[test]
    fn raw_rows_are_json() {
        let (raw, cut) = as_json([Some("a\"\\\n\u{1}\u{e9}"), None, Some("")].into_iter());
        assert_eq!((raw.as_slice(), cut), ("[\"a\\\"\\\\\\n\\u0001\u{e9}\",null,null]".as_bytes(), false));
        assert!(as_json([Some("x".repeat(2 << 20).as_str())].into_iter()).1);
    }
}
