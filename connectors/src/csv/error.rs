//! What stops a whole file. Everything smaller is a [`Reject`](crate::source::Reject).

use std::io;

use super::{Compression, OptionError};

/// A file that cannot be read as delimited text, or not to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    #[error("{name} is empty (0 bytes)")]
    Empty { name: String },

    #[error("{name} holds only blank lines ({lines} of them)")]
    OnlyBlankLines { name: String, lines: u64 },

    #[error("{name} is not a text file: it holds binary data")]
    Binary { name: String },

    /// Another kind of file, recognised by its first bytes.
    #[error("{name} is {what}, not delimited text")]
    NotCsv { name: String, what: &'static str, help: &'static str },

    #[error("{name} is a folder, not a file")]
    Directory { name: String },

    #[error("{name} ends in the middle of its {compression} data, after {bytes} readable bytes")]
    Truncated { name: String, compression: Compression, bytes: u64, source: io::Error },

    #[error("{name}: its {compression} data is damaged after {bytes} readable bytes: {source}")]
    Corrupt { name: String, compression: Compression, bytes: u64, source: io::Error },

    #[error("{name} cannot be read (after {bytes} bytes): {source}")]
    Io { name: String, bytes: u64, source: io::Error },

    #[error("{name}, line {line}: the header cannot be read: {reason}")]
    Header { name: String, line: u64, reason: String },

    #[error("{name}: {reason}")]
    Options { name: String, reason: String },

    #[error(transparent)]
    Option(#[from] OptionError),

    #[error("{name}: a batch could not be built: {source}")]
    Arrow { name: String, source: arrow::error::ArrowError },
}

impl CsvError {
    /// A stable code, for logs and tests.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "CSV_FILE_EMPTY",
            Self::OnlyBlankLines { .. } => "CSV_FILE_BLANK",
            Self::Binary { .. } => "CSV_FILE_BINARY",
            Self::NotCsv { .. } => "CSV_FILE_OTHER_FORMAT",
            Self::Directory { .. } => "CSV_FILE_DIRECTORY",
            Self::Truncated { .. } => "CSV_FILE_TRUNCATED",
            Self::Corrupt { .. } => "CSV_FILE_CORRUPT",
            Self::Io { .. } => "CSV_FILE_UNREADABLE",
            Self::Header { .. } => "CSV_HEADER_UNREADABLE",
            Self::Options { .. } | Self::Option(_) => "CSV_OPTIONS",
            Self::Arrow { .. } => "CSV_BATCH",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Empty { .. } | Self::OnlyBlankLines { .. } => {
                "Check the export that wrote it: a file needs at least a header line."
            }
            Self::Binary { .. } => {
                "Export the data as CSV. If it is text in an unusual encoding, name the encoding."
            }
            Self::NotCsv { help, .. } => help,
            Self::Directory { .. } => "Name the files in it instead.",
            Self::Truncated { .. } => {
                "The file was probably copied while it was still being written, or a transfer broke \
                 off. Fetch it again."
            }
            Self::Corrupt { .. } => "Fetch or compress the file again.",
            Self::Io { .. } => "Check that the file still exists and may be read.",
            Self::Header { .. } => {
                "Repair that line, name the lines to skip before the header, or say that there is no header."
            }
            Self::Options { .. } | Self::Option(_) => "Change the options of this source.",
            Self::Arrow { .. } => "This is a defect in Importer: please report it.",
        }
    }
}
