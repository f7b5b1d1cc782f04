//! A file of vCards as a source: batch by batch.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::card::{Card, Fault, MOST, Widths};
use super::code;
use super::frame::{Found, Frame, is_begin};
use crate::request::{Input, Request};
use crate::source::{
    Batch, Code, Confidence, Counts, Description, Evidence, Headers, Note, Reject, Source, SourceError, Unit,
};
use crate::text::{Building, Column, Decoding, MOST_RECORD_BYTES, Opened, RECORD_BYTES, Text, batch_rows};

/// The connector's name.
pub(crate) const NAME: &str = "vcard";

/// Text that is looked at for the number of addresses and telephone numbers of a card.
const SAMPLE_BYTES: usize = 8 << 20;

/// A file of vCards that is being read.
pub(super) struct VCardSource {
    name: String,
    text: Text,
    description: Description,
    headers: Headers,
    schema: SchemaRef,
    widths: Widths,
    columns: Vec<Column>,
    counts: Counts,
    notes: Vec<Note>,
    frame: Frame,
    /// A card that is too long is being passed over.
    skip: Option<Skip>,
    most: usize,
    rows: usize,
    stopped: Option<SourceError>,
    done: bool,
}

/// A card that is passed over, line by line.
struct Skip {
    reject: Reject,
    frame: Frame,
    /// The place is in the middle of a line.
    in_line: bool,
}

enum Step {
    Again,
    Fill,
    End,
}

impl VCardSource {
    /// Reads the sample and settles the columns.
    pub(super) fn open(input: Input, request: &Request) -> Result<Self, SourceError> {
        let name = input.name().to_owned();
        let most = request.words.get::<usize>("max_record_bytes")?.unwrap_or(RECORD_BYTES);
        let most = most.clamp(64, MOST_RECORD_BYTES);
        let decoding = Decoding::Any(request.words.get("encoding")?);
        let Opened { text, evidence } = Text::open(input, SAMPLE_BYTES, decoding, &code::STOPS)?;
        let rest = text.rest().trim_ascii_start();
        if rest.is_empty() && text.ended() {
            return Err(code::empty(&name));
        }
        if !rest.split(|b| *b == b'\n').any(is_begin) {
            return Err(code::other_format(&name));
        }
        let (widths, cards) = sample(&text);
        let headers = Headers::from_cells(widths.names());
        let fields: Vec<Field> =
            headers.unique.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        let mut all =
            vec![Evidence::new("format", "vCard", Confidence::High, "it holds the line BEGIN:VCARD")];
        all.extend(evidence);
        let why = format!(
            "those of every vCard file, with as many for e-mail and telephone as one of the first {cards} cards has"
        );
        all.push(Evidence::new("columns", headers.unique.len().to_string(), Confidence::High, why));
        Ok(Self {
            description: Description { evidence: all, ..Description::new(NAME, Unit::Line) },
            rows: batch_rows(request.batch_rows, headers.unique.len()),
            columns: headers.unique.iter().map(|_| Column::new()).collect(),
            schema: Arc::new(Schema::new(fields)),
            name,
            text,
            headers,
            widths,
            counts: Counts::default(),
            notes: Vec::new(),
            frame: Frame::default(),
            skip: None,
            most,
            stopped: None,
            done: false,
        })
    }

    fn step(&mut self, batch: &mut Building) -> Result<Step, SourceError> {
        if let Some(skip) = self.skip.take() {
            return Ok(self.go_on_skipping(skip, batch));
        }
        let rest = self.text.rest();
        let behind = rest.get(self.frame.len..).unwrap_or_default();
        let len = match memchr::memchr(b'\n', behind) {
            Some(end) => end + 1,
            None if self.text.ended() && behind.is_empty() => return Ok(self.end(batch)),
            None if self.text.ended() => behind.len(),
            None if rest.len() > self.most => return Ok(self.start_skipping()),
            None => return Ok(Step::Fill),
        };
        let line = behind.get(..len).unwrap_or_default();
        match self.frame.line(line, len) {
            Found::More if self.frame.len > self.most => return Ok(self.start_skipping()),
            Found::More => {}
            Found::Blank => {
                self.counts.blank += 1;
                self.counts.lines += 1;
                self.text.advance(len);
            }
            Found::Card => self.card(batch),
            Found::Outside | Found::OutsideBefore => self.refuse(outside(), batch),
            Found::OpenBefore => self.refuse(not_closed(), batch),
        }
        Ok(Step::Again)
    }

