//! Encodings of one or more bytes per character (GB18030, Big5, Shift_JIS, EUC …) to UTF-8 and back.
//!
//! The splitter works on bytes in which ASCII stands for itself; here the second byte of a character may be a `|` or a
//! backslash. The text is therefore recoded on the way in. No encoder gives every source byte back, so the source is
//! kept beside the text for as long as the text is in the window, with a mark at each end of a line: all that is ever
//! asked for is whole lines.

use std::collections::VecDeque;

use encoding_rs::{Decoder, DecoderResult, Encoding};

/// Stands in the text for bytes that the encoding does not have: no valid UTF-8, so that its record is rejected.
const INVALID: u8 = 0xFF;

/// The start of a line, in the text and in the source.
#[derive(Debug, Clone, Copy)]
struct Mark {
    text: usize,
    source: usize,
}

pub(super) struct MultiByte {
    decoder: Decoder,
    source: Vec<u8>,
    marks: VecDeque<Mark>,
}

impl MultiByte {
    pub(super) fn new(encoding: &'static Encoding) -> Self {
        let first = Mark { text: 0, source: 0 };
        Self {
            decoder: encoding.new_decoder_without_bom_handling(),
            source: Vec::new(),
            marks: VecDeque::from([first]),
        }
    }

    /// Recodes a piece of the stream, appending to `out`. `last`: the stream ends with it.
    pub(super) fn push(&mut self, mut bytes: &[u8], last: bool, out: &mut Vec<u8>) {
        while !bytes.is_empty() {
            let end = memchr::memchr2(b'\n', b'\r', bytes).map_or(bytes.len(), |i| i + 1);
            let (line, rest) = bytes.split_at(end);
            self.source.extend_from_slice(line);
            self.decode(line, false, out);
            if matches!(line.last(), Some(b'\n' | b'\r')) {
                self.marks.push_back(Mark { text: out.len(), source: self.source.len() });
            }
            bytes = rest;
        }
        if last {
            self.decode(&[], true, out);
        }
    }

    fn decode(&mut self, mut bytes: &[u8], last: bool, out: &mut Vec<u8>) {
        loop {
            let from = out.len();
            let room =
                self.decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(0).max(16);
            out.resize(from + room, 0);
            let free = out.get_mut(from..).unwrap_or_default();
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(bytes, free, last);
            out.truncate(from + written);
            bytes = bytes.get(read..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => out.push(INVALID),
            }
        }
    }

    /// The text before `at` is dropped; gives how many bytes of the source went with it.
    pub(super) fn forget(&mut self, at: usize) -> usize {
        while self.marks.get(1).is_some_and(|second| second.text <= at) {
            self.marks.pop_front();
        }
        // Only whole lines leave the source, so what is left of a line keeps its beginning.
        let gone = self.marks.front().map_or(0, |first| first.source);
        self.source.drain(..gone);
        for mark in &mut self.marks {
            mark.text = mark.text.saturating_sub(at);
            mark.source -= gone;
        }
        gone
    }

    /// How many bytes of the source stand before the line that begins at `at` in the text, from the first byte that is
    /// still kept.
    pub(super) fn source_at(&self, at: usize) -> usize {
        match self.marks.binary_search_by_key(&at, |mark| mark.text) {
            Ok(i) => self.marks.get(i),
            Err(i) => i.checked_sub(1).and_then(|i| self.marks.get(i)),
        }
        .map_or(0, |mark| mark.source)
    }

    /// Source bytes of the lines in `text[start..end]`, at most `limit`, and whether some were cut off.
    pub(super) fn raw(&self, start: usize, end: usize, limit: usize) -> (Vec<u8>, bool) {
        let from = self.source_at(start);
        let behind = self.marks.partition_point(|mark| mark.text < end);
        let to = self.marks.get(behind).map_or(self.source.len(), |mark| mark.source);
        let mut lines = self.source.get(from..to).unwrap_or_default();
        while let [rest @ .., b'\n' | b'\r'] = lines {
            lines = rest;
        }
        let kept = lines.get(..limit).unwrap_or(lines);
        (kept.to_vec(), kept.len() < lines.len())
    }
}

#[cfg(test)]
mod tests {
    use super::MultiByte;

    #[test]
    fn lines_come_back() {
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode("名,表\r\n田中,ソ\r\n鈴木,能\n");
        for cut in 0..bytes.len() {
            let mut recoder = MultiByte::new(encoding_rs::SHIFT_JIS);
            let mut text = Vec::new();
            recoder.push(&bytes[..cut], false, &mut text);
            recoder.push(&bytes[cut..], true, &mut text);
            assert_eq!(String::from_utf8_lossy(&text), "名,表\r\n田中,ソ\r\n鈴木,能\n");
            let start = text.iter().position(|b| *b == b'\n').map_or(0, |i| i + 1);
            let (second, _, _) = encoding_rs::SHIFT_JIS.encode("田中,ソ");
            let end = start + "田中,ソ".len();
            assert_eq!(recoder.raw(start, end, 100), (second.into_owned(), false));
            recoder.forget(start);
            let (third, _, _) = encoding_rs::SHIFT_JIS.encode("鈴木,能");
            let next = "田中,ソ\r\n".len();
            assert_eq!(recoder.raw(next, next + "鈴木,能".len(), 100), (third.into_owned(), false));
        }
    }
}
