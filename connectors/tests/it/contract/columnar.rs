//! Kinds with columns of types: Parquet, Arrow, Avro, and batches in memory.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{Field, Schema};
use arrow::ipc::writer::{FileWriter, StreamWriter};
use arrow_avro::writer::WriterBuilder;
use arrow_avro::writer::format::AvroOcfFormat;
use parquet::arrow::ArrowWriter;

use super::kind::{Kind, Names, by_name, no_words};
use super::table::{Cell, Meant};
use super::{Case, NO_MARK};

/// What stands for a connector where there is none.
pub const BATCHES: &str = "batches";

pub const PARQUET: Kind = Kind {
    name: "parquet",
    connector: "parquet",
    shown: "parquet",
    word: "Parquet",
    names: Names::File,
    write: parquet,
    words: no_words,
    rows: by_name,
    begun: None,
    leaves_out: &[],
};

pub const IPC: Kind =
    Kind { name: "ipc", connector: "arrow", shown: "arrow", word: "Arrow", write: ipc, ..PARQUET };

pub const IPC_STREAM: Kind = Kind { name: "ipc stream", write: ipc_stream, ..IPC };

pub const AVRO: Kind = Kind {
    name: "avro",
    connector: "avro",
    shown: "avro",
    word: "Avro",
    write: avro,
    leaves_out: &[
        (Case::BlankNames, AVRO_NAMES),
        (Case::DuplicateNames, AVRO_NAMES),
        (Case::UnicodeNames, AVRO_NAMES),
    ],
    ..PARQUET
};

const AVRO_NAMES: &str = "its schema has names of ASCII letters, digits and underscores only, each once";

/// It is opened by its caller, so the cases of bytes are none of its own.
pub const IN_MEMORY: Kind =
    Kind { name: "batches in memory", connector: BATCHES, shown: BATCHES, word: NO_MARK, ..PARQUET };

/// The cells of a column in the type that they have.
fn column(meant: &Meant, i: usize) -> ArrayRef {
    let cells = || meant.rows.iter().map(move |row| &row[i]);
    macro_rules! take {
        ($array:ty, $($cell:pat => $value:expr),+) => {
            Arc::new(cells().map(|cell| match cell { $($cell => Some($value),)+ _ => None }).collect::<$array>())
        };
    }
    match cells().find(|cell| **cell != Cell::Null) {
        Some(Cell::Integer(_)) => take!(Int64Array, Cell::Integer(n) => *n),
        Some(Cell::Number(_)) => take!(Float64Array, Cell::Number(n) => *n),
        Some(Cell::Truth(_)) => take!(BooleanArray, Cell::Truth(is) => *is),
        Some(Cell::Date(_)) => take!(Date32Array, Cell::Date(days) => *days),
        Some(Cell::Time(_)) => take!(TimestampMicrosecondArray, Cell::Time(seconds) => *seconds * 1_000_000),
        Some(Cell::Text(_) | Cell::Null) | None => take!(StringArray, Cell::Text(text) => text.as_str()),
    }
}

fn batch(meant: &Meant) -> RecordBatch {
    let columns: Vec<ArrayRef> = (0..meant.header.len()).map(|i| column(meant, i)).collect();
    let named = meant.header.iter().zip(&columns);
    let fields: Vec<Field> = named.map(|(name, c)| Field::new(name, c.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).expect("columns of one length")
}

/// Batches of so many rows.
pub fn batches(meant: &Meant, rows: usize) -> Vec<RecordBatch> {
    let all = batch(meant);
    if all.num_rows() == 0 {
        return vec![all];
    }
    let parts = (0..all.num_rows()).step_by(rows);
    parts.map(|at| all.slice(at, rows.min(all.num_rows() - at))).collect()
}

/// Three row groups, messages or blocks of a file.
fn parts(meant: &Meant) -> Vec<RecordBatch> {
    batches(meant, meant.rows.len().div_ceil(3).max(1))
}

fn parquet(meant: &Meant) -> Vec<u8> {
    let parts = parts(meant);
    let mut writer = ArrowWriter::try_new(Vec::new(), parts[0].schema(), None).expect("a schema");
    for part in parts {
        writer.write(&part).expect("memory");
        writer.flush().expect("memory");
    }
    writer.into_inner().expect("memory")
}

fn ipc(meant: &Meant) -> Vec<u8> {
    let parts = parts(meant);
    let mut writer = FileWriter::try_new(Vec::new(), &parts[0].schema()).expect("memory");
    parts.iter().for_each(|part| writer.write(part).expect("memory"));
    writer.into_inner().expect("memory")
}

fn ipc_stream(meant: &Meant) -> Vec<u8> {
    let parts = parts(meant);
    let mut writer = StreamWriter::try_new(Vec::new(), &parts[0].schema()).expect("memory");
    parts.iter().for_each(|part| writer.write(part).expect("memory"));
    writer.into_inner().expect("memory")
}

fn avro(meant: &Meant) -> Vec<u8> {
    let parts = parts(meant);
    let builder = WriterBuilder::new(parts[0].schema().as_ref().clone());
    let mut writer = builder.build::<_, AvroOcfFormat>(Vec::new()).expect("a schema");
    for part in parts.iter().filter(|part| part.num_rows() > 0) {
        writer.write(part).expect("memory");
    }
    writer.finish().expect("memory");
    writer.into_inner()
}
