//! Raw batches of a format as a source: cut, brought into plain types, counted.

use arrow::array::{Int64Array, RecordBatch};
use arrow::datatypes::SchemaRef;

use super::format::{Format, Rows};
use super::table::{Stretch, Table};
use crate::guard::guarded;
use crate::source::{
    Batch, Confidence, Counts, Description, Evidence, Finding, Headers, Note, Reject, Source, SourceError,
};

/// A batch takes about so much at most: 64 MiB.
const BATCH_BYTES: u64 = 64 << 20;

/// A record takes about so much at most: 256 MiB.
const RECORD_BYTES: u64 = 256 << 20;

/// A source whose records come in raw batches.
pub(crate) struct Columns<R> {
    /// In messages.
    name: String,
    rows: R,
    table: Table,
    batch_rows: usize,
    /// What was read and not yet handed out.
    raw: Option<RecordBatch>,
    counts: Counts,
    ended: bool,
}

impl<R: Rows> Columns<R> {
    pub(crate) fn new(name: &str, rows: R, table: Table, batch_rows: usize) -> Self {
        let counts = Counts::default();
        Self {
            name: name.to_owned(),
            rows,
            table,
            batch_rows: batch_rows.max(1),
            raw: None,
            counts,
            ended: false,
        }
    }

    fn format(&self) -> &'static Format {
        self.rows.format()
    }

    /// The next records, as many as a batch may hold; the rest stays.
    fn next_stretch(&mut self) -> Result<Option<(RecordBatch, u64)>, SourceError> {
        let raw = loop {
            match self.raw.take() {
                Some(raw) if raw.num_rows() > 0 => break raw,
                _ => {}
            }
            match self.rows.next_rows(self.batch_rows)? {
                Some(raw) => self.raw = Some(raw),
                None => return Ok(None),
            }
        };
        let mut rows = raw.num_rows().min(self.batch_rows);
        let mut weight = self.table.weigh(&raw, 0, rows);
        while weight > BATCH_BYTES && rows > 1 {
            rows /= 2;
            weight = self.table.weigh(&raw, 0, rows);
        }
        let stretch = raw.slice(0, rows);
        self.raw = Some(raw.slice(rows, raw.num_rows() - rows));
        Ok(Some((stretch, weight)))
    }

    fn step(&mut self) -> Result<Option<Batch>, SourceError> {
        let (raw, weight) = match guarded(|| Ok::<_, String>(self.next_stretch())) {
            Ok(stretch) => match stretch? {
                Some(stretch) => stretch,
                None => return Ok(None),
            },
            Err(why) => return Err(self.damaged(&why)),
        };
        let first = i64::try_from(self.counts.lines).unwrap_or(i64::MAX - 1).saturating_add(1);
        let rows = raw.num_rows() as u64;
        self.counts.lines += rows;
        if weight > RECORD_BYTES {
            return Ok(Some(self.too_large(first)));
        }
        let stretch = match guarded(|| self.table.convert(&raw)) {
            Ok(stretch) => stretch,
            Err(why) => {
                self.counts.lines -= rows;
                return Err(self.damaged(&why));
            }
        };
        self.counts.records += rows;
        self.counts.record_lines += rows;
        Ok(Some(self.batch(stretch, first)))
    }

    fn batch(&self, stretch: Stretch, first: i64) -> Batch {
        let line = |i: usize| first.saturating_add(i64::try_from(i).unwrap_or(i64::MAX));
        let findings = stretch.unread.iter().map(|(row, column)| Finding {
            line_number: line(*row),
            byte_offset: -1,
            code: self.format().binary,
            column: *column,
            reason: "the value is bytes that are no text; it was left out".to_owned(),
        });
        Batch {
            line_numbers: Int64Array::from_iter_values((0..stretch.records.num_rows()).map(line)),
            rejects: Vec::new(),
            findings: findings.collect(),
            records: stretch.records,
        }
    }

    /// One record that does not fit into memory.
    fn too_large(&mut self, first: i64) -> Batch {
        self.counts.rejected += 1;
        self.counts.rejected_lines += 1;
        let code = self.format().large;
        let reject = Reject {
            line_number: first,
            line_count: 1,
            byte_offset: -1,
            code,
            reason: format!("the record takes more than {} MiB", RECORD_BYTES >> 20),
            hint: code.hint(),
            raw: Vec::new(),
            raw_truncated: true,
            field_count: Some(self.table.widths().1),
        };
        Batch {
            records: RecordBatch::new_empty(self.table.schema()),
            line_numbers: Int64Array::from(Vec::<i64>::new()),
            rejects: vec![reject],
            findings: Vec::new(),
        }
    }

    fn damaged(&self, why: &str) -> SourceError {
        damaged(self.format(), &self.name, self.counts.lines + 1, why)
    }
}

/// A source that cannot be read from a record on (counted from 1). `why`: the library's words, for the log.
pub(crate) fn damaged(format: &Format, name: &str, record: u64, why: &str) -> SourceError {
    let unit = format.unit.as_str();
    SourceError::new(
        format.damaged,
        format!("{name} is damaged: it cannot be read from {unit} {record} on"),
        "Fetch or write it anew. What comes before that place was read.",
    )
    .with_cause(why.to_owned())
}

impl<R: Rows> Source for Columns<R> {
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> Description {
        let format = self.format();
        let mut evidence = self.rows.evidence();
        let (all, read) = self.table.widths();
        evidence.push(if all == read {
            Evidence::new("columns", all.to_string(), Confidence::High, "the schema says so")
        } else {
            Evidence::new(
                "columns",
                format!("{read} of {all}"),
                Confidence::Given,
                "the option `columns` says so",
            )
        });
        Description { evidence: evidence.into(), ..Description::new(format.name, format.unit) }
    }

    fn headers(&self) -> &Headers {
        self.table.headers()
    }

    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn next_batch(&mut self) -> Result<Option<Batch>, SourceError> {
        if self.ended {
            return Ok(None);
        }
        let step = self.step();
        self.ended = !matches!(step, Ok(Some(_)));
        (self.counts.bytes_read, self.counts.bytes_in) = self.rows.bytes();
        step
    }

    fn counts(&self) -> Counts {
        self.counts
    }

    fn notes(&self) -> &[Note] {
        &[]
    }
}
