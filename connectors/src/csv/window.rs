//! The moving buffer between the stream and the splitter.
//!
//! It holds text in which ASCII stands for itself: the bytes of the file, or UTF-16 recoded. It
//! knows up to where that text is clean (valid in its encoding, without NUL), so that whole
//! stretches of records need no check of their own, and it finds the way back to file offsets.

use memchr::memchr;

use super::encoding::{self, Found, HighHalf};
use super::input::Input;
use super::utf16::{self, Utf16};
use super::{CsvEncoding, CsvError};

/// What is read at a time: large enough to amortise a call, small enough for the second-level cache.
const CHUNK: usize = 256 << 10;

/// Why a stretch of text cannot be taken as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dirt {
    Nul,
    Invalid,
}

pub(super) struct Window {
    input: Input,
    storage: Vec<u8>,
    end: usize,
    ended: bool,
    recoder: Option<Utf16>,
    big_endian: bool,
    table: Option<HighHalf>,
    /// Text from the reader's place up to here is clean.
    clean_to: usize,
    /// The first NUL at or behind the last place that was looked from, or the end of the text.
    /// Kept, or a file of one-byte characters would be searched anew at every record.
    nul_at: usize,
    /// `mapped` in the buffer is `offset` in the stream.
    mapped: usize,
    offset: u64,
}

impl Window {
    /// Reads the sample and decides on the encoding.
    pub(super) fn open(
        mut input: Input,
        sample: usize,
        given: Option<CsvEncoding>,
        check: impl FnOnce(&[u8]) -> Result<(), CsvError>,
    ) -> Result<(Self, Found), CsvError> {
        let mut raw = vec![0; sample];
        let have = input.fill(&mut raw)?;
        let ended = have < sample;
        raw.truncate(have);
        check(&raw)?;
        let found = encoding::detect(&raw, ended, given);
        let big_endian = found.encoding == CsvEncoding::Utf16Be;
        let recoder = matches!(found.encoding, CsvEncoding::Utf16Le | CsvEncoding::Utf16Be)
            .then(|| Utf16::new(big_endian));
        let mut window = Self {
            input,
            storage: Vec::new(),
            end: 0,
            ended,
            recoder,
            big_endian,
            table: found.encoding.high_half(),
            clean_to: 0,
            nul_at: 0,
            mapped: 0,
            offset: found.bom as u64,
        };
        raw.drain(..found.bom);
        window.take(raw);
        window.nul_at = memchr(0, window.text()).unwrap_or(window.end);
        Ok((window, found))
    }

    /// Takes over raw bytes behind the text that is there.
    fn take(&mut self, raw: Vec<u8>) {
        match &mut self.recoder {
            None => {
                self.storage = raw;
                self.end = self.storage.len();
            }
            Some(recoder) => {
                self.storage.truncate(self.end);
                recoder.push(&raw, &mut self.storage);
                if self.ended {
                    recoder.finish(&mut self.storage);
                }
                self.end = self.storage.len();
            }
        }
    }

    /// The text that is in the buffer.
    #[inline(always)]
    pub(super) fn text(&self) -> &[u8] {
        self.storage.get(..self.end).unwrap_or_default()
    }

    /// Nothing follows the text in the buffer.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    pub(super) fn input(&self) -> &Input {
        &self.input
    }

    pub(super) fn table(&self) -> Option<&HighHalf> {
        self.table.as_ref()
    }

    /// Drops the text before `at` and reads on; `at` is 0 afterwards.
    pub(super) fn fill(&mut self, at: usize) -> Result<(), CsvError> {
        self.offset = self.offset_of(at);
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
            self.end += have;
        }
        self.nul_at = memchr(0, self.text()).unwrap_or(self.end);
        self.find_clean(0);
        Ok(())
    }

    /// Where the stretch from `from` on stops being clean.
    pub(super) fn find_clean(&mut self, from: usize) {
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
    pub(super) fn clean_to(&self) -> usize {
        self.clean_to
    }

    /// Looks at one stretch.
    pub(super) fn dirt(&self, start: usize, end: usize) -> Option<Dirt> {
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
    pub(super) fn offset_of(&mut self, at: usize) -> u64 {
        if self.recoder.is_none() {
            return self.offset - self.mapped as u64 + at as u64;
        }
        if at > self.mapped {
            self.offset += utf16::source_len(self.storage.get(self.mapped..at).unwrap_or_default());
            self.mapped = at;
        }
        self.offset
    }

    /// The bytes of the file behind a stretch, at most `limit`, and whether some were cut off.
    pub(super) fn raw(&self, start: usize, end: usize, limit: usize) -> (Vec<u8>, bool) {
        let text = self.text().get(start..end).unwrap_or_default();
        if self.recoder.is_some() {
            return utf16::source_bytes(text, self.big_endian, limit);
        }
        let kept = text.get(..limit).unwrap_or(text);
        (kept.to_vec(), kept.len() < text.len())
    }
}
