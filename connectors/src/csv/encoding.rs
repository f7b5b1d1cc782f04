//! Which encoding a file is in: byte order marks, the zero bytes of UTF-16, the shape of UTF-8,
//! and a guess among the legacy encodings.

use std::fmt;
use std::str::FromStr;

use encoding_rs::Encoding;

use super::{Confidence, Evidence, OptionError};

/// The encoding of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvEncoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    /// Western Europe, as Windows programs write it. Its five unassigned bytes are invalid.
    Windows1252,
    /// ISO 8859-1: every byte is the character of the same number.
    Latin1,
    /// Another encoding of one byte per character, such as windows-1250 or ISO-8859-15.
    SingleByte(&'static Encoding),
}

impl CsvEncoding {
    /// The usual name, in small letters.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Utf8 => "utf-8".to_owned(),
            Self::Utf16Le => "utf-16le".to_owned(),
            Self::Utf16Be => "utf-16be".to_owned(),
            Self::Windows1252 => "windows-1252".to_owned(),
            Self::Latin1 => "iso-8859-1".to_owned(),
            Self::SingleByte(encoding) => encoding.name().to_ascii_lowercase(),
        }
    }

    /// The characters of the bytes 0x80 to 0xFF; `None` for the encodings of Unicode.
    pub(super) fn high_half(self) -> Option<HighHalf> {
        let mut table = [None; 128];
        for (byte, slot) in (0x80..=0xFF_u8).zip(&mut table) {
            *slot = match self {
                Self::Utf8 | Self::Utf16Le | Self::Utf16Be => return None,
                Self::Latin1 => Some(char::from(byte)),
                Self::Windows1252 if UNASSIGNED_1252.contains(&byte) => None,
                Self::Windows1252 => decode_one(encoding_rs::WINDOWS_1252, byte),
                Self::SingleByte(encoding) => decode_one(encoding, byte),
            };
        }
        Some(HighHalf(Box::new(table)))
    }
}

/// encoding_rs follows the web, which maps these to control characters; in a data file they mean
/// that the encoding is another one.
const UNASSIGNED_1252: [u8; 5] = [0x81, 0x8D, 0x8F, 0x90, 0x9D];

fn decode_one(encoding: &'static Encoding, byte: u8) -> Option<char> {
    encoding.decode_without_bom_handling_and_without_replacement(&[byte])?.chars().next()
}

/// What the upper 128 bytes of a one-byte encoding mean.
#[derive(Debug, Clone)]
pub(super) struct HighHalf(Box<[Option<char>; 128]>);

impl HighHalf {
    pub(super) fn char(&self, byte: u8) -> Option<char> {
        self.0.get(usize::from(byte.wrapping_sub(0x80))).copied().flatten()
    }

    pub(super) fn byte(&self, wanted: char) -> Option<u8> {
        let at = self.0.iter().position(|c| *c == Some(wanted))?;
        u8::try_from(at + 0x80).ok()
    }
}

impl FromStr for CsvEncoding {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        let wrong = || {
            OptionError::new(
                "encoding",
                text,
                "utf-8, utf-16le, utf-16be, windows-1252, latin-1, or another encoding of one byte per character",
            )
        };
        match text.trim().to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "utf-8-sig" | "ascii" | "us-ascii" => Ok(Self::Utf8),
            "utf-16" | "utf16" | "utf-16le" | "utf-16-le" | "utf16le" => Ok(Self::Utf16Le),
            "utf-16be" | "utf-16-be" | "utf16be" => Ok(Self::Utf16Be),
            "windows-1252" | "cp1252" | "windows1252" | "ansi" => Ok(Self::Windows1252),
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" => Ok(Self::Latin1),
            label => match Encoding::for_label(label.as_bytes()) {
                Some(e) if e.is_single_byte() && e.is_ascii_compatible() => Ok(Self::SingleByte(e)),
                _ => Err(wrong()),
            },
        }
    }
}

impl fmt::Display for CsvEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// The result of looking at a sample.
pub(super) struct Found {
    pub encoding: CsvEncoding,
    /// Bytes of the byte order mark at the start.
    pub bom: usize,
    pub evidence: Evidence,
}

