//! How fast sheets are read, and with how much memory: `cargo run --release --example xlsx_speed -- [rows] [bare|read]`.
//!
//! Writes a workbook of 15 columns to a temporary file, then reads it in one of two ways: `bare` goes through its cells with
//! calamine alone, `read` makes batches of them. The most memory is that of the process (Linux), less what the writing took
//! when the file is given again as a third argument.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Write};
use std::time::Instant;

use calamine::{Reader, Xlsx};
use importer_connectors::connector::{Connector, Input, Request};
use rust_xlsxwriter::{Format, Workbook};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let rows = args.next().and_then(|a| a.parse().ok()).unwrap_or(50_000_u32);
    let way = args.next().unwrap_or_else(|| "read".into());
    let path = args.next().map_or_else(|| std::env::temp_dir().join("xlsx_speed.xlsx"), Into::into);
    if way == "write" || !path.exists() {
        File::create(&path)?.write_all(&workbook(rows)?)?;
    }
    let file = File::open(&path)?;
    let start = Instant::now();
    let cells = if way == "bare" { bare(file)? } else { batches(file)? };
    println!(
        "{way:<5} {cells} cells of {rows} rows: {:.2} s, {} MiB at most",
        start.elapsed().as_secs_f64(),
        most_memory().unwrap_or(0)
    );
    Ok(())
}

fn bare(file: File) -> Result<u64, Box<dyn Error>> {
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(file))?;
    let sheet = book.sheet_names().first().cloned().unwrap_or_default();
    let mut reader = book.worksheet_cells_reader(&sheet)?;
    let mut cells = 0;
    while reader.next_cell()?.is_some() {
        cells += 1;
    }
    Ok(cells)
}

fn batches(file: File) -> Result<u64, Box<dyn Error>> {
    let mut cells = 0;
    for mut source in
        importer_connectors::xlsx::Xlsx.open(Input::file("x.xlsx", file), &Request::default())?
    {
        while let Some(batch) = source.next_batch()? {
            cells += (batch.records.num_rows() * batch.records.num_columns()) as u64;
        }
    }
    Ok(cells)
}

fn workbook(rows: u32) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut workbook = Workbook::new();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let sheet = workbook.add_worksheet();
    for column in 0..15_u16 {
        sheet.write_string(0, column, format!("column {column}"))?;
    }
    for row in 1..=rows {
        for column in 0..15_u16 {
            match column {
                0 => sheet.write_number(row, column, f64::from(row))?,
                1 => {
                    sheet.write_number_with_format(row, column, 30_000.0 + f64::from(row % 15_000), &date)?
                }
                2 => sheet.write_number(row, column, f64::from(row % 1000) + 0.25)?,
                3 => sheet.write_boolean(row, column, row % 2 == 0)?,
                4..=8 => sheet.write_string(row, column, format!("text {row} of column {column}"))?,
                _ => sheet.write_string(row, column, format!("word {}", row % 100))?,
            };
        }
    }
    Ok(workbook.save_to_buffer()?)
}

/// Of the process, in MiB.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib >> 10)
}
