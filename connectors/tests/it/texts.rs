//! Reading a text format to its end through its connector, into something that can be compared.

use std::io::Read;

use arrow::array::{Array, AsArray};
use importer_connectors::connector::{self, Input, Request, Words};
use importer_connectors::source::{Counts, Description, Finding, Note, Reject, Source, SourceError, Unit};

/// A source read as far as it goes.
#[derive(Debug)]
pub struct All {
    pub description: Description,
    pub names: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
    pub lines: Vec<i64>,
    pub rejects: Vec<Reject>,
    pub findings: Vec<Finding>,
    pub notes: Vec<Note>,
    pub counts: Counts,
    /// What stopped it.
    pub error: Option<SourceError>,
}

impl All {
    /// Cells as text, NULL as `~`.
    pub fn cells(&self) -> Vec<Vec<&str>> {
        self.rows.iter().map(|r| r.iter().map(|c| c.as_deref().unwrap_or("~")).collect()).collect()
    }

    /// The cells of one column.
    #[track_caller]
    pub fn column(&self, name: &str) -> Vec<&str> {
        let at =
            self.names.iter().position(|n| n == name).unwrap_or_else(|| panic!("{name}: {:?}", self.names));
        self.rows.iter().map(|row| row[at].as_deref().unwrap_or("~")).collect()
    }

    /// Line and code of each reject.
    pub fn rejected(&self) -> Vec<(i64, &'static str)> {
        self.rejects.iter().map(|r| (r.line_number, r.code.as_str())).collect()
    }

    /// Line and code of each finding.
    pub fn found(&self) -> Vec<(i64, &'static str)> {
        self.findings.iter().map(|f| (f.line_number, f.code.as_str())).collect()
    }

    /// Line, count and code of each note.
    pub fn noted(&self) -> Vec<(i64, u64, &'static str)> {
        self.notes.iter().map(|n| (n.line_number, n.count, n.code.as_str())).collect()
    }

    /// What must not depend on the sizes of batches and reads.
    pub fn essence(&self) -> String {
        format!(
            "{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}",
            self.names,
            self.rows,
            self.lines,
            self.rejects,
            self.findings,
            self.notes,
            self.counts,
            self.error.as_ref().map(ToString::to_string)
        )
    }
}

/// Opens with `name`, and reads in batches of so many records.
pub fn open(
    name: &str,
    input: impl Read + Send + 'static,
    words: &[(&str, &str)],
    batch_rows: usize,
) -> Result<All, SourceError> {
    let words: Words = words.iter().copied().collect();
    let request = Request { words, batch_rows, ..Request::default() };
    let mut sources = connector::open(name, Input::stream("test.file", input), &request)?;
    assert_eq!(sources.len(), 1);
    Ok(read(sources.remove(0).as_mut(), batch_rows))
}

fn read(source: &mut dyn Source, batch_rows: usize) -> All {
    let mut all = All {
        description: source.description(),
        names: source.headers().unique.clone(),
        rows: vec![],
        lines: vec![],
        rejects: vec![],
        findings: vec![],
        notes: vec![],
        counts: Counts::default(),
        error: None,
    };
    loop {
        let batch = match source.next_batch() {
            Ok(Some(batch)) => batch,
            Ok(None) => break,
            Err(error) => {
                all.error = Some(error);
                assert!(source.next_batch().unwrap().is_none(), "nothing comes after an error");
                break;
            }
        };
        assert!(batch.records.num_rows() <= batch_rows);
        assert!(batch.records.num_rows() + batch.rejects.len() > 0);
        assert_eq!(batch.records.schema(), source.schema());
        assert_eq!(batch.records.num_rows(), batch.line_numbers.len());
        for row in 0..batch.records.num_rows() {
            let cell = |column: &std::sync::Arc<dyn Array>| {
                let column = column.as_string::<i32>();
                (!column.is_null(row)).then(|| column.value(row).to_owned())
            };
            all.rows.push(batch.records.columns().iter().map(cell).collect());
            all.lines.push(batch.line_numbers.value(row));
        }
        all.rejects.extend(batch.rejects);
        all.findings.extend(batch.findings);
    }
    // What is told late, such as an encoding, is told by now.
    all.description = source.description();
    all.counts = source.counts();
    all.notes = source.notes().to_vec();
    check(&all);
    all
}

/// Every record and every line is in exactly one place.
fn check(all: &All) {
    let c = all.counts;
    assert_eq!(c.records, all.rows.len() as u64);
    assert_eq!(c.rejected, all.rejects.len() as u64);
    assert_eq!(c.rejected_lines, all.rejects.iter().map(|r| r.line_count as u64).sum::<u64>());
    let sum = c.preamble_lines + c.header_lines + c.record_lines + c.rejected_lines + c.passed + c.blank;
    assert_eq!(c.lines, sum);
    if all.description.unit == Unit::Record {
        assert_eq!(c.lines, c.records + c.rejected);
    }
    assert!(all.lines.is_sorted());
    let mut starts: Vec<i64> =
        all.lines.iter().copied().chain(all.rejects.iter().map(|r| r.line_number)).collect();
    starts.sort_unstable();
    let count = starts.len();
    starts.dedup();
    assert_eq!(starts.len(), count, "a place was used twice");
    assert!(all.findings.iter().all(|f| all.lines.binary_search(&f.line_number).is_ok()));
    assert_eq!(all.description.evidence[0].item, "format");
}

/// Reads bytes that can be opened.
#[track_caller]
pub fn all(name: &str, data: impl AsRef<[u8]>, words: &[(&str, &str)]) -> All {
    let data = data.as_ref().to_vec();
    match open(name, std::io::Cursor::new(data), words, 8192) {
        Ok(all) => all,
        Err(e) => panic!("{}: {e}\n{}", e.code(), e.help()),
    }
}

/// The error of bytes that cannot be opened.
#[track_caller]
pub fn refused(name: &str, data: impl AsRef<[u8]>, words: &[(&str, &str)]) -> SourceError {
    open(name, std::io::Cursor::new(data.as_ref().to_vec()), words, 8192).unwrap_err()
}
