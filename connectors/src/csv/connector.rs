//! Delimited text as a connector: options by their words, a reader as a source.

use arrow::datatypes::SchemaRef;

use super::input::Input as Bytes;
use super::{CsvError, CsvOptions, CsvReader};
use crate::request::{Connector, Input, OptionWord, Request, Words};
use crate::source::{
    Batch, Confidence, Counts, Description, Evidence, Headers, Note, Source, SourceError, Unit,
};

/// Delimited text: commas, semicolons, tabs, or whatever stands between the cells.
pub struct Csv;

pub(crate) const NAME: &str = "csv";

const WORDS: [OptionWord; 12] = [
    OptionWord::new(
        "delimiter",
        "CHAR",
        "Between cells: a character, a doubled one, or comma, semicolon, tab, pipe, colon, caret, space",
    ),
    OptionWord::new("quote", "CHAR", "Around cells: a character, or none"),
    OptionWord::new("escape", "HOW", "A quote in a quoted cell: doubled or backslash"),
    OptionWord::new("encoding", "NAME", "Encoding, such as utf-8 or windows-1252"),
    OptionWord::new("header", "BOOL", "The first row names the columns: true or false"),
    OptionWord::new("skip_lines", "N", "Lines above the header"),
    OptionWord::new("ragged", "HOW", "Short records: reject or pad"),
    OptionWord::new("line_ending", "NAME", "lf, crlf, cr or mixed"),
    OptionWord::new("compression", "NAME", "none, gz or zst"),
    OptionWord::new("max_cell_bytes", "N", "Longest quoted cell, in bytes"),
    OptionWord::new("max_cell_lines", "N", "Most lines in a quoted cell"),
    OptionWord::new("max_record_bytes", "N", "Longest line and longest record, in bytes"),
];

impl Connector for Csv {
    fn name(&self) -> &'static str {
        NAME
    }

    fn words(&self) -> &'static [OptionWord] {
        &WORDS
    }

    fn check(&self, words: &Words) -> Result<(), SourceError> {
        options(words).map(|_| ())
    }

    /// Text has no mark of its own: it is what is left when nothing else was recognised.
    fn recognise(&self, _head: &[u8]) -> Option<Evidence> {
        None
    }

    /// Its counts tell of both sides of the compression.
    fn unpacks(&self) -> bool {
        true
    }

    fn open(&self, input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
        let options = options(&request.words)?;
        let options = CsvOptions { batch_rows: request.batch_rows, names: request.names.clone(), ..options };
        let name = input.name().to_owned();
        Ok(vec![Box::new(CsvReader::open(input.into_read(), &name, &options)?)])
    }
}

/// Options from their words; those of other connectors are passed over.
fn options(words: &Words) -> Result<CsvOptions, SourceError> {
    let mut options = CsvOptions {
        delimiter: words.get("delimiter")?,
        quote: words.get("quote")?,
        escape: words.get("escape")?,
        encoding: words.get("encoding")?,
        line_ending: words.get("line_ending")?,
        compression: words.get("compression")?,
        header: words.get("header")?,
        skip_lines: words.get("skip_lines")?,
        ragged: words.get("ragged")?,
        ..CsvOptions::default()
    };
    let limits = &mut options.limits;
    limits.field_bytes = words.get("max_cell_bytes")?.unwrap_or(limits.field_bytes);
    limits.field_lines = words.get("max_cell_lines")?.unwrap_or(limits.field_lines);
    limits.line_bytes = words.get("max_record_bytes")?.unwrap_or(limits.line_bytes);
    Ok(options)
}

impl Source for CsvReader {
    fn name(&self) -> &str {
        self.name()
    }

    fn description(&self) -> Description {
        let dialect = self.dialect();
        let format = Evidence::new("format", "CSV", Confidence::High, "it is delimited text");
        Description {
            header: dialect.header,
            preamble_lines: dialect.preamble_lines,
            preamble: dialect.preamble.clone(),
            evidence: std::iter::once(format).chain(dialect.evidence.iter().cloned()).collect(),
            dialect: Some(dialect.clone()),
            ..Description::new(NAME, Unit::Line)
        }
    }

    fn headers(&self) -> &Headers {
        self.headers()
    }

    fn schema(&self) -> SchemaRef {
        self.schema()
    }

    fn next_batch(&mut self) -> Result<Option<Batch>, SourceError> {
        Ok(self.next_batch()?)
    }

    fn counts(&self) -> Counts {
        self.counts()
    }

    fn notes(&self) -> &[Note] {
        self.notes()
    }
}

impl From<CsvError> for SourceError {
    fn from(error: CsvError) -> Self {
        Self::new(error.code(), error.to_string(), error.help()).with_cause(error)
    }
}

/// The beginning of what a compressed file holds, at most `limit` bytes; nothing where it is not compressed.
pub fn inflated(head: &[u8], limit: usize) -> Vec<u8> {
    let Ok(mut input) = Bytes::open(Box::new(std::io::Cursor::new(head.to_vec())), "", None) else {
        return Vec::new();
    };
    if input.compression() == super::Compression::None {
        return Vec::new();
    }
    let mut text = vec![0; limit];
    let mut have = 0;
    // The head ends in the middle of the data: what came before that counts.
    while let Some(rest @ [_, ..]) = text.get_mut(have..have + 512.min(limit - have)) {
        match input.fill(rest) {
            Ok(0) | Err(_) => break,
            Ok(n) => have += n,
        }
    }
    text.truncate(have);
    text
}
