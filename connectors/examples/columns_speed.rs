//! Rows per second of the columnar formats: `cargo run --release -p importer-connectors --example columns_speed`
//!
//! A million rows of ten columns are written to a temporary file in each format and read to their end. Counts the processor
//! time of the thread where the system tells it (Linux); else the time on the wall.

use std::error::Error;
use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::ipc::writer::FileWriter;
use arrow_avro::writer::AvroWriter;
use importer_connectors::connector::{self, Input, Request};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

const ROWS: i64 = 1_000_000;

fn rows(from: i64, to: i64) -> Result<RecordBatch, Box<dyn Error>> {
    let texts = |word: &'static str, kinds: i64| -> ArrayRef {
        Arc::new(StringArray::from_iter_values((from..to).map(|i| format!("{word} {}", i % kinds))))
    };
    let columns: [(&str, ArrayRef); 10] = [
        ("id", Arc::new(Int64Array::from_iter_values(from..to))),
        (
            "number",
            Arc::new(Int64Array::from_iter_values((from..to).map(|i| i.wrapping_mul(7_919) % 100_003))),
        ),
        ("amount", Arc::new(Float64Array::from_iter_values((from..to).map(|i| i as f64 / 3.0)))),
        ("born", Arc::new(Date32Array::from_iter_values((from..to).map(|i| (i % 20_000) as i32)))),
        ("active", Arc::new((from..to).map(|i| Some(i % 3 == 0)).collect::<BooleanArray>())),
        ("name", texts("Person", i64::MAX)),
        ("email", texts("person@example.com", 500_000)),
        ("city", texts("City", 5_000)),
        ("country", texts("Country", 100)),
        ("note", texts("A note that is somewhat longer than the others", 50_000)),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let step = 50_000;
    let parts = (0..ROWS / step).map(|i| rows(i * step, (i + 1) * step)).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = parts.first() else { return Ok(()) };

    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut parquet = ArrowWriter::try_new(Vec::new(), first.schema(), Some(properties))?;
    let mut ipc = FileWriter::try_new(Vec::new(), &first.schema())?;
    let mut avro = AvroWriter::new(Vec::new(), first.schema().as_ref().clone())?;
    for part in &parts {
        parquet.write(part)?;
        ipc.write(part)?;
        for at in (0..part.num_rows()).step_by(500) {
            avro.write(&part.slice(at, 500))?;
        }
    }
    avro.finish()?;
    for (name, data) in
        [("parquet", parquet.into_inner()?), ("arrow", ipc.into_inner()?), ("avro", avro.into_inner())]
    {
        let bytes = data.len();
        let mut file = tempfile::tempfile()?;
        file.write_all(&data)?;
        file.seek(SeekFrom::Start(0))?;
        let (start, cpu) = (Instant::now(), cpu_seconds());
        let mut read = 0;
        for mut source in connector::open(name, Input::file(name, file), &Request::default())? {
            while let Some(batch) = source.next_batch()? {
                read += batch.records.num_rows();
            }
        }
        let wall = start.elapsed().as_secs_f64();
        let seconds = cpu_seconds().zip(cpu).map_or(wall, |(end, start)| end - start);
        println!(
            "{name:<8} {read} rows of 10 columns, {:.0} MB: {seconds:.2} s, {:.1} M rows/s",
            bytes as f64 / 1e6,
            read as f64 / 1e6 / seconds
        );
    }
    Ok(())
}

fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse::<f64>().ok().map(|ns| ns / 1e9)
}
