//! How fast JSON is read, in records and bytes per second of one core, in both of its usual forms.
//!
//! `cargo run --release -p importer-connectors --example json_speed [records]`

use std::fmt::Write as _;
use std::time::Instant;

use importer_connectors::connector::{self, Input, Request};
use importer_connectors::source::SourceError;

fn main() -> Result<(), SourceError> {
    let records: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let mut lines = String::new();
    for n in 0..records {
        // Writing into memory cannot fail.
        let _ = writeln!(
            lines,
            "{{\"id\":{},\"first_name\":\"Ann {n}\",\"last_name\":\"Müller-{}\",\"email\":\"ann.{n}@example.org\",\
             \"phone\":\"+49 30 {n:08}\",\"amount\":{}.{:02},\"active\":{},\"note\":null,\
             \"address\":{{\"street\":\"Main Street {}\",\"city\":\"Springfield\"}},\"tags\":[\"a\",\"b\"]}}",
            n * 7919,
            n % 1000,
            n % 9973,
            n % 100,
            n % 3 == 0,
            n % 200,
        );
    }
    let list = format!("[{}]", lines.trim_end().replace('\n', ",\n"));
    for (what, text) in [("one object per line", lines), ("a list", list)] {
        let bytes = text.len();
        let started = Instant::now();
        let mut read = 0;
        for mut source in connector::open("json", Input::bytes("speed.json", text), &Request::default())? {
            while let Some(batch) = source.next_batch()? {
                read += batch.records.num_rows();
            }
        }
        let seconds = started.elapsed().as_secs_f64();
        println!(
            "{what}: {read} records, {} MB in {seconds:.2} s = {:.0} MB/s",
            bytes / 1_000_000,
            bytes as f64 / 1e6 / seconds
        );
    }
    Ok(())
}
