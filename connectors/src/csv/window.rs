//! The moving buffer between the stream and the splitter.
//!
//! It holds text in which ASCII stands for itself: the bytes of the file, or other encodings recoded. Where the
//! sample was nothing but ASCII, the encoding is decided when the first other byte comes. It knows up to where that text is clean (valid in its encoding, without NUL), so that whole
//! stretches of records need no check of their own, and it finds the way back to file offsets.

use memchr::memchr;

use super::encoding::{self, Found};
use super::input::Input;
use super::multibyte::MultiByte;
use super::utf16::{self, Utf16};
use super::{CsvEncoding, CsvError};
use crate::dialect::HighHalf;
use crate::source::Evidence;

/// What is read at a time: large enough to amortise a call, small enough for the second-level cache.
const CHUNK: usize = 256 << 10;

/// Why a stretch of text cannot be taken as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dirt {
    Nul,
    Invalid,
}

pub(crate) struct Window {
    input: Input,
    storage: Vec<u8>,
    end: usize,
    ended: bool,
    recoder: Option<Recoder>,
    table: Option<HighHalf>,
    /// All bytes so far were ASCII, and nobody named the encoding.
    undecided: bool,
    /// What was decided behind the sample.
    decided_late: Option<(CsvEncoding, Evidence)>,
    /// Text from the reader's place up to here is clean.
    clean_to: usize,
    /// The first NUL at or behind the last place that was looked from, or the end of the text.
    /// Kept, or a file of one-byte characters would be searched anew at every record.
    nul_at: usize,
    /// `mapped` in the buffer is `offset` in the stream.
    mapped: usize,
    offset: u64,
}

/// On the way in, for encodings in which a byte is no character.
enum Recoder {
    Utf16(Utf16, bool),
    MultiByte(MultiByte),
}

impl Recoder {
    fn of(encoding: CsvEncoding) -> Option<Self> {
        match encoding {
            CsvEncoding::Utf16Le => Some(Self::Utf16(Utf16::new(false), false)),
            CsvEncoding::Utf16Be => Some(Self::Utf16(Utf16::new(true), true)),
            CsvEncoding::MultiByte(encoding) => Some(Self::MultiByte(MultiByte::new(encoding))),
            _ => None,
        }
    }
}

impl Window {
    /// Reads the sample and decides on the encoding.
    pub(crate) fn open(
        mut input: Input,
        sample: usize,
        given: Option<CsvEncoding>,
        check: impl FnOnce(&[u8]) -> Result<(), CsvError>,
    ) -> Result<(Self, Found), CsvError> {
        let (raw, ended) = beginning(&mut input, sample)?;
        check(&raw)?;
        let found = encoding::detect(&raw, ended, given);
        let undecided = given.is_none() && found.bom == 0 && !ended && raw.is_ascii() && !raw.contains(&0);
        Ok((Self { undecided, ..Self::with_sample(input, raw, ended, &found) }, found))
    }

    /// Reads the sample of a format whose text is always Unicode; only its form is left to be told.
    pub(crate) fn open_unicode(mut input: Input, sample: usize) -> Result<(Self, Found), CsvError> {
        let (raw, ended) = beginning(&mut input, sample)?;
        let found = encoding::detect_unicode(&raw);
        Ok((Self::with_sample(input, raw, ended, &found), found))
    }

    fn with_sample(input: Input, mut raw: Vec<u8>, ended: bool, found: &Found) -> Self {
        let mut window = Self {
            input,
            storage: Vec::new(),
            end: 0,
            ended,
            recoder: Recoder::of(found.encoding),
            undecided: false,
            decided_late: None,
            table: found.encoding.high_half(),
            clean_to: 0,
            nul_at: 0,
            mapped: 0,
            offset: found.bom as u64,
        };
        raw.drain(..found.bom);
        window.take(raw);
        window.nul_at = memchr(0, window.text()).unwrap_or(window.end);
        window
    }

    /// Takes over raw bytes behind the text that is there.
    fn take(&mut self, raw: Vec<u8>) {
        match &mut self.recoder {
            None => {
                self.storage = raw;
                self.end = self.storage.len();
            }
            Some(Recoder::Utf16(recoder, _)) => {
                self.storage.truncate(self.end);
                recoder.push(&raw, &mut self.storage);
                if self.ended {
                    recoder.finish(&mut self.storage);
                }
                self.end = self.storage.len();
            }
            Some(Recoder::MultiByte(recoder)) => {
                self.storage.truncate(self.end);
                recoder.push(&raw, self.ended, &mut self.storage);
                self.end = self.storage.len();
            }
        }
    }

    /// What the encoding turned out to be, when the sample did not tell; once.
    pub(crate) fn take_late_decision(&mut self) -> Option<(CsvEncoding, Evidence)> {
        self.decided_late.take()
    }

    /// The first byte beyond ASCII has come, somewhere in the text from `from` on: now the encoding can be told.
    fn decide(&mut self, from: usize) {
        self.undecided = false;
        let fresh = self.text().get(from..).unwrap_or_default();
        let found = encoding::detect(fresh, self.ended, None);
        if found.encoding == CsvEncoding::Utf8 {
            return;
        }
        let evidence = Evidence {
            why: format!("all bytes of the sample are ASCII; behind it: {}", found.evidence.why),
            ..found.evidence
        };
        self.table = found.encoding.high_half();
        if let Some(recoder) = Recoder::of(found.encoding) {
            // All text so far was ASCII, which is the same in these encodings.
            let raw = self.storage.get(..self.end).unwrap_or_default().to_vec();
            self.recoder = Some(recoder);
            self.end = 0;
            self.take(raw);
        }
        self.decided_late = Some((found.encoding, evidence));
    }

