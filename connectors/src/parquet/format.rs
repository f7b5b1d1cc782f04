//! The format's name and codes, and how a file begins.

use crate::columnar::{self, Format};
use crate::source::{Code, Confidence, Evidence, Unit};

pub(super) static FORMAT: Format = Format {
    name: "parquet",
    unit: Unit::Row,
    damaged: "PARQUET_DAMAGED",
    unsupported: "PARQUET_UNSUPPORTED",
    no_columns: "PARQUET_NO_COLUMNS",
    binary: Code::new("PARQUET_BINARY", columnar::BINARY_HINT),
    large: Code::new("PARQUET_RECORD_TOO_LARGE", columnar::LARGE_HINT),
};

/// The first and the last bytes.
pub(super) const MAGIC: &[u8; 4] = b"PAR1";

/// The same where the footer is encrypted.
pub(super) const ENCRYPTED_MAGIC: &[u8; 4] = b"PARE";

/// The first item of the evidence.
pub(super) fn evidence(confidence: Confidence) -> Evidence {
    Evidence::new("format", "Parquet", confidence, "it begins with PAR1")
}
