//! Which encoding a file is in: byte order marks, the zero bytes of UTF-16; `legacy` for the rest.

use super::CsvEncoding;
use super::legacy::eight_bit;
use crate::source::{Confidence, Evidence};

/// The result of looking at a sample.
pub(crate) struct Found {
    pub encoding: CsvEncoding,
    /// Bytes of the byte order mark at the start.
    pub bom: usize,
    pub evidence: Evidence,
}

/// Decides from the first bytes of the decompressed stream.
pub(super) fn detect(sample: &[u8], complete: bool, given: Option<CsvEncoding>) -> Found {
    let mark = byte_order_mark(sample);
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

/// The encoding that a byte order mark names, and the length of the mark.
fn byte_order_mark(sample: &[u8]) -> Option<(CsvEncoding, usize)> {
    match sample {
        [0xEF, 0xBB, 0xBF, ..] => Some((CsvEncoding::Utf8, 3)),
        [0xFF, 0xFE, ..] => Some((CsvEncoding::Utf16Le, 2)),
        [0xFE, 0xFF, ..] => Some((CsvEncoding::Utf16Be, 2)),
        _ => None,
    }
}

/// Which form of Unicode a text has that cannot be anything else.
pub(crate) fn detect_unicode(sample: &[u8]) -> Found {
    let found = |encoding: CsvEncoding, bom, confidence, why: String| Found {
        encoding,
        bom,
        evidence: Evidence::new("encoding", encoding.name(), confidence, why),
    };
    if let Some((encoding, bom)) = byte_order_mark(sample) {
        return found(encoding, bom, Confidence::High, "byte order mark".to_owned());
    }
    if let Some((encoding, why)) = utf16_by_zero_bytes(sample) {
        return found(encoding, 0, Confidence::High, why);
    }
    found(CsvEncoding::Utf8, 0, Confidence::High, "the format is always written so".to_owned())
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
