//! What stops a whole workbook or sheet.

use std::fmt::{self, Display};

use quick_xml::Error as XmlError;

use crate::request::too_large;
use crate::source::SourceError;

/// A limit that was passed while a part was unpacked.
#[derive(Debug)]
pub(super) enum Overrun {
    Unpacked,
    Element(usize),
}

impl fmt::Display for Overrun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unpacked => "more bytes than may be unpacked",
            Self::Element(_) => "an element with more bytes than it may have",
        })
    }
}

impl std::error::Error for Overrun {}

/// What went wrong inside, before the workbook's name is added.
#[derive(Debug)]
pub(super) enum Fault {
    /// The bytes are not what they should be; with a technical detail that holds no values.
    Damaged(String),
    /// A password is needed.
    Password,
    /// A file of another kind, and what it is.
    Other(&'static str),
    /// The parts that are read unpack to more than they may.
    Unpacked,
    /// Something else is beyond a limit: what, and the limit.
    Large(&'static str, u64),
    /// The file below cannot be read.
    Io(std::io::Error),
}

impl Fault {
    pub(super) fn damaged(detail: impl Display) -> Self {
        Self::Damaged(detail.to_string())
    }

    /// The error of the workbook `name`; `unpacked` is its limit of unpacked bytes.
    pub(super) fn of(self, name: &str, unpacked: u64) -> SourceError {
        match self {
            Self::Damaged(detail) => SourceError::new(
                "XLSX_DAMAGED",
                format!("{name} is damaged: {detail}"),
                "Open it in a spreadsheet program, let it be repaired, and save it again; or fetch it again.",
            ),
            Self::Password => SourceError::new(
                "XLSX_PASSWORD",
                format!("{name} is protected by a password and cannot be read"),
                "Open it with its password in a spreadsheet program and save a copy without one.",
            ),
            Self::Other(what) => SourceError::new(
                "XLSX_NOT_A_WORKBOOK",
                format!("{name} is no spreadsheet but {what}"),
                "Read it with the connector of its format, or save the table in it as XLSX or CSV.",
            ),
            Self::Unpacked => too_large(name, unpacked),
            Self::Large(what, limit) => SourceError::new(
                "XLSX_TOO_LARGE",
                format!("{name} holds {what}, more than the limit of {limit}"),
                "Divide the table, save it as XLSX, or export the sheet as CSV.",
            ),
            Self::Io(error) => SourceError::unreadable(name, error),
        }
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        match error.get_ref().and_then(|e| e.downcast_ref::<Overrun>()) {
            Some(Overrun::Unpacked) => Self::Unpacked,
            Some(Overrun::Element(limit)) => Self::Large("a cell or element of more bytes", *limit as u64),
            // Checksums and streams that end too early are the file's fault, not that of the disk.
            None if matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof) => {
                Self::damaged(error)
            }
            None if error.raw_os_error().is_none() => Self::damaged(error),
            None => Self::Io(error),
        }
    }
}

impl From<XmlError> for Fault {
    fn from(error: XmlError) -> Self {
        match error {
            XmlError::Io(error) => match std::sync::Arc::try_unwrap(error) {
                Ok(error) => error.into(),
                Err(error) => Self::damaged(error),
            },
            XmlError::Syntax(_) => Self::damaged("a part of it is no well-formed XML, or ends too early"),
            XmlError::IllFormed(_) => Self::damaged("elements of a part of it are not nested properly"),
            XmlError::Encoding(_) => Self::damaged("a part of it holds bytes that are no valid text"),
            _ => Self::damaged("a part of it is no valid XML"),
        }
    }
}

impl From<quick_xml::events::attributes::AttrError> for Fault {
    fn from(_: quick_xml::events::attributes::AttrError) -> Self {
        Self::damaged("an element of a part of it has attributes that are no valid XML")
    }
}

impl From<zip::result::ZipError> for Fault {
    fn from(error: zip::result::ZipError) -> Self {
        use zip::result::ZipError::{InvalidPassword, Io, UnsupportedArchive};
        match error {
            Io(error) => error.into(),
            InvalidPassword => Self::Password,
            UnsupportedArchive(zip::result::ZipError::PASSWORD_REQUIRED) => Self::Password,
            other => Self::damaged(format!("its ZIP cannot be read: {other}")),
        }
    }
}
