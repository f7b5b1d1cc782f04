//! Workbooks of spreadsheet programs: XLSX, XLSM, XLSB, XLS and ODS, one source for each sheet that is read.
//!
//! All columns are text, for a sheet types its cells and not its columns. The text is canonical: dates are ISO
//! (`2024-01-31`, `2024-01-31T10:30:00`, `10:30:00`), truth values `true` and `false`, numbers their plain digits without
//! exponent. A percentage is the number that the cell holds (0.25), money is without its currency. Zeros that a number format
//! puts before a number (`00000`) are kept: it is a name then, such as a postal code.
//!
//! | file | what happens there |
//! | --- | --- |
//! | here | [`Xlsx`], the connector |
//! | `options` | its options by their words |
//! | `workbook` | a workbook that has been checked, shared by the sources of its sheets |
//! | `again` | a header that comes again |
//! | `view` | one file, read at several places |
//! | `package` | the ZIP: what kind of workbook it is, its parts within their limits |
//! | `guard` | reading XML once within limits, before anything else reads it |
//! | `sheet_xml`, `sheet_xlsb`, `sheet_xls`, `sheet_ods` | the survey of a sheet, by format |
//! | `survey` | what it finds: columns in use, hidden rows, merged cells, formulas without result |
//! | `book` | the readers of the formats behind one face |
//! | `cell`, `format` | a cell as text, by its value and number format |
//! | `rows`, `order` | rows on their way, put in order where they are not |
//! | `choose`, `sample` | which sheet, and its first rows |
//! | `layout`, `header` | where the table stands in it, how its columns are named |
//! | `feed` | the thread that reads ahead |
//! | `reader`, `step`, `totals` | the source: rows become records |
//! | `code`, `error` | what is said of rows and sheets, and what stops them |

mod again;
mod book;
mod cell;
mod choose;
mod code;
mod error;
mod feed;
mod format;
mod guard;
mod header;
mod layout;
mod options;
mod order;
mod package;
mod reader;
mod rows;
mod sample;
mod sheet_ods;
mod sheet_xls;
mod sheet_xlsb;
mod sheet_xml;
mod step;
mod survey;
mod totals;
mod view;
mod workbook;

use std::sync::Arc;

use crate::request::{Connector, Input, OptionWord, Request};
use crate::source::{Confidence, Evidence, Source, SourceError};
use options::Options;
pub(crate) use reader::NAME;
use reader::SheetReader;
use workbook::{OLE, Workbook, ZIP};

/// Workbooks of spreadsheet programs.
pub struct Xlsx;

impl Connector for Xlsx {
    fn name(&self) -> &'static str {
        NAME
    }

    fn words(&self) -> &'static [OptionWord] {
        &options::WORDS
    }

    fn recognise(&self, head: &[u8]) -> Option<Evidence> {
        let found = |value: &str, why: &str| Some(Evidence::new("format", value, Confidence::High, why));
        if head.starts_with(OLE) {
            return found("XLS", "it begins like a compound file of old Office programs");
        }
        if !head.starts_with(ZIP) {
            return None;
        }
        if entries(head).any(|name| name.starts_with(b"xl/")) {
            return found("XLSX", "a ZIP with the parts of an Excel workbook");
        }
        let mimetype = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet";
        let said = head.get(30..).is_some_and(|rest| rest.starts_with(mimetype));
        said.then(|| found("ODS", "a ZIP that says it is an OpenDocument spreadsheet")).flatten()
    }

    fn open(&self, input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
        let options = Options::of(&request.words, request.batch_rows)?;
        let mut opening = Workbook::open(input, &options)?;
        let chosen = choose::choose(&mut opening, &options, request.names.as_ref())?;
        let (several, is_1904) = (chosen.len() > 1, opening.is_1904);
        let workbook = Arc::new(opening.workbook);
        let source = |chosen| -> Box<dyn Source> {
            let names = request.names.as_ref();
            Box::new(SheetReader::new(
                Arc::clone(&workbook),
                chosen,
                several,
                is_1904,
                options.batch_rows,
                names,
            ))
        };
        Ok(chosen.into_iter().map(source).collect())
    }
}

/// The names in the local headers of a ZIP, as far as they are at hand.
fn entries(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    memchr::memmem::find_iter(head, ZIP).filter_map(move |at| {
        let header = head.get(at..)?;
        let [low, high] = header.get(26..28)?.try_into().ok()?;
        header.get(30..)?.get(..usize::from(u16::from_le_bytes([low, high])))
    })
}
