//! The fast road: one physical line that holds no quote, eight bytes at a time.
//!
//! Most lines of most files are like that. Whatever is not (a quote, more cells than expected,
//! the end of the buffer) goes to [`split`](super::split), which knows all the rules.

const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;

/// The three bytes that matter, each spread over a word.
pub(super) struct Needles {
    delimiter: u8,
    newline: u64,
    spread_delimiter: u64,
    spread_quote: u64,
}

impl Needles {
    pub(super) fn new(delimiter: u8, quote: Option<u8>) -> Self {
        let spread = |b: u8| u64::from_ne_bytes([b; 8]);
        Self {
            delimiter,
            newline: spread(b'\n'),
            spread_delimiter: spread(delimiter),
            // Without a quote there is nothing third to look for.
            spread_quote: spread(quote.unwrap_or(b'\n')),
        }
    }

    /// Bit 7 of every byte that equals one of the needles, exactly (no false hits after a hit).
    #[inline(always)]
    fn hits(&self, word: u64) -> u64 {
        let miss = |needle: u64| {
            let x = word ^ needle;
            ((x & LOW) + LOW) | x
        };
        !(miss(self.spread_delimiter) & miss(self.newline) & miss(self.spread_quote) | LOW)
    }

    /// Finds the ends of all cells of the line that starts at `from`. Gives the place of its
    /// newline and the number of cells; the ends (the newline included) stand in `ends`.
    #[inline]
    pub(super) fn line(&self, text: &[u8], from: usize, ends: &mut [usize]) -> Option<(usize, usize)> {
        let mut count = 0;
        let mut at = from;
        while let Some(word) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            let mut hits = self.hits(u64::from_le_bytes(*word));
            while hits != 0 {
                let i = at + (hits.trailing_zeros() / 8) as usize;
                *ends.get_mut(count)? = i;
                count += 1;
                let byte = *text.get(i)?;
                if byte != self.delimiter {
                    return (byte == b'\n').then_some((i, count));
                }
                hits &= hits - 1;
            }
            at += 8;
        }
        for (i, byte) in text.iter().copied().enumerate().skip(at) {
            if byte == self.delimiter || byte == b'\n' {
                *ends.get_mut(count)? = i;
                count += 1;
                if byte == b'\n' {
                    return Some((i, count));
                }
            } else if self.spread_quote.to_ne_bytes().contains(&byte) {
                return None;
            }
        }
        None
    }
}
