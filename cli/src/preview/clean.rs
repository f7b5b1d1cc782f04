//! The rows as clean CSV on stdout; what was detected goes to stderr.

use std::io::{BufWriter, Write};

use super::args::Args;
use super::looked::Looked;
use crate::failure::Failure;
use crate::screen::{self, Csv, count};

/// Writes the rows, with the line of each in the first column.
pub fn show(mut looked: Looked, args: &Args) -> Result<(), Failure> {
    screen::say(&format!("{}\n", looked.reader.description().evidence));
    let out = BufWriter::new(std::io::stdout().lock());
    let header: Vec<String> =
        std::iter::once("_line".to_owned()).chain(looked.reader.headers().unique.clone()).collect();
    let mut csv = Csv::new(out, header)?;
    let read = looked.read(args.all, |line, cells| {
        let line = line.to_string();
        csv.data(std::iter::once(line.as_str()).chain(cells.into_iter().map(Option::unwrap_or_default)))
    })?;
    csv.finish()?;
    let unit = looked.reader.description().unit.as_str();
    let mut err = std::io::stderr().lock();
    writeln!(
        err,
        "{} rows written, {} records read, {} rejected",
        count(read.shown),
        count(read.counts.records),
        count(read.counts.rejected)
    )?;
    if !args.all && read.counts.records > read.shown {
        writeln!(err, "every row: --all")?;
    }
    for note in looked.reader.notes() {
        writeln!(err, "{} {note} ({})", note.code, note.code.hint())?;
    }
    for reject in &read.rejects {
        writeln!(err, "{unit} {}: {} {} ({})", reject.line_number, reject.code, reject.reason, reject.hint)?;
    }
    Ok(())
}
