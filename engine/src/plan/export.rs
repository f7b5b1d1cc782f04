//! Lines into a file: all of it or nothing, under its name only when it is whole.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use importer_connectors::csv::{CsvWriter, Dialect};
use importer_sql::functions::spreadsheet_safe_str;
use parquet::arrow::ArrowWriter;

use super::Lines;
use crate::error::{Error, ErrorKind, Result};

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Parquet,
    Csv,
}

/// Writes all lines into a file whose ending says how: `.parquet`, or `.csv` that is safe to open in a spreadsheet.
pub async fn write_lines(lines: Lines, path: &Path) -> Result<u64> {
    let format = format_of(path)?;
    let partial = partial(path);
    let written = match write(lines, &partial, format).await {
        Ok(rows) => std::fs::rename(&partial, path).map(|()| rows).map_err(|e| unwritable(path, e)),
        Err(error) => Err(error),
    };
    if written.is_err() {
        // Half a file helps nobody; the first error is the one to tell.
        let _ = std::fs::remove_file(&partial);
    }
    written
}

/// Fails where [`write_lines`] would, before the work is done.
pub fn require_writable(path: &Path) -> Result<()> {
    format_of(path)?;
    match path.parent().filter(|p| !p.as_os_str().is_empty()) {
        Some(folder) if !folder.is_dir() => {
            Err(Error::new(ErrorKind::Usage, format!("{}: there is no such folder", folder.display()))
                .with_help("make the folder first, or name another one"))
        }
        _ => Ok(()),
    }
}

fn format_of(path: &Path) -> Result<Format> {
    match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("parquet") => Ok(Format::Parquet),
        Some("csv") => Ok(Format::Csv),
        _ => Err(Error::new(ErrorKind::Usage, format!("{}: nobody knows how to write that", path.display()))
            .with_help("let the name end in .parquet or .csv")),
    }
}

/// The name under which a file is written until it is whole.
fn partial(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Usage, format!("{} cannot be written: {error}", path.display()))
        .with_help("check the folder, its permissions and the room on the disk")
        .with_source(error)
}

async fn write(mut lines: Lines, path: &Path, format: Format) -> Result<u64> {
    let file = File::create(path).map_err(|e| unwritable(path, e))?;
    let mut rows = 0;
    let file = match format {
        Format::Parquet => {
            let mut writer = ArrowWriter::try_new(file, lines.schema.clone(), None)?;
            while let Some(batch) = lines.next().await? {
                rows += batch.num_rows() as u64;
                writer.write(&batch)?;
            }
            writer.into_inner()?
        }
        Format::Csv => {
            let mut writer = CsvWriter::new(BufWriter::new(file), &Dialect::default());
            let header: Vec<_> =
                lines.schema.fields().iter().map(|f| spreadsheet_safe_str(f.name())).collect();
            let failed = |e| unwritable(path, e);
            writer.write_record(header.iter().map(|h| Some(h.as_ref()))).map_err(failed)?;
            while let Some(batch) = lines.next().await? {
                rows += batch.num_rows() as u64;
                write_records(&mut writer, &batch, path)?;
            }
            let rest = writer.finish().map_err(failed)?;
            rest.into_inner().map_err(|e| unwritable(path, e.into_error()))?
        }
    };
    file.sync_all().map_err(|e| unwritable(path, e))?;
    Ok(rows)
}

fn write_records<W: Write>(writer: &mut CsvWriter<W>, batch: &RecordBatch, path: &Path) -> Result<()> {
    let columns = batch
        .columns()
        .iter()
        .map(|column| Ok(cast(column, &DataType::Utf8)?))
        .collect::<Result<Vec<_>>>()?;
    let texts: Vec<_> = columns.iter().map(|column| column.as_string::<i32>()).collect();
    for row in 0..batch.num_rows() {
        let cells: Vec<_> =
            texts.iter().map(|c| c.is_valid(row).then(|| spreadsheet_safe_str(c.value(row)))).collect();
        writer.write_record(cells.iter().map(Option::as_deref)).map_err(|e| unwritable(path, e))?;
    }
    Ok(())
}