/// Decides from the first bytes of the decompressed stream.
pub(super) fn detect(sample: &[u8], complete: bool, given: Option<CsvEncoding>) -> Found {
    let mark = match sample {
        [0xEF, 0xBB, 0xBF, ..] => Some((CsvEncoding::Utf8, 3)),
        [0xFF, 0xFE, ..] => Some((CsvEncoding::Utf16Le, 2)),
        [0xFE, 0xFF, ..] => Some((CsvEncoding::Utf16Be, 2)),
        _ => None,
    };
    let found = |encoding: CsvEncoding, bom, confidence, why: String| Found {
        encoding,
        bom,
        evidence: Evidence::new("encoding", encoding.name(), confidence, why),
    };
    if let Some(encoding) = given {
        // The mark of the given encoding, or of the other byte order when only `utf-16` was said.
        return match mark {
            Some((marked, bom)) if marked == encoding => {
                found(encoding, bom, Confidence::Given, "given, and the byte order mark agrees".to_owned())
            }
            Some((CsvEncoding::Utf16Be, bom)) if encoding == CsvEncoding::Utf16Le => found(
                CsvEncoding::Utf16Be,
                bom,
                Confidence::High,
                "UTF-16 was given; the byte order mark says big-endian".to_owned(),
            ),
            Some((marked, _)) => found(
                encoding,
                0,
                Confidence::Given,
                format!("given, although the file starts with a byte order mark of {marked}"),
            ),
            None => found(encoding, 0, Confidence::Given, "given".to_owned()),
        };
    }
    if let Some((encoding, bom)) = mark {
        return found(encoding, bom, Confidence::High, "byte order mark".to_owned());
    }
    if let Some((encoding, why)) = utf16_by_zero_bytes(sample) {
        return found(encoding, 0, Confidence::High, why);
    }
    let (encoding, confidence, why) = eight_bit(sample, complete);
    found(encoding, 0, confidence, why)
}

/// ASCII text in UTF-16 has a zero in every second byte.
fn utf16_by_zero_bytes(sample: &[u8]) -> Option<(CsvEncoding, String)> {
    let (pairs, _) = sample.as_chunks::<2>();
    if pairs.len() < 2 || memchr::memchr(0, sample).is_none() {
        return None;
    }
    let (mut even, mut odd, mut le_breaks, mut be_breaks) = (0_usize, 0_usize, 0_usize, 0_usize);
    let newlines = memchr::memchr_iter(b'\n', sample).count();
    for [a, b] in pairs {
        even += usize::from(*a == 0);
        odd += usize::from(*b == 0);
        le_breaks += usize::from(*b == 0 && *a == b'\n');
        be_breaks += usize::from(*a == 0 && *b == b'\n');
    }
    // Scripts other than Latin have few zeros, but their line breaks still have theirs.
    let is = |zeros: usize, others: usize, breaks: usize| {
        let share = zeros * 100 / pairs.len();
        others * 10 <= zeros
            && (share >= 40 || (share >= 8 && zeros >= 4 && breaks > 0 && breaks * 10 >= newlines * 8))
    };
    let why = |zeros: usize, which| format!("{} % of the {which} bytes are zero", zeros * 100 / pairs.len());
    if is(odd, even, le_breaks) {
        Some((CsvEncoding::Utf16Le, why(odd, "second")))
    } else if is(even, odd, be_breaks) {
        Some((CsvEncoding::Utf16Be, why(even, "first")))
    } else {
        None
    }
}

