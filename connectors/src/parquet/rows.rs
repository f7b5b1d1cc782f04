//! Raw batches, also those in front of a damaged page.

use std::sync::Arc;

use arrow::array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};

use super::file::Pages;
use super::format::FORMAT;
use crate::columnar::{self, Format, Rows};
use crate::guard::guarded;
use crate::source::{Evidence, SourceError};

/// A raw batch has so many rows at most, however many are asked for: where a page is damaged, what the library makes of it
/// depends on how many it is asked for.
const RAW_ROWS: usize = 8192;

/// A raw batch takes about so much at most.
const RAW_BYTES: u64 = 32 << 20;

/// A raw batch has about so many items in lists at most.
const RAW_ITEMS: u64 = 4 << 20;

/// What is read of a row group.
struct Group {
    /// Rows in front of it.
    first: u64,
    unpacked: u64,
    packed: u64,
}

/// The rows of a file.
pub(super) struct FileRows {
    name: String,
    pages: Pages,
    metadata: ArrowReaderMetadata,
    mask: ProjectionMask,
    evidence: Vec<Evidence>,
    reader: Option<ParquetRecordBatchReader>,
    groups: Vec<Group>,
    /// Rows that were read.
    next: u64,
    /// Rows that there are.
    total: u64,
    /// Rows per raw batch at most, so that it stays small.
    most: usize,
    /// What is wrong behind the rows that were read.
    failed: Option<SourceError>,
}

impl FileRows {
    pub(super) fn new(
        name: &str,
        pages: Pages,
        metadata: ArrowReaderMetadata,
        mask: ProjectionMask,
        evidence: Vec<Evidence>,
    ) -> Self {
        let mut groups = Vec::new();
        let mut total = 0_u64;
        for group in metadata.metadata().row_groups() {
            let (mut unpacked, mut packed) = (0_u64, 0_u64);
            for (leaf, column) in group.columns().iter().enumerate() {
                if mask.leaf_included(leaf) {
                    let size = |n: i64| u64::try_from(n).unwrap_or(0);
                    unpacked = unpacked.saturating_add(size(column.uncompressed_size()));
                    packed = packed.saturating_add(size(column.compressed_size()));
                }
            }
            groups.push(Group { first: total, unpacked, packed });
            total = total.saturating_add(u64::try_from(group.num_rows()).unwrap_or(0));
        }
        let most = rows_at_once(&metadata);
        let name = name.to_owned();
        Self {
            name,
            pages,
            metadata,
            mask,
            evidence,
            groups,
            reader: None,
            next: 0,
            total,
            most,
            failed: None,
        }
    }

    /// A reader from row `at` on, which is one of the file's.
    fn reader(&self, at: u64, batch: usize) -> Result<ParquetRecordBatchReader, String> {
        let groups = self.metadata.metadata().row_groups();
        let mut first = 0;
        let mut skip = at;
        for group in groups {
            let rows = u64::try_from(group.num_rows()).unwrap_or(0);
            if skip < rows {
                break;
            }
            skip -= rows;
            first += 1;
        }
        let skip = usize::try_from(skip).map_err(|e| e.to_string())?;
        guarded(|| {
            let builder =
                ParquetRecordBatchReaderBuilder::new_with_metadata(self.pages.clone(), self.metadata.clone())
                    .with_row_groups((first..groups.len()).collect())
                    .with_projection(self.mask.clone())
                    .with_batch_size(batch);
            if skip > 0 { builder.with_offset(skip).build() } else { builder.build() }
        })
    }

    fn read(&mut self, rows: usize) -> Result<Option<RecordBatch>, String> {
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => self.reader(self.next, rows)?,
        };
        let batch = guarded(|| reader.next().transpose())?;
        self.reader = Some(reader);
        Ok(batch)
    }

    /// The rows in front of the first one that cannot be read, of which there are fewer than `rows`.
    fn readable(&self, rows: usize) -> Option<RecordBatch> {
        let mut found = None;
        let (mut good, mut bad) = (0, rows);
        while bad - good > 1 {
            let middle = good + (bad - good) / 2;
            let batch = self
                .reader(self.next, middle)
                .and_then(|mut reader| guarded(|| reader.next().transpose()))
                .ok()
                .flatten()
                .filter(|batch| batch.num_rows() == middle);
            match batch {
                Some(batch) => {
                    good = middle;
                    found = Some(batch);
                }
                None => bad = middle,
            }
        }
        found
    }

    fn error(&self, why: &str) -> SourceError {
        if self.pages.too_large() {
            let row = self.next + 1;
            return SourceError::new(
                "PARQUET_TOO_LARGE",
                format!("{} has a page of more than 256 MiB: it cannot be read from row {row} on", self.name),
                "Write it with smaller pages, or leave out the column with the large values (`columns`).",
            )
            .with_cause(why.to_owned());
        }
        columnar::damaged(&FORMAT, &self.name, self.next + 1, why)
    }
}

impl Rows for FileRows {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn next_rows(&mut self, _rows: usize) -> Result<Option<RecordBatch>, SourceError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if self.next >= self.total {
            return Ok(None);
        }
        let left = usize::try_from(self.total - self.next).unwrap_or(usize::MAX);
        let rows = RAW_ROWS.min(self.most).min(left).max(1);
        let why = match self.read(rows) {
            Ok(Some(batch)) if batch.num_rows() > 0 => {
                self.next = self.next.saturating_add(batch.num_rows() as u64);
                return Ok(Some(batch));
            }
            Ok(_) => "there are fewer rows than the footer says".to_owned(),
            Err(why) => why,
        };
        self.reader = None;
        let batch = self.readable(rows);
        self.next = self.next.saturating_add(batch.as_ref().map_or(0, RecordBatch::num_rows) as u64);
        let error = self.error(&why);
        match batch {
            None => Err(error),
            batch => {
                self.failed = Some(error);
                Ok(batch)
            }
        }
    }

    fn bytes(&self) -> (u64, u64) {
        let begun = self.groups.iter().take_while(|group| group.first < self.next);
        begun.fold((0, 0), |(read, came), group| {
            (read.saturating_add(group.unpacked), came.saturating_add(group.packed))
        })
    }

    fn evidence(&self) -> Vec<Evidence> {
        self.evidence.clone()
    }
}

/// So many rows that neither long values nor long lists fill the memory.
fn rows_at_once(metadata: &ArrowReaderMetadata) -> usize {
    let metadata = Arc::clone(metadata.metadata());
    let mut most = u64::MAX;
    for group in metadata.row_groups() {
        let rows = u64::try_from(group.num_rows()).unwrap_or(0).max(1);
        let mut bytes = 0_u64;
        for column in group.columns() {
            let size = u64::try_from(column.uncompressed_size()).unwrap_or(0);
            bytes = bytes.saturating_add((size / rows).max(16));
            if column.column_descr().max_rep_level() > 0 {
                let values = u64::try_from(column.num_values()).unwrap_or(0);
                most = most.min(RAW_ITEMS / (values / rows).max(1));
            }
        }
        most = most.min(RAW_BYTES / bytes.max(1));
    }
    usize::try_from(most).unwrap_or(usize::MAX).max(1)
}
