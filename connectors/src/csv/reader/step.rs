//! One record, reject or blank line at a time, and the fast loop over plain lines.

use super::super::CsvCode;
use super::super::detect::Marked;
use super::super::split::{LineEnd, Parsed, is_blank};
use super::judge::moved;
use super::state::{Building, CsvReader, Skip};
use super::torn::Torn;

/// What to do next.
pub(super) enum Step {
    Again,
    /// The window must be filled.
    Fill,
    End,
}

impl CsvReader {
    /// Takes plain lines (no quote, right width, clean text) as long as they come.
    pub(super) fn plain_lines(&mut self, batch: &mut Building) {
        if !self.is_plain() {
            return;
        }
        let next_mark = self.marks.front().map_or(u64::MAX, |mark| mark.line);
        let clean_to = self.window.clean_to();
        let text = self.window.text();
        let first_line = self.counts.lines;
        let (mut at, mut line) = (self.at, first_line);
        while batch.line_numbers.len() < self.batch_rows && batch.bytes < self.limits.batch_bytes {
            let Some((newline, count)) = self.needles.line(text, at, &mut self.ends) else { break };
            if newline > clean_to || newline - at > self.limits.line_bytes || line + 1 >= next_mark {
                break;
            }
            let mut end = newline;
            if end > at && text.get(end - 1) == Some(&b'\r') {
                end -= 1;
            }
            let Some(ends) = self.ends.get_mut(..count) else { break };
            if let Some(last) = ends.last_mut() {
                *last = end;
            }
            if count != self.width {
                // More cells are fine if they are among those at the end that are dropped, and empty.
                let kept_end = self.width.checked_sub(1).and_then(|i| ends.get(i)).copied();
                if kept_end.is_none_or(|kept| kept + (count - self.width) != end) {
                    break;
                }
            }
            let starts_blank = text
                .get(at)
                .is_none_or(|b| *b == self.rules.delimiter || matches!(b, b' ' | b'\t' | b'\n' | b'\r'));
            if starts_blank && is_blank(text.get(at..end).unwrap_or_default(), self.rules.delimiter) {
                break;
            }
            let first = text.get(at..ends.first().copied().unwrap_or(at)).unwrap_or_default();
            // A line of other words for the header breaks all patterns; where there are none, its first cell must show it.
            if self.again.may_begin(first)
                || moved(&self.watched, text, at, ends)
                || self.watched.is_empty() && self.again.may_mean(first)
            {
                break;
            }
            let mut start = at;
            for (column, end) in self.columns.iter_mut().zip(ends.iter()) {
                column.push(text, start, *end);
                start = end + 1;
            }
            line += 1;
            batch.line_numbers.push(line as i64);
            batch.bytes += newline - at;
            at = newline + 1;
        }
        self.at = at;
        self.counts.lines = line;
        self.counts.records += line - first_line;
        self.counts.record_lines += line - first_line;
    }

    /// Lines without quotes can be taken by the fast road.
    fn is_plain(&self) -> bool {
        let rules = &self.rules;
        let odd = rules.lone_cr || rules.blank_after_delimiter || rules.runs || rules.doubled || rules.curly;
        !odd && self.order.is_none() && self.other_table.is_none()
    }

