//! Workbooks as calamine opens them: their sheets, and the rows of one of them.

use calamine::{
    Data, Ods, OdsError, Range, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsb, XlsbError, Xlsx,
    XlsxError,
};

use super::cell::{Kind, Value};
use super::error::Fault;
use super::format::Format;
use super::order::Held;
use super::package::{Bytes, Family};
use super::rows::{Rows, Sink};
use super::survey::Survey;
use super::view::View;
use crate::guard;

/// A workbook that is open.
pub(super) enum Book {
    Xlsx(Box<Xlsx<Bytes>>),
    Xlsb(Box<Xlsb<Bytes>>),
    Xls(Box<Xls<Bytes>>),
    Ods(Box<Ods<Bytes>>),
}

/// A sheet in the list of a workbook.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sheet {
    pub name: String,
    /// It has rows: it is no chart, dialogue or macro.
    pub is_table: bool,
    pub visible: bool,
}

/// Runs what may stumble over bytes that nobody foresaw: the readers below index records by what the file says.
pub(super) fn caught<T>(run: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    guard::caught(run).unwrap_or_else(|_| Err(Fault::damaged("its parts contradict each other")))
}

impl Book {
    /// Opens the workbook; its parts have been gone through.
    pub(super) fn open(family: Family, view: &View) -> Result<Self, Fault> {
        let mut view = view.clone();
        std::io::Seek::rewind(&mut view)?;
        let bytes = Bytes::with_capacity(64 << 10, view);
        caught(|| {
            Ok(match family {
                Family::Xlsx => Self::Xlsx(Box::new(Xlsx::new(bytes)?)),
                Family::Xlsb => Self::Xlsb(Box::new(Xlsb::new(bytes)?)),
                Family::Xls => Self::Xls(Box::new(Xls::new(bytes)?)),
                Family::Ods => Self::Ods(Box::new(Ods::new(bytes)?)),
            })
        })
    }

    pub(super) fn sheets(&self) -> Vec<Sheet> {
        let list = match self {
            Self::Xlsx(book) => book.sheets_metadata(),
            Self::Xlsb(book) => book.sheets_metadata(),
            Self::Xls(book) => book.sheets_metadata(),
            Self::Ods(book) => book.sheets_metadata(),
        };
        let sheet = |s: &calamine::Sheet| Sheet {
            name: s.name.clone(),
            is_table: s.typ == SheetType::WorkSheet,
            visible: s.visible == SheetVisible::Visible,
        };
        list.iter().map(sheet).collect()
    }

    /// Dates count from 1904.
    pub(super) fn is_1904(&self) -> bool {
        match self {
            Self::Xlsx(book) => book.has_1904_epoch(),
            Self::Xlsb(book) => book.has_1904_epoch(),
            Self::Xls(book) => book.has_1904_epoch(),
            Self::Ods(_) => false,
        }
    }

    /// Hands over the rows of a sheet until the sink wants no more.
    pub(super) fn read(
        &mut self,
        sheet: &str,
        survey: &Survey,
        cell_bytes: usize,
        sink: &mut Sink<'_>,
    ) -> Result<(), Fault> {
        let epoch = self.is_1904();
        if survey.unordered.is_none() {
            return caught(|| self.read_in_file_order(sheet, survey, Rows::new(cell_bytes, epoch, sink)));
        }
        let mut held = Held::default();
        let mut keep = |chunk| held.keep(chunk);
        caught(|| self.read_in_file_order(sheet, survey, Rows::new(cell_bytes, epoch, &mut keep)))?;
        held.hand_over(sink)
    }

    /// Adds the columns in use to the survey of a sheet that is held in memory.
    pub(super) fn survey(&mut self, sheet: &str, survey: &mut Survey) -> Result<(), Fault> {
        caught(|| match self {
            Self::Xlsx(_) | Self::Xlsb(_) => Ok(()),
            Self::Xls(book) => survey_range(&book.worksheet_range(sheet)?, survey),
            Self::Ods(book) => survey_range(&book.worksheet_range(sheet)?, survey),
        })
    }

    fn read_in_file_order(&mut self, sheet: &str, survey: &Survey, rows: Rows<'_>) -> Result<(), Fault> {
        match self {
            Self::Xlsx(book) => read_xlsx(book, sheet, survey, rows),
            Self::Xlsb(book) => read_xlsb(book, sheet, survey, rows),
            Self::Xls(book) => {
                read_range(&book.worksheet_range(sheet)?, survey, rows);
                Ok(())
            }
            Self::Ods(book) => {
                read_range(&book.worksheet_range(sheet)?, survey, rows);
                Ok(())
            }
        }
    }
}

