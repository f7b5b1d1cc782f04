//! One object per line.

use super::code;
use super::source::{JsonSource, Pending};
use super::tree::{Look, Tree};
use super::value::{self, Fault};
use crate::building::Building;
use crate::source::{Code, Reject};
use crate::text::{Place, RAW_BYTES, Step};

/// Takes the members of the next line into the sample.
pub(super) fn look(text: &[u8], ended: bool, most: usize, tree: &mut Tree) -> Look {
    match memchr::memchr(b'\n', text) {
        None if !ended => Look::More,
        None if text.is_empty() => Look::End,
        end => {
            let len = end.unwrap_or(text.len());
            if len <= most {
                // What is damaged has no members; it is told when it is read.
                let line = value::without_marks(text.get(..len).unwrap_or_default());
                if value::is_object(line) {
                    let _ = tree.learn(line);
                }
            }
            Look::Seen(end.map_or(len, |end| end + 1))
        }
    }
}

impl JsonSource {
    /// Reads a line, if it is there.
    pub(super) fn line(&mut self, batch: &mut Building) -> Step {
        let text = self.text.rest();
        let have = text.len();
        let (len, next) = match memchr::memchr(b'\n', text) {
            Some(end) => (end, end + 1),
            None if self.text.ended() && have == 0 && self.format.skip.is_none() => return Step::End,
            None if self.text.ended() => (have, have),
            None => {
                if self.format.skip.is_none() && have > self.most {
                    self.start_skipping(have);
                }
                if self.format.skip.is_some() {
                    self.text.advance(have);
                }
                return Step::Fill;
            }
        };
        if let Some(pending) = self.format.skip.take() {
            batch.reject(pending.reject, &mut self.counts);
        } else {
            self.whole_line(len, batch);
        }
        self.text.advance(next);
        batch.bytes += next;
        Step::Again
    }

    fn whole_line(&mut self, len: usize, batch: &mut Building) {
        let bytes = self.text.rest().get(..len).unwrap_or_default();
        let json = value::without_marks(bytes).trim_ascii_end();
        if json.is_empty() {
            self.counts.blank += 1;
            self.counts.lines += 1;
            return;
        }
        let number = self.counts.lines + 1;
        if len > self.most {
            let reason = format!("the line is longer than {} bytes", self.most);
            let reject = self.line_reject(len, code::RECORD_TOO_LARGE, reason);
            batch.reject(reject, &mut self.counts);
            return;
        }
        match self.format.table.record(json, true) {
            Ok(read) => {
                batch.bytes += self.format.table.more_bytes();
                self.tell(&read.again, number, batch);
                batch.record(number, 1, &mut self.counts);
            }
            Err(fault) => {
                let before = json.as_ptr().addr() - bytes.as_ptr().addr();
                let reason = self.reason(before, &fault, len);
                let reject = self.line_reject(len, fault.code(), reason);
                batch.reject(reject, &mut self.counts);
            }
        }
    }

    /// `column 17: a comma or } is missing behind a member`
    fn reason(&self, before: usize, fault: &Fault, len: usize) -> String {
        let mut place = Place::default();
        let line = self.text.rest().get(..len).unwrap_or_default();
        place.pass(line.get(..before + fault.at).unwrap_or(line));
        format!("line {}, column {}: {}", self.counts.lines + 1, place.column, fault.what())
    }

    fn line_reject(&mut self, len: usize, code: Code, reason: String) -> Reject {
        let len = len - usize::from(self.text.rest().get(..len).is_some_and(|line| line.ends_with(b"\r")));
        self.reject(len, 1, code, reason)
    }

    /// Keeps the start of a line that is too long; the rest is passed over.
    fn start_skipping(&mut self, len: usize) {
        let reason = format!("the line is longer than {} bytes", self.most);
        let mut reject = self.line_reject(len.min(RAW_BYTES + 1), code::RECORD_TOO_LARGE, reason);
        reject.raw_truncated = true;
        self.format.skip = Some(Pending { reject, value: super::skip::Skip::default() });
    }
}
