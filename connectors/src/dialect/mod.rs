//! How delimited text is written: what a file turned out to be, how sure that is, and why. Made to be shown before anything is
//! loaded: a wrong guess must be visible. Reports are written in the dialect of their file.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | all of it together: [`Dialect`] |
//! | `encoding` | the encodings, and what a byte means in them: [`CsvEncoding`] |
//! | `words` | delimiter, quote, escape, line ending, compression, as options say them |

mod encoding;
mod words;

use crate::evidence::EvidenceList;

pub(crate) use encoding::{HighHalf, UNASSIGNED_1252};
pub(crate) use words::show_byte;

pub use encoding::CsvEncoding;
pub use words::{Compression, Delimiter, Escape, LineEnding, OptionError, QuoteOption, Ragged};

/// Everything that was decided about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    pub compression: Compression,
    pub encoding: CsvEncoding,
    /// The file starts with a byte order mark.
    pub bom: bool,
    pub delimiter: u8,
    /// `None`: quotes are text everywhere.
    pub quote: Option<u8>,
    pub escape: Escape,
    /// Blanks between a delimiter and an opening quote are dropped: `"a", "b"`.
    pub blank_before_quote: bool,
    /// A blank behind each delimiter belongs to it: `a, b`.
    pub blank_after_delimiter: bool,
    /// The delimiter is written twice: `a||b`.
    pub doubled_delimiter: bool,
    /// Several delimiters in a row count as one, as in tables that are filled up with blanks.
    pub runs_of_delimiters: bool,
    /// Cells stand in typographic quotes: `“a”`.
    pub curly_quotes: bool,
    pub line_ending: LineEnding,
    /// The first row after the preamble names the columns.
    pub header: bool,
    /// Physical lines before the header: titles, comments, `sep=`, blank lines between them.
    pub preamble_lines: u64,
    /// The first of these lines (at most 20, each cut at 200 characters), for a preview only.
    pub preamble: Vec<String>,
    /// Columns that are kept.
    pub columns: usize,
    /// Columns at the end that have neither a name nor content, and are dropped.
    pub trailing_blank_columns: usize,
    /// Why each of these was chosen.
    pub evidence: EvidenceList,
}

impl Default for Dialect {
    /// Commas, double quotes, UTF-8, LF: what a new file is written in.
    fn default() -> Self {
        Self {
            compression: Compression::None,
            encoding: CsvEncoding::Utf8,
            bom: false,
            delimiter: b',',
            quote: Some(b'"'),
            escape: Escape::default(),
            blank_before_quote: false,
            blank_after_delimiter: false,
            doubled_delimiter: false,
            runs_of_delimiters: false,
            curly_quotes: false,
            line_ending: LineEnding::default(),
            header: true,
            preamble_lines: 0,
            preamble: Vec::new(),
            columns: 0,
            trailing_blank_columns: 0,
            evidence: EvidenceList::default(),
        }
    }
}
