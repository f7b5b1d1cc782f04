//! What a caller may fix beforehand. Everything left open is detected from the file.

use super::{Compression, CsvEncoding, Delimiter, Escape, LineEnding, QuoteOption, Ragged};
use crate::request::KnownNames;

/// How to read a file. `None` means: detect it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvOptions {
    pub delimiter: Option<Delimiter>,
    pub quote: Option<QuoteOption>,
    pub escape: Option<Escape>,
    pub encoding: Option<CsvEncoding>,
    pub line_ending: Option<LineEnding>,
    pub compression: Option<Compression>,
    /// The first row after the preamble names the columns. Without it they are `column_1` … `None`: a first row
    /// that plainly holds data is a record.
    pub header: Option<bool>,
    /// Which names are known, so that a header line is told from what stands around it.
    pub names: Option<KnownNames>,
    /// Physical lines before the header. `Some(0)`: the header is the first line that is not blank.
    pub skip_lines: Option<usize>,
    /// `None`: short records are rejected, unless the whole file is short in a way that can only mean empty cells.
    pub ragged: Option<Ragged>,
    /// Records per batch at most.
    pub batch_rows: usize,
    pub limits: Limits,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            delimiter: None,
            quote: None,
            escape: None,
            encoding: None,
            line_ending: None,
            compression: None,
            header: None,
            names: None,
            skip_lines: None,
            ragged: None,
            batch_rows: 8192,
            limits: Limits::default(),
        }
    }
}

/// Bounds that keep memory flat whatever the file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest physical line, and longest record, in bytes of the splitter's text.
    pub line_bytes: usize,
    /// Longest quoted field in bytes.
    pub field_bytes: usize,
    /// Most physical lines in one quoted field.
    pub field_lines: usize,
    /// Most raw bytes kept per reject.
    pub raw_bytes: usize,
    /// A batch ends when its cells, or its rejects, pass this many bytes.
    pub batch_bytes: usize,
    /// Bytes read before anything is decided about encoding and dialect.
    pub sample_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line_bytes: 8 << 20,
            field_bytes: 8 << 20,
            field_lines: 1 << 20,
            raw_bytes: 1 << 20,
            batch_bytes: 64 << 20,
            sample_bytes: 1 << 20,
        }
    }
}

impl Limits {
    /// The limits with absurd values pulled in: Arrow's string offsets are 32 bits wide, and a
    /// limit of zero would reject everything.
    pub(super) fn clamped(&self) -> Self {
        Self {
            line_bytes: self.line_bytes.clamp(16, 128 << 20),
            field_bytes: self.field_bytes.clamp(1, 128 << 20),
            field_lines: self.field_lines.max(1),
            raw_bytes: self.raw_bytes.min(128 << 20),
            batch_bytes: self.batch_bytes.clamp(1, 512 << 20),
            sample_bytes: self.sample_bytes.clamp(4 << 10, 64 << 20),
        }
    }
}