fn eight_bit(sample: &[u8], complete: bool) -> (CsvEncoding, Confidence, String) {
    if sample.is_ascii() {
        let why = if complete { "all bytes are ASCII" } else { "all bytes of the sample are ASCII" };
        return (CsvEncoding::Utf8, Confidence::High, why.to_owned());
    }
    let shape = Shape::of(sample, complete);
    if shape.invalid == 0 {
        let why = format!("{} characters beyond ASCII, all valid UTF-8", shape.valid);
        return (CsvEncoding::Utf8, Confidence::High, why);
    }
    // Legacy text forms valid UTF-8 sequences only by rare accident, so these weigh more than
    // damage here and there.
    if shape.valid > 0 && shape.valid >= shape.invalid {
        let why = format!(
            "{} valid UTF-8 characters beyond ASCII against {} invalid bytes, whose records are rejected",
            shape.valid, shape.invalid
        );
        return (CsvEncoding::Utf8, Confidence::Medium, why);
    }
    let (plausible, implausible) = western_letters(sample);
    if shape.valid == 0 && plausible <= implausible {
        if let Some(other) = other_script(sample) {
            return other;
        }
        let why = format!(
            "{} bytes are not valid UTF-8, but do not look like letters of another encoding either",
            shape.invalid
        );
        return (CsvEncoding::Utf8, Confidence::Low, why);
    }
    if let Some(other) = other_script(sample) {
        return other;
    }
    let c1 = sample.iter().filter(|b| (0x80..0xA0).contains(*b)).count();
    let unassigned = sample.iter().filter(|b| UNASSIGNED_1252.contains(b)).count();
    if unassigned > 0 && unassigned * 2 >= c1 {
        let why = "not UTF-8; bytes that windows-1252 does not have".to_owned();
        return (CsvEncoding::Latin1, Confidence::Low, why);
    }
    let why = format!("not UTF-8; {plausible} bytes read as Western letters or signs");
    (
        CsvEncoding::Windows1252,
        if plausible > implausible * 4 { Confidence::High } else { Confidence::Medium },
        why,
    )
}

/// Valid sequences and invalid bytes of a text taken as UTF-8.
struct Shape {
    valid: usize,
    invalid: usize,
}

impl Shape {
    fn of(sample: &[u8], complete: bool) -> Self {
        let mut shape = Self { valid: 0, invalid: 0 };
        let mut chunks = sample.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            shape.valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            let cut_off = !complete && chunks.peek().is_none() && chunk.invalid().len() < 4;
            if !cut_off {
                shape.invalid += usize::from(!chunk.invalid().is_empty());
            }
        }
        shape
    }
}

/// How many high bytes make sense as windows-1252 where they stand, and how many do not.
fn western_letters(sample: &[u8]) -> (usize, usize) {
    let (mut plausible, mut implausible) = (0, 0);
    let letter = |b: u8| b.is_ascii_alphabetic() || (b >= 0xC0 && !matches!(b, 0xD7 | 0xF7 | 0xFE | 0xFF));
    for (i, b) in sample.iter().copied().enumerate() {
        if b < 0x80 {
            continue;
        }
        let before = i.checked_sub(1).and_then(|i| sample.get(i)).copied().unwrap_or(b' ');
        let after = sample.get(i + 1).copied().unwrap_or(b' ');
        let fits = match b {
            0xFE | 0xFF => false,
            0xE0..=0xFD if b != 0xF7 => letter(before) || letter(after),
            0xC0..=0xDF if b != 0xD7 => {
                b == 0xDF && letter(before)
                    || !before.is_ascii_lowercase() && (letter(after) || before.is_ascii_uppercase())
            }
            0x80 | 0x82..=0x8C | 0x8E | 0x91..=0x9C | 0x9E | 0x9F | 0xA0..=0xBF | 0xD7 | 0xF7 => true,
            _ => false,
        };
        if fits {
            plausible += 1;
        } else {
            implausible += 1;
        }
    }
    (plausible, implausible)
}

/// A script whose letters all lie in the upper half stands in long runs of high bytes, which
/// Western text never does. Only then is a guess other than windows-1252 taken.
fn other_script(sample: &[u8]) -> Option<(CsvEncoding, Confidence, String)> {
    let high = sample.iter().filter(|b| **b >= 0x80).count();
    let runs = sample.windows(3).filter(|w| w.iter().all(|b| *b >= 0x80)).count();
    if high < 6 || runs * 2 < high {
        return None;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guess = detector.guess(None, chardetng::Utf8Detection::Deny);
    if guess == encoding_rs::WINDOWS_1252 || !guess.is_single_byte() {
        return None;
    }
    let why = "not UTF-8; guessed from the frequency of letters: please check".to_owned();
    Some((CsvEncoding::SingleByte(guess), Confidence::Low, why))
}
