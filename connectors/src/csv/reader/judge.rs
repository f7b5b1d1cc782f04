//! Is a record as wide as the header, is it clean, is it a record at all, have its cells moved?

use super::super::detect::SecondHeader;
use super::super::mend::mend;
use super::super::split::Record;
use super::super::{CsvCode, Ragged};
use super::state::{Building, CsvReader};
use super::take::dirty;
use crate::cell::{Kind, kind};
use crate::headers_again::HeaderAgain;

/// A quoted cell beyond this is looked into: does it hold what looks like records?
const LONG_LINES: usize = 100;
const LONG_BYTES: usize = 64 << 10;

impl CsvReader {
    /// A record as far as quotes go. `end` and `next` are those of its first line.
    pub(super) fn judge(&mut self, record: Record, end: usize, next: usize, batch: &mut Building) {
        let mut record = record;
        let mut bad = self.misfit(&record);
        if bad.is_some()
            && let Some(mended) = self.mended(end, next)
        {
            (record, bad) = (mended, None);
        }
        if self.is_no_record(&record, bad.is_some()) {
            return;
        }
        if let Some((line, what)) = self.other_table {
            let header = match what {
                SecondHeader::Columns => "the header of another table",
                SecondHeader::Words => "a second header, of the same columns in other words",
                SecondHeader::Order { .. } => "a second header, of the same columns in another order",
            };
            let reason = format!("it stands in or below {header}, in line {line}");
            self.reject_line(end, next, CsvCode::OtherTable, reason, Some(record.fields), batch);
            return;
        }
        if let Some(code) = bad {
            let reason = self.why_misfit(code, &record);
            self.reject_line(end, next, code, reason, Some(record.fields), batch);
            return;
        }
        let stop = self.at + record.end;
        if stop > self.window.clean_to()
            && let Some(dirt) = self.window.dirt(self.at, stop)
        {
            let (code, reason) = dirty(dirt);
            let found = Some(record.fields);
            let reject = self.reject(record.end, record.lines as i64, code, reason.to_owned(), found);
            self.hand_out(reject, batch);
            self.shifted = None;
            self.advance(record.next, record.lines as u64);
            return;
        }
        if self.shifted.is_none() {
            self.shifted = self.find_shift();
        }
        self.take_record(&record, batch);
    }

    /// What is wrong with the width of a record, or with the way it came to it.
    fn misfit(&mut self, record: &Record) -> Option<CsvCode> {
        let found = record.fields;
        let rest = self.window.text().get(self.at..).unwrap_or_default();
        let extra = self.fields.get(self.width..).unwrap_or_default();
        let extra_blank =
            extra.iter().all(|f| rest.get(f.start..f.end).unwrap_or_default().trim_ascii().is_empty());
        // Fields beyond the widest are counted, not remembered.
        let all_seen = self.fields.len() == found;
        let only_empty =
            found > self.width && all_seen && extra_blank && (found <= self.widest || record.lines == 1);
        let fits = found == self.width || only_empty;
        if record.stray.is_some() && !(fits && record.lines == 1) {
            return Some(CsvCode::BadQuote);
        }
        if fits {
            if found > self.widest {
                let line = self.lines_before() + 1;
                self.note(CsvCode::WidthSettled, line, "empty cells beyond the header were dropped");
            }
            return self.swallows(record).then_some(CsvCode::UnclosedQuote);
        }
        if found > self.width {
            return Some(CsvCode::TooManyFields);
        }
        let padded = self.ragged == Ragged::Pad && record.lines == 1;
        (!padded).then_some(CsvCode::TooFewFields)
    }

    fn why_misfit(&self, code: CsvCode, record: &Record) -> String {
        let (width, found) = (self.width, record.fields);
        let mut reason = match code {
            CsvCode::UnclosedQuote => {
                return format!(
                    "a quoted field is opened here and runs over {} lines that look like records",
                    record.lines
                );
            }
            CsvCode::BadQuote => {
                return format!(
                    "a quote inside a quoted field; read as text it gives {found} fields, expected {width}"
                );
            }
            _ => format!("expected {width} fields, found {found}"),
        };
        if record.lines > 1 {
            reason.push_str(&format!(" in a record over {} lines", record.lines));
        }
        reason
    }

    /// A quoted cell of many lines that are as wide as records: its quote was never closed, and a later one closed it
    /// by chance. Notes and pictures are not like that.
    fn swallows(&self, record: &Record) -> bool {
        if record.lines <= 1 || record.lines <= LONG_LINES && record.end <= LONG_BYTES || self.width < 2 {
            return false;
        }
        let text = self.window.text().get(self.at..self.at + record.end).unwrap_or_default();
        let like = text
            .split(|b| *b == b'\n')
            .filter(|line| {
                memchr::memchr_iter(self.rules.delimiter, line).count() + 1 == self.width
                    && line.len() > self.width
            })
            .count();
        like * 2 > record.lines
    }

    /// The first line, if its quotes can be read in a way that gives the right width.
    pub(super) fn mended(&mut self, end: usize, next: usize) -> Option<Record> {
        let mut fields = std::mem::take(&mut self.fields);
        let line = self.window.text().get(self.at..self.at + end).unwrap_or_default();
        let column = mend(&self.rules, line, self.width, &mut fields);
        self.fields = fields;
        column.map(|column| Record { fields: self.width, lines: 1, end, next, stray: Some(column) })
    }

