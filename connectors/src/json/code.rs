//! What could not be read, and what is worth knowing: stable codes.

use crate::source::{Code, SourceError};
use crate::text::{Place, Stops};

/// A record is no JSON.
pub(super) const RECORD_DAMAGED: Code = Code::new(
    "JSON_RECORD_DAMAGED",
    "Repair the record at this place, or export the data again with a program that writes JSON itself.",
);
/// A value stands where an object is expected.
pub(super) const NOT_AN_OBJECT: Code =
    Code::new("JSON_NOT_AN_OBJECT", "Write each record as an object: {\"name\": value, …}.");
/// A record passes the limit of bytes.
pub(super) const RECORD_TOO_LARGE: Code = Code::new(
    "JSON_RECORD_TOO_LARGE",
    "Leave the long member out of the export. Where the record is meant to be so long, raise `max_record_bytes`.",
);
/// Objects and lists in one another beyond the limit.
pub(super) const TOO_DEEP: Code = Code::new(
    "JSON_TOO_DEEP",
    "Export the record with fewer objects and lists in one another: 128 are read.",
);
/// Bytes that are no UTF-8.
pub(super) const INVALID_ENCODING: Code =
    Code::new("JSON_INVALID_ENCODING", "Save the file as UTF-8: JSON is written in no other encoding.");
/// The character of number zero, which no text column takes.
pub(super) const NUL_CHARACTER: Code =
    Code::new("JSON_NUL_CHARACTER", "Remove \\u0000 from the text: databases cannot store it.");
/// Info: a member comes twice in one object.
pub(super) const DUPLICATE_KEY: Code = Code::new(
    "JSON_DUPLICATE_KEY",
    "Nothing is lost: the first value is in the column, the other one in `_more`. Give each member its own name.",
);
/// Of the file: a member that no record of the sample has.
pub(super) const NEW_MEMBER: Code = Code::new(
    "JSON_NEW_MEMBER",
    "Nothing is lost: it is in the column `_more`. To make it a column, let one of the first records have it.",
);
/// Of the file: NaN or Infinity, which JSON does not have.
pub(super) const NOT_A_NUMBER: Code =
    Code::new("JSON_NOT_A_NUMBER", "Nothing is lost: it was read as text. JSON has only null for it.");
/// Of the file: a comma behind the last record.
pub(super) const TRAILING_COMMA: Code =
    Code::new("JSON_TRAILING_COMMA", "Nothing is lost: the comma behind the last record was passed over.");
/// Of the file: members beside the list of records.
pub(super) const MEMBERS_PASSED: Code = Code::new(
    "JSON_MEMBERS_PASSED",
    "Name the list that holds the records with `records` if it is another one.",
);

const FETCH_AGAIN: &str = "The file was probably copied while it was still being written, or a transfer broke off. Fetch it \
                           again.";

pub(super) const STOPS: Stops = Stops { truncated: "JSON_FILE_TRUNCATED", corrupt: "JSON_FILE_CORRUPT" };

/// The text breaks the rules of JSON where no next record can be found.
pub(super) fn damaged(name: &str, place: Place, what: &str) -> SourceError {
    let Place { line, column } = place;
    SourceError::new(
        "JSON_DAMAGED",
        format!("{name} is damaged at line {line}, column {column}: {what}; nothing behind it can be read"),
        "Repair the file at this place, or export the data again. With one object per line (NDJSON) a damaged record costs \
         only itself.",
    )
}

/// The text ends in the middle.
pub(super) fn cut_off(name: &str, place: Place, of: &str) -> SourceError {
    let Place { line, column } = place;
    let message =
        format!("{name} is cut off: it ends at line {line}, column {column}, in the middle of {of}");
    SourceError::new("JSON_DAMAGED", message, FETCH_AGAIN)
}

/// There is nothing in it.
pub(super) fn empty(name: &str, blank: bool) -> SourceError {
    let what = if blank { "holds only blank lines" } else { "is empty (0 bytes)" };
    SourceError::new("JSON_EMPTY", format!("{name} {what}"), "Check the export that wrote it.")
}

/// It is something else.
pub(super) fn other_format(name: &str) -> SourceError {
    SourceError::new(
        "JSON_OTHER_FORMAT",
        format!("{name} is no JSON: it begins with neither {{ nor ["),
        "Name the connector that reads it, or write `file`, and it is told from the content.",
    )
}

/// The list of records is not where `records` says.
pub(super) fn no_records(name: &str, path: &str, members: &[String]) -> SourceError {
    let found = if members.is_empty() { "none".to_owned() } else { members.join(", ") };
    SourceError::new(
        "JSON_RECORDS_NOT_FOUND",
        format!("{name} has no list of records at {path}; members that were met: {found}"),
        "Name the path to the list with `records`, such as `data.items`.",
    )
}

/// The sample has more members than a table has columns.
pub(super) fn too_many_columns(name: &str, most: usize) -> SourceError {
    SourceError::new(
        "JSON_TOO_MANY_COLUMNS",
        format!("the records of {name} have more than {most} different members, or names of enormous length"),
        "The names of members are probably data, such as ids. Export the records as a list of objects with the same members.",
    )
}
