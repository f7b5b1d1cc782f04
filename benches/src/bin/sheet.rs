//! Reads every cell of the first sheet of a workbook with the library alone: what a workbook costs before anybody looks at it.

use std::path::PathBuf;
use std::process::ExitCode;

use calamine::{Data, Reader, open_workbook_auto};
use clap::Parser;

#[derive(Parser)]
struct Args {
    workbook: PathBuf,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let read = || -> Result<(usize, usize), calamine::Error> {
        let mut workbook = open_workbook_auto(&args.workbook)?;
        let Some(sheet) = workbook.worksheet_range_at(0) else { return Ok((0, 0)) };
        let sheet = sheet?;
        let filled = sheet.cells().filter(|(.., cell)| !matches!(cell, Data::Empty)).count();
        Ok((sheet.height(), filled))
    };
    match read() {
        Ok((rows, cells)) => {
            println!("{{\"rows\": {rows}, \"cells\": {cells}}}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", args.workbook.display());
            ExitCode::FAILURE
        }
    }
}