fn read_xlsx(book: &mut Xlsx<Bytes>, sheet: &str, survey: &Survey, mut rows: Rows<'_>) -> Result<(), Fault> {
    let mut cells = book.worksheet_cells_reader(sheet)?;
    let code = |style: &calamine::Style| {
        style.number_format.as_ref().map_or_else(Format::default, |f| Format::of(&f.format_code))
    };
    let formats: Vec<Format> = cells.styles().iter().map(code).collect();
    let mut told = survey.told.iter().copied().peekable();
    while !rows.stopped {
        match cells.next_cell_with_style_id() {
            Ok(Some((cell, style))) => {
                let (row, column) = cell.get_position();
                match told.next_if(|(r, c, _)| (*r, *c) == (row, column)) {
                    Some((_, _, kind)) => rows.without_value(row, column, kind),
                    None => {
                        let format = formats.get(style).copied().unwrap_or_default();
                        rows.value(row, column, Value::from(cell.get_value()), format);
                    }
                }
            }
            Ok(None) => break,
            // The cell is one that the survey has told of: the stream goes on behind it.
            Err(error) => match told.next_if(|(_, _, kind)| *kind != Kind::NoResult && is_of_cell(&error)) {
                Some((row, column, kind)) => rows.without_value(row, column, kind),
                None => return Err(error.into()),
            },
        }
    }
    rows.finish();
    Ok(())
}

/// The error is about the value of one cell.
fn is_of_cell(error: &XlsxError) -> bool {
    use XlsxError::{CellError, CellTAttribute, ParseFloat, Unexpected, Unrecognized};
    matches!(error, CellError(_) | CellTAttribute(_) | ParseFloat(_) | Unexpected(_) | Unrecognized { .. })
}

fn read_xlsb(book: &mut Xlsb<Bytes>, sheet: &str, survey: &Survey, mut rows: Rows<'_>) -> Result<(), Fault> {
    let mut cells = book.worksheet_cells_reader(sheet)?;
    let mut told = survey.told.iter().copied().peekable();
    while !rows.stopped {
        let Some(cell) = cells.next_cell()? else { break };
        let (row, column) = cell.get_position();
        // Errors of formulas are not given as cells: the survey has told of them.
        while let Some((row, column, kind)) = told.next_if(|(r, c, _)| (*r, *c) < (row, column)) {
            rows.without_value(row, column, kind);
        }
        match told.next_if(|(r, c, _)| (*r, *c) == (row, column)) {
            Some((_, _, kind)) => rows.without_value(row, column, kind),
            None => rows.value(row, column, Value::from(cell.get_value()), survey.format(row, column)),
        }
    }
    for (row, column, kind) in told {
        rows.without_value(row, column, kind);
    }
    rows.finish();
    Ok(())
}

fn read_range(range: &Range<Data>, survey: &Survey, mut rows: Rows<'_>) {
    let (top, left) = range.start().unwrap_or_default();
    let mut told = survey.told.iter().copied().peekable();
    for (row, cells) in (top..).zip(range.rows()) {
        if rows.stopped {
            return;
        }
        for (column, cell) in (left..).zip(cells) {
            let format = survey.format(row, column);
            while let Some((row, column, kind)) = told.next_if(|(r, c, _)| (*r, *c) < (row, column)) {
                rows.without_value(row, column, kind);
            }
            match told.next_if(|(r, c, _)| (*r, *c) == (row, column)) {
                Some((_, _, kind)) => rows.without_value(row, column, kind),
                None => rows.value(row, column, Value::from(cell), format),
            }
        }
    }
    for (row, column, kind) in told {
        rows.without_value(row, column, kind);
    }
    rows.finish();
}

/// The columns in use of a sheet, by its cells.
fn survey_range(range: &Range<Data>, survey: &mut Survey) -> Result<(), Fault> {
    let (top, left) = range.start().unwrap_or_default();
    for (row, cells) in (top..).zip(range.rows()) {
        for (column, cell) in (left..).zip(cells) {
            if !matches!(cell, Data::Empty) {
                survey.filled(row, column)?;
            }
        }
    }
    survey.use_told();
    Ok(())
}

impl From<XlsxError> for Fault {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::Io(error) => error.into(),
            XlsxError::Zip(error) => error.into(),
            XlsxError::Xml(error) => error.into(),
            XlsxError::Password => Self::Password,
            other => Self::damaged(without_values(&other.to_string())),
        }
    }
}

impl From<XlsbError> for Fault {
    fn from(error: XlsbError) -> Self {
        match error {
            XlsbError::Io(error) => error.into(),
            XlsbError::Zip(error) => error.into(),
            XlsbError::Xml(error) => error.into(),
            XlsbError::Password => Self::Password,
            other => Self::damaged(without_values(&other.to_string())),
        }
    }
}

impl From<XlsError> for Fault {
    fn from(error: XlsError) -> Self {
        match error {
            XlsError::Io(error) => error.into(),
            XlsError::Password => Self::Password,
            XlsError::Cfb(_) => Self::damaged("its compound file contradicts itself"),
            other => Self::damaged(without_values(&other.to_string())),
        }
    }
}

impl From<OdsError> for Fault {
    fn from(error: OdsError) -> Self {
        match error {
            OdsError::Io(error) => error.into(),
            OdsError::Zip(error) => error.into(),
            OdsError::Xml(error) => error.into(),
            OdsError::Password => Self::Password,
            OdsError::CellLimitExceeded { max, .. } => Self::Large("cells", max as u64),
            other => Self::damaged(without_values(&other.to_string())),
        }
    }
}

/// What a message of the reader says before it quotes the file.
fn without_values(message: &str) -> String {
    message.split(['\'', '"', ':', '{']).next().unwrap_or_default().trim().to_owned()
}
