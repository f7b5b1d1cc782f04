//! From an input to a source: the footer, limits, columns.

use std::collections::BTreeSet;

use parquet::arrow::ProjectionMask;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::Length;

use super::delta::Levels;
use super::file::{Chunk, Pages, Seen};
use super::format::{self, ENCRYPTED_MAGIC, FORMAT, MAGIC};
use super::rows::FileRows;
use super::schema::{self, Footer};
use super::thrift::{self, Flaw};
use crate::columnar::{Columns, MAX_UNPACKED, Table, UNPACKED_BYTES};
use crate::guard::guarded;
use crate::request::{Input, Request};
use crate::source::{Confidence, Evidence, Source, SourceError};

/// The length of the footer and its magic bytes.
const TAIL: usize = 8;

/// A footer takes at most so much: 128 MiB.
const FOOTER_BYTES: u64 = 128 << 20;

/// Values of a column in a row group at most, where a record may have several.
const LIST_VALUES: u64 = 128 << 20;

pub(super) fn open(mut input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
    let name = input.name().to_owned();
    let head = input.head()?;
    if head.is_empty() {
        return Err(SourceError::new(
            "PARQUET_EMPTY",
            format!("{name} is empty"),
            "Fetch or write it anew: even a Parquet file without rows has a footer.",
        ));
    }
    if !head.starts_with(MAGIC) && !head.starts_with(ENCRYPTED_MAGIC) {
        return Err(SourceError::new(
            "PARQUET_OTHER_FORMAT",
            format!("{name} is no Parquet file: it does not begin with PAR1"),
            "Leave out `connector`, or set it to the format that the file has.",
        ));
    }
    let limit = request.words.get(MAX_UNPACKED.name)?.unwrap_or(UNPACKED_BYTES);
    let pages = Pages::new(input.into_file(limit)?).map_err(|e| SourceError::unreadable(&name, e))?;
    let bytes = footer(&pages, &name)?;
    let footer = guarded(|| schema::read(&bytes)).map_err(|why| damaged_footer(&name, &why))?;
    let metadata = footer.reader.metadata();
    let table = Table::new(&footer.fields, &request.words, &name, &FORMAT)?;
    let mask = ProjectionMask::roots(metadata.file_metadata().schema_descr(), table.chosen());
    pages.watch(guarded(|| chunks(metadata, &mask, pages.len())).map_err(|why| refused(&name, &why))?);
    let rows = FileRows::new(&name, pages, footer.reader.clone(), mask, evidence(&footer));
    Ok(vec![Box::new(Columns::new(&name, rows, table.projected(), request.batch_rows))])
}

/// The metadata at the end of the file, looked through.
fn footer(pages: &Pages, name: &str) -> Result<Vec<u8>, SourceError> {
    let unreadable = |e| SourceError::unreadable(name, e);
    let len = pages.len();
    let room = len.saturating_sub(MAGIC.len() as u64 + TAIL as u64);
    if len < (MAGIC.len() + TAIL) as u64 {
        return Err(cut_off(name));
    }
    let tail = pages.exactly(len - TAIL as u64, TAIL).map_err(unreadable)?;
    let Some((length, magic)) = tail.split_first_chunk::<4>() else { return Err(cut_off(name)) };
    if magic == ENCRYPTED_MAGIC {
        return Err(encrypted(name));
    }
    if magic != MAGIC {
        return Err(cut_off(name));
    }
    let length = u64::from(u32::from_le_bytes(*length));
    if length > room {
        return Err(damaged_footer(name, "its length is larger than the file"));
    }
    if length > FOOTER_BYTES {
        return Err(refused(name, "the footer takes more than 128 MiB"));
    }
    let bytes = pages
        .exactly(len - TAIL as u64 - length, usize::try_from(length).unwrap_or(usize::MAX))
        .map_err(unreadable)?;
    match thrift::check_footer(&bytes) {
        Ok(()) => Ok(bytes),
        Err(Flaw::Encrypted) => Err(encrypted(name)),
        Err(Flaw::Damaged) => Err(damaged_footer(name, "it claims more than it holds")),
        Err(Flaw::TooDeep) => Err(refused(name, "columns are nested more than 64 deep")),
    }
}

