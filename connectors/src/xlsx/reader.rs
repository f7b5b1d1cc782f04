//! One sheet as a source: its rows become batches of text.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::again::Again;
use super::choose::Chosen;
use super::error::Fault;
use super::feed::Feed;
use super::package::Family;
use super::rows::{Chunk, Row};
use super::survey::Survey;
use super::workbook::Workbook;
use crate::building::{Building, batch_rows};
use crate::request::KnownNames;
use crate::source::{
    Batch, Confidence, Counts, Description, Evidence, Headers, Note, Source, SourceError, Unit,
};

pub(crate) const NAME: &str = "xlsx";

/// Reads one sheet.
pub(super) struct SheetReader {
    /// The workbook, with the sheet where several are read.
    name: String,
    sheet: String,
    workbook: Arc<Workbook>,
    survey: Arc<Survey>,
    description: Description,
    pub(super) headers: Headers,
    schema: SchemaRef,
    /// The first row that may be a record.
    first: u32,
    pub(super) header_cells: Vec<Vec<(u32, String)>>,
    /// The place of each column of the sheet in the schema.
    pub(super) places: Vec<Option<usize>>,
    pub(super) again: Again,
    state: State,
    chunk: Chunk,
    /// The next row in the chunk.
    at: usize,
    /// The last row that was seen.
    pub(super) row: u32,
    /// Rows that are totals if nothing follows, each a chunk of its own.
    pub(super) totals: Vec<Chunk>,
    /// Rows that go first, with whether they looked like totals.
    pub(super) waiting: VecDeque<(Chunk, bool)>,
    pub(super) columns: Vec<StringBuilder>,
    /// The cell for each column of the row at hand.
    pub(super) slots: Vec<Option<usize>>,
    batch_rows: usize,
    pub(super) counts: Counts,
    notes: Vec<Note>,
}

enum State {
    Closed,
    Reading(Feed),
    Ended,
}

impl SheetReader {
    /// `several`: other sheets of the workbook are read as well. `names`: those that the caller knows.
    pub(super) fn new(
        workbook: Arc<Workbook>,
        chosen: Chosen,
        several: bool,
        is_1904: bool,
        wanted_rows: usize,
        names: Option<&KnownNames>,
    ) -> Self {
        let Chosen { sheet, survey, layout, evidence } = chosen;
        let name = if several { format!("{}!{sheet}", workbook.name()) } else { workbook.name().to_owned() };
        let mut again = Again::new(&layout, names);
        if let Some(row) = layout.contradicted {
            again.contradict(row);
        }
        let headers = match layout.header {
            Some(_) => Headers::from_cells(layout.names),
            None => Headers::numbered(layout.columns.len()),
        };
        let fields: Vec<Field> =
            headers.unique.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        let most_rows = batch_rows(wanted_rows, headers.unique.len());
        let mut places = vec![None; survey.last.len()];
        for (place, column) in layout.columns.iter().enumerate() {
            if let Some(at) = places.get_mut(*column as usize) {
                *at = Some(place);
            }
        }
        let header = layout.header;
        let above = header.map_or(layout.first, |(first, _)| first).saturating_sub(1).min(survey.last_row());
        let mut all = vec![format_of(workbook.family()), evidence];
        all.extend(layout.evidence);
        if is_1904 {
            let why = "the workbook says so, and its dates were read so";
            all.push(Evidence::new("dates", "from 1904 on", Confidence::High, why));
        }
        let description = Description {
            header: header.is_some(),
            preamble_lines: u64::from(above),
            preamble: layout.preamble,
            evidence: all.into(),
            ..Description::new(NAME, Unit::Row)
        };
        let counts = Counts {
            preamble_lines: u64::from(above),
            header_lines: header.map_or(0, |(first, last)| u64::from(last.saturating_sub(first)) + 1),
            bytes_in: workbook.bytes(),
            bytes_read: if survey.bytes > 0 { survey.bytes } else { workbook.bytes() },
            ..Counts::default()
        };
        Self {
            name,
            sheet,
            workbook,
            survey: Arc::new(survey),
            description,
            schema: Arc::new(Schema::new(fields)),
            columns: headers.unique.iter().map(|_| StringBuilder::new()).collect(),
            slots: vec![None; headers.unique.len()],
            headers,
            first: layout.first,
            header_cells: layout.header_cells,
            places,
            again,
            state: State::Closed,
            chunk: Chunk::default(),
            at: 0,
            row: layout.first.saturating_sub(1),
            totals: Vec::new(),
            waiting: VecDeque::new(),
            batch_rows: most_rows,
            counts,
            notes: layout.notes,
        }
    }

