//! A workbook that has been checked, shared by the sources of its sheets.

use std::io::{Read, Seek};
use std::sync::{Mutex, PoisonError};

use super::book::{Book, Sheet, caught};
use super::error::Fault;
use super::options::Options;
use super::package::{self, Family, Parts, Zip};
use super::rows::Sink;
use super::sample::Sample;
use super::survey::Survey;
use super::view::View;
use super::{sheet_ods, sheet_xls, sheet_xlsb, sheet_xml};
use crate::request::Input;
use crate::source::SourceError;

/// Signatures of the files that hold workbooks.
pub(super) const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
pub(super) const ZIP: &[u8] = b"PK\x03\x04";

/// A workbook, opened anew where another sheet of it is being read.
pub(super) struct Workbook {
    name: String,
    family: Family,
    view: View,
    limit: u64,
    cell_bytes: usize,
    idle: Mutex<Option<Book>>,
}

/// What is at hand while a workbook is being opened.
pub(super) struct Opening {
    pub workbook: Workbook,
    pub sheets: Vec<Sheet>,
    pub is_1904: bool,
    zip: Option<Zip>,
    parts: Parts,
    surveys: Vec<Survey>,
    /// Bytes that may still be unpacked.
    budget: u64,
}

impl Workbook {
    /// Checks the parts of a workbook, then opens it.
    pub(super) fn open(input: Input, options: &Options) -> Result<Opening, SourceError> {
        let name = input.name().to_owned();
        let limit = options.unpacked_bytes;
        let file = input.into_file(limit)?;
        caught(|| Self::check(name.clone(), file, options)).map_err(|fault| fault.of(&name, limit))
    }

    fn check(name: String, file: std::fs::File, options: &Options) -> Result<Opening, Fault> {
        let mut view = View::new(file)?;
        let mut budget = options.unpacked_bytes;
        let mut magic = Vec::new();
        (&mut view).take(8).read_to_end(&mut magic)?;
        view.rewind()?;
        let (mut zip, mut parts, mut surveys) = (None, Parts::default(), Vec::new());
        let family = if magic.starts_with(OLE) {
            surveys = sheet_xls::survey(&view)?;
            Family::Xls
        } else if magic.starts_with(b"PK") {
            let zip = zip.insert(package::open(&view)?);
            let family = package::family(zip, budget)?;
            match family {
                Family::Xlsx => parts = package::check_xlsx(zip, &mut budget)?,
                Family::Xlsb => {
                    package::check_xlsb(zip, &mut budget)?;
                    surveys = sheet_xlsb::survey(zip, &mut budget)?;
                }
                Family::Ods => surveys = sheet_ods::survey(zip, &mut budget)?,
                Family::Xls => {}
            }
            family
        } else if magic.is_empty() {
            return Err(Fault::Other("an empty file"));
        } else {
            return Err(Fault::Other("a file of another format"));
        };
        let book = Book::open(family, &view)?;
        let sheets = book.sheets();
        let mut names: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return Err(Fault::damaged("two of its sheets have the same name"));
        }
        let is_1904 = book.is_1904();
        let (limit, cell_bytes) = (options.unpacked_bytes, options.cell_bytes);
        let workbook = Self { name, family, view, limit, cell_bytes, idle: Mutex::new(Some(book)) };
        Ok(Opening { workbook, sheets, is_1904, zip, parts, surveys, budget })
    }

    pub(super) fn family(&self) -> Family {
        self.family
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Bytes of the file.
    pub(super) fn bytes(&self) -> u64 {
        self.view.len()
    }

    pub(super) fn error(&self, name: &str, fault: Fault) -> SourceError {
        fault.of(name, self.limit)
    }

    /// Hands over the rows of a sheet until the sink wants no more.
    pub(super) fn read(&self, sheet: &str, survey: &Survey, sink: &mut Sink<'_>) -> Result<(), Fault> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut book = match idle {
            Some(book) => book,
            None => Book::open(self.family, &self.view)?,
        };
        book.read(sheet, survey, self.cell_bytes, sink)?;
        *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(book);
        Ok(())
    }
}

impl Opening {
    /// Looks through a sheet without keeping its rows.
    pub(super) fn survey(&mut self, index: usize) -> Result<Survey, Fault> {
        let Some(sheet) = self.sheets.get(index) else { return Ok(Survey::default()) };
        if self.workbook.family == Family::Xlsx {
            let (Some(zip), Some(path)) = (self.zip.as_mut(), self.parts.sheets.get(index)) else {
                return Err(Fault::damaged("a sheet in its list has no part"));
            };
            let missing = || Fault::damaged("the part of a sheet is not there");
            let name = package::find(zip, path).ok_or_else(missing)?;
            return sheet_xml::survey(zip.by_name(&name)?, &mut self.budget, self.parts.strings);
        }
        let mut survey = self.surveys.get_mut(index).map(std::mem::take).unwrap_or_default();
        let mut idle = self.workbook.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(book) = idle.as_mut() {
            book.survey(&sheet.name, &mut survey)?;
        }
        Ok(survey)
    }

    /// The first rows of a sheet.
    pub(super) fn sample(&self, index: usize, survey: &Survey, options: &Options) -> Result<Sample, Fault> {
        let mut sample = Sample::default();
        if let Some(sheet) = self.sheets.get(index) {
            let skip = options.skip_lines.unwrap_or(0);
            self.workbook.read(&sheet.name, survey, &mut |chunk| sample.take(&chunk, skip))?;
        }
        Ok(sample)
    }
}
