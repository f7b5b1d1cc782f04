//! The format's name and codes, and what stops it in words.

use super::container::Stop;
use crate::columnar::{self, Format};
use crate::source::{Code, SourceError, Unit};

pub(super) static FORMAT: Format = Format {
    name: "avro",
    unit: Unit::Record,
    damaged: "AVRO_DAMAGED",
    unsupported: "AVRO_UNSUPPORTED",
    no_columns: "AVRO_NO_COLUMNS",
    binary: Code::new("AVRO_BINARY", columnar::BINARY_HINT),
    large: Code::new("AVRO_RECORD_TOO_LARGE", columnar::LARGE_HINT),
};

/// Why a file cannot be read behind so many records.
pub(super) fn error(name: &str, records: u64, stop: Stop) -> SourceError {
    let record = records.saturating_add(1);
    match stop {
        Stop::Io(error) => SourceError::unreadable(name, error),
        Stop::CutOff => SourceError::new(
            "AVRO_CUT_OFF",
            format!("{name} is cut off: it cannot be read from record {record} on"),
            "Fetch or write it anew. What comes before that place was read.",
        ),
        Stop::Damaged(why) => columnar::damaged(&FORMAT, name, record, &why),
        Stop::TooLarge => SourceError::new(
            "AVRO_TOO_LARGE",
            format!("{name} has a block of more than 256 MiB: it cannot be read from record {record} on"),
            "Write it with smaller blocks.",
        ),
        Stop::Codec(codec) => SourceError::new(
            FORMAT.unsupported,
            format!("{name} is compressed with {codec}, which cannot be read"),
            "Write it with the codec null, deflate, snappy or zstandard.",
        ),
    }
}
