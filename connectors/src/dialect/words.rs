//! The words of text files: what stands between cells and around them, what ends a line, how the bytes are packed.

use std::fmt;
use std::str::FromStr;

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
        f.write_str(&show_byte(self.byte))
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
            Self::Char(byte) => f.write_str(&show_byte(*byte)),
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
    pub(crate) fn lone_cr(self) -> bool {
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

/// A delimiter or quote in a form that can be read on a terminal.
pub(crate) fn show_byte(byte: u8) -> String {
    match byte {
        b'\t' => "tab".to_owned(),
        b' ' => "space".to_owned(),
        0x21..=0x7E => format!("`{}`", byte as char),
        _ => format!("0x{byte:02X}"),
    }
}