    /// Adds to the notes; what was said before is counted.
    pub(super) fn note(&mut self, code: crate::source::Code, row: u32, reason: &str) {
        match self.notes.iter_mut().find(|note| note.code == code && note.reason == reason) {
            Some(note) => note.count += 1,
            None => {
                let line_number = i64::from(row);
                self.notes.push(Note { code, line_number, count: 1, reason: reason.to_owned() });
            }
        }
    }

    /// Goes on to the next row below the header, whose chunk is then at hand; `None` at the end of the sheet.
    fn next_row(&mut self) -> Result<Option<Row>, Fault> {
        loop {
            if let Some(row) = self.chunk.rows.get(self.at) {
                self.at += 1;
                if row.number >= self.first {
                    return Ok(Some(*row));
                }
                continue;
            }
            let next = match &mut self.state {
                State::Closed => {
                    let (workbook, survey) = (Arc::clone(&self.workbook), Arc::clone(&self.survey));
                    self.state = State::Reading(Feed::start(workbook, self.sheet.clone(), survey)?);
                    continue;
                }
                State::Reading(feed) => feed.next()?,
                State::Ended => None,
            };
            self.at = 0;
            match next {
                Some(chunk) => self.chunk = chunk,
                None => {
                    (self.state, self.chunk) = (State::Ended, Chunk::default());
                    return Ok(None);
                }
            }
        }
    }

    /// Takes one row further; false at the end.
    fn step(&mut self, batch: &mut Building) -> Result<bool, Fault> {
        if let Some((chunk, looked_like_total)) = self.waiting.pop_front() {
            if let Some(row) = chunk.rows.first() {
                self.take(&chunk, row, looked_like_total, batch);
            }
            return Ok(true);
        }
        let Some(row) = self.next_row()? else {
            self.pass_totals();
            return Ok(false);
        };
        // The chunk is put aside while its row is looked at.
        let chunk = std::mem::take(&mut self.chunk);
        self.look(&chunk, &row, batch);
        self.chunk = chunk;
        Ok(true)
    }
}

fn format_of(family: Family) -> Evidence {
    let (value, why) = match family {
        Family::Xlsx => ("XLSX", "a ZIP with the parts of an Excel workbook"),
        Family::Xlsb => ("XLSB", "a ZIP with the parts of a binary Excel workbook"),
        Family::Xls => ("XLS", "a compound file with an old Excel workbook"),
        Family::Ods => ("ODS", "a ZIP that says it is an OpenDocument spreadsheet"),
    };
    Evidence::new("format", value, Confidence::High, why)
}

impl Source for SheetReader {
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> Description {
        self.description.clone()
    }

    fn headers(&self) -> &Headers {
        &self.headers
    }

    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    fn next_batch(&mut self) -> Result<Option<Batch>, SourceError> {
        let mut batch = Building::default();
        while !batch.is_full(self.batch_rows) {
            match self.step(&mut batch) {
                Ok(true) => {}
                Ok(false) => break,
                Err(fault) => {
                    self.state = State::Ended;
                    self.chunk = Chunk::default();
                    self.totals.clear();
                    return Err(self.workbook.error(&self.name, fault));
                }
            }
        }
        if batch.is_empty() {
            return Ok(None);
        }
        let columns = self.columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef);
        batch.finish(&self.schema, "XLSX_BATCH", |_| Ok(columns.collect())).map(Some)
    }

    fn counts(&self) -> Counts {
        let c = self.counts;
        let lines =
            c.preamble_lines + c.header_lines + c.record_lines + c.rejected_lines + c.passed + c.blank;
        Counts { lines, ..c }
    }

    fn notes(&self) -> &[Note] {
        &self.notes
    }
}
