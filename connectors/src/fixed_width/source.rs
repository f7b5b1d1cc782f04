//! A file of fixed places as a source: line by line.

use arrow::array::ArrayRef;
use arrow::error::ArrowError;

use super::code;
use super::layout::Layout;
use crate::building::Building;
use crate::csv::{Dirt, looks_binary, recode};
use crate::request::{Input, Request};
use crate::source::{Confidence, Description, Evidence, Finding, Headers, Note, Reject, SourceError, Unit};
use crate::text::{
    Column, Decoding, Format, MOST_RECORD_BYTES, Opened, RAW_BYTES, RECORD_BYTES, Settled, Step, Text,
    TextSource,
};

/// The connector's name.
pub(super) const NAME: &str = "fixed_width";

/// Text that is looked at for the encoding.
const SAMPLE_BYTES: usize = 1 << 20;
/// Of skipped lines, this much is kept for a preview.
const PREAMBLE_LINES: usize = 20;
const PREAMBLE_CHARS: usize = 200;

/// A file of fixed places that is being read.
pub(super) type FixedWidthSource = TextSource<Places>;

/// Lines with columns at fixed places.
pub(super) struct Places {
    layout: Layout,
    columns: Vec<Column>,
    trim: bool,
    /// Lines at the beginning that are still to be passed over.
    preamble: u64,
    notes: Vec<Note>,
    /// A line that is too long is being passed over.
    skip: Option<Reject>,
    scratch: Vec<u8>,
}

impl FixedWidthSource {
    /// Reads the options and the sample.
    pub(super) fn open(input: Input, request: &Request) -> Result<Self, SourceError> {
        let name = input.name().to_owned();
        let words = &request.words;
        let Some(layout) = words.get::<Layout>("layout")? else { return Err(code::no_layout(&name)) };
        let most =
            words.get::<usize>("max_record_bytes")?.unwrap_or(RECORD_BYTES).clamp(16, MOST_RECORD_BYTES);
        let preamble = words.get::<u64>("skip_lines")?.unwrap_or(0);
        let trim = words.get::<bool>("trim")?.unwrap_or(true);
        let decoding = Decoding::Any(words.get("encoding")?);
        let Opened { text, evidence } = Text::open(input, SAMPLE_BYTES, decoding, &code::STOPS)?;
        let sample = text.rest();
        if text.ended() && sample.trim_ascii().is_empty() {
            return Err(code::empty(&name, !sample.is_empty()));
        }
        if looks_binary(sample.get(..64 << 10).unwrap_or(sample)) {
            return Err(code::binary(&name));
        }
        let headers = Headers::from_cells(layout.columns.iter().map(|c| c.name.clone()).collect());
        let given = |item, value: String, why: &str| Evidence::new(item, value, Confidence::Given, why);
        let mut all = vec![given("format", "fixed places".to_owned(), "it was named so")];
        let notes = doubtful(&evidence);
        all.extend(evidence);
        all.push(given("columns", headers.unique.len().to_string(), "those of `layout`"));
        let description = Description {
            preamble_lines: preamble,
            preamble: preamble_of(&text, preamble),
            evidence: all.into(),
            ..Description::new(NAME, Unit::Line)
        };
        let columns = headers.unique.iter().map(|_| Column::new()).collect();
        let places = Places { layout, columns, trim, preamble, notes, skip: None, scratch: Vec::new() };
        Ok(Self::new(Settled { name, text, description, headers, most }, request.batch_rows, places))
    }

    /// Takes the next line, if it is there.
    fn next_line(&mut self, batch: &mut Building) -> Step {
        let rest = self.text.rest();
        let have = rest.len();
        let (len, next) = match memchr::memchr(b'\n', rest) {
            Some(end) => (end, end + 1),
            None if self.text.ended() && have == 0 && self.format.skip.is_none() => return Step::End,
            None if self.text.ended() => (have, have),
            None => {
                if self.format.skip.is_none() && have > self.most {
                    let mut reject = self.too_large(have);
                    reject.raw_truncated = true;
                    self.format.skip = Some(reject);
                }
                if self.format.skip.is_some() {
                    self.text.advance(have);
                }
                return Step::Fill;
            }
        };
        if self.counts.lines < self.format.preamble {
            self.format.skip = None;
            self.counts.preamble_lines += 1;
            self.counts.lines += 1;
        } else if let Some(reject) = self.format.skip.take() {
            batch.reject(reject, &mut self.counts);
        } else {
            self.line(len, batch);
        }
        batch.bytes += next;
        self.text.advance(next);
        Step::Again
    }

    /// Reads a line of so many bytes, without its line feed.
    fn line(&mut self, len: usize, batch: &mut Building) {
        let line = self.text.rest().get(..len).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let len = line.len();
        // DOS programs end a file with this character.
        if line.trim_ascii().is_empty() || line == b"\x1A" {
            self.counts.blank += 1;
            self.counts.lines += 1;
            return;
        }
        let damage = match self.text.dirt(len) {
            _ if len > self.most => Some(self.too_large(len)),
            Some(Dirt::Nul) => {
                Some(self.reject(len, 1, code::NUL_BYTE, "the line holds a NUL byte".to_owned()))
            }
            Some(Dirt::Invalid) => {
                let reason = "the line holds bytes that are not valid in the file's encoding".to_owned();
                Some(self.reject(len, 1, code::INVALID_ENCODING, reason))
            }
            None => self.cells(len, batch),
        };
        if let Some(reject) = damage {
            batch.reject(reject, &mut self.counts);
        }
    }

