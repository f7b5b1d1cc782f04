//! How fast a report is written as a workbook, and with how much memory: `cargo run --release --example report_speed -- [rows]`.
//!
//! Every row has 20 cells and two marks. The most memory is that of the process (Linux).

use std::borrow::Cow;
use std::error::Error;
use std::time::Instant;

use importer_connectors::report::{Mark, ReportColumns, ReportFormat, ReportRow};

fn main() -> Result<(), Box<dyn Error>> {
    let rows = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(200_000_u32);
    let start = Instant::now();
    let own: Vec<String> = (0..20).map(|n| format!("column {n}")).collect();
    let columns = ReportColumns { own, added: vec!["_rule".to_owned(), "_message".to_owned()] };
    let format = ReportFormat::Workbook { sheet: "rows".to_owned() };
    let mut report = format.begin(columns, |text| Cow::Borrowed(text))?;
    let note = "VOL_EMAIL_FORMAT\nemail: this is no address\nwrite one such as anna@example.org".to_owned();
    let marks = [Mark { cell: 3, note: note.clone() }, Mark { cell: 20, note: note.clone() }];
    for row in 0..rows {
        let cells: Vec<String> = (0..20).map(|n| format!("text {row} of column {n}")).collect();
        let own: Vec<Option<&str>> = cells.iter().map(|cell| Some(cell.as_str())).collect();
        let added = [Some("VOL_EMAIL_FORMAT"), Some(note.as_str())];
        report.write(&ReportRow { own: &own, raw: None, added: &added, marks: &marks })?;
    }
    let bytes = std::io::copy(&mut report.finish()?.rest, &mut std::io::sink())?;
    println!(
        "{rows} rows, {} KiB: {:.2} s, {} MiB at most",
        bytes >> 10,
        start.elapsed().as_secs_f64(),
        most_memory().unwrap_or(0)
    );
    Ok(())
}

/// Of the process, in MiB.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib >> 10)
}
