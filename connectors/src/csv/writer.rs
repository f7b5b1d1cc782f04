//! Rows back out in a file's own dialect, so that a report of refused rows opens in the same
//! program as the file did.

use std::io::{self, Write};

use super::{CsvEncoding, Dialect, Escape};
use crate::dialect::HighHalf;

/// Writes delimited text with the delimiter, quote, line ending, encoding and byte order mark of
/// a [`Dialect`].
#[derive(Debug)]
pub struct CsvWriter<W: Write> {
    out: W,
    delimiter: u8,
    quote: u8,
    escape: Escape,
    line_ending: &'static str,
    encoding: CsvEncoding,
    table: Option<HighHalf>,
    bom: bool,
    line: String,
    bytes: Vec<u8>,
    replaced: u64,
}

impl<W: Write> CsvWriter<W> {
    /// Where the dialect has no quote, `"` is used for cells that cannot stand without one.
    pub fn new(out: W, dialect: &Dialect) -> Self {
        Self {
            out,
            delimiter: dialect.delimiter,
            quote: dialect.quote.unwrap_or(b'"'),
            escape: dialect.escape,
            line_ending: dialect.line_ending.bytes(),
            encoding: dialect.encoding,
            table: dialect.encoding.high_half(),
            bom: dialect.bom,
            line: String::new(),
            bytes: Vec::new(),
            replaced: 0,
        }
    }

