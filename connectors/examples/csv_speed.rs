//! How fast the CSV reader is on one core: `cargo run --release --example csv_speed -- [MB]`.
//!
//! Counts the processor time of the thread where the system tells it (Linux), so that other work on
//! the machine does not spoil the figure; else the time on the wall. The data is made in memory from a fixed pattern, so the figures hold no disk.

use std::io::{Cursor, Read};
use std::time::Instant;

use importer_connectors::csv::{CsvError, CsvOptions, CsvReader};

fn main() -> Result<(), CsvError> {
    let megabytes = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(200_usize);
    type Line = fn(u64) -> String;
    let shapes: [(&str, Line, bool); 5] = [
        ("plain, 15 columns", plain, false),
        ("every cell quoted", quoted, false),
        ("some cells quoted", mixed, false),
        ("windows-1252", western, true),
        ("plain, CR line ends", plain_cr, false),
    ];
    for (what, line, latin) in shapes {
        let mut data = Vec::with_capacity((megabytes + 1) << 20);
        let end = if what.contains("CR") { "\r" } else { "\n" };
        data.extend_from_slice(HEADER.as_bytes());
        data.extend_from_slice(end.as_bytes());
        let mut n = 0;
        while data.len() < megabytes << 20 {
            n += 1;
            let text = line(n);
            if latin {
                data.extend(text.chars().map(|c| c as u8));
            } else {
                data.extend_from_slice(text.as_bytes());
            }
        }
        let size = data.len();
        let mut best = f64::MAX;
        for _ in 0..3 {
            let input: Box<dyn Read + Send> = Box::new(Cursor::new(data.clone()));
            let (start, cpu) = (Instant::now(), cpu_seconds());
            let mut reader = CsvReader::open(input, what, &CsvOptions::default())?;
            let mut rows = 0;
            while let Some(batch) = reader.next_batch()? {
                rows += batch.records.num_rows();
            }
            let wall = start.elapsed().as_secs_f64();
            best = best.min(cpu_seconds().zip(cpu).map_or(wall, |(end, start)| end - start));
            assert_eq!((rows as u64, reader.counts().rejected), (n, 0), "{}", reader.dialect().evidence);
        }
        println!(
            "{what:<22} {:>6.0} MB/s   {n} records, {:.0} bytes each",
            size as f64 / 1e6 / best,
            size as f64 / n as f64
        );
    }
    Ok(())
}

fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: u64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds as f64 / 1e9)
}

const HEADER: &str = "external_id,first_name,last_name,email,phone,street,city,postal_code,country,birth_date,created_at,hours,active,source,notes";

fn plain(n: u64) -> String {
    format!(
        "V{n:07},Maria,Hernandez,maria.hernandez{n}@example.org,+1 415 555 {:04},{} Market Street,San Francisco,{:05},US,19{:02}-0{}-1{},2024-03-1{} 10:3{}:00,{}.5,true,website,\n",
        n % 10_000,
        n % 900,
        n % 99_999,
        n % 90 + 10,
        n % 9 + 1,
        n % 9,
        n % 9,
        n % 9,
        n % 100
    )
}

fn plain_cr(n: u64) -> String {
    plain(n).replace('\n', "\r")
}

fn quoted(n: u64) -> String {
    let line = plain(n);
    format!("\"{}\"\n", line.trim_end().replace(',', "\",\""))
}

fn mixed(n: u64) -> String {
    plain(n)
        .replace("Market Street", "Market Street, Apt 4")
        .replacen(&format!("{} Market", n % 900), "\"Market", 1)
        .replace("Apt 4", "Apt 4\"")
}

fn western(n: u64) -> String {
    plain(n).replace("Maria", "Mar\u{ED}a").replace("Hernandez", "Hern\u{E1}ndez")
}
