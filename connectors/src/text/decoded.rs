//! The text of a file: inflated, in an encoding in which ASCII stands for itself, with the way back to its bytes.

use std::borrow::Cow;

use super::place::Place;
use crate::csv::{CsvError, TextInput, Window};
use crate::dialect::{Compression, CsvEncoding, HighHalf};
use crate::request::Input;
use crate::source::{Confidence, Evidence, SourceError};

/// Raw bytes that are kept of a reject at most.
pub(crate) const RAW_BYTES: usize = 1 << 20;
/// The longest record where nothing else is said, and what the option may say.
pub(crate) const RECORD_BYTES: usize = 8 << 20;
pub(crate) const MOST_RECORD_BYTES: usize = 128 << 20;

/// The codes of a format for files that end or break before their text does.
#[derive(Debug)]
pub(crate) struct Stops {
    pub truncated: &'static str,
    pub corrupt: &'static str,
}

/// The text of a file: inflated, in an encoding in which ASCII stands for itself, from the reader's place on.
pub(crate) struct Text {
    window: Window,
    at: usize,
    place: Place,
    /// How far `place` is counted.
    counted: usize,
    stops: &'static Stops,
}

/// How the text was opened.
pub(crate) struct Opened {
    pub text: Text,
    /// What is known of compression and encoding, for the description.
    pub evidence: Vec<Evidence>,
}

/// Which encodings may come.
pub(crate) enum Decoding {
    /// UTF-8 or UTF-16.
    Unicode,
    /// Any; detected where it is not given.
    Any(Option<CsvEncoding>),
}

impl Text {
    /// Inflates and decodes an input. `sample`: bytes that are read at once, before anything is decided.
    pub(crate) fn open(
        input: Input,
        sample: usize,
        decoding: Decoding,
        stops: &'static Stops,
    ) -> Result<Opened, SourceError> {
        let name = input.name().to_owned();
        let open = || {
            let input = TextInput::open(input.into_read(), &name, None)?;
            let compression = input.compression();
            let (window, found) = match decoding {
                Decoding::Unicode => Window::open_unicode(input, sample)?,
                Decoding::Any(given) => Window::open(input, sample, given, |_| Ok(()))?,
            };
            Ok((window, found, compression))
        };
        let (window, found, compression) = open().map_err(|e| stopped(e, stops))?;
        let mut evidence = Vec::new();
        if compression != Compression::None {
            let why = "first bytes of the file";
            evidence.push(Evidence::new("compression", compression.to_string(), Confidence::High, why));
        }
        evidence.push(found.evidence);
        let text = Self { window, at: 0, place: Place::default(), counted: 0, stops };
        Ok(Opened { text, evidence })
    }

    /// The text from the reader's place on, as far as it was read.
    #[inline]
    pub(crate) fn rest(&self) -> &[u8] {
        self.window.text().get(self.at..).unwrap_or_default()
    }

    /// Nothing follows what [`rest`](Self::rest) holds.
    #[inline]
    pub(crate) fn ended(&self) -> bool {
        self.window.ended()
    }

    /// What the bytes beyond ASCII mean, in encodings of one byte per character.
    pub(crate) fn table(&self) -> Option<&HighHalf> {
        self.window.table()
    }

    /// The bytes are no text of their encoding, or NUL.
    pub(crate) fn dirt(&self, len: usize) -> Option<crate::csv::Dirt> {
        self.window.dirt(self.at, self.at + len)
    }

    /// Moves the reader's place.
    #[inline]
    pub(crate) fn advance(&mut self, len: usize) {
        self.at += len;
    }

    /// Reads on; what lies before the reader's place is dropped.
    pub(crate) fn fill(&mut self) -> Result<(), SourceError> {
        self.here();
        let stops = self.stops;
        self.window.fill(self.at).map_err(|e| stopped(e, stops))?;
        self.at = 0;
        self.counted = 0;
        Ok(())
    }

    /// What the encoding turned out to be, when that was told late; once.
    pub(crate) fn take_late_decision(&mut self) -> Option<Evidence> {
        self.window.take_late_decision().map(|(_, evidence)| evidence)
    }

    /// Line and column of the reader's place.
    pub(crate) fn here(&mut self) -> Place {
        if self.at > self.counted {
            self.place.pass(self.window.text().get(self.counted..self.at).unwrap_or_default());
            self.counted = self.at;
        }
        self.place
    }

    /// Line and column of a place behind the reader's.
    pub(crate) fn place_of(&mut self, behind: usize) -> Place {
        let mut place = self.here();
        let rest = self.rest();
        place.pass(rest.get(..behind).unwrap_or(rest));
        place
    }

    /// Offset of the reader's place in the decompressed, undecoded stream.
    pub(crate) fn offset(&mut self) -> i64 {
        i64::try_from(self.window.offset_of(self.at)).unwrap_or(i64::MAX)
    }

    /// The file's bytes of the next `len` of the text, and whether some were cut off at [`RAW_BYTES`].
    pub(crate) fn raw(&self, len: usize) -> (Vec<u8>, bool) {
        self.window.raw(self.at, self.at + len, RAW_BYTES)
    }

    /// Bytes after decompression, and as they came in.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        (self.window.input().bytes(), self.window.input().bytes_in())
    }
}

/// The stream broke, or is damaged below the text.
fn stopped(error: CsvError, stops: &Stops) -> SourceError {
    let help = error.help();
    match error {
        CsvError::Truncated { .. } => SourceError::new(stops.truncated, error.to_string(), help),
        CsvError::Corrupt { .. } => SourceError::new(stops.corrupt, error.to_string(), help),
        CsvError::Directory { .. } => SourceError::new("FILE_DIRECTORY", error.to_string(), help),
        CsvError::Io { name, source, .. } => return SourceError::unreadable(&name, source),
        error => return error.into(),
    }
    .with_cause(error)
}

/// The beginning of a file as UTF-8, without its byte order mark.
pub(crate) fn unicode(head: &[u8]) -> Cow<'_, [u8]> {
    let decoded = |encoding: &'static encoding_rs::Encoding, head: &[u8]| {
        // The head may end in the middle of a character.
        let whole = head.get(..head.len() / 2 * 2).unwrap_or_default();
        Cow::Owned(encoding.decode_without_bom_handling(whole).0.into_owned().into_bytes())
    };
    match head {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Cow::Borrowed(rest),
        [0xFF, 0xFE, rest @ ..] => decoded(encoding_rs::UTF_16LE, rest),
        [0xFE, 0xFF, rest @ ..] => decoded(encoding_rs::UTF_16BE, rest),
        [first, 0, ..] if *first != 0 => decoded(encoding_rs::UTF_16LE, head),
        [0, second, ..] if *second != 0 => decoded(encoding_rs::UTF_16BE, head),
        _ => Cow::Borrowed(head),
    }
}
