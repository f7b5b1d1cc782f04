//! What could not be read, and what is worth knowing: stable codes.

use crate::source::{Code, SourceError};
use crate::text::Stops;

/// Content behind the last column.
pub(super) const LINE_TOO_LONG: Code = Code::new(
    "FIXED_WIDTH_LINE_TOO_LONG",
    "Compare the line with `layout`: it may have moved, or a column at the end is missing there.",
);
/// A line passes the limit of bytes.
pub(super) const RECORD_TOO_LARGE: Code = Code::new(
    "FIXED_WIDTH_RECORD_TOO_LARGE",
    "Check that this is a text file with line breaks. Where the line is meant to be so long, raise `max_record_bytes`.",
);
/// Info: a line ends in the middle of a column.
pub(super) const CELL_CUT: Code = Code::new(
    "FIXED_WIDTH_CELL_CUT",
    "Nothing is lost: the characters that are there were read. Look whether the line was cut off.",
);
/// Bytes that are no text.
pub(super) const INVALID_ENCODING: Code = Code::new(
    "FIXED_WIDTH_INVALID_ENCODING",
    "Save the file as UTF-8, or name its encoding (for example `windows-1252`).",
);
/// A NUL byte.
pub(super) const NUL_BYTE: Code = Code::new(
    "FIXED_WIDTH_NUL_BYTE",
    "Export the file again: NUL bytes come from a damaged or half-written file.",
);
/// Of the file: the encoding is a guess.
pub(super) const ENCODING_DOUBTFUL: Code = Code::new(
    "FIXED_WIDTH_ENCODING_DOUBTFUL",
    "Look at the letters beyond A to Z, and name the encoding with `encoding`.",
);

pub(super) const STOPS: Stops =
    Stops { truncated: "FIXED_WIDTH_FILE_TRUNCATED", corrupt: "FIXED_WIDTH_FILE_CORRUPT" };

/// Without `layout` there are no columns.
pub(super) fn no_layout(name: &str) -> SourceError {
    SourceError::new(
        "FIXED_WIDTH_LAYOUT",
        format!("{name} cannot be read without the places of its columns"),
        "Give them as the option `layout`, such as `id:1-8, name:9-40`, or as widths: `id:8, name:32`.",
    )
}

/// There is nothing in it.
pub(super) fn empty(name: &str, blank: bool) -> SourceError {
    let what = if blank { "holds only blank lines" } else { "is empty (0 bytes)" };
    SourceError::new("FIXED_WIDTH_EMPTY", format!("{name} {what}"), "Check the export that wrote it.")
}

/// It is no text.
pub(super) fn binary(name: &str) -> SourceError {
    SourceError::new(
        "FIXED_WIDTH_BINARY",
        format!("{name} is not a text file: it holds binary data"),
        "Name the connector that reads it, or write `file`, and it is told from the content.",
    )
}