    /// Takes whatever comes next, by the full rules.
    pub(super) fn step(&mut self, batch: &mut Building) -> Step {
        if let Some(skip) = self.skip.take() {
            return self.go_on_skipping(skip, batch);
        }
        let at = self.at;
        let text = self.window.text();
        // No record reaches further than this, so what lies behind cannot change the outcome.
        let reach = self.limits.line_bytes + 2;
        let rest = text.get(at..).unwrap_or_default();
        let view = rest.get(..reach).unwrap_or(rest);
        let at_end = self.window.ended() && view.len() == rest.len();
        let out_of_reach = view.len() == reach && !at_end;
        if view.is_empty() {
            return if at_end { Step::End } else { Step::Fill };
        }

        let (end, next) = match self.rules.line_end(view, 0, at_end) {
            LineEnd::At { end, .. } if end > self.limits.line_bytes => return self.start_skipping(),
            LineEnd::At { end, next } => (end, next),
            LineEnd::More if out_of_reach => return self.start_skipping(),
            LineEnd::More => return Step::Fill,
        };
        let line = view.get(..end).unwrap_or_default();
        // DOS programs end a text file with a 0x1A of its own.
        let dos_end = line == b"\x1A" && at_end && next == view.len();
        if is_blank(line, self.rules.delimiter) || dos_end {
            self.counts.blank += 1;
            self.advance(next, 1);
            return Step::Again;
        }
        if self.heed_mark(next) {
            return Step::Again;
        }
        let text = self.window.text();
        let rest = text.get(at..).unwrap_or_default();
        let view = rest.get(..reach).unwrap_or(rest);
        let bad = match self.rules.record(view, at_end, &mut self.fields) {
            Parsed::More if out_of_reach => (CsvCode::RecordTooLong, 1),
            Parsed::More => return Step::Fill,
            Parsed::Record(record) if record.end > self.limits.line_bytes => (CsvCode::RecordTooLong, 1),
            Parsed::Record(record) => {
                match self.torn(view, at_end, &record) {
                    Torn::More if !out_of_reach => return Step::Fill,
                    Torn::Yes => {
                        let reason = "a quoted field is opened here, and the first quote that closes it opens a cell of a record below";
                        let code = CsvCode::UnclosedQuote;
                        self.reject_line(end, next, code, reason.to_owned(), None, batch);
                    }
                    Torn::No | Torn::More => self.judge(record, end, next, batch),
                }
                return Step::Again;
            }
            Parsed::Bad { code, line } => (code, line),
        };
        if let Some(record) = self.mended(end, next) {
            self.judge(record, end, next, batch);
            return Step::Again;
        }
        let reason = self.describe(bad.0, bad.1);
        self.reject_line(end, next, bad.0, reason, None, batch);
        Step::Again
    }

    /// What detection knew of the line at hand; true when the line is done with.
    fn heed_mark(&mut self, next: usize) -> bool {
        let line = self.lines_before() + 1;
        while self.marks.front().is_some_and(|mark| mark.line < line) {
            self.marks.pop_front();
        }
        let Some(mark) = self.marks.front().filter(|mark| mark.line == line).copied() else { return false };
        self.marks.pop_front();
        match mark.what {
            Marked::PassOver => {
                self.pass_over(next, 1);
                return true;
            }
            Marked::Shifted(column) => self.shifted = Some(column),
            Marked::OtherTable(what) => self.begin_other_table(line, what),
        }
        false
    }

    fn describe(&self, code: CsvCode, line: usize) -> String {
        match code {
            CsvCode::FieldTooLong => format!(
                "a quoted field is longer than {} lines or {} bytes",
                self.limits.field_lines, self.limits.field_bytes
            ),
            CsvCode::UnclosedQuote if line > 1 => {
                let place = match line - 1 {
                    1 => "on the next line".to_owned(),
                    lines => format!("{lines} lines below"),
                };
                format!(
                    "a quoted field is opened here and does not close properly: text follows a quote {place}"
                )
            }
            CsvCode::UnclosedQuote => {
                "a quoted field is opened and not closed before the end of the file".to_owned()
            }
            CsvCode::TooManyFields => {
                format!("expected {} fields, found more in a record over {line} lines", self.width)
            }
            CsvCode::RecordTooLong => {
                format!("the record that starts here is longer than {} bytes", self.limits.line_bytes)
            }
            _ => "a quote inside a quoted field, and the field does not close on this line".to_owned(),
        }
    }

    /// Keeps the start of a line that is too long, and passes over the rest.
    fn start_skipping(&mut self) -> Step {
        let reason = format!("the line is longer than {} bytes", self.limits.line_bytes);
        let mut reject = self.reject(self.limits.line_bytes, 1, CsvCode::LineTooLong, reason, None);
        reject.raw_truncated = true;
        self.skip = Some(Skip { reject });
        Step::Again
    }

    fn go_on_skipping(&mut self, skip: Skip, batch: &mut Building) -> Step {
        let text = self.window.text();
        match self.rules.line_end(text, self.at, self.window.ended()) {
            LineEnd::At { next, .. } => {
                self.hand_out(skip.reject, batch);
                self.advance(next - self.at, 1);
                Step::Again
            }
            LineEnd::More => {
                // A CR at the end may be half of a line ending: it stays.
                self.at = text.len() - usize::from(text.last() == Some(&b'\r'));
                self.skip = Some(skip);
                Step::Fill
            }
        }
    }
}
