//! UTF-16 to UTF-8 and back without losing a byte.
//!
//! The splitter works on bytes in which ASCII stands for itself. UTF-16 is therefore recoded on
//! the way in, in a form from which the source bytes can be restored exactly: a lone surrogate is
//! written as its own three bytes (WTF-8), an odd last byte behind a 0xFE mark. Neither is valid
//! UTF-8, so the record that holds it is rejected like any other with invalid bytes, and because
//! every source length can be read off the recoded bytes, no offset table is needed.

/// Marks an odd byte at the end of the stream; two continuation bytes follow with its halves.
const ODD: u8 = 0xFE;

/// The recoding in progress: bytes and surrogates that wait for their other half.
#[derive(Debug, Default)]
pub(super) struct Utf16 {
    big_endian: bool,
    odd: Option<u8>,
    high: Option<u16>,
}

impl Utf16 {
    pub(super) fn new(big_endian: bool) -> Self {
        Self { big_endian, odd: None, high: None }
    }

    /// Recodes a piece of the stream, appending to `out`.
    pub(super) fn push(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        if let (Some(first), [second, rest @ ..]) = (self.odd, bytes) {
            self.odd = None;
            self.unit(self.join([first, *second]), out);
            bytes = rest;
        }
        let (pairs, rest) = bytes.as_chunks::<2>();
        for pair in pairs {
            self.unit(self.join(*pair), out);
        }
        if let [odd] = rest {
            self.odd = Some(*odd);
        }
    }

    /// Writes what still waits at the end of the stream.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if let Some(high) = self.high.take() {
            three_bytes(high, out);
        }
        if let Some(odd) = self.odd.take() {
            out.extend_from_slice(&[ODD, 0x80 | (odd >> 4), 0x80 | (odd & 0x0F)]);
        }
    }

    fn join(&self, pair: [u8; 2]) -> u16 {
        if self.big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    }

    #[inline]
    fn unit(&mut self, unit: u16, out: &mut Vec<u8>) {
        if let Some(high) = self.high {
            self.high = None;
            if (0xDC00..0xE000).contains(&unit) {
                let c = 0x1_0000 + ((u32::from(high) - 0xD800) << 10) + (u32::from(unit) - 0xDC00);
                out.extend_from_slice(&[
                    0xF0 | (c >> 18) as u8,
                    0x80 | (c >> 12 & 0x3F) as u8,
                    0x80 | (c >> 6 & 0x3F) as u8,
                    0x80 | (c & 0x3F) as u8,
                ]);
                return;
            }
            three_bytes(high, out);
        }
        match unit {
            0..=0x7F => out.push(unit as u8),
            0x80..=0x7FF => out.extend_from_slice(&[0xC0 | (unit >> 6) as u8, 0x80 | (unit & 0x3F) as u8]),
            0xD800..=0xDBFF => self.high = Some(unit),
            _ => three_bytes(unit, out),
        }
    }
}

fn three_bytes(unit: u16, out: &mut Vec<u8>) {
    out.extend_from_slice(&[
        0xE0 | (unit >> 12) as u8,
        0x80 | (unit >> 6 & 0x3F) as u8,
        0x80 | (unit & 0x3F) as u8,
    ]);
}

/// How many bytes of the source a recoded piece (cut between characters) stands for.
pub(super) fn source_len(recoded: &[u8]) -> u64 {
    let mut len = 0;
    for b in recoded {
        len += match b {
            0x80..=0xBF => 0,
            &ODD => 1,
            0xF0..=0xF7 => 4,
            _ => 2,
        };
    }
    len
}

/// The source bytes of a recoded piece, at most `limit` of them, and whether some were cut off.
pub(super) fn source_bytes(recoded: &[u8], big_endian: bool, limit: usize) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity((recoded.len() * 2).min(limit));
    let mut rest = recoded;
    while let [lead, tail @ ..] = rest {
        let extra = match lead {
            0..=0xBF => 0,
            0xC0..=0xDF => 1,
            0xE0..=0xEF | &ODD => 2,
            _ => 3,
        };
        let Some((more, next)) = tail.split_at_checked(extra) else { break };
        if out.len() + 4 > limit {
            return (out, true);
        }
        let bits = more.iter().fold(0_u32, |bits, b| bits << 6 | u32::from(b & 0x3F));
        let mut put = |unit: u32| {
            let unit = unit as u16;
            out.extend_from_slice(&if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() });
        };
        match (*lead, more) {
            (ODD, [a, b]) => out.push((a & 0x0F) << 4 | (b & 0x0F)),
            (lead, []) => put(u32::from(lead)),
            (lead, [_]) => put(u32::from(lead & 0x1F) << 6 | bits),
            (lead, [_, _]) => put(u32::from(lead & 0x0F) << 12 | bits),
            (lead, _) => {
                let c = (u32::from(lead & 0x07) << 18 | bits).wrapping_sub(0x1_0000);
                put(0xD800 | (c >> 10 & 0x3FF));
                put(0xDC00 | (c & 0x3FF));
            }
        }
        rest = next;
    }
    (out, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), 0xD8..0xE0_u8, Just(0)], 0..200), cut in 0..200_usize, big in any::<bool>()) {
            let mut recoder = Utf16::new(big);
            let mut out = Vec::new();
            let cut = cut.min(bytes.len());
            recoder.push(&bytes[..cut], &mut out);
            recoder.push(&bytes[cut..], &mut out);
            recoder.finish(&mut out);
            prop_assert_eq!(source_len(&out), bytes.len() as u64);
            prop_assert_eq!(source_bytes(&out, big, usize::MAX), (bytes, false));
        }
    }
}
