//! Sources of tables read to their end, into something that can be compared.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use importer_connectors::connector::{self, Input, Request, Words};
use importer_connectors::source::{Counts, Description, Finding, Headers, Note, Reject, Source, SourceError};

use crate::support::Drip;

/// A source read to its end, or to what stopped it.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    pub headers: Headers,
    pub description: Description,
    /// All records in one batch.
    pub records: RecordBatch,
    pub lines: Vec<i64>,
    pub rejects: Vec<Reject>,
    pub findings: Vec<Finding>,
    pub notes: Vec<Note>,
    pub counts: Counts,
    pub stopped: Option<SourceError>,
}

impl Table {
    /// Cells as text, NULL as `~`.
    pub fn cells(&self) -> Vec<Vec<String>> {
        let options = FormatOptions::default().with_null("~");
        let columns: Vec<ArrayFormatter<'_>> = self
            .records
            .columns()
            .iter()
            .map(|c| ArrayFormatter::try_new(c, &options).expect("every type has a text"))
            .collect();
        (0..self.records.num_rows())
            .map(|i| columns.iter().map(|c| c.value(i).to_string()).collect())
            .collect()
    }

    pub fn column(&self, name: &str) -> Vec<String> {
        let at = self.headers.unique.iter().position(|n| n == name).expect("there is such a column");
        self.cells().into_iter().map(|mut row| row.swap_remove(at)).collect()
    }

    pub fn types(&self) -> Vec<String> {
        self.records.schema().fields().iter().map(|f| f.data_type().to_string()).collect()
    }

    pub fn why(&self, item: &str) -> &str {
        self.description.evidence.why(item).map_or("", |e| e.value.as_str())
    }
}

pub fn request(words: &[(&str, &str)], batch_rows: usize) -> Request {
    Request { words: words.iter().copied().collect::<Words>(), batch_rows, ..Request::default() }
}

/// Reads a source as far as it goes.
pub fn drain(source: &mut dyn Source, batch_rows: usize) -> Table {
    let schema = source.schema();
    let mut batches = Vec::new();
    let (mut lines, mut rejects, mut findings) = (vec![], vec![], vec![]);
    let stopped = loop {
        match source.next_batch() {
            Ok(None) => break None,
            Err(error) => {
                assert!(source.next_batch().expect("nothing comes after an error").is_none());
                assert!(error.help().len() > 10 && !error.code().is_empty());
                break Some(error);
            }
            Ok(Some(batch)) => {
                assert!(batch.records.num_rows() <= batch_rows);
                assert_eq!(batch.records.num_rows(), batch.line_numbers.len());
                assert_eq!(batch.records.schema(), schema);
                lines.extend(batch.line_numbers.values().iter().copied());
                rejects.extend(batch.rejects);
                findings.extend(batch.findings);
                batches.push(batch.records);
            }
        }
    };
    let counts = source.counts();
    assert_eq!(counts.records, lines.len() as u64);
    assert_eq!(counts.rejected, rejects.len() as u64);
    assert!(lines.is_sorted_by(|a, b| a < b));
    assert!(schema.fields().iter().all(|f| f.is_nullable()));
    let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    assert_eq!(source.headers().unique, names);
    Table {
        name: source.name().to_owned(),
        headers: source.headers().clone(),
        description: source.description(),
        records: concat_batches(&schema, &batches).expect("one schema"),
        lines,
        rejects,
        findings,
        notes: source.notes().to_vec(),
        counts,
        stopped,
    }
}

/// All tables of an input.
pub fn open_all(
    connector: &str,
    input: Input,
    words: &[(&str, &str)],
    batch_rows: usize,
) -> Result<Vec<Table>, SourceError> {
    let mut sources = connector::open(connector, input, &request(words, batch_rows))?;
    Ok(sources.iter_mut().map(|s| drain(s.as_mut(), batch_rows)).collect())
}

/// The one table in these bytes, read as `file`, in several ways that must give the same.
#[track_caller]
pub fn read_with(data: &[u8], words: &[(&str, &str)]) -> Table {
    let read = |input, rows| match open_all("file", input, words, rows) {
        Ok(mut tables) => {
            assert_eq!(tables.len(), 1);
            tables.remove(0)
        }
        Err(error) => panic!("{error}: {:?}\n{}", std::error::Error::source(&error), error.help()),
    };
    let whole = read(Input::bytes("test.bin", data.to_vec()), 8192);
    let slow = read(Input::stream("test.bin", Drip { data: data.to_vec(), at: 0, step: 7 }), 3);
    assert_eq!(whole.cells(), slow.cells());
    assert_eq!(whole.lines, slow.lines);
    assert_eq!(whole.findings, slow.findings);
    assert_eq!(whole.rejects, slow.rejects);
    assert_eq!(whole.counts, slow.counts);
    assert_eq!(
        whole.stopped.as_ref().map(ToString::to_string),
        slow.stopped.as_ref().map(ToString::to_string)
    );
    whole
}

#[track_caller]
pub fn read(data: &[u8]) -> Table {
    let table = read_with(data, &[]);
    assert!(table.stopped.is_none(), "{:?}", table.stopped);
    table
}

/// The code with which these bytes are refused.
#[track_caller]
pub fn refused(connector: &str, data: &[u8], words: &[(&str, &str)]) -> SourceError {
    match open_all(connector, Input::bytes("test.bin", data.to_vec()), words, 8192) {
        Ok(tables) => panic!("it was read: {:?}", tables.iter().map(|t| &t.description).collect::<Vec<_>>()),
        Err(error) => {
            assert!(error.help().len() > 10);
            error
        }
    }
}
