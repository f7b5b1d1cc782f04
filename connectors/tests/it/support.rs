//! Reading a whole file into something that can be compared.

use std::io::{self, Read};

use arrow::array::{Array, AsArray};
use importer_connectors::csv::{CsvCode, CsvError, CsvOptions, CsvReader, Dialect};
use importer_connectors::source::{Code, Counts, Finding, Headers, Note, Reject};

/// A file read to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    pub headers: Headers,
    pub dialect: Dialect,
    pub rows: Vec<Vec<Option<String>>>,
    pub lines: Vec<i64>,
    pub rejects: Vec<Reject>,
    pub findings: Vec<Finding>,
    pub notes: Vec<Note>,
    pub counts: Counts,
}

impl Whole {
    /// Cells as text, NULL as `~`.
    pub fn cells(&self) -> Vec<Vec<&str>> {
        self.rows.iter().map(|r| r.iter().map(|c| c.as_deref().unwrap_or("~")).collect()).collect()
    }

    /// Line and code of each reject.
    pub fn rejected(&self) -> Vec<(i64, CsvCode)> {
        self.rejects.iter().map(|r| (r.line_number, csv_code(r.code))).collect()
    }

    /// Line and code of each note.
    pub fn noted(&self) -> Vec<(i64, CsvCode)> {
        self.notes.iter().map(|n| (n.line_number, csv_code(n.code))).collect()
    }

    pub fn names(&self) -> Vec<&str> {
        self.headers.unique.iter().map(String::as_str).collect()
    }
}

/// The code of delimited text behind a code.
fn csv_code(code: Code) -> CsvCode {
    *CsvCode::ALL.iter().find(|c| code == **c).unwrap()
}

/// Delivers at most so many bytes at a time.
pub struct Drip {
    pub data: Vec<u8>,
    pub at: usize,
    pub step: usize,
}

impl Read for Drip {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.step.min(buf.len()).min(self.data.len() - self.at);
        buf[..n].copy_from_slice(&self.data[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

pub fn try_read_from(input: Box<dyn Read + Send>, options: &CsvOptions) -> Result<Whole, CsvError> {
    let mut reader = CsvReader::open(input, "test.csv", options)?;
    let mut whole = Whole {
        headers: reader.headers().clone(),
        dialect: reader.dialect().clone(),
        rows: vec![],
        lines: vec![],
        rejects: vec![],
        findings: vec![],
        notes: vec![],
        counts: Counts::default(),
    };
    let width = whole.headers.unique.len();
    while let Some(batch) = reader.next_batch()? {
        assert!(batch.records.num_rows() <= options.batch_rows);
        assert_eq!(batch.records.num_columns(), width);
        assert_eq!(batch.records.schema(), reader.schema());
        assert_eq!(batch.records.num_rows(), batch.line_numbers.len());
        for row in 0..batch.records.num_rows() {
            let cell = |column: &std::sync::Arc<dyn Array>| {
                let column = column.as_string::<i32>();
                (!column.is_null(row)).then(|| column.value(row).to_owned())
            };
            whole.rows.push(batch.records.columns().iter().map(cell).collect());
            whole.lines.push(batch.line_numbers.value(row));
        }
        whole.rejects.extend(batch.rejects);
        whole.findings.extend(batch.findings);
    }
    whole.counts = reader.counts();
    whole.notes = reader.notes().to_vec();
    whole.dialect = reader.dialect().clone();
    check_counts(&whole);
    Ok(whole)
}

/// Every physical line is in exactly one place.
fn check_counts(whole: &Whole) {
    let c = whole.counts;
    assert_eq!(c.records, whole.rows.len() as u64);
    assert_eq!(c.rejected, whole.rejects.len() as u64);
    assert_eq!(c.rejected_lines, whole.rejects.iter().map(|r| r.line_count as u64).sum::<u64>());
    assert_eq!(
        c.lines,
        c.preamble_lines + c.header_lines + c.record_lines + c.rejected_lines + c.passed + c.blank
    );
    let mut starts: Vec<i64> =
        whole.lines.iter().copied().chain(whole.rejects.iter().map(|r| r.line_number)).collect();
    starts.sort_unstable();
    let all = starts.len();
    starts.dedup();
    assert_eq!(starts.len(), all, "a line was used twice");
}

pub fn try_read(data: &[u8], options: &CsvOptions) -> Result<Whole, CsvError> {
    try_read_from(Box::new(io::Cursor::new(data.to_vec())), options)
}

#[track_caller]
pub fn read_with(data: impl AsRef<[u8]>, options: &CsvOptions) -> Whole {
    match try_read(data.as_ref(), options) {
        Ok(whole) => whole,
        Err(e) => panic!("{e}\n{}", e.help()),
    }
}

#[track_caller]
pub fn read(data: impl AsRef<[u8]>) -> Whole {
    read_with(data, &CsvOptions::default())
}

pub fn options(set: impl FnOnce(&mut CsvOptions)) -> CsvOptions {
    let mut options = CsvOptions::default();
    set(&mut options);
    options
}
