//! Encodings: their names, and what a byte means in them.

use std::fmt;
use std::str::FromStr;

use encoding_rs::Encoding;

use super::words::OptionError;

/// The encoding of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvEncoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    /// Western Europe, as Windows programs write it. Its five unassigned bytes are invalid.
    Windows1252,
    /// ISO 8859-1: every byte is the character of the same number.
    Latin1,
    /// Another encoding of one byte per character, such as windows-1250, ISO-8859-15 or Mac Roman.
    SingleByte(&'static Encoding),
    /// An encoding of one or more bytes per character, such as GB18030, Shift_JIS or Big5.
    MultiByte(&'static Encoding),
}

impl CsvEncoding {
    /// The usual name, in small letters.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Utf8 => "utf-8".to_owned(),
            Self::Utf16Le => "utf-16le".to_owned(),
            Self::Utf16Be => "utf-16be".to_owned(),
            Self::Windows1252 => "windows-1252".to_owned(),
            Self::Latin1 => "iso-8859-1".to_owned(),
            Self::SingleByte(encoding) | Self::MultiByte(encoding) => encoding.name().to_ascii_lowercase(),
        }
    }

    /// Bytes of a file in this encoding as text, for people to look at; of UTF-8, bytes that are none are read as
    /// windows-1252.
    #[must_use]
    pub fn text(self, bytes: &[u8]) -> String {
        let encoding = match self {
            Self::Utf8 => {
                let mut text = String::with_capacity(bytes.len());
                for chunk in bytes.utf8_chunks() {
                    text.push_str(chunk.valid());
                    text.push_str(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
                }
                return text;
            }
            Self::Latin1 => return bytes.iter().map(|b| char::from(*b)).collect(),
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
            Self::Windows1252 => encoding_rs::WINDOWS_1252,
            Self::SingleByte(encoding) | Self::MultiByte(encoding) => encoding,
        };
        encoding.decode_without_bom_handling(bytes).0.into_owned()
    }

    /// The characters of the bytes 0x80 to 0xFF; `None` for the encodings of Unicode.
    pub(crate) fn high_half(self) -> Option<HighHalf> {
        let mut table = [None; 128];
        for (byte, slot) in (0x80..=0xFF_u8).zip(&mut table) {
            *slot = match self {
                Self::Utf8 | Self::Utf16Le | Self::Utf16Be | Self::MultiByte(_) => return None,
                Self::Latin1 => Some(char::from(byte)),
                Self::Windows1252 if UNASSIGNED_1252.contains(&byte) => None,
                Self::Windows1252 => decode_one(encoding_rs::WINDOWS_1252, byte),
                Self::SingleByte(encoding) => decode_one(encoding, byte),
            };
        }
        Some(HighHalf(Box::new(table)))
    }
}

/// encoding_rs follows the web, which maps these to control characters; in a data file they mean
/// that the encoding is another one.
pub(crate) const UNASSIGNED_1252: [u8; 5] = [0x81, 0x8D, 0x8F, 0x90, 0x9D];

fn decode_one(encoding: &'static Encoding, byte: u8) -> Option<char> {
    encoding.decode_without_bom_handling_and_without_replacement(&[byte])?.chars().next()
}

/// What the upper 128 bytes of a one-byte encoding mean.
#[derive(Debug, Clone)]
pub(crate) struct HighHalf(Box<[Option<char>; 128]>);

impl HighHalf {
    pub(crate) fn char(&self, byte: u8) -> Option<char> {
        self.0.get(usize::from(byte.wrapping_sub(0x80))).copied().flatten()
    }

    pub(crate) fn byte(&self, wanted: char) -> Option<u8> {
        let at = self.0.iter().position(|c| *c == Some(wanted))?;
        u8::try_from(at + 0x80).ok()
    }
}

impl FromStr for CsvEncoding {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        let wrong = || {
            OptionError::new(
                "encoding",
                text,
                "utf-8, utf-16le, utf-16be, windows-1252, latin-1, macintosh, windows-1250, windows-1251, \
                 iso-8859-15, gb18030, big5, shift_jis, euc-jp, euc-kr, or another name of the WHATWG encodings",
            )
        };
        match text.trim().to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "utf-8-sig" | "ascii" | "us-ascii" => Ok(Self::Utf8),
            "utf-16" | "utf16" | "utf-16le" | "utf-16-le" | "utf16le" => Ok(Self::Utf16Le),
            "utf-16be" | "utf-16-be" | "utf16be" => Ok(Self::Utf16Be),
            "windows-1252" | "cp1252" | "windows1252" | "ansi" => Ok(Self::Windows1252),
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" => Ok(Self::Latin1),
            label => match Encoding::for_label(usual_label(label).as_bytes()) {
                Some(e) if e == encoding_rs::REPLACEMENT => Err(wrong()),
                Some(e) if e.is_single_byte() => Ok(Self::SingleByte(e)),
                Some(e) => Ok(Self::MultiByte(e)),
                None => Err(wrong()),
            },
        }
    }
}

/// Names that other programs use, as the standard has them.
fn usual_label(label: &str) -> &str {
    match label {
        "mac-roman" | "mac_roman" | "macroman" | "mac roman" => "macintosh",
        "cp932" | "windows-31j" | "sjis" => "shift_jis",
        "cp936" | "gb-18030" => "gb18030",
        "cp949" | "uhc" => "euc-kr",
        "cp950" => "big5",
        "cp874" => "windows-874",
        "latin2" | "latin-2" => "iso-8859-2",
        "latin9" | "latin-9" | "latin0" => "iso-8859-15",
        label => label,
    }
}

impl fmt::Display for CsvEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}
