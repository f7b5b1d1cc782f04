//! Records in documents: one step from record to record.

use super::code;
use super::source::{JsonSource, Layout, Pending};
use super::tree::{Look, Tree};
use super::value::{self, Fault};
use super::walk::{self, Mark, Walk};
use crate::building::Building;
use crate::source::SourceError;
use crate::text::{Place, Step, Text};

/// Goes to the list of records, so that a file that has none is refused at once.
pub(super) fn find_records(name: &str, text: &mut Text, walk: &mut Walk) -> Result<(), SourceError> {
    if walk.path().is_empty() {
        return Ok(());
    }
    while !walk.found {
        let mut probe = walk.clone();
        match probe.step(text.rest(), text.ended()) {
            walk::Step::Passed(len) => text.advance(len),
            walk::Step::More(len) => {
                text.advance(len);
                text.fill()?;
            }
            // A single record at the end of the path: it is read where it stands.
            walk::Step::Value(_) if probe.found => return Ok(()),
            walk::Step::Value(_) | walk::Step::End => {
                return Err(code::no_records(name, &walk.path().join("."), &walk.passed_names));
            }
            walk::Step::CutOff => return Err(code::cut_off(name, end_of(text), "a document")),
            walk::Step::Damaged(at, what) => return Err(code::damaged(name, text.place_of(at), what)),
        }
        *walk = probe;
    }
    Ok(())
}

/// Takes the members of the next record into the sample.
pub(super) fn look(text: &[u8], ended: bool, most: usize, walk: &mut Walk, tree: &mut Tree) -> Look {
    let mut probe = walk.clone();
    let seen = match probe.step(text, ended) {
        walk::Step::Passed(len) => len,
        walk::Step::More(_) => return Look::More,
        walk::Step::End | walk::Step::CutOff | walk::Step::Damaged(..) => return Look::End,
        walk::Step::Value(at) => {
            let value = text.get(at..).unwrap_or_default();
            match value_len(value, ended, most, tree) {
                Ok(len) => at + len,
                Err(look) => return look,
            }
        }
    };
    *walk = probe;
    Look::Seen(seen)
}

/// The length of a value in the place of a record.
fn value_len(text: &[u8], ended: bool, most: usize, tree: &mut Tree) -> Result<usize, Look> {
    match value::length(text) {
        // A number may go on behind the text at hand.
        Ok(len) if len == text.len() && !ended => Err(Look::More),
        Ok(len) => {
            if text.starts_with(b"{") && len <= most {
                let _ = tree.learn(text);
            }
            Ok(len)
        }
        Err(fault) if fault.has_an_end() => {
            let (len, done) = super::skip::Skip::default().pass(text);
            if done { Ok(len) } else { Err(if ended { Look::End } else { Look::More }) }
        }
        Err(fault) if fault.is_cut_off() && !ended => Err(Look::More),
        Err(_) => Err(Look::End),
    }
}

/// Where the text ends.
fn end_of(text: &mut Text) -> Place {
    text.place_of(text.rest().len())
}

impl JsonSource {
    /// The next step through the documents.
    pub(super) fn document(&mut self, batch: &mut Building) -> Result<Step, SourceError> {
        if let Some(pending) = self.format.skip.take() {
            return self.go_on_skipping(pending, batch);
        }
        let Layout::Documents(walk) = &mut self.format.layout else { return Ok(Step::End) };
        let (before, between) = (walk.mark(), walk.is_between());
        match walk.step(self.text.rest(), self.text.ended()) {
            walk::Step::Passed(len) => self.text.advance(len),
            walk::Step::Value(at) => return self.value(at, before, batch),
            walk::Step::More(len) => {
                self.text.advance(len);
                return Ok(Step::Fill);
            }
            walk::Step::End => {
                self.tell_passed();
                return Ok(Step::End);
            }
            walk::Step::CutOff => {
                let what = if between { "a document" } else { "a list or an object" };
                return Err(code::cut_off(&self.name, end_of(&mut self.text), what));
            }
            walk::Step::Damaged(at, what) => {
                return Err(code::damaged(&self.name, self.text.place_of(at), what));
            }
        }
        Ok(Step::Again)
    }

    /// Reads the value that stands behind `at` bytes in the place of a record. `before`: where the step to it began.
    fn value(&mut self, at: usize, before: Mark, batch: &mut Building) -> Result<Step, SourceError> {
        let ended = self.text.ended();
        let value = self.text.rest().get(at..).unwrap_or_default();
        let have = value.len();
        let number = self.counts.lines + 1;
        let fault = match self.format.table.record(value, false) {
            Ok(read) => {
                batch.bytes += read.len + self.format.table.more_bytes();
                self.text.advance(at);
                self.tell(&read.again, number, batch);
                batch.record(number, 1, &mut self.counts);
                self.text.advance(read.len);
                return Ok(Step::Again);
            }
            Err(fault) => fault,
        };
        if fault.is_cut_off() && !ended && have <= self.most {
            // It is read again from its beginning when there is more of it.
            if let Layout::Documents(walk) = &mut self.format.layout {
                walk.back_to(before);
            }
            return Ok(Step::Fill);
        }
        self.text.advance(at);
        if fault.is_cut_off() && ended {
            let of = format!("record {number}");
            return Err(code::cut_off(&self.name, end_of(&mut self.text), &of));
        }
        if fault.is_cut_off() {
            return Ok(self.start_skipping_value(&Fault::new(0, value::Kind::TooLarge)));
        }
        if fault.has_an_end() {
            return Ok(self.start_skipping_value(&fault));
        }
        let place = self.text.place_of(fault.at);
        Err(code::damaged(&self.name, place, fault.what()))
    }

    /// The value is rejected; where it ends is found by its brackets.
    fn start_skipping_value(&mut self, fault: &Fault) -> Step {
        let place = self.text.place_of(fault.at);
        let what = match fault.kind {
            value::Kind::TooLarge => format!("the record is longer than {} bytes", self.most),
            _ => fault.what().to_owned(),
        };
        let reason = format!("line {}, column {}: {what}", place.line, place.column);
        let reject = self.reject(0, 1, fault.code(), reason);
        self.format.skip = Some(Pending { reject, value: super::skip::Skip::default() });
        Step::Again
    }

    fn go_on_skipping(&mut self, mut pending: Pending, batch: &mut Building) -> Result<Step, SourceError> {
        let ended = self.text.ended();
        let (len, done) = pending.value.pass(self.text.rest());
        pending.add(&self.text, len);
        self.text.advance(len);
        if done || (ended && pending.value.may_end()) {
            batch.reject(pending.reject, &mut self.counts);
            return Ok(Step::Again);
        }
        if ended {
            let of = format!("record {}", self.counts.lines + 1);
            return Err(code::cut_off(&self.name, self.text.here(), &of));
        }
        self.format.skip = Some(pending);
        Ok(Step::Fill)
    }

    /// Says what beside the records was passed over; at the end.
    fn tell_passed(&mut self) {
        let Layout::Documents(walk) = &self.format.layout else { return };
        let record = self.counts.lines.max(1);
        if walk.trailing_comma {
            let reason = "a comma stands behind the last record of a list".to_owned();
            self.format.notes.add(code::TRAILING_COMMA, record, None, || reason);
        }
        if walk.passed > 0 {
            let names = &walk.passed_names;
            let reason = format!(
                "{} members beside the records were passed over: {}{}",
                walk.passed,
                names.join(", "),
                if walk.passed > names.len() as u64 { ", …" } else { "" }
            );
            self.format.notes.add(code::MEMBERS_PASSED, record, None, || reason);
        }
    }
}