    /// What is left at the end of the file.
    fn end(&mut self, batch: &mut Building) -> Step {
        if self.frame.lines > 0 {
            self.refuse(if self.frame.is_inside() { not_closed() } else { outside() }, batch);
            return Step::Again;
        }
        Step::End
    }

    /// The lines of the frame are a card.
    fn card(&mut self, batch: &mut Building) {
        let text = self.text.rest().get(..self.frame.len).unwrap_or_default();
        match Card::read(text, self.text.table()) {
            Ok(card) => {
                let line = self.counts.lines + 1;
                if card.binaries > 0 {
                    self.tell_binaries(card.binaries, line);
                }
                batch.bytes += self.frame.len + card.push(self.widths, &mut self.columns);
                batch.record(line, self.frame.lines, &mut self.counts);
                self.text.advance(self.frame.len);
                self.frame = Frame::default();
            }
            Err(fault) => {
                let (code, what) = match fault {
                    Fault::Line(n) => (
                        code::DAMAGED,
                        format!(
                            "line {} is no property: it has no name and colon",
                            self.counts.lines + 1 + n
                        ),
                    ),
                    Fault::Encoding => (
                        code::INVALID_ENCODING,
                        "a value holds bytes that are not valid in its encoding".to_owned(),
                    ),
                    Fault::Nul => (code::NUL_CHARACTER, "a value holds a NUL byte".to_owned()),
                };
                self.refuse((code, what), batch);
            }
        }
    }

    fn refuse(&mut self, (code, reason): (Code, String), batch: &mut Building) {
        let reject = self.reject(code, reason, self.frame.len, self.frame.lines);
        batch.reject(reject, &mut self.counts);
        self.text.advance(self.frame.len);
        self.frame = Frame::default();
    }

    fn reject(&mut self, code: Code, reason: String, len: usize, lines: u64) -> Reject {
        let text = self.text.rest().get(..len).unwrap_or_default();
        let (raw, raw_truncated) = self.text.raw(text.trim_ascii_end().len());
        Reject {
            line_number: i64::try_from(self.counts.lines + 1).unwrap_or(i64::MAX),
            line_count: i64::try_from(lines).unwrap_or(i64::MAX),
            byte_offset: self.text.offset(),
            code,
            reason,
            hint: code.hint(),
            raw,
            raw_truncated,
            field_count: None,
        }
    }

    /// Keeps the beginning of a card that is too long; its other lines are passed over.
    fn start_skipping(&mut self) -> Step {
        let reason = format!("the card that starts here is longer than {} bytes", self.most);
        let frame = std::mem::take(&mut self.frame);
        let have = self.text.rest().len();
        let mut reject = self.reject(code::TOO_LARGE, reason, have, frame.lines);
        reject.raw_truncated = true;
        self.text.advance(frame.len);
        self.skip = Some(Skip { reject, frame, in_line: false });
        Step::Again
    }

    fn go_on_skipping(&mut self, mut skip: Skip, batch: &mut Building) -> Step {
        let rest = self.text.rest();
        let (len, whole) = match memchr::memchr(b'\n', rest) {
            Some(end) => (end + 1, true),
            None => (rest.len(), self.text.ended()),
        };
        // A line that ends or begins a card is short.
        if !whole && (len == 0 || (!skip.in_line && len < 200)) {
            self.skip = Some(skip);
            return Step::Fill;
        }
        let line = rest.get(..len).unwrap_or_default();
        let found = match (skip.in_line, line.is_empty()) {
            (in_line, true) => {
                skip.frame.lines += u64::from(in_line);
                Found::OpenBefore
            }
            (true, _) => {
                skip.frame.lines += u64::from(whole);
                Found::More
            }
            (false, _) if !whole => Found::More,
            (false, _) => skip.frame.line(line, len),
        };
        let before = matches!(found, Found::OpenBefore | Found::OutsideBefore);
        if !before {
            self.text.advance(len);
        }
        skip.in_line = !whole;
        skip.frame.lines += u64::from(found == Found::Blank);
        if matches!(found, Found::More | Found::Blank) {
            self.skip = Some(skip);
            return if whole { Step::Again } else { Step::Fill };
        }
        skip.reject.line_count = i64::try_from(skip.frame.lines).unwrap_or(i64::MAX);
        batch.reject(skip.reject, &mut self.counts);
        Step::Again
    }

