//! From an input to a source: a file or a stream, its schema, its columns.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use arrow::ipc::convert::fb_to_schema;
use arrow::ipc::{Endianness, root_as_footer};

use super::format::{FORMAT, Kind, MAGIC, recognise};
use super::messages::{CONTINUATION, Messages, Stop};
use super::rows::{MessageRows, cut_off};
use super::schema::texts_as_bytes;
use crate::columnar::{Columns, MAX_UNPACKED, Table, UNPACKED_BYTES};
use crate::guard::guarded;
use crate::request::{Input, Request};
use crate::source::{Confidence, Source, SourceError};

/// The magic bytes of a file, filled up to eight.
const FILE_HEAD: u64 = 8;

/// Bytes behind them that may be nothing but filling.
const FILLED: u64 = 512;

/// The length of the footer and the magic bytes behind it.
const FILE_TAIL: u64 = 10;

/// A footer takes at most so much: 64 MiB.
const FOOTER_BYTES: u64 = 64 << 20;

pub(super) fn open(mut input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
    let name = input.name().to_owned();
    let head = input.head()?;
    if head.is_empty() {
        return Err(SourceError::new(
            "ARROW_EMPTY",
            format!("{name} is empty"),
            "Fetch or write it anew: even an Arrow file without rows has a schema.",
        ));
    }
    let begins = head.starts_with(MAGIC);
    let kind = match recognise(head) {
        Some(kind) => kind,
        None if begins || head.starts_with(&CONTINUATION) => return Err(cut_off(&name, 1)),
        None => return Err(other_format(&name, head.starts_with(b"FEA1"))),
    };
    let limit = request.words.get(MAX_UNPACKED.name)?.unwrap_or(UNPACKED_BYTES);
    let (mut messages, stored, whole) = match kind {
        Kind::Stream => (Messages::Stream(Box::new(BufReader::new(input.into_read()))), None, true),
        Kind::File => {
            let unreadable = |e| SourceError::unreadable(&name, e);
            let mut file = input.into_file(limit)?;
            match footer(&mut file).map_err(unreadable)? {
                Some((schema, places)) => {
                    let schema = schema.map_err(|why| unsupported(&name, &why))?;
                    (Messages::Blocks(BufReader::new(file), places.into()), Some(schema), true)
                }
                // Without a footer it is still a stream behind its first bytes.
                None => {
                    first_message(&mut file).map_err(unreadable)?;
                    (Messages::Stream(Box::new(BufReader::new(file))), None, false)
                }
            }
        }
    };
    let schema = match stored {
        Some(schema) => schema,
        None => first_schema(&mut messages, &name)?,
    };
    let table = Table::new(schema.fields(), &request.words, &name, &FORMAT)?;
    let rows = MessageRows {
        name: name.clone(),
        kind,
        messages,
        schema: texts_as_bytes(&schema),
        evidence: vec![kind.evidence(Confidence::High)],
        cut_off: !whole,
        dictionaries: HashMap::new(),
        rows: 0,
        bytes_in: 0,
        bytes_read: 0,
    };
    Ok(vec![Box::new(Columns::new(&name, rows, table, request.batch_rows))])
}

/// The schema at the beginning of a stream.
fn first_schema(messages: &mut Messages, name: &str) -> Result<SchemaRef, SourceError> {
    let damaged = |why: &str| {
        SourceError::new(
            FORMAT.damaged,
            format!("{name} is damaged: it does not begin with a schema"),
            "Fetch or write it anew.",
        )
        .with_cause(why.to_owned())
    };
    let (raw, _) = messages.next().map_err(|stop| match stop {
        Stop::Io(error) => SourceError::unreadable(name, error),
        Stop::CutOff | Stop::End { .. } => cut_off(name, 1),
        Stop::Damaged(why) => damaged(why),
        Stop::TooLarge => damaged("it is too large"),
    })?;
    let message = raw.message().map_err(|_| damaged("no message"))?;
    let schema = message.header_as_schema().ok_or_else(|| damaged("no schema"))?;
    read_schema(schema).map_err(|why| unsupported(name, &why))
}

fn read_schema(schema: arrow::ipc::Schema<'_>) -> Result<SchemaRef, String> {
    if schema.endianness() == Endianness::Big {
        return Err("its numbers are written big end first".to_owned());
    }
    guarded(|| Ok::<Schema, String>(fb_to_schema(schema))).map(Arc::new)
}

/// The schema and the places of the messages, dictionaries first; `None` where there is no footer that can be read.
#[allow(clippy::type_complexity, reason = "it is taken apart where it is made")]
fn footer(file: &mut File) -> io::Result<Option<(Result<SchemaRef, String>, Vec<u64>)>> {
    let len = file.metadata()?.len();
    if len < FILE_HEAD + FILE_TAIL {
        return Ok(None);
    }
    let mut tail = [0; FILE_TAIL as usize];
    file.seek(SeekFrom::Start(len - FILE_TAIL))?;
    file.read_exact(&mut tail)?;
    let Some((length, magic)) = tail.split_first_chunk::<4>() else { return Ok(None) };
    let length = u64::from(u32::from_le_bytes(*length));
    if magic != MAGIC || length > len - FILE_HEAD - FILE_TAIL || length > FOOTER_BYTES {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(len - FILE_TAIL - length))?;
    Read::by_ref(file).take(length).read_to_end(&mut bytes)?;
    let Ok(footer) = root_as_footer(&bytes) else { return Ok(None) };
    let Some(schema) = footer.schema() else { return Ok(None) };
    let blocks =
        footer.dictionaries().into_iter().flatten().chain(footer.recordBatches().into_iter().flatten());
    let mut places = Vec::new();
    for block in blocks {
        match u64::try_from(block.offset()) {
            Ok(place) if place >= FILE_HEAD && place < len => places.push(place),
            _ => return Ok(None),
        }
    }
    Ok(Some((read_schema(schema), places)))
}

/// Goes to the first message: some writers fill up the magic bytes to more than eight.
fn first_message(file: &mut File) -> io::Result<()> {
    let mut begin = Vec::new();
    file.seek(SeekFrom::Start(FILE_HEAD))?;
    Read::by_ref(file).take(FILLED).read_to_end(&mut begin)?;
    let words = begin.chunks(8).take_while(|word| word.iter().all(|b| *b == 0)).count() as u64;
    file.seek(SeekFrom::Start(FILE_HEAD + 8 * words)).map(|_| ())
}

fn other_format(name: &str, old: bool) -> SourceError {
    if old {
        return SourceError::new(
            FORMAT.unsupported,
            format!("{name} is a Feather file of the first version"),
            "Write it anew with a current version, which writes Arrow IPC files.",
        );
    }
    SourceError::new(
        "ARROW_OTHER_FORMAT",
        format!("{name} is neither an Arrow IPC file nor a stream"),
        "Leave out `connector`, or set it to the format that the file has.",
    )
}

fn unsupported(name: &str, why: &str) -> SourceError {
    SourceError::new(
        FORMAT.unsupported,
        format!("the schema of {name} cannot be read"),
        "Write it anew with a current version of Arrow.",
    )
    .with_cause(why.to_owned())
}
