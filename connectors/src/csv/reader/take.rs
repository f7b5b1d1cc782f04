//! What becomes of the line or record at hand: taken, rejected, or passed over.

use super::super::CsvCode;
use super::super::columns::recode;
use super::super::split::Record;
use super::super::window::Dirt;
use super::state::{Building, CsvReader};
use crate::source::{Finding, Reject};

const REPAIRED: &str = "quotes that do not go by the rules were read as what they can only mean";
const SHIFTED: &str = "cells seem to have moved to the right: a cell holds what its neighbour usually holds, perhaps \
                       because a delimiter stands in a cell without quotes";

impl CsvReader {
    /// Moves behind lines that are no records.
    pub(super) fn pass_over(&mut self, len: usize, lines: u64) {
        self.counts.passed += lines;
        self.advance(len, lines);
    }

    /// Moves behind `len` bytes and `lines` lines.
    pub(super) fn advance(&mut self, len: usize, lines: u64) {
        self.at += len;
        self.counts.lines += lines;
        if self.at > self.window.clean_to() {
            self.window.find_clean(self.at);
        }
    }

    pub(super) fn take_record(&mut self, record: &Record, batch: &mut Building) {
        let line_number = self.lines_before() as i64 + 1;
        let at = self.at;
        let text = self.window.text();
        let table = self.window.table();
        for (i, column) in self.columns.iter_mut().enumerate() {
            let place = match &self.order {
                Some(order) => order.iter().position(|column| *column == i),
                None => Some(i),
            };
            let Some(field) = place.and_then(|place| self.fields.get(place)) else {
                column.push_null();
                continue;
            };
            let (start, end) = (at + field.start, at + field.end);
            let cell = text.get(start..end).unwrap_or_default();
            match table {
                Some(table) if !cell.is_ascii() => {
                    self.scratch.clear();
                    let scratch = &mut self.scratch;
                    if field.escaped {
                        self.rules.unescape(cell, |piece| recode(piece, table, scratch));
                    } else {
                        recode(cell, table, scratch);
                    }
                    column.push_pieces(|push| push(scratch));
                }
                _ if field.escaped => column.push_pieces(|push| self.rules.unescape(cell, push)),
                _ => column.push(text, start, end),
            }
        }
        batch.line_numbers.push(line_number);
        batch.bytes += record.end;
        self.counts.records += 1;
        self.counts.record_lines += record.lines as u64;
        let padded = (record.fields < self.width).then_some(record.fields);
        let told = padded.filter(|_| !self.settled);
        let notes = [
            record.stray.map(|column| (CsvCode::QuoteRepaired, column, REPAIRED.to_owned())),
            self.shifted.take().map(|column| (CsvCode::CellsShifted, column, SHIFTED.to_owned())),
            told.map(|found| {
                (
                    CsvCode::RowPadded,
                    found,
                    format!("expected {} fields, found {found}; the rest is empty", self.width),
                )
            }),
        ];
        for (code, column, reason) in notes.into_iter().flatten() {
            let byte_offset = self.window.offset_of(at) as i64;
            batch.findings.push(Finding { line_number, byte_offset, code: code.into(), column, reason });
        }
        self.counts.repaired += u64::from(record.stray.is_some());
        self.counts.padded += u64::from(padded.is_some());
        self.advance(record.next, record.lines as u64);
    }

    /// Rejects the physical line at hand only; what follows is read afresh.
    pub(super) fn reject_line(
        &mut self,
        end: usize,
        next: usize,
        code: CsvCode,
        reason: String,
        found: Option<usize>,
        batch: &mut Building,
    ) {
        self.shifted = None;
        // Damaged bytes are the likelier cause of a broken record, and the better thing to say.
        let (code, reason) = match self.window.dirt(self.at, self.at + end) {
            Some(dirt) => {
                let (code, reason) = dirty(dirt);
                (code, reason.to_owned())
            }
            None => (code, reason),
        };
        let reject = self.reject(end, 1, code, reason, found);
        self.hand_out(reject, batch);
        self.advance(next, 1);
    }

    pub(super) fn reject(
        &mut self,
        len: usize,
        lines: i64,
        code: CsvCode,
        reason: String,
        found: Option<usize>,
    ) -> Reject {
        let (raw, raw_truncated) = self.window.raw(self.at, self.at + len, self.limits.raw_bytes);
        Reject {
            line_number: self.lines_before() as i64 + 1,
            line_count: lines,
            byte_offset: self.window.offset_of(self.at) as i64,
            code: code.into(),
            reason,
            hint: code.hint(),
            raw,
            raw_truncated,
            field_count: found,
        }
    }

    pub(super) fn hand_out(&mut self, reject: Reject, batch: &mut Building) {
        self.counts.rejected += 1;
        self.counts.rejected_lines += reject.line_count as u64;
        batch.raw_bytes += reject.raw.len();
        batch.rejects.push(reject);
    }
}

pub(super) fn dirty(dirt: Dirt) -> (CsvCode, &'static str) {
    match dirt {
        Dirt::Nul => (CsvCode::NulByte, "the record holds a NUL byte"),
        Dirt::Invalid => {
            (CsvCode::InvalidEncoding, "the record holds bytes that are not valid in the file's encoding")
        }
    }
}
