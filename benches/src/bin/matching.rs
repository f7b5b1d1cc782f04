//! How long records take to be compared by likeness, and how much memory: a generated list, staged by a dry run, analysed and
//! learned from by the program.
//!
//! `cargo run -p importer-benches --release --bin matching -- --importer target/release/importer --project <folder> --folder <empty folder> --rows 50000`

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use importer_benches::record::{COLUMNS, Records};
use serde_json::{Value, json};

#[derive(Debug, Parser)]
#[command(about = "Time and memory of comparing records by likeness; one line of JSON per size")]
struct Arguments {
    /// The program.
    #[arg(long)]
    importer: PathBuf,
    /// A project whose match.yml compares by likeness, such as testdata/projects/fuzzy_people.
    #[arg(long)]
    project: PathBuf,
    /// Rows of the list; several sizes may be named.
    #[arg(long, default_values_t = [50_000_usize, 1_000_000, 10_000_000])]
    rows: Vec<usize>,
    #[arg(long, default_value_t = 20_240)]
    seed: u64,
    /// Where lists, stores and lakes are made; each size leaves some gigabytes there until the next one.
    #[arg(long)]
    folder: PathBuf,
    /// What the program may hold in memory.
    #[arg(long, default_value = "768MiB")]
    memory: String,
}

/// Between two looks at the memory of a process.
const PAUSE: Duration = Duration::from_millis(20);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    for rows in &arguments.rows {
        let folder = arguments.folder.join(format!("matching-{rows}"));
        std::fs::create_dir_all(&folder)?;
        let measured = measured(&arguments, &folder, *rows);
        std::fs::remove_dir_all(&folder)?;
        println!("{}", measured?);
    }
    Ok(())
}

fn measured(arguments: &Arguments, folder: &Path, rows: usize) -> Result<Value, Box<dyn Error>> {
    let list = folder.join("people.csv");
    write_list(&list, arguments.seed, rows)?;
    let list = list.display().to_string();
    let out = folder.join("model").display().to_string();
    let staged =
        timed(arguments, folder, &["run", "--dry-run", "--accept-bad", "--summary-json", "--file", &list])?;
    let analyzed = timed(arguments, folder, &["match", "analyze", "--json"])?;
    let exact = timed(arguments, folder, &["match", "analyze", "--exact", "--json"])?;
    let trained = timed(arguments, folder, &["match", "train", "--json", "--out", &out])?;
    Ok(json!({
        "rows": rows,
        "staged": staged.figures(&[]),
        "analyzed": analyzed.figures(&["pairs", "timings"]),
        "exact": exact.figures(&["pairs", "timings"]),
        "trained": trained.figures(&["converged", "prior", "pairs_of_strangers", "timings"]),
    }))
}

fn write_list(path: &Path, seed: u64, rows: usize) -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(out, "{}", COLUMNS.join(","))?;
    for record in Records::new(seed, 0.08, 0.05).take(rows) {
        for (at, cell) in record.cells.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            write!(out, "{comma}\"{}\"", cell.replace('"', "\"\""))?;
        }
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

/// What one process took, and what it said.
struct Timed {
    seconds: f64,
    /// Its largest resident set, where the system tells.
    mebibytes: Option<u64>,
    document: Value,
}

impl Timed {
    fn figures(&self, of_document: &[&str]) -> Value {
        let mut figures = json!({ "seconds": self.seconds, "peak_mib": self.mebibytes });
        for name in of_document {
            figures[*name] = self.document[*name].clone();
        }
        figures
    }
}

fn timed(arguments: &Arguments, folder: &Path, verb: &[&str]) -> Result<Timed, Box<dyn Error>> {
    let begun = Instant::now();
    let mut child = Command::new(&arguments.importer)
        .arg("--store")
        .arg(format!("sqlite://{}", folder.join("store.db").display()))
        .arg("--lake")
        .arg(folder.join("lake"))
        .arg("--project")
        .arg(&arguments.project)
        .args(["--memory", &arguments.memory, "--quiet"])
        .args(verb)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", arguments.importer.display()))?;
    let mut stdout = child.stdout.take().ok_or("no output of the program")?;
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let mut mebibytes = None;
    let status = loop {
        mebibytes = peak(child.id()).max(mebibytes);
        match child.try_wait()? {
            Some(status) => break status,
            None => std::thread::sleep(PAUSE),
        }
    };
    let seconds = begun.elapsed().as_secs_f64();
    let text = reading.join().map_err(|_| "the output of the program cannot be read")??;
    if !status.success() {
        return Err(format!("{verb:?} ended with {status}: {text}").into());
    }
    Ok(Timed { seconds, mebibytes, document: serde_json::from_str(&text)? })
}

/// The kernel's high-water mark of a process at work.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kibibytes| kibibytes / 1024)
}
