//! What a caller may fix beforehand. Everything left open is detected from the file.

use std::fmt;
use std::str::FromStr;

use super::CsvEncoding;
use crate::connector::KnownNames;

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

/// A word that an option does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a {option}; write {expected}")]
pub struct OptionError {
    pub option: &'static str,
    pub given: String,
    pub expected: &'static str,
}

impl OptionError {
    pub(super) fn new(option: &'static str, given: &str, expected: &'static str) -> Self {
        Self { option, given: given.to_owned(), expected }
    }
}

/// What stands between two cells: a byte, the same byte twice, or a byte and a blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Delimiter {
    byte: u8,
    doubled: bool,
    blank: bool,
}

impl Delimiter {
    /// Any ASCII byte that cannot be mistaken for a line ending, a quote or text.
    pub fn new(byte: u8) -> Result<Self, OptionError> {
        let plain = byte.is_ascii()
            && !byte.is_ascii_alphanumeric()
            && !matches!(byte, b'\n' | b'\r' | 0 | b'"' | b'\'' | b'\\');
        if plain {
            Ok(Self { byte, doubled: false, blank: false })
        } else {
            Err(Self::wrong(&format!("byte 0x{byte:02X}")))
        }
    }

    #[must_use]
    pub fn byte(self) -> u8 {
        self.byte
    }

    /// It is written twice: `||`.
    #[must_use]
    pub fn is_doubled(self) -> bool {
        self.doubled
    }

    /// A blank behind it belongs to it: `, `.
    #[must_use]
    pub fn takes_blank(self) -> bool {
        self.blank
    }

    fn wrong(given: &str) -> OptionError {
        OptionError::new(
            "delimiter",
            given,
            "one ASCII character that is no letter, digit, quote or backslash, such as `,` `;` `|`, the same one \
             twice (`||`), one with a blank behind it (`, `), or a word: comma, semicolon, tab, pipe, colon, caret, \
             space",
        )
    }
}

impl FromStr for Delimiter {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        let wrong = |_| Self::wrong(text);
        match text.as_bytes() {
            [one] => return Self::new(*one).map_err(wrong),
            [one, two] if one == two => {
                return Ok(Self { doubled: true, ..Self::new(*one).map_err(wrong)? });
            }
            [one, b' '] => return Ok(Self { blank: true, ..Self::new(*one).map_err(wrong)? }),
            _ => {}
        }
        let byte = match text.trim().to_ascii_lowercase().as_str() {
            "comma" => b',',
            "semicolon" => b';',
            "tab" | "\\t" => b'\t',
            "pipe" | "bar" => b'|',
            "colon" => b':',
            "caret" => b'^',
            "space" => b' ',
            _ => return Err(Self::wrong(text)),
        };
        Self::new(byte)
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::dialect::show_byte(self.byte))
    }
}

/// The byte around a cell, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QuoteOption {
    None,
    Char(u8),
}

impl QuoteOption {
    #[must_use]
    pub fn byte(self) -> Option<u8> {
        match self {
            Self::None => None,
            Self::Char(byte) => Some(byte),
        }
    }
}

impl FromStr for QuoteOption {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "none" | "off" | "" => Ok(Self::None),
            "double" | "\"" => Ok(Self::Char(b'"')),
            "single" | "'" => Ok(Self::Char(b'\'')),
            word => match word.as_bytes() {
                [one] if one.is_ascii_punctuation() && *one != b'\\' => Ok(Self::Char(*one)),
                _ => Err(OptionError::new(
                    "quote",
                    text,
                    "`\"` (double), `'` (single), another punctuation character, or `none`",
                )),
            },
        }
    }
}

impl fmt::Display for QuoteOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Char(byte) => f.write_str(&super::dialect::show_byte(*byte)),
        }
    }
}

/// How a quote is written inside a quoted cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Escape {
    /// `""`
    #[default]
    Doubled,
    /// `\"` (and `\\`); a doubled quote is understood too.
    Backslash,
}

impl FromStr for Escape {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "doubled" | "double" | "\"\"" | "''" => Ok(Self::Doubled),
            "backslash" | "\\" => Ok(Self::Backslash),
            _ => Err(OptionError::new("escape", text, "`doubled` or `backslash`")),
        }
    }
}

impl fmt::Display for Escape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Doubled => "doubled",
            Self::Backslash => "backslash",
        })
    }
}

/// What ends a line. `Lf` and `CrLf` both accept LF with or without CR before it, so that a file
/// glued together from both reads well; a lone CR is text there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LineEnding {
    #[default]
    Lf,
    CrLf,
    /// A lone CR, as old Macs write. LF and CRLF end a line as well.
    Cr,
    /// CR, LF and CRLF each end a line.
    Mixed,
}

impl LineEnding {
    /// A lone CR ends a line.
    pub(super) fn lone_cr(self) -> bool {
        matches!(self, Self::Cr | Self::Mixed)
    }

    /// The bytes written at the end of a line.
    #[must_use]
    pub fn bytes(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf | Self::Mixed => "\r\n",
            Self::Cr => "\r",
        }
    }
}

impl FromStr for LineEnding {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "lf" | "\\n" | "unix" => Ok(Self::Lf),
            "crlf" | "\\r\\n" | "windows" => Ok(Self::CrLf),
            "cr" | "\\r" | "mac" => Ok(Self::Cr),
            "mixed" | "any" => Ok(Self::Mixed),
            _ => Err(OptionError::new("line ending", text, "`lf`, `crlf`, `cr` or `mixed`")),
        }
    }
}

impl fmt::Display for LineEnding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lf => "LF",
            Self::CrLf => "CRLF",
            Self::Cr => "CR",
            Self::Mixed => "mixed",
        })
    }
}

/// What to do with records that are too short. Records that are too long are always rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Ragged {
    #[default]
    Reject,
    /// Fill short records on one line with NULL.
    Pad,
}

impl FromStr for Ragged {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "reject" => Ok(Self::Reject),
            "pad" => Ok(Self::Pad),
            _ => Err(OptionError::new("ragged policy", text, "`reject` or `pad`")),
        }
    }
}

/// How the bytes are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Compression {
    #[default]
    None,
    Gzip,
    Zstd,
}

impl FromStr for Compression {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "none" | "" => Ok(Self::None),
            "gz" | "gzip" => Ok(Self::Gzip),
            "zst" | "zstd" => Ok(Self::Zstd),
            _ => Err(OptionError::new("compression", text, "`none`, `gz` or `zst`")),
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        })
    }
}
