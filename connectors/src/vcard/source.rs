//! A file of vCards as a source: card by card.

use arrow::array::ArrayRef;
use arrow::error::ArrowError;

use super::card::{Card, Fault, MOST, Widths};
use super::code;
use super::frame::{Found, Frame, is_begin};
use crate::building::Building;
use crate::request::{Input, Request};
use crate::source::{Code, Confidence, Description, Evidence, Headers, Note, Reject, SourceError, Unit};
use crate::text::{
    Column, Decoding, Format, MOST_RECORD_BYTES, Opened, RECORD_BYTES, Settled, Step, Text, TextSource,
};

/// The connector's name.
pub(crate) const NAME: &str = "vcard";

/// Text that is looked at for the number of addresses and telephone numbers of a card.
const SAMPLE_BYTES: usize = 8 << 20;

/// A file of vCards that is being read.
pub(super) type VCardSource = TextSource<Cards>;

/// Cards, one after the other.
pub(super) struct Cards {
    widths: Widths,
    columns: Vec<Column>,
    notes: Vec<Note>,
    frame: Frame,
    /// A card that is too long is being passed over.
    skip: Option<Skip>,
}

/// A card that is passed over, line by line.
struct Skip {
    reject: Reject,
    frame: Frame,
    /// The place is in the middle of a line.
    in_line: bool,
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
        let mut all =
            vec![Evidence::new("format", "vCard", Confidence::High, "it holds the line BEGIN:VCARD")];
        all.extend(evidence);
        let why = format!(
            "those of every vCard file, with as many for e-mail and telephone as one of the first {cards} cards has"
        );
        all.push(Evidence::new("columns", headers.unique.len().to_string(), Confidence::High, why));
        let description = Description { evidence: all.into(), ..Description::new(NAME, Unit::Line) };
        let columns = headers.unique.iter().map(|_| Column::new()).collect();
        let cards = Cards { widths, columns, notes: Vec::new(), frame: Frame::default(), skip: None };
        Ok(Self::new(Settled { name, text, description, headers, most }, request.batch_rows, cards))
    }

    /// Takes the next line into the card at hand.
    fn next_line(&mut self, batch: &mut Building) -> Step {
        if let Some(skip) = self.format.skip.take() {
            return self.go_on_skipping(skip, batch);
        }
        let rest = self.text.rest();
        let behind = rest.get(self.format.frame.len..).unwrap_or_default();
        let len = match memchr::memchr(b'\n', behind) {
            Some(end) => end + 1,
            None if self.text.ended() && behind.is_empty() => return self.end(batch),
            None if self.text.ended() => behind.len(),
            None if rest.len() > self.most => return self.start_skipping(),
            None => return Step::Fill,
        };
        let line = behind.get(..len).unwrap_or_default();
        match self.format.frame.line(line, len) {
            Found::More if self.format.frame.len > self.most => return self.start_skipping(),
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
        Step::Again
    }

    /// What is left at the end of the file.
    fn end(&mut self, batch: &mut Building) -> Step {
        if self.format.frame.lines > 0 {
            self.refuse(if self.format.frame.is_inside() { not_closed() } else { outside() }, batch);
            return Step::Again;
        }
        Step::End
    }

    /// The lines of the frame are a card.
    fn card(&mut self, batch: &mut Building) {
        let text = self.text.rest().get(..self.format.frame.len).unwrap_or_default();
        match Card::read(text, self.text.table()) {
            Ok(card) => {
                let line = self.counts.lines + 1;
                if card.binaries > 0 {
                    self.tell_binaries(card.binaries, line);
                }
                batch.bytes +=
                    self.format.frame.len + card.push(self.format.widths, &mut self.format.columns);
                batch.record(line, self.format.frame.lines, &mut self.counts);
                self.text.advance(self.format.frame.len);
                self.format.frame = Frame::default();
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
        let reject = self.reject_card(code, reason, self.format.frame.len, self.format.frame.lines);
        batch.reject(reject, &mut self.counts);
        self.text.advance(self.format.frame.len);
        self.format.frame = Frame::default();
    }

    /// A reject of the next `len` of the text, without the blanks and ends of lines behind it.
    fn reject_card(&mut self, code: Code, reason: String, len: usize, lines: u64) -> Reject {
        let text = self.text.rest().get(..len).unwrap_or_default();
        self.reject(text.trim_ascii_end().len(), lines, code, reason)
    }

    /// Keeps the beginning of a card that is too long; its other lines are passed over.
    fn start_skipping(&mut self) -> Step {
        let reason = format!("the card that starts here is longer than {} bytes", self.most);
        let frame = std::mem::take(&mut self.format.frame);
        let have = self.text.rest().len();
        let mut reject = self.reject_card(code::TOO_LARGE, reason, have, frame.lines);
        reject.raw_truncated = true;
        self.text.advance(frame.len);
        self.format.skip = Some(Skip { reject, frame, in_line: false });
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
            self.format.skip = Some(skip);
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
            self.format.skip = Some(skip);
            return if whole { Step::Again } else { Step::Fill };
        }
        skip.reject.line_count = i64::try_from(skip.frame.lines).unwrap_or(i64::MAX);
        batch.reject(skip.reject, &mut self.counts);
        Step::Again
    }

    fn tell_binaries(&mut self, binaries: u64, line: u64) {
        match self.format.notes.first_mut() {
            Some(note) => note.count += binaries,
            None => self.format.notes.push(Note {
                code: code::BINARY_PASSED,
                line_number: i64::try_from(line).unwrap_or(i64::MAX),
                count: binaries,
                reason: "a picture, sound or key in the card was left out".to_owned(),
            }),
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

impl Format for Cards {
    const BATCH: &'static str = "VCARD_BATCH";

    fn step(source: &mut VCardSource, batch: &mut Building) -> Result<Step, SourceError> {
        Ok(source.next_line(batch))
    }

    fn finish(&mut self, rows: usize) -> Result<Vec<ArrayRef>, ArrowError> {
        self.columns.iter_mut().map(|column| column.finish(rows)).collect()
    }

    fn notes(&self) -> &[Note] {
        &self.notes
    }
}