    /// Header lines that come again, and comments: passed over, and told. True when the line is done with.
    fn is_no_record(&mut self, record: &Record, misfit: bool) -> bool {
        if record.lines > 1 {
            return false;
        }
        let line = self.lines_before() + 1;
        let rest = self.window.text().get(self.at..).unwrap_or_default();
        let commented = self.headers.unique.first().is_some_and(|name| name.starts_with('#'));
        let comment = misfit && rest.starts_with(b"#") || self.comments && rest.starts_with(b"# ");
        if comment && !commented && self.width > 1 {
            self.comments = true;
            self.note(CsvCode::LinesPassed, line, "a comment between the records was passed over");
            self.pass_over(record.next, 1);
            return true;
        }
        let fields = &self.fields;
        let cell = |at: usize| fields.get(at).and_then(|f| rest.get(f.start..f.end)).unwrap_or_default();
        let (first, second) = (cell(0), cell(1));
        let begins = self.again.may_begin(first) || self.again.may_begin(second);
        // As on the fast road: a line of other words breaks all patterns; where there are none, its first cell must show it.
        let in_words = if self.watched.is_empty() {
            self.again.may_mean(first)
        } else {
            self.watched.iter().any(|(column, kind)| breaks(*kind, cell(*column)))
        };
        if !begins && !in_words {
            return false;
        }
        let cells: Vec<&[u8]> = (0..fields.len()).map(cell).collect();
        let found = if in_words { self.again.look_for_words(&cells) } else { self.again.look(&cells) };
        let contradicted = matches!(self.other_table, Some((_, SecondHeader::Order { .. })));
        match found {
            HeaderAgain::No => return false,
            HeaderAgain::Other | HeaderAgain::Otherwise(_) if contradicted => return false,
            // Two headers that contradict each other stand on each page: none of them can be read by.
            HeaderAgain::Same | HeaderAgain::Reordered(_) if contradicted => {
                self.note(CsvCode::HeaderRepeated, line, "the header line comes again and was passed over");
            }
            HeaderAgain::Same => {
                (self.order, self.other_table) = (None, None);
                self.note(CsvCode::HeaderRepeated, line, "the header line comes again and was passed over");
            }
            HeaderAgain::Reordered(order) => {
                (self.order, self.other_table) = (Some(order), None);
                let reason = "the header line comes again with its columns in another order; what is below was read by it";
                self.note(CsvCode::HeaderRepeated, line, reason);
            }
            HeaderAgain::Other => {
                self.begin_other_table(line, SecondHeader::Columns);
                return false;
            }
            HeaderAgain::Otherwise(found) => {
                self.begin_other_table(line, SecondHeader::from(found));
                return false;
            }
        }
        self.pass_over(record.next, 1);
        true
    }

    /// From here on nothing belongs to the table of the header.
    pub(super) fn begin_other_table(&mut self, line: u64, what: SecondHeader) {
        // The line may be known as such before its cells are compared.
        if self.other_table.is_some_and(|(known, _)| known == line) {
            return;
        }
        self.other_table = Some((line, what));
        let reason = match what {
            SecondHeader::Columns => {
                "another table begins here, with other columns; its lines are rejected".to_owned()
            }
            SecondHeader::Words => {
                "a second header names the same columns here, in other words, far below the first one; it and the \
                 lines below it are rejected: delete this line if they belong to the same table"
                    .to_owned()
            }
            SecondHeader::Order { near: false } => {
                "a second header names the same columns here, in other words and in another order; it and the lines \
                 below it are rejected: put them into a file of their own"
                    .to_owned()
            }
            SecondHeader::Order { near: true } => format!(
                "line {line} names the same columns in other words and in another order than the header, so one of \
                 both is wrong; it and the lines below it are rejected: delete the wrong one, or read by line {line} \
                 with --skip-lines {}",
                line.saturating_sub(1)
            ),
        };
        self.note(CsvCode::SecondTable, line, &reason);
    }

    /// The first cell that breaks the pattern of its column while the next one keeps it.
    fn find_shift(&self) -> Option<usize> {
        let rest = self.window.text().get(self.at..).unwrap_or_default();
        let cell = |i: usize| self.fields.get(i).and_then(|f| rest.get(f.start..f.end)).unwrap_or_default();
        if self.order.is_some() || !self.watched.iter().any(|(column, kind)| breaks(*kind, cell(*column))) {
            return None;
        }
        self.patterns.windows(2).enumerate().find_map(|(i, pair)| {
            let [Some(usual), next] = pair else { return None };
            let (here, there) = (kind(cell(i)), kind(cell(i + 1)));
            let moved = here != Kind::Empty
                && !here.like(*usual)
                && there == *usual
                && !next.is_some_and(|next| next.like(*usual));
            moved.then_some(i)
        })
    }
}

/// A cell that does not go with the pattern of its column, as far as a quick look tells.
#[inline(always)]
fn breaks(pattern: Kind, cell: &[u8]) -> bool {
    match pattern {
        Kind::Digits(n) => {
            !(cell.is_empty() || cell.len() == usize::from(n) && cell.iter().all(u8::is_ascii_digit))
        }
        Kind::Email => !cell.is_empty() && memchr::memchr(b'@', cell).is_none(),
        _ => false,
    }
}

/// One of the watched columns of a plain line breaks its pattern.
#[inline(always)]
pub(super) fn moved(watched: &[(usize, Kind)], text: &[u8], at: usize, ends: &[usize]) -> bool {
    watched.iter().any(|(column, kind)| {
        let start = column.checked_sub(1).and_then(|i| ends.get(i)).map_or(at, |end| end + 1);
        let end = ends.get(*column).copied().unwrap_or(start);
        breaks(*kind, text.get(start..end).unwrap_or_default())
    })
}