    /// Writes one row; `None` is an empty cell.
    pub fn write_record<'c>(&mut self, cells: impl IntoIterator<Item = Option<&'c str>>) -> io::Result<()> {
        self.line.clear();
        for (i, cell) in cells.into_iter().enumerate() {
            if i > 0 {
                self.line.push(char::from(self.delimiter));
            }
            self.cell(cell.unwrap_or_default());
        }
        // A row of one empty cell would read as a blank line.
        if self.line.is_empty() {
            let quote = char::from(self.quote);
            self.line.extend([quote, quote]);
        }
        self.line.push_str(self.line_ending);
        self.flush_line()
    }

    /// Writes one row whose first cell are bytes in the file's own encoding, such as those of a reject; they come back
    /// as they are. `guard` is put in front of them.
    pub fn write_with_raw<'c>(
        &mut self,
        raw: &[u8],
        guard: Option<char>,
        cells: impl IntoIterator<Item = Option<&'c str>>,
    ) -> io::Result<()> {
        let quote = char::from(self.quote);
        self.line.clear();
        self.line.push(quote);
        self.line.extend(guard);
        self.flush_line()?;
        let wide = match self.encoding {
            CsvEncoding::Utf16Le => Some(u16::from_le_bytes as fn([u8; 2]) -> u16),
            CsvEncoding::Utf16Be => Some(u16::from_be_bytes as fn([u8; 2]) -> u16),
            _ => None,
        };
        // In every encoding that is read here, the quote is one unit that is part of no other character.
        let escape = if self.escape == Escape::Backslash { b'\\' } else { self.quote };
        self.bytes.clear();
        match wide {
            None => {
                for byte in raw {
                    let special = *byte == self.quote
                        || self.escape == Escape::Backslash && *byte == b'\\' && self.is_ascii_safe();
                    if special {
                        self.bytes.push(escape);
                    }
                    self.bytes.push(*byte);
                }
            }
            Some(unit) => {
                for pair in raw.chunks(2) {
                    let special = pair.try_into().is_ok_and(|pair| unit(pair) == u16::from(self.quote));
                    if special {
                        let escape = u16::from(escape);
                        let bytes = if self.encoding == CsvEncoding::Utf16Le {
                            escape.to_le_bytes()
                        } else {
                            escape.to_be_bytes()
                        };
                        self.bytes.extend(bytes);
                    }
                    self.bytes.extend(pair);
                }
            }
        }
        self.out.write_all(&self.bytes)?;
        self.line.clear();
        self.line.push(quote);
        for cell in cells {
            self.line.push(char::from(self.delimiter));
            self.cell(cell.unwrap_or_default());
        }
        self.line.push_str(self.line_ending);
        self.flush_line()
    }

    /// A byte below 0x80 is always the ASCII character.
    fn is_ascii_safe(&self) -> bool {
        !matches!(self.encoding, CsvEncoding::MultiByte(_))
    }

    /// Appends the raw bytes of a reject as they stood in the file, and a line ending.
    pub fn write_raw(&mut self, raw: &[u8]) -> io::Result<()> {
        self.start()?;
        self.out.write_all(raw)?;
        self.line.clear();
        self.line.push_str(self.line_ending);
        self.flush_line()
    }

    /// Characters that the encoding does not have; each was written as `?`.
    pub fn replaced(&self) -> u64 {
        self.replaced
    }

    /// Flushes and gives the sink back. Writes the byte order mark even if there was no row.
    pub fn finish(mut self) -> io::Result<W> {
        self.start()?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn cell(&mut self, cell: &str) {
        let special = |b: u8| {
            b == self.delimiter
                || b == self.quote
                || matches!(b, b'\n' | b'\r' | b'\\' if b != b'\\' || self.escape == Escape::Backslash)
        };
        // Some readers strip blanks around unquoted cells.
        let padded = cell.starts_with([' ', '\t']) || cell.ends_with([' ', '\t']);
        if !padded && !cell.bytes().any(special) {
            self.line.push_str(cell);
            return;
        }
        let quote = char::from(self.quote);
        self.line.push(quote);
        for c in cell.chars() {
            match self.escape {
                Escape::Doubled if c == quote => self.line.push(quote),
                Escape::Backslash if c == quote || c == '\\' => self.line.push('\\'),
                _ => {}
            }
            self.line.push(c);
        }
        self.line.push(quote);
    }

    fn start(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.bom) {
            return Ok(());
        }
        match self.encoding {
            CsvEncoding::Utf8 => self.out.write_all(b"\xEF\xBB\xBF"),
            CsvEncoding::Utf16Le => self.out.write_all(b"\xFF\xFE"),
            CsvEncoding::Utf16Be => self.out.write_all(b"\xFE\xFF"),
            _ => Ok(()),
        }
    }

    fn flush_line(&mut self) -> io::Result<()> {
        self.start()?;
        self.bytes.clear();
        match (&self.table, self.encoding) {
            (None, CsvEncoding::Utf16Le) => {
                self.bytes.extend(self.line.encode_utf16().flat_map(u16::to_le_bytes));
            }
            (None, CsvEncoding::Utf16Be) => {
                self.bytes.extend(self.line.encode_utf16().flat_map(u16::to_be_bytes));
            }
            (None, CsvEncoding::MultiByte(encoding)) => {
                self.replaced += encode(encoding, &self.line, &mut self.bytes);
            }
            (None, _) => return self.out.write_all(self.line.as_bytes()),
            (Some(table), _) => {
                for c in self.line.chars() {
                    let byte = if c.is_ascii() { u8::try_from(c).ok() } else { table.byte(c) };
                    self.replaced += u64::from(byte.is_none());
                    self.bytes.push(byte.unwrap_or(b'?'));
                }
            }
        }
        self.out.write_all(&self.bytes)
    }
}

/// Appends a text in an encoding; gives how many characters it does not have, each written as `?`.
fn encode(encoding: &'static encoding_rs::Encoding, mut text: &str, out: &mut Vec<u8>) -> u64 {
    let mut encoder = encoding.new_encoder();
    let mut replaced = 0;
    loop {
        let from = out.len();
        let room = encoder.max_buffer_length_from_utf8_without_replacement(text.len()).unwrap_or(0).max(16);
        out.resize(from + room, 0);
        let free = out.get_mut(from..).unwrap_or_default();
        let (result, read, written) = encoder.encode_from_utf8_without_replacement(text, free, true);
        out.truncate(from + written);
        text = text.get(read..).unwrap_or_default();
        match result {
            encoding_rs::EncoderResult::InputEmpty => return replaced,
            encoding_rs::EncoderResult::OutputFull => {}
            encoding_rs::EncoderResult::Unmappable(_) => {
                replaced += 1;
                out.push(b'?');
            }
        }
    }
}
