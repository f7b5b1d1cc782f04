//! Writes a volunteer list and the truth about it.
//!
//! `cargo run -p importer-benches --release --bin generate -- --rows 1000000 --out people.csv --truth truth.csv`

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Parser;
use importer_benches::record::{COLUMNS, Defect, Records, TRUTH_COLUMNS};
use importer_benches::shapes::Shape;

#[derive(Debug, Parser)]
#[command(about = "A volunteer list of any size with a hidden truth; the same seed gives the same bytes")]
struct Arguments {
    /// Rows to write.
    #[arg(long)]
    rows: usize,
    /// The list.
    #[arg(long)]
    out: PathBuf,
    /// What is true about each row.
    #[arg(long)]
    truth: PathBuf,
    #[arg(long, default_value_t = 20_240)]
    seed: u64,
    /// Part of the rows that repeat a person.
    #[arg(long, default_value_t = 0.08)]
    dup: f64,
    /// Part of the rows with a planted defect.
    #[arg(long, default_value_t = 0.05)]
    invalid: f64,
    /// Rows that share a key, instead of an ordinary list.
    #[arg(long)]
    shape: Option<Shape>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let started = Instant::now();
    let (mut list, mut truth) = (create(&arguments.out)?, create(&arguments.truth)?);
    line(&mut list, &COLUMNS)?;
    line(&mut truth, &TRUTH_COLUMNS)?;
    let mut records = Records::new(arguments.seed, arguments.dup, arguments.invalid);
    let (mut repeated, mut defects) = (0_u64, 0_u64);
    for (row, mut record) in (0..).zip(records.by_ref().take(arguments.rows)) {
        if let Some(shape) = arguments.shape {
            shape.apply(row, &mut record.cells);
        }
        line(&mut list, &record.cells)?;
        line(&mut truth, &record.truth)?;
        repeated += u64::from(record.repeated);
        defects += u64::from(record.defect != Defect::None);
    }
    list.flush()?;
    truth.flush()?;
    let summary = serde_json::json!({
        "rows": arguments.rows,
        "persons": records.people(),
        "dup_rows": repeated,
        "defect_rows": defects,
        "bytes": std::fs::metadata(&arguments.out)?.len(),
        "seconds": started.elapsed().as_secs_f64(),
    });
    println!("{summary}");
    Ok(())
}

fn create(path: &Path) -> Result<BufWriter<File>, Box<dyn Error>> {
    let file = File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(BufWriter::with_capacity(1 << 20, file))
}

fn line<T: AsRef<str>>(out: &mut impl Write, cells: &[T]) -> std::io::Result<()> {
    for (at, cell) in cells.iter().enumerate() {
        let cell = cell.as_ref();
        if at > 0 {
            out.write_all(b",")?;
        }
        if cell.contains([',', '"', '\n']) {
            write!(out, "\"{}\"", cell.replace('"', "\"\""))?;
        } else {
            out.write_all(cell.as_bytes())?;
        }
    }
    out.write_all(b"\n")
}
