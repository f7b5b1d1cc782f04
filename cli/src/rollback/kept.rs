//! The list of what stays as a CSV file, safe to open in a spreadsheet.

use std::fs::{File, OpenOptions};
use std::io::BufWriter;
use std::path::Path;

use importer_engine::Engine;
use importer_engine::catalogue;
use importer_engine::rollback::RollbackReport;

use crate::failure::Failure;
use crate::screen::{self, Csv};

const COLUMNS: [&str; 9] =
    ["undone_run_id", "entity", "core_id", "sequence_number", "field", "reason", "by_run", "who", "at"];

/// Refuses a file that cannot be written before anything is rolled back.
pub fn may_be_written(path: &Path) -> Result<(), Failure> {
    match OpenOptions::new().create(true).append(true).open(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(unwritable(path, &error)),
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::wrong(format!("{} cannot be written: {error}", path.display()), "check the folder of --out")
}

/// Writes all of it; the header alone when nothing stays.
pub async fn write(engine: &Engine, report: &RollbackReport, path: &Path) -> Result<(), Failure> {
    let file = File::create(path).map_err(|e| unwritable(path, &e))?;
    let mut csv = Csv::new(BufWriter::new(file), COLUMNS)?;
    if report.counts.kept > 0 {
        let context = catalogue::open(engine).await?;
        let (table, run) = match report.run_id {
            Some(run) => ("rollback_kept", run),
            None => ("dry.rollback_kept", report.undone_run_id),
        };
        let query = format!(
            "SELECT {} FROM {table} WHERE run_id = {run} ORDER BY core_id, field",
            COLUMNS.join(", ")
        );
        let failed = |e| Failure::query(e, "query", &query);
        let mut answer = catalogue::query(&context, &query, None).await.map_err(failed)?;
        while let Some(batch) = answer.next().await.map_err(failed)? {
            csv.batch(&batch)?;
        }
    }
    csv.finish()?;
    screen::say(&format!("written: {}", path.display()));
    Ok(())
}
