//! The format's name and codes, and how a file and a stream begin.

use arrow::ipc::{MessageHeader, root_as_message};

use super::messages::CONTINUATION;
use crate::columnar::{self, Format};
use crate::source::{Code, Confidence, Evidence, Unit};

pub(super) static FORMAT: Format = Format {
    name: "arrow",
    unit: Unit::Row,
    damaged: "ARROW_DAMAGED",
    unsupported: "ARROW_UNSUPPORTED",
    no_columns: "ARROW_NO_COLUMNS",
    binary: Code::new("ARROW_BINARY", columnar::BINARY_HINT),
    large: Code::new("ARROW_RECORD_TOO_LARGE", columnar::LARGE_HINT),
};

/// The first and the last bytes of a file.
pub(super) const MAGIC: &[u8; 6] = b"ARROW1";

/// How messages are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Stream,
}

impl Kind {
    pub(super) fn evidence(self, confidence: Confidence) -> Evidence {
        match self {
            Self::File => Evidence::new("format", "Arrow IPC file", confidence, "it begins with ARROW1"),
            Self::Stream => Evidence::new(
                "format",
                "Arrow IPC stream",
                confidence,
                "it begins with a message that holds a schema",
            ),
        }
    }
}

/// What the first bytes say.
pub(super) fn recognise(head: &[u8]) -> Option<Kind> {
    if let Some(rest) = head.strip_prefix(MAGIC) {
        return rest.starts_with(&[0, 0]).then_some(Kind::File);
    }
    let rest = head.strip_prefix(&CONTINUATION).unwrap_or(head);
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    match rest.get(..length) {
        Some(meta) if length > 0 => {
            let message = root_as_message(meta).ok()?;
            (message.header_type() == MessageHeader::Schema).then_some(Kind::Stream)
        }
        // A schema that is longer than what is looked at.
        None if head.starts_with(&CONTINUATION) && head.len() >= 60 << 10 && length.is_multiple_of(8) => {
            Some(Kind::Stream)
        }
        _ => None,
    }
}