    /// The text that is in the buffer.
    #[inline(always)]
    pub(crate) fn text(&self) -> &[u8] {
        self.storage.get(..self.end).unwrap_or_default()
    }

    /// Nothing follows the text in the buffer.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    pub(crate) fn input(&self) -> &Input {
        &self.input
    }

    pub(crate) fn table(&self) -> Option<&HighHalf> {
        self.table.as_ref()
    }

    /// Drops the text before `at` and reads on; `at` is 0 afterwards.
    pub(crate) fn fill(&mut self, at: usize) -> Result<(), CsvError> {
        self.offset = match &mut self.recoder {
            Some(Recoder::MultiByte(recoder)) => self.offset + recoder.forget(at) as u64,
            _ => self.offset_of(at),
        };
        self.mapped = 0;
        self.storage.copy_within(at..self.end, 0);
        self.end -= at;
        // Twice what is waiting, so that a long line is not scanned over and over.
        let room = CHUNK.max(self.end);
        if self.recoder.is_some() {
            let mut raw = vec![0; room];
            let have = self.input.fill(&mut raw)?;
            self.ended = have < room;
            raw.truncate(have);
            self.take(raw);
        } else {
            let wanted = self.end + room;
            if self.storage.len() < wanted || self.storage.len() > wanted * 4 {
                self.storage.resize(wanted, 0);
                self.storage.shrink_to(wanted * 2);
            }
            let free = self.storage.get_mut(self.end..wanted).unwrap_or_default();
            let have = self.input.fill(free)?;
            self.ended = have < room;
            let from = self.end;
            self.end += have;
            if self.undecided && !self.text().get(from..).unwrap_or_default().is_ascii() {
                self.decide(from);
            }
        }
        self.nul_at = memchr(0, self.text()).unwrap_or(self.end);
        self.find_clean(0);
        Ok(())
    }

    /// Where the stretch from `from` on stops being clean.
    pub(crate) fn find_clean(&mut self, from: usize) {
        if self.nul_at < from {
            let rest = self.text().get(from..).unwrap_or_default();
            self.nul_at = from + memchr(0, rest).unwrap_or(rest.len());
        }
        let text = self.text().get(from..self.nul_at).unwrap_or_default();
        let clean = match &self.table {
            Some(_) => encoding_rs::Encoding::ascii_valid_up_to(text),
            None => match std::str::from_utf8(text) {
                Ok(_) => text.len(),
                Err(e) => e.valid_up_to(),
            },
        };
        self.clean_to = from + clean;
    }

    /// Text up to here can be taken as UTF-8 without a look.
    #[inline(always)]
    pub(crate) fn clean_to(&self) -> usize {
        self.clean_to
    }

    /// Looks at one stretch.
    pub(crate) fn dirt(&self, start: usize, end: usize) -> Option<Dirt> {
        let text = self.text().get(start..end).unwrap_or_default();
        if memchr(0, text).is_some() {
            return Some(Dirt::Nul);
        }
        let valid = match &self.table {
            Some(table) => text.iter().all(|b| *b < 0x80 || table.char(*b).is_some()),
            None => std::str::from_utf8(text).is_ok(),
        };
        (!valid).then_some(Dirt::Invalid)
    }

    /// The offset of a place in the decompressed, undecoded stream. Places must not go backwards
    /// by much: what was asked last is the start of the count.
    pub(crate) fn offset_of(&mut self, at: usize) -> u64 {
        match &self.recoder {
            None => return self.offset - self.mapped as u64 + at as u64,
            Some(Recoder::MultiByte(recoder)) => return self.offset + recoder.source_at(at) as u64,
            Some(Recoder::Utf16(..)) => {}
        }
        if at > self.mapped {
            self.offset += utf16::source_len(self.storage.get(self.mapped..at).unwrap_or_default());
            self.mapped = at;
        }
        self.offset
    }

    /// The bytes of the file behind a stretch, at most `limit`, and whether some were cut off.
    pub(crate) fn raw(&self, start: usize, end: usize, limit: usize) -> (Vec<u8>, bool) {
        let text = self.text().get(start..end).unwrap_or_default();
        match &self.recoder {
            Some(Recoder::Utf16(_, big_endian)) => return utf16::source_bytes(text, *big_endian, limit),
            Some(Recoder::MultiByte(recoder)) => return recoder.raw(start, end, limit),
            None => {}
        }
        let kept = text.get(..limit).unwrap_or(text);
        (kept.to_vec(), kept.len() < text.len())
    }
}

/// The first bytes, at most `sample`, and whether that is all.
fn beginning(input: &mut Input, sample: usize) -> Result<(Vec<u8>, bool), CsvError> {
    let mut raw = vec![0; sample];
    let have = input.fill(&mut raw)?;
    raw.truncate(have);
    Ok((raw, have < sample))
}
