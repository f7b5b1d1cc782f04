//! Documents that are archives inside, and are refused.

use super::spool::Spool;
use crate::source::SourceError;

const EXPORT: &str = "Open it in the program that made it, and export the table as CSV or XLSX.";
const WORKBOOK: &str = "Set the connector to the one that reads workbooks, or export the sheet as CSV.";
const DATA: &str = "It holds no data that could be imported: check that it is the right file.";

/// A member that only this kind of document has, what the document is, what to do.
const KNOWN: &[(&str, &str, &str)] = &[
    ("word/document.xml", "a Word document", EXPORT),
    ("ppt/presentation.xml", "a PowerPoint presentation", EXPORT),
    ("visio/document.xml", "a Visio drawing", EXPORT),
    ("xl/workbook.xml", "an Excel workbook", WORKBOOK),
    ("xl/workbook.bin", "a binary Excel workbook", WORKBOOK),
    ("META-INF/MANIFEST.MF", "a Java archive", DATA),
    ("AndroidManifest.xml", "an Android app", DATA),
    ("Index/Document.iwa", "an Apple iWork document", EXPORT),
];

/// The content of the member `mimetype`, what the document is, what to do.
const MIME: &[(&[u8], &str, &str)] = &[
    (b"application/epub+zip", "an electronic book (EPUB)", DATA),
    (b"application/vnd.oasis.opendocument.spreadsheet", "an OpenDocument spreadsheet", WORKBOOK),
    (b"application/vnd.oasis.opendocument.", "an OpenDocument document", EXPORT),
];

/// Refuses an archive that is plainly a document.
pub(super) fn refuse(spool: &Spool) -> Result<(), SourceError> {
    let refused = |what: &str, help: &str| {
        Err(SourceError::new(
            "ARCHIVE_DOCUMENT",
            format!("{} is {what}, no archive of data", spool.name()),
            help,
        ))
    };
    for (member, what, help) in KNOWN {
        if spool.zip().index_for_name(member).is_some() {
            return refused(what, help);
        }
    }
    let mime = spool.beginning("mimetype", 100);
    for (begins, what, help) in MIME {
        if mime.starts_with(begins) {
            return refused(what, help);
        }
    }
    Ok(())
}