    /// Takes the cells of a clean line.
    fn cells(&mut self, len: usize, batch: &mut Building) -> Option<Reject> {
        let line = self.text.rest().get(..len).unwrap_or_default();
        self.format.scratch.clear();
        match self.text.table() {
            Some(table) if !line.is_ascii() => recode(line, table, &mut self.format.scratch),
            _ => self.format.scratch.extend_from_slice(line),
        }
        let Ok(line) = std::str::from_utf8(&self.format.scratch) else {
            let reason = "the line holds bytes that are not valid in the file's encoding".to_owned();
            return Some(self.reject(len, 1, code::INVALID_ENCODING, reason));
        };
        let chars = Chars::new(line);
        if !chars.slice(self.format.layout.end, usize::MAX).trim().is_empty() {
            let end = self.format.layout.end;
            let reason = format!(
                "the line has {} characters, and content behind the last column, which ends at {end}",
                chars.len()
            );
            return Some(self.reject(len, 1, code::LINE_TOO_LONG, reason));
        }
        let number = self.counts.lines + 1;
        let line_number = i64::try_from(number).unwrap_or(i64::MAX);
        let have = chars.len();
        let mut short = false;
        let mut cut = None;
        for (i, (place, column)) in
            self.format.layout.columns.iter().zip(&mut self.format.columns).enumerate()
        {
            let cell = chars.slice(place.start, place.end);
            column.push(if self.format.trim { cell.trim() } else { cell }.as_bytes());
            short |= have <= place.start;
            if place.start < have && have < place.end {
                cut = cut.or(Some((i, place.start, place.end)));
            }
        }
        self.counts.padded += u64::from(short);
        if let Some((column, start, end)) = cut {
            batch.findings.push(Finding {
                line_number,
                byte_offset: self.text.offset(),
                code: code::CELL_CUT,
                column,
                reason: format!(
                    "the line ends after {have} characters, in the middle of a column from {} to {end}",
                    start + 1
                ),
            });
        }
        batch.record(number, 1, &mut self.counts);
        None
    }

    fn too_large(&mut self, len: usize) -> Reject {
        let reason = format!("the line is longer than {} bytes", self.most);
        self.reject(len.min(RAW_BYTES + 1), 1, code::RECORD_TOO_LARGE, reason)
    }
}

/// A line whose characters are counted.
struct Chars<'a> {
    line: &'a str,
    /// Where each character begins, unless each is one byte.
    starts: Option<Vec<usize>>,
}

impl<'a> Chars<'a> {
    fn new(line: &'a str) -> Self {
        let starts = (!line.is_ascii()).then(|| line.char_indices().map(|(i, _)| i).collect());
        Self { line, starts }
    }

    fn len(&self) -> usize {
        self.starts.as_ref().map_or(self.line.len(), Vec::len)
    }

    /// The characters from `start` to before `end`, as far as there are any.
    fn slice(&self, start: usize, end: usize) -> &'a str {
        let at = |char: usize| match &self.starts {
            Some(starts) => starts.get(char).copied().unwrap_or(self.line.len()),
            None => char.min(self.line.len()),
        };
        self.line.get(at(start)..at(end)).unwrap_or_default()
    }
}

/// A guess at the encoding is told.
fn doubtful(evidence: &[Evidence]) -> Vec<Note> {
    let encoding = evidence.iter().filter(|e| e.item == "encoding" && e.confidence == Confidence::Low);
    encoding.map(|e| note(e, 1)).collect()
}

fn note(evidence: &Evidence, line: u64) -> Note {
    Note {
        code: code::ENCODING_DOUBTFUL,
        line_number: i64::try_from(line).unwrap_or(i64::MAX),
        count: 1,
        reason: format!("the text is read as {}: {}", evidence.value, evidence.why),
    }
}

/// The first skipped lines, for a preview.
fn preamble_of(text: &Text, lines: u64) -> Vec<String> {
    let most = usize::try_from(lines).unwrap_or(usize::MAX).min(PREAMBLE_LINES);
    let line = |line: &[u8]| {
        let mut bytes = Vec::new();
        match text.table() {
            Some(table) => recode(line, table, &mut bytes),
            None => bytes.extend_from_slice(line),
        }
        String::from_utf8_lossy(bytes.trim_ascii_end()).chars().take(PREAMBLE_CHARS).collect()
    };
    text.rest().split_inclusive(|b| *b == b'\n').take(most).map(line).collect()
}

impl Format for Places {
    const BATCH: &'static str = "FIXED_WIDTH_BATCH";

    fn step(source: &mut FixedWidthSource, batch: &mut Building) -> Result<Step, SourceError> {
        Ok(source.next_line(batch))
    }

    fn finish(&mut self, rows: usize) -> Result<Vec<ArrayRef>, ArrowError> {
        self.columns.iter_mut().map(|column| column.finish(rows)).collect()
    }

    fn notes(&self) -> &[Note] {
        &self.notes
    }

    fn heed_late_encoding(&mut self, encoding: &Evidence, line: u64) {
        self.notes.push(note(encoding, line));
    }
}
