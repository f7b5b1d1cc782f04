//! A table of a member, opened only while it is read.
//!
//! An archive may have thousands of members, and each that is open holds a temporary file. So every member is opened once to
//! know its columns; the first few stay open, the others are closed again and opened anew when their first batch is asked for.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use super::member;
use super::spool::Spool;
use crate::request::Request;
use crate::source::{Batch, Counts, Description, Evidence, Headers, Note, Source, SourceError};

/// Where a table is.
pub(super) struct Place {
    pub spool: Arc<Spool>,
    pub index: usize,
    pub member: String,
    /// Which of the tables of the member.
    pub table: usize,
    pub request: Request,
}

/// A table of a member.
pub(super) struct Lazy {
    place: Place,
    open: Option<Box<dyn Source>>,
    ended: bool,
    evidence: Evidence,
    /// What is said of the archive, and then of the table.
    notes: Vec<Note>,
    of_archive: usize,
    name: String,
    description: Description,
    headers: Headers,
    schema: SchemaRef,
    counts: Counts,
}

impl Lazy {
    pub(super) fn new(
        place: Place,
        source: Box<dyn Source>,
        evidence: Evidence,
        note: Option<Note>,
        keep: bool,
    ) -> Self {
        let notes: Vec<Note> = note.into_iter().collect();
        Self {
            place,
            ended: false,
            evidence,
            of_archive: notes.len(),
            notes,
            name: source.name().to_owned(),
            description: source.description(),
            headers: source.headers().clone(),
            schema: source.schema(),
            counts: source.counts(),
            open: keep.then_some(source),
        }
    }

    fn source(&mut self) -> Result<&mut Box<dyn Source>, SourceError> {
        let source = match self.open.take() {
            Some(source) => source,
            None => self.again()?,
        };
        Ok(self.open.insert(source))
    }

    /// Opens the table once more.
    fn again(&self) -> Result<Box<dyn Source>, SourceError> {
        let place = &self.place;
        let opened = member::open(&place.spool, place.index, &place.member, &place.request)?;
        let again = opened.into_iter().nth(place.table).filter(|source| source.schema() == self.schema);
        again.ok_or_else(|| {
            SourceError::new(
                "ARCHIVE_CHANGED",
                format!("{} was changed while it was read", self.name),
                "Import it again when nobody writes to it any more.",
            )
        })
    }

    /// Keeps what the table says of itself.
    fn keep(&mut self) {
        let Some(source) = &self.open else { return };
        self.counts = source.counts();
        self.description = source.description();
        self.notes.truncate(self.of_archive);
        self.notes.extend_from_slice(source.notes());
    }
}

impl Source for Lazy {
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> Description {
        let mut description = match &self.open {
            Some(source) => source.description(),
            None => self.description.clone(),
        };
        description.evidence.push(self.evidence.clone());
        description
    }

    fn headers(&self) -> &Headers {
        &self.headers
    }

    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    fn next_batch(&mut self) -> Result<Option<Batch>, SourceError> {
        if self.ended {
            return Ok(None);
        }
        let batch = match self.source() {
            Ok(source) => source.next_batch(),
            Err(error) => Err(error),
        };
        self.keep();
        if !matches!(batch, Ok(Some(_))) {
            self.ended = true;
            self.open = None;
        }
        batch
    }

    fn counts(&self) -> Counts {
        self.counts
    }

    fn notes(&self) -> &[Note] {
        &self.notes
    }
}
