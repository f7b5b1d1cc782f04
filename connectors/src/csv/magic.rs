//! Other kinds of files that arrive under the name of a CSV, recognised by their first bytes.

use super::CsvError;

const RESAVE: &str = "Open it in the program that made it and export the sheet or table as CSV.";
const READ: &str =
    "It is read when the connector of the source is `file`: set that, or export the data as CSV.";
const UNPACK: &str = "Unpack it first, or compress it as .gz or .zst, which are read directly.";

/// The connector `file` comes here too, where the text begins as JSON does and goes on as none.
const JSON: &str =
    "The connector `json` reads it, or says where it is damaged: name it, or export the data as CSV.";

/// First bytes, what the file is, what to do.
const KNOWN: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "a ZIP or XLSX file", READ),
    (b"PK\x05\x06", "an empty ZIP file", "Check how it was made: there is nothing in it."),
    (
        b"\xD0\xCF\x11\xE0",
        "an old Excel file (.xls)",
        "It is read when the connector of its source is `file`.",
    ),
    (b"%PDF", "a PDF file", "Ask for the data as CSV: tables in a PDF cannot be read reliably."),
    (b"PAR1", "a Parquet file", READ),
    (b"ARROW1", "an Arrow file", READ),
    (b"Obj\x01", "an Avro file", READ),
    (b"SQLite format 3\0", "an SQLite database", "Export the table as CSV."),
    (b"BZh", "a bzip2 file", UNPACK),
    (b"\xFD7zXZ\0", "an xz file", UNPACK),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip file", UNPACK),
    (b"Rar!", "a RAR file", UNPACK),
    (b"\x89PNG", "a PNG picture", RESAVE),
    (b"\xFF\xD8\xFF", "a JPEG picture", RESAVE),
    (b"GIF8", "a GIF picture", RESAVE),
    (b"{\\rtf", "an RTF document", RESAVE),
    (b"\xFF\xFE\0\0", "text in UTF-32", "Save it as UTF-8."),
    (b"\0\0\xFE\xFF", "text in UTF-32", "Save it as UTF-8."),
];

/// Marks of text formats, compared without regard to capitals after leading blanks.
const MARKUP: &[(&[u8], &str, &str)] = &[
    (b"<!doctype", "an HTML page", "Download the data itself: this may be a sign-in or error page."),
    (b"<html", "an HTML page", "Download the data itself: this may be a sign-in or error page."),
    (b"<table", "an HTML table", "Open it in a spreadsheet and export it as CSV."),
    (b"<?xml", "an XML file", "Export the data as CSV."),
    (b"[{\"", "a JSON file", JSON),
    (b"{\"", "a JSON file", JSON),
];

/// Refuses what is plainly another format.
pub(super) fn refuse_other_formats(name: &str, head: &[u8]) -> Result<(), CsvError> {
    let other = |what, help| CsvError::NotCsv { name: name.to_owned(), what, help };
    for (magic, what, help) in KNOWN {
        if head.starts_with(magic) && !is_text_after(magic, head) {
            return Err(other(what, help));
        }
    }
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    for (mark, what, help) in MARKUP {
        if text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark)) {
            return Err(other(what, help));
        }
    }
    Ok(())
}

/// `BZh`, `GIF8`, `PAR1`, `Rar!` are ASCII and could begin a header; the real formats soon hold
/// bytes that text does not.
fn is_text_after(magic: &[u8], head: &[u8]) -> bool {
    magic.is_ascii()
        && !magic.iter().any(u8::is_ascii_control)
        && !matches!(magic, b"%PDF" | b"{\\rtf")
        && head.iter().take(512).all(|b| !b.is_ascii_control() || matches!(b, b'\t' | b'\n' | b'\r'))
}

/// Too many control bytes for text. NUL bytes alone are judged more mildly: they are rejected
/// record by record.
pub(crate) fn looks_binary(text: &[u8]) -> bool {
    let mut nul = 0_usize;
    let mut control = 0_usize;
    for b in text {
        match b {
            0 => nul += 1,
            b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0x1A | 0x1B => {}
            0x01..=0x1F | 0x7F => control += 1,
            _ => {}
        }
    }
    // A handful of control bytes is noise in any file; a twentieth of it is not text.
    (control > 4 && control * 20 > text.len()) || (nul > 16 && nul * 10 > text.len() * 4)
}
