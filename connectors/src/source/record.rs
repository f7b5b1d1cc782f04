//! What is said of single records and of a source as a whole.

use std::fmt;

/// A stable code with what to do about it. The text form never changes.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    text: &'static str,
    hint: &'static str,
}

impl Code {
    /// `text`: letters, digits and underscores, the connector's name first. `hint`: what the person who owns the source can
    /// do, in whole sentences.
    #[must_use]
    pub const fn new(text: &'static str, hint: &'static str) -> Self {
        Self { text, hint }
    }

    /// As it is stored and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.text
    }

    /// What the person who owns the source can do about it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        self.hint
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Code {}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

/// A record that could not be read, kept raw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Where it stands (from 1), in the unit of its source: of text, the physical line of its first line.
    pub line_number: i64,
    /// Physical lines it covers: 1, except for a well-formed record over several lines.
    pub line_count: i64,
    /// Offset of its first byte in the decompressed, undecoded stream; -1 where records have no such place.
    pub byte_offset: i64,
    pub code: Code,
    /// What is wrong, without values from the source.
    pub reason: String,
    /// What to do about it.
    pub hint: &'static str,
    /// The bytes as they are in the source, in its own encoding, without the line ending at the end; of a source that is no
    /// text, its cells as JSON.
    pub raw: Vec<u8>,
    /// `raw` was cut at the limit of its connector.
    pub raw_truncated: bool,
    /// Fields found, where they could be counted.
    pub field_count: Option<usize>,
}

/// Something worth knowing about a record that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where the record stands (from 1), in the unit of its source.
    pub line_number: i64,
    /// Offset of the record's first byte in the decompressed, undecoded stream; -1 where records have no such place.
    pub byte_offset: i64,
    pub code: Code,
    /// Column (from 0) that the finding is about: the first one.
    pub column: usize,
    /// What was seen or done, without values from the source.
    pub reason: String,
}

/// Something worth knowing about the source as a whole, told once however often it was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub code: Code,
    /// Where it was met first (from 1), in the unit of the source.
    pub line_number: i64,
    /// How often it was met.
    pub count: u64,
    /// What was seen and done, without values of records.
    pub reason: String,
}

impl fmt::Display for Note {
    /// `line 5: the header line comes again and was passed over (3 times)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line_number, self.reason)?;
        if self.count > 1 { write!(f, " ({} times)", self.count) } else { Ok(()) }
    }
}