/// The place of each column that is read in each row group, held against the size of the file.
fn chunks(metadata: &ParquetMetaData, mask: &ProjectionMask, len: u64) -> Result<Vec<Chunk>, &'static str> {
    let mut chunks = Vec::new();
    let mut rows = 0_i64;
    for group in metadata.row_groups() {
        if group.num_rows() < 0 {
            return Err("a row group has fewer than no rows");
        }
        rows = rows.checked_add(group.num_rows()).ok_or("there are more rows than can be counted")?;
        let read = group.columns().iter().enumerate().filter(|(leaf, _)| mask.leaf_included(*leaf));
        for (_, column) in read {
            if column.file_path().is_some() {
                return Err("its columns are in other files");
            }
            let (start, length) = column.byte_range();
            let end = start.checked_add(length).ok_or("a column ends beyond the file")?;
            if end > len {
                return Err("a column ends beyond the file");
            }
            let several = column.column_descr().max_rep_level() > 0;
            let values =
                u64::try_from(column.num_values()).map_err(|_| "a column has fewer than no values")?;
            if several && values > LIST_VALUES {
                return Err(
                    "lists of a row group have more than 134,217,728 items: write smaller row groups",
                );
            }
            if end > start {
                let values = several.then_some(values);
                chunks.push(Chunk {
                    start,
                    end,
                    codec: column.compression(),
                    levels: Levels {
                        repetition: column.column_descr().max_rep_level(),
                        definition: column.column_descr().max_def_level(),
                    },
                    values,
                    seen: Seen::default().into(),
                });
            }
        }
    }
    if rows != metadata.file_metadata().num_rows() {
        return Err("the rows of the row groups are not those of the file");
    }
    chunks.sort_by_key(|c| c.start);
    // Each page is held against the limits of its own column.
    if chunks.windows(2).any(|w| matches!(w, [a, b] if a.end > b.start)) {
        return Err("two of its columns lie in the same place");
    }
    Ok(chunks)
}

fn evidence(footer: &Footer) -> Vec<Evidence> {
    let metadata = footer.reader.metadata();
    let file = metadata.file_metadata();
    let says = "the footer says so";
    let count = |item, n: String| Evidence::new(item, n, Confidence::High, says);
    let codecs: BTreeSet<String> = metadata
        .row_groups()
        .iter()
        .flat_map(|g| g.columns())
        .map(|c| {
            let codec = c.compression().to_string();
            codec.split('(').next().unwrap_or_default().to_lowercase()
        })
        .collect();
    let mut evidence = vec![format::evidence(Confidence::High)];
    if let Some(by) = file.created_by() {
        let by: String = by.chars().filter(|c| !c.is_control()).take(80).collect();
        evidence.push(count("created_by", by));
    }
    evidence.push(count("rows", file.num_rows().to_string()));
    evidence.push(count("row_groups", metadata.num_row_groups().to_string()));
    if !codecs.is_empty() {
        evidence.push(count("compression", codecs.into_iter().collect::<Vec<_>>().join(", ")));
    }
    evidence
}

fn cut_off(name: &str) -> SourceError {
    SourceError::new(
        "PARQUET_CUT_OFF",
        format!("{name} is cut off: a Parquet file ends with a footer, and there is none"),
        "Fetch or write it anew. Wait until its writer has closed it.",
    )
}

fn damaged_footer(name: &str, why: &str) -> SourceError {
    SourceError::new(
        FORMAT.damaged,
        format!("{name} is damaged: its footer cannot be read"),
        "Fetch or write it anew.",
    )
    .with_cause(why.to_owned())
}

fn encrypted(name: &str) -> SourceError {
    SourceError::new(
        "PARQUET_ENCRYPTED",
        format!("{name} is encrypted"),
        "Decrypt it first: encrypted Parquet cannot be read.",
    )
}

fn refused(name: &str, why: &str) -> SourceError {
    SourceError::new(
        FORMAT.unsupported,
        format!("{name} cannot be read: {why}"),
        "Write it anew with usual settings, or fetch it anew if it may be damaged.",
    )
}
