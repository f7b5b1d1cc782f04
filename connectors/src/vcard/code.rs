//! What could not be read, and what is worth knowing: stable codes.

use crate::source::{Code, SourceError};
use crate::text::Stops;

/// A line of a card is no property.
pub(super) const DAMAGED: Code = Code::new(
    "VCARD_DAMAGED",
    "Repair the line: each one is a name, a colon and a value; one that goes on from the line before begins with a blank.",
);
/// A card has no end.
pub(super) const NOT_CLOSED: Code = Code::new(
    "VCARD_NOT_CLOSED",
    "Add the line END:VCARD, or fetch the file again if it ends there: it may have been cut off.",
);
/// Lines that belong to no card.
pub(super) const OUTSIDE: Code =
    Code::new("VCARD_OUTSIDE", "Put the lines between BEGIN:VCARD and END:VCARD, or remove them.");
/// A card passes the limit of bytes.
pub(super) const TOO_LARGE: Code = Code::new(
    "VCARD_TOO_LARGE",
    "Export the contacts without pictures. Where the card is meant to be so long, raise `max_record_bytes`.",
);
/// A value that is no text in its encoding.
pub(super) const INVALID_ENCODING: Code = Code::new(
    "VCARD_INVALID_ENCODING",
    "Save the file as UTF-8, or name its encoding (for example `windows-1252`).",
);
/// The character of number zero, which no text column takes.
pub(super) const NUL_CHARACTER: Code =
    Code::new("VCARD_NUL_CHARACTER", "Export the file again: NUL bytes come from a damaged file.");
/// Of the file: pictures, sounds and keys.
pub(super) const BINARY_PASSED: Code = Code::new(
    "VCARD_BINARY_PASSED",
    "They are no text for a table; everything else of the contact was read.",
);

pub(super) const STOPS: Stops = Stops { truncated: "VCARD_FILE_TRUNCATED", corrupt: "VCARD_FILE_CORRUPT" };

/// There is nothing in it.
pub(super) fn empty(name: &str) -> SourceError {
    SourceError::new("VCARD_EMPTY", format!("{name} is empty"), "Check the export that wrote it.")
}

/// It is something else.
pub(super) fn other_format(name: &str) -> SourceError {
    SourceError::new(
        "VCARD_OTHER_FORMAT",
        format!("{name} is no vCard file: there is no line BEGIN:VCARD at its beginning"),
        "Name the connector that reads it, or write `file`, and it is told from the content.",
    )
}
