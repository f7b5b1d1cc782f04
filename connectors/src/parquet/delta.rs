//! Pages of lengths and bytes (DELTA_LENGTH_BYTE_ARRAY and DELTA_BYTE_ARRAY), looked through before the library unfolds them.
//!
//! The library makes room for as many lengths as such a page claims to hold, and for as many bytes as the lengths say: a few
//! bytes could claim all memory there is. So the lengths are counted and added up first.

use std::io::Read;

use parquet::basic::Compression;

use super::thrift::{PAGE_BYTES, Page};

const DELTA_LENGTH: i64 = 6;
const DELTA_BYTES: i64 = 7;

/// Encodings of levels in pages of the first version.
const RLE: i64 = 3;
const BIT_PACKED: i64 = 4;

/// The largest levels of a column: of repetition, of definition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Levels {
    pub repetition: i16,
    pub definition: i16,
}

/// Why a page is not given to the library.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    Damaged,
    TooLarge,
}

/// Holds the lengths in a page against what the page is. `bytes`: the page as it is in the file, without its header.
pub(super) fn check(page: &Page, levels: Levels, codec: Compression, bytes: &[u8]) -> Result<(), Flaw> {
    if page.dictionary || !matches!(page.encoding, DELTA_LENGTH | DELTA_BYTES) {
        return Ok(());
    }
    let values = u64::try_from(page.values).map_err(|_| Flaw::Damaged)?;
    let size = usize::try_from(page.unpacked).map_err(|_| Flaw::Damaged)?;
    let before = usize::try_from(page.levels).map_err(|_| Flaw::Damaged)?;
    let packed = bytes.get(before..).ok_or(Flaw::Damaged)?;
    let size = size.checked_sub(before).ok_or(Flaw::Damaged)?;
    // A page without values takes nothing.
    if size == 0 || packed.is_empty() {
        return Ok(());
    }
    let unpacked = match codec {
        _ if !page.compressed => None,
        Compression::UNCOMPRESSED => None,
        codec => Some(unpack(codec, packed, size).ok_or(Flaw::Damaged)?),
    };
    let data = unpacked.as_deref().unwrap_or(packed);
    let data = if page.second { data } else { behind_levels(data, page, levels).ok_or(Flaw::Damaged)? };
    if data.is_empty() {
        return Ok(());
    }
    let lengths = Lengths::walk(data, values)?;
    if page.encoding == DELTA_LENGTH {
        return Ok(());
    }
    let behind = data.get(lengths.end..).ok_or(Flaw::Damaged)?;
    let suffixes = Lengths::walk(behind, values)?;
    if lengths.sum.saturating_add(suffixes.sum) > PAGE_BYTES { Err(Flaw::TooLarge) } else { Ok(()) }
}

/// What stands behind the levels of a page of the first version.
fn behind_levels<'a>(mut data: &'a [u8], page: &Page, levels: Levels) -> Option<&'a [u8]> {
    let both = [(levels.repetition, page.repetition_encoding), (levels.definition, page.definition_encoding)];
    for (most, encoding) in both.into_iter().filter(|(most, _)| *most > 0) {
        let taken = match encoding {
            RLE => {
                let (length, _) = data.split_first_chunk::<4>()?;
                usize::try_from(u32::from_le_bytes(*length)).ok()?.checked_add(4)?
            }
            BIT_PACKED => {
                let bits = u64::from(u16::BITS - most.unsigned_abs().leading_zeros());
                let bits = u64::try_from(page.values).ok()?.checked_mul(bits)?;
                usize::try_from(bits.div_ceil(8)).ok()?
            }
            _ => return None,
        };
        data = data.get(taken..)?;
    }
    Some(data)
}

/// What a list of lengths (DELTA_BINARY_PACKED) holds.
struct Lengths {
    sum: u64,
    /// Bytes that it takes.
    end: usize,
}

