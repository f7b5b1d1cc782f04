//! Rows back out in a file's own dialect, so that a report of refused rows opens in the same
//! program as the file did.

use std::io::{self, Write};

use super::encoding::HighHalf;
use super::{CsvEncoding, Dialect, Escape};

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
