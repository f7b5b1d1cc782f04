//! What could not be read, or was read with a repair: stable codes.

use std::fmt;

use crate::source::Code;

/// Stable codes of everything that can be wrong with a record. The text form never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CsvCode {
    /// The record has fewer fields than the header.
    TooFewFields,
    /// The record has more fields than the header.
    TooManyFields,
    /// A quoted field is opened and never properly closed.
    UnclosedQuote,
    /// A quote stands inside a quoted field and cannot be read as text.
    BadQuote,
    /// A quoted field passes the limit of lines or bytes.
    FieldTooLong,
    /// The record holds a NUL byte.
    NulByte,
    /// The record holds bytes that its encoding does not have.
    InvalidEncoding,
    /// One physical line passes the limit.
    LineTooLong,
    /// A record over several lines passes the limit of a line.
    RecordTooLong,
    /// Info: a stray quote was read as text.
    QuoteRepaired,
    /// Info: a short record was filled up with NULL (`ragged: pad`).
    RowPadded,
    /// The record stands below the header of another table.
    OtherTable,
    /// The cells of this record seem to have moved by a column: a delimiter in a cell without quotes.
    CellsShifted,
    /// Of the file: the header line came again and was passed over.
    HeaderRepeated,
    /// Of the file: the header was damaged and mended.
    HeaderRepaired,
    /// Of the file: the first line holds data, so there is no header.
    NoHeader,
    /// Of the file: lines above the header, or right below it, that are no records.
    LinesPassed,
    /// Of the file: the records are shorter or longer than the header throughout.
    WidthSettled,
    /// Of the file: another table follows.
    SecondTable,
    /// Of the file: the encoding is doubtful, or was decided late.
    EncodingDoubtful,
}

impl CsvCode {
    /// Every code, in the order of this list.
    pub const ALL: [Self; 20] = [
        Self::TooFewFields,
        Self::TooManyFields,
        Self::UnclosedQuote,
        Self::BadQuote,
        Self::FieldTooLong,
        Self::NulByte,
        Self::InvalidEncoding,
        Self::LineTooLong,
        Self::RecordTooLong,
        Self::QuoteRepaired,
        Self::RowPadded,
        Self::OtherTable,
        Self::CellsShifted,
        Self::HeaderRepeated,
        Self::HeaderRepaired,
        Self::NoHeader,
        Self::LinesPassed,
        Self::WidthSettled,
        Self::SecondTable,
        Self::EncodingDoubtful,
    ];

    /// The stable text form, as it is stored and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooFewFields => "CSV_TOO_FEW_FIELDS",
            Self::TooManyFields => "CSV_TOO_MANY_FIELDS",
            Self::UnclosedQuote => "CSV_UNCLOSED_QUOTE",
            Self::BadQuote => "CSV_BAD_QUOTE",
            Self::FieldTooLong => "CSV_FIELD_TOO_LONG",
            Self::NulByte => "CSV_NUL_BYTE",
            Self::InvalidEncoding => "CSV_INVALID_ENCODING",
            Self::LineTooLong => "CSV_LINE_TOO_LONG",
            Self::RecordTooLong => "CSV_RECORD_TOO_LONG",
            Self::QuoteRepaired => "CSV_QUOTE_REPAIRED",
            Self::RowPadded => "CSV_ROW_PADDED",
            Self::OtherTable => "CSV_OTHER_TABLE",
            Self::CellsShifted => "CSV_CELLS_SHIFTED",
            Self::HeaderRepeated => "CSV_HEADER_REPEATED",
            Self::HeaderRepaired => "CSV_HEADER_REPAIRED",
            Self::NoHeader => "CSV_NO_HEADER",
            Self::LinesPassed => "CSV_LINES_PASSED",
            Self::WidthSettled => "CSV_WIDTH_SETTLED",
            Self::SecondTable => "CSV_SECOND_TABLE",
            Self::EncodingDoubtful => "CSV_ENCODING_DOUBTFUL",
        }
    }

    /// True when the record was kept and this is only worth knowing.
    #[must_use]
    pub fn is_info(self) -> bool {
        matches!(self, Self::QuoteRepaired | Self::RowPadded | Self::CellsShifted) || self.is_of_file()
    }

    /// True when it is said of the file, in a [`Note`], not of one record.
    #[must_use]
    pub fn is_of_file(self) -> bool {
        matches!(
            self,
            Self::HeaderRepeated
                | Self::HeaderRepaired
                | Self::NoHeader
                | Self::LinesPassed
                | Self::WidthSettled
                | Self::SecondTable
                | Self::EncodingDoubtful
        )
    }

    /// What the person who owns the file can do about it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::TooFewFields => {
                "Add the missing cells, or look for a line break inside a cell that is not quoted. \
                 With `ragged: pad` short records are filled with empty cells."
            }
            Self::TooManyFields => {
                "Put quotes around the cell that contains the delimiter, or remove the extra cells."
            }
            Self::UnclosedQuote => "Close the quoted cell on this line, or remove its opening quote.",
            Self::BadQuote => "Double the quote inside the cell (\"\"), or remove it.",
            Self::FieldTooLong => {
                "The quote that opens this cell is probably never closed. Close it, or remove it. Where the cell is \
                 meant to be so long, raise `max_cell_bytes` or `max_cell_lines`."
            }
            Self::NulByte => "Export the file again: NUL bytes come from a damaged or half-written file.",
            Self::InvalidEncoding => {
                "Save the file as UTF-8, or name its encoding (for example `windows-1252`)."
            }
            Self::LineTooLong => {
                "Check that this is a text file with line breaks. Where the line is meant to be so long, leave the \
                 column with the long cell out of the export, or raise `max_record_bytes`."
            }
            Self::RecordTooLong => {
                "A quoted cell that starts on this line is probably never closed. Close it, or remove it. Where \
                 the record is meant to be so long, raise `max_record_bytes`."
            }
            Self::QuoteRepaired => {
                "Nothing is lost: the quote was read as text. Doubling it (\"\") makes the file exact."
            }
            Self::RowPadded => "Nothing is lost: the missing cells at the end were read as empty.",
            Self::OtherTable => "Put each table into a file of its own.",
            Self::CellsShifted => {
                "Put quotes around the cell that contains the delimiter; look at the cells behind it."
            }
            Self::HeaderRepeated => "Nothing is lost: files were probably put together one below the other.",
            Self::HeaderRepaired => "Look at the names of the columns: `importer preview` lists them.",
            Self::NoHeader => {
                "Name the columns with `--no-header --map column_1=…`, or say that the first line is the header \
                 with `--header`."
            }
            Self::LinesPassed => {
                "If one of them is the header, name the lines above it with `--skip-lines`; if one is a record, \
                 move it below the header."
            }
            Self::WidthSettled => {
                "Look at the columns in `importer preview`; `--ragged reject` refuses such records instead."
            }
            Self::SecondTable => "Put each table into a file of its own.",
            Self::EncodingDoubtful => {
                "Look at the letters beyond A to Z, and name the encoding with `--encoding`."
            }
        }
    }
}

impl fmt::Display for CsvCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<CsvCode> for Code {
    fn from(code: CsvCode) -> Self {
        Self::new(code.as_str(), code.hint())
    }
}

impl PartialEq<CsvCode> for Code {
    fn eq(&self, other: &CsvCode) -> bool {
        self.as_str() == other.as_str()
    }
}