    fn tell_binaries(&mut self, binaries: u64, line: u64) {
        match self.notes.first_mut() {
            Some(note) => note.count += binaries,
            None => self.notes.push(Note {
                code: code::BINARY_PASSED,
                line_number: i64::try_from(line).unwrap_or(i64::MAX),
                count: binaries,
                reason: "a picture, sound or key in the card was left out".to_owned(),
            }),
        }
    }

    /// The encoding was told by the first letter beyond ASCII, behind the sample.
    fn heed_late_encoding(&mut self) {
        if let Some(evidence) = self.text.take_late_decision()
            && let Some(old) = self.description.evidence.iter_mut().find(|e| e.item == "encoding")
        {
            *old = evidence;
        }
    }
}

fn outside() -> (Code, String) {
    (code::OUTSIDE, "the lines from here on stand outside of a card".to_owned())
}

fn not_closed() -> (Code, String) {
    (code::NOT_CLOSED, "the card that starts here has no line END:VCARD".to_owned())
}

/// The widest card of the sample, and how many cards that were looked at.
fn sample(text: &Text) -> (Widths, u64) {
    let mut widths = Widths { emails: 1, phones: 1 };
    let mut cards = 0;
    let mut rest = text.rest();
    let mut frame = Frame::default();
    while let Some(line) =
        rest.get(frame.len..).and_then(|behind| behind.split_inclusive(|b| *b == b'\n').next())
    {
        match frame.line(line, line.len()) {
            Found::More => continue,
            Found::Blank => frame.len = line.len(),
            Found::Card => {
                cards += 1;
                if let Ok(card) = Card::read(rest.get(..frame.len).unwrap_or_default(), text.table()) {
                    let Widths { emails, phones } = card.widths();
                    widths.emails = widths.emails.max(emails).min(MOST);
                    widths.phones = widths.phones.max(phones).min(MOST);
                }
            }
            Found::Outside | Found::OutsideBefore | Found::OpenBefore => {}
        }
        rest = rest.get(frame.len..).unwrap_or_default();
        frame = Frame::default();
    }
    (widths, cards)
}

impl Source for VCardSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> Description {
        self.description.clone()
    }

    fn headers(&self) -> &Headers {
        &self.headers
    }

    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    fn next_batch(&mut self) -> Result<Option<Batch>, SourceError> {
        if let Some(error) = self.stopped.take() {
            return Err(error);
        }
        let mut batch = Building::default();
        while !self.done && !batch.is_full(self.rows) {
            let step = self.step(&mut batch).and_then(|step| {
                if matches!(step, Step::Fill) {
                    self.text.fill()?;
                    self.heed_late_encoding();
                }
                Ok(step)
            });
            match step {
                Ok(Step::Again | Step::Fill) => {}
                Ok(Step::End) => self.done = true,
                Err(error) => {
                    self.done = true;
                    if batch.is_empty() {
                        return Err(error);
                    }
                    self.stopped = Some(error);
                }
            }
        }
        if batch.is_empty() {
            return Ok(None);
        }
        let columns = &mut self.columns;
        batch
            .finish(&self.schema, "VCARD_BATCH", |rows| columns.iter_mut().map(|c| c.finish(rows)).collect())
            .map(Some)
    }

    fn counts(&self) -> Counts {
        let (bytes_read, bytes_in) = self.text.bytes();
        Counts { bytes_read, bytes_in, ..self.counts }
    }

    fn notes(&self) -> &[Note] {
        &self.notes
    }
}