impl Lengths {
    /// `most`: values of the page, of which there are no fewer than lengths.
    fn walk(data: &[u8], most: u64) -> Result<Self, Flaw> {
        let mut at = Bytes { data, at: 0 };
        let header = (at.varint(), at.varint(), at.varint(), at.varint());
        let (Some(block), Some(parts), Some(count), Some(first)) = header else { return Err(Flaw::Damaged) };
        let part = block.checked_div(parts).filter(|part| *part > 0 && part.is_multiple_of(32));
        let part = part.filter(|_| block.is_multiple_of(128) && block.is_multiple_of(parts));
        let Some(part) = part.filter(|_| count <= most) else { return Err(Flaw::Damaged) };
        if count.saturating_mul(4) > PAGE_BYTES {
            return Err(Flaw::TooLarge);
        }
        let mut value = zigzag(first) as i32;
        let mut sum = if count > 0 { length(value) } else { 0 };
        let mut left = count.saturating_sub(1);
        while left > 0 {
            let least = zigzag(at.varint().ok_or(Flaw::Damaged)?) as i32;
            let parts = usize::try_from(parts).map_err(|_| Flaw::Damaged)?;
            let widths = at.take(parts).ok_or(Flaw::Damaged)?;
            for width in widths {
                if left == 0 {
                    break;
                }
                let width = usize::from(*width);
                let size = usize::try_from(part).ok().and_then(|n| n.checked_mul(width)).map(|bits| bits / 8);
                let packed =
                    at.take(size.filter(|_| width <= 32).ok_or(Flaw::Damaged)?).ok_or(Flaw::Damaged)?;
                let here = left.min(part);
                for n in 0..here {
                    let delta =
                        bits(packed, usize::try_from(n).unwrap_or(usize::MAX).saturating_mul(width), width);
                    value = value.wrapping_add(least).wrapping_add(delta as i32);
                    sum = sum.saturating_add(length(value));
                }
                left -= here;
            }
        }
        Ok(Self { sum, end: at.at })
    }
}

/// A length below zero is the library's to tell.
fn length(value: i32) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn zigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

/// `width` bits (32 at most), the lowest first, from bit `at` on.
fn bits(bytes: &[u8], at: usize, width: usize) -> u32 {
    let mut word = [0; 8];
    let from = bytes.get(at / 8..).unwrap_or_default();
    for (to, from) in word.iter_mut().zip(from) {
        *to = *from;
    }
    let mask = (1_u64 << width) - 1;
    ((u64::from_le_bytes(word) >> (at % 8)) & mask) as u32
}

struct Bytes<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(n)?;
        let taken = self.data.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

/// The content of a page, which takes `size` bytes; `None` where it does not.
fn unpack(codec: Compression, packed: &[u8], size: usize) -> Option<Vec<u8>> {
    if size as u64 > PAGE_BYTES {
        return None;
    }
    let all = |stream: &mut dyn Read| {
        let mut out = Vec::new();
        stream.take(size as u64 + 1).read_to_end(&mut out).ok()?;
        Some(out)
    };
    let out = match codec {
        Compression::SNAPPY => {
            let claimed = snap::raw::decompress_len(packed).ok()?;
            if claimed != size {
                return None;
            }
            snap::raw::Decoder::new().decompress_vec(packed).ok()?
        }
        Compression::GZIP(_) => all(&mut flate2::read::MultiGzDecoder::new(packed))?,
        Compression::BROTLI(_) => all(&mut brotli::Decompressor::new(packed, 4 << 10))?,
        Compression::ZSTD(_) => all(&mut zstd::stream::read::Decoder::with_buffer(packed).ok()?)?,
        Compression::LZ4_RAW => lz4_flex::block::decompress(packed, size).ok()?,
        // The older LZ4 was written in three ways.
        Compression::LZ4 => hadoop(packed, size)
            .or_else(|| all(&mut lz4_flex::frame::FrameDecoder::new(packed)).filter(|out| out.len() == size))
            .or_else(|| lz4_flex::block::decompress(packed, size).ok())?,
        _ => return None,
    };
    (out.len() == size).then_some(out)
}

/// LZ4 as Hadoop writes it: blocks behind their sizes, unpacked and packed.
fn hadoop(mut packed: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    while !packed.is_empty() {
        let (unpacked, rest) = packed.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let unpacked = u32::from_be_bytes(*unpacked) as usize;
        let (block, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        if out.len().checked_add(unpacked)? > size {
            return None;
        }
        out.extend(lz4_flex::block::decompress(block, unpacked).ok()?);
        packed = rest;
    }
    (out.len() == size).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::{Flaw, Lengths, bits};

    #[test]
    fn lengths_are_counted() {
        // Three lengths of 5, in a block of one part without differences.
        let three = [0x80, 0x01, 0x04, 0x03, 0x0A, 0x00, 0, 0, 0, 0];
        let found = Lengths::walk(&three, 3).unwrap();
        assert_eq!((found.sum, found.end), (15, three.len()));
        assert_eq!(Lengths::walk(&three, 2).err(), Some(Flaw::Damaged));
        let many = [0x80, 0x01, 0x04, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 0x0A];
        assert_eq!(Lengths::walk(&many, 300).err(), Some(Flaw::Damaged));
        assert_eq!(Lengths::walk(&many, u64::MAX).err(), Some(Flaw::TooLarge));
        assert_eq!(Lengths::walk(&three[..7], 3).err(), Some(Flaw::Damaged));
        assert_eq!(bits(&[0b1010_0000, 0b0000_0001], 5, 4), 0b1101);
    }
}
