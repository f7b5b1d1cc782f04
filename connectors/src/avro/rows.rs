//! Raw batches from blocks, also those in front of a damaged record.

use std::io::Cursor;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use arrow_avro::reader::{Reader, ReaderBuilder};

use super::container::{Block, Container, MAGIC, Stop};
use super::format::{FORMAT, error};
use super::schema::texts_as_bytes;
use crate::columnar::{Format, Rows};
use crate::guard::guarded;
use crate::source::{Evidence, SourceError};

/// Blocks are put together up to about so many bytes.
const RAW_BYTES: usize = 16 << 20;

/// The mark behind the one block that the library is given at a time.
const SYNC: [u8; 16] = [0; 16];

/// The records of a file.
pub(super) struct BlockRows {
    name: String,
    container: Container,
    evidence: Vec<Evidence>,
    /// The columns of the file.
    given: SchemaRef,
    /// The columns as the library is asked for them.
    schema: SchemaRef,
    /// A header with that schema and without compression.
    header: Vec<u8>,
    /// Records that were read.
    records: u64,
    /// What is wrong behind the records that were read.
    failed: Option<Stop>,
    ended: bool,
}

impl BlockRows {
    pub(super) fn new(
        name: &str,
        container: Container,
        evidence: Vec<Evidence>,
    ) -> Result<Self, SourceError> {
        let header = header(&container.schema);
        let columns = |header: &[u8]| guarded(|| reader(header, 1).map(|r| r.schema()));
        let given = columns(&header).map_err(|why| {
            SourceError::new(
                FORMAT.unsupported,
                format!("the schema of {name} cannot be read"),
                "It must be a record. Write it anew, or export the data in another format.",
            )
            .with_cause(why)
        })?;
        let asked = texts_as_bytes(&container.schema).map(|schema| self::header(&schema));
        let asked = asked.and_then(|header| Some((columns(&header).ok()?, header)));
        let fits = asked.filter(|(schema, _)| schema.fields().len() == given.fields().len());
        let (schema, header) = fits.unwrap_or_else(|| (SchemaRef::clone(&given), header));
        let name = name.to_owned();
        Ok(Self { name, container, evidence, given, schema, header, records: 0, failed: None, ended: false })
    }

    pub(super) fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.given)
    }

    /// The records of a block. Where one of them is damaged, those in front of it, and why.
    fn decode(&self, block: &Block) -> (Option<RecordBatch>, Option<Stop>) {
        let damaged = |why: &str| Some(Stop::Damaged(why.to_owned()));
        if block.records == 0 {
            return (
                None,
                if block.data.is_empty() { None } else { damaged("a block without records has content") },
            );
        }
        // A record without content would take no place: it cannot be told how many there are.
        let Some(records) = usize::try_from(block.records).ok().filter(|n| *n <= block.data.len()) else {
            return (None, damaged("a block has fewer bytes than records"));
        };
        let mut bytes = Vec::with_capacity(self.header.len() + block.data.len() + 36);
        bytes.extend_from_slice(&self.header);
        put_long(&mut bytes, records);
        put_long(&mut bytes, block.data.len());
        bytes.extend_from_slice(&block.data);
        bytes.extend_from_slice(&SYNC);
        // Asked for exactly the records that there are, the library stops behind them.
        match guarded(|| reader(&bytes, records)?.next().transpose()) {
            Ok(Some(batch)) if batch.num_rows() == records => (Some(batch), None),
            Ok(_) => (None, damaged("a block has fewer records than it says")),
            Err(why) => (self.one_by_one(&bytes, records), Some(Stop::Damaged(why))),
        }
    }

    /// The records of a block in front of the first one that is damaged.
    fn one_by_one(&self, bytes: &[u8], records: usize) -> Option<RecordBatch> {
        let mut good = Vec::new();
        // What was read stays even where the library gives up on what follows.
        let _ = guarded(|| {
            let mut reader = reader(bytes, 1)?;
            while good.len() < records {
                match reader.next().transpose()? {
                    Some(batch) if batch.num_rows() == 1 => good.push(batch),
                    _ => break,
                }
            }
            Ok::<_, arrow::error::ArrowError>(())
        });
        if good.is_empty() { None } else { concat_batches(&self.schema, &good).ok() }
    }
}

fn reader(bytes: &[u8], records: usize) -> Result<Reader<Cursor<&[u8]>>, arrow::error::ArrowError> {
    ReaderBuilder::new().with_batch_size(records).build(Cursor::new(bytes))
}

/// The header of a file with this schema.
fn header(schema: &[u8]) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    put_long(&mut header, 2);
    for (key, value) in [("avro.schema", schema), ("avro.codec", b"null")] {
        put_long(&mut header, key.len());
        header.extend_from_slice(key.as_bytes());
        put_long(&mut header, value.len());
        header.extend_from_slice(value);
    }
    put_long(&mut header, 0);
    header.extend_from_slice(&SYNC);
    header
}

/// A number as Avro writes it.
fn put_long(to: &mut Vec<u8>, n: usize) {
    let mut n = (n as u64) << 1;
    while n >= 0x80 {
        to.push((n & 0x7F) as u8 | 0x80);
        n >>= 7;
    }
    to.push(n as u8);
}

impl Rows for BlockRows {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn next_rows(&mut self, rows: usize) -> Result<Option<RecordBatch>, SourceError> {
        let mut batches = Vec::new();
        let (mut have, mut bytes) = (0, 0);
        while have < rows && bytes < RAW_BYTES && self.failed.is_none() && !self.ended {
            match self.container.next() {
                Ok(None) => self.ended = true,
                Ok(Some(block)) => {
                    let (batch, stop) = self.decode(&block);
                    self.failed = stop;
                    if let Some(batch) = batch {
                        have += batch.num_rows();
                        bytes += block.data.len();
                        batches.push(batch);
                    }
                }
                Err(stop) => self.failed = Some(stop),
            }
        }
        if have > 0 {
            let all = guarded(|| concat_batches(&self.schema, &batches));
            let all = all.map_err(|why| error(&self.name, self.records, Stop::Damaged(why)))?;
            self.records = self.records.saturating_add(have as u64);
            return Ok(Some(all));
        }
        match self.failed.take() {
            Some(stop) => Err(error(&self.name, self.records, stop)),
            None => Ok(None),
        }
    }

    fn bytes(&self) -> (u64, u64) {
        (self.container.bytes_read, self.container.bytes_in)
    }

    fn evidence(&self) -> Vec<Evidence> {
        self.evidence.clone()
    }
}
